"""A live server in this process, and an OSC client next to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from livegen.journal import record
from livegen.journal.replay import header
from livegen.live.resources import NONE, Resources
from livegen.live.server import Server, open_server
from livegen.midi.in_memory import InMemoryRig
from livegen.midi.rig import Rig
from livegen.osc import packets
from livegen.predictors.models import Untrained
from livegen.session.any_session import AnySession
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.system import clock
from tests.support.waiting import PATIENCE


class Client:
    """An OSC client next to the server, with a socket of its own."""

    def __init__(self, port: int) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self._server = ("127.0.0.1", port)

    def send(self, address: str, *args: Any) -> None:
        self.socket.sendto(packets.encode(address, *args), self._server)

    async def receive(self, address: str, within: float = PATIENCE) -> tuple[Any, ...]:
        """The arguments of the next message to this address."""
        async with asyncio.timeout(within):
            while True:
                data = await asyncio.get_running_loop().sock_recv(self.socket, 8192)
                message = packets.decode(data, 0.0)[0]
                if message.address == address:
                    return message.args


class Stage:
    """A server, the client that listens to it, and what it said on the screen."""

    def __init__(
        self, server: Server, client: Client, said: list[str], journal: Path, running: asyncio.Task[None]
    ) -> None:
        self.server, self.client, self.said, self.journal, self.running = server, client, said, journal, running


def plain(**settings: Any) -> AnySession:
    """A session that begins now, plays scales, and uses a free port."""
    chosen: dict[str, Any] = {"osc_port": 0, "osc_target": "none", "model": "untrained", "deadline": 2.0} | settings
    return Session(Untrained(), Settings(**chosen), 1, clock.now())


@asynccontextmanager
async def live_stage(
    folder: Path,
    session: AnySession,
    resources: Resources = NONE,
    midi: bool = False,
    rig: Rig | None = None,
) -> AsyncIterator[Stage]:
    """A live session of seed 1; its journal is kept in ``folder``. ``midi``: with a MIDI port in memory, or with those
    of ``rig``."""
    said: list[str] = []
    journal = record.Journal(folder, header(session, 1), clock.date(), session.now)
    server = await open_server(session, journal, said.append, rig or (InMemoryRig() if midi else None), resources)
    client = Client(server.osc_port)
    client.send("/livegen/listen")
    running = asyncio.create_task(server.run())
    try:
        client.send("/livegen/ping", 1)
        assert await client.receive("/livegen/pong") == (1,)
        yield Stage(server, client, said, journal.path, running)
    finally:
        server.stop()
        await running
        client.socket.close()


@pytest.fixture
async def stage(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Stage]:
    """A stage that plays scales, in the mode that the test is parametrized with, or in call and response."""
    async with live_stage(tmp_path, plain(mode=getattr(request, "param", "call_and_response"))) as stage:
        yield stage
