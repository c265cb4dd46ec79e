"""Announces OSCQuery and OSC to the network, when asked to, by zeroconf, where TouchOSC and others look for them.

Names after the OSCQuery proposal (``_oscjson._tcp``) and RFC 6763 (``_osc._udp``).
"""

import asyncio
import contextlib
import importlib
import socket
from typing import TYPE_CHECKING

from livegen.errors import SettingsError

if TYPE_CHECKING:
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

_GOODBYE = 1.0  # seconds that withdrawing it may last


class Announcement:
    """An announcement of the HTTP port and the UDP port at ``host``, one of this machine's numeric addresses."""

    def __init__(self, host: str, http_port: int, osc_port: int) -> None:
        self._host = host
        self._ports = {"_oscjson._tcp.local.": http_port, "_osc._udp.local.": osc_port}
        self._zeroconf: AsyncZeroconf | None = None
        self.infos: list[AsyncServiceInfo] = []

    async def make(self) -> None:
        """Announce; this takes some seconds, because the name may be taken. Raises SettingsError without zeroconf."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(None, importlib.import_module, "zeroconf.asyncio")
        except ImportError:
            raise SettingsError('announce needs the package zeroconf; run: pip install "livegen[announce]".') from None
        # Only the interface of this address: with loopback, no other machine learns of it.
        self._zeroconf = found.AsyncZeroconf(interfaces=[self._host])
        for kind, port in self._ports.items():
            server = f"livegen-{socket.gethostname().partition('.')[0]}.local."
            info = found.AsyncServiceInfo(
                kind, f"livegen.{kind}", addresses=[socket.inet_aton(self._host)], port=port, server=server
            )
            self.infos.append(info)
            await (await self._zeroconf.async_register_service(info, allow_name_change=True))

    async def close(self) -> None:
        """Withdraw it."""
        if self._zeroconf is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE):
                    await self._zeroconf.async_unregister_all_services()
            await self._zeroconf.async_close()
