"""The numeric address of the program that the setting ``osc_target`` names."""

import asyncio
import socket

from livegen.errors import PortError, SettingsError
from livegen.osc.peers import Source, is_local


async def resolve(target: str, own_port: int, lan: bool) -> list[Source]:
    """The numeric address that ``target`` (host:port, or none) names, if any; of IPv6 this machine's loopback alone.

    Raises SettingsError for a target that cannot be, PortError for a host that is not found.
    """
    if target in ("", "none"):
        return []
    host, _, port = target.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise SettingsError(f"osc_target cannot be {target[:60]!r}; write it as host:port, or none.")
    numeric = await _numeric(host, int(port))
    if not is_local(numeric) and (not lan or ":" in numeric):
        how = "write its IPv4 address" if lan else "start livegen with --lan to send there"
        raise SettingsError(f"The osc_target {target[:60]} is another machine; {how}.")
    if is_local(numeric) and int(port) == own_port:
        raise SettingsError(f"The osc_target {target[:60]} is livegen's own port; name the port of the other program.")
    return [(numeric, int(port))]


async def _numeric(host: str, port: int) -> str:
    """A host's address, of IPv4 if it has one."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        raise PortError(f"The osc_target {host[:60]} is not found; give its number, such as 192.168.1.20.") from None
    return str(min(found, key=lambda one: one[0] != socket.AF_INET)[4][0])
