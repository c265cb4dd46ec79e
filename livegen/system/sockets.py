"""The network ports that livegen opens: UDP for OSC, TCP for the page; for this machine alone, or for the LAN."""

import errno
import socket
import sys

from livegen.errors import PortError

_WAITING = 64  # connections that the system keeps until they are answered


def open_udp(port: int, lan: bool, flag: str) -> socket.socket:
    """A socket that receives datagrams on ``port`` (0: a free one). Raises PortError, which names the ``flag``."""
    return _open(socket.SOCK_DGRAM, port, lan, flag)


def open_udp_loopback6(port: int) -> socket.socket | None:
    """A socket that receives datagrams at ::1, which ``localhost`` may mean; None where that cannot be had."""
    if not socket.has_ipv6:
        return None
    try:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    except OSError:
        return None
    try:
        sock.setblocking(False)
        sock.bind(("::1", port))
    except OSError:
        sock.close()
        return None
    return sock


def open_tcp(port: int, lan: bool, flag: str) -> socket.socket:
    """A socket that waits for connections on ``port`` (0: a free one). Raises PortError, which names the ``flag``."""
    return _open(socket.SOCK_STREAM, port, lan, flag)


def _open(kind: socket.SocketKind, port: int, lan: bool, flag: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, kind)
    is_tcp = kind == socket.SOCK_STREAM
    try:
        sock.setblocking(False)
        if is_tcp and sys.platform != "win32":  # where it would let two programs share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("0.0.0.0" if lan else "127.0.0.1", port))
        if is_tcp:
            sock.listen(_WAITING)
    except OSError as error:
        sock.close()
        taken = error.errno == errno.EADDRINUSE
        why = "is taken by another program" if taken else f"cannot be opened: {error.strerror}"
        raise PortError(f"{'TCP' if is_tcp else 'UDP'} port {port} {why}; choose another with {flag}.") from None
    return sock
