"""The floor: a bare asyncio program that sends every datagram back. ``python -m benchmarks.parts.echo PORT``."""

import asyncio
import sys
from typing import Any

from benchmarks.parts import scheduling


class Echo(asyncio.DatagramProtocol):
    """Answers each datagram with itself, on asyncio's default event loop, and reads nothing in it."""

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401 (asyncio's own type is wider than what comes)
        """Keep the transport, to answer."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Send it back."""
        self._transport.sendto(data, addr)


async def echo(port: int) -> None:
    """Answer on 127.0.0.1 until the process is ended."""
    await asyncio.get_running_loop().create_datagram_endpoint(Echo, local_addr=("127.0.0.1", port))
    await asyncio.Event().wait()


if __name__ == "__main__":
    scheduling.begin()
    asyncio.run(echo(int(sys.argv[1])))
