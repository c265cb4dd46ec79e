"""A server with its page, in this process, and plain clients of it, for tests."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from livegen.journal import record
from livegen.live.server import Server, open_server
from livegen.osc import packets
from livegen.system import clock
from livegen.web.port import WebPort
from tests.support.live_stage import plain
from tests.support.waiting import PATIENCE


class WebStage:
    """``said`` is the text on the screen, ``running`` the server, until it ends."""

    def __init__(self, server: Server, page: WebPort, said: list[str], running: "asyncio.Task[None]") -> None:
        self.server, self.page, self.said, self.running = server, page, said, running
        self.http = f"http://127.0.0.1:{page.port}"
        self.ws = f"ws://127.0.0.1:{page.port}/"

    async def get(self, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (small letters) and body of a GET, or of another method, by urllib in a thread."""
        plain_names = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.http + path, headers=plain_names, method=method)
        return await asyncio.to_thread(_get, request)

    async def json(self, path: str) -> Any:
        """The answer to a path."""
        status, headers, body = await self.get(path)
        assert (status, headers["content-type"]) == (200, "application/json; charset=utf-8")
        return json.loads(body)


def _get(request: urllib.request.Request) -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()


@asynccontextmanager
async def web_stage(folder: Path, ends: bool = False, **settings: Any) -> AsyncIterator[WebStage]:
    """A server on free ports that answers with plain scales. ``ends``: its page may end it."""
    said: list[str] = []
    session = plain(**{"http_port": 0} | settings)
    journal = record.Journal(folder, {"seed": 1}, clock.date(), clock.now())
    server = await open_server(session, journal, said.append)
    server.open_page(ends)
    assert isinstance(server.page, WebPort)
    running = asyncio.create_task(server.run())
    stage = WebStage(server, server.page, said, running)
    try:
        assert (await stage.get("/?HOST_INFO"))[0] == 200  # which waits until it serves
        yield stage
    finally:
        server.stop()
        await running


async def heard(socket: Any, address: str, within: float = PATIENCE) -> tuple[Any, ...]:
    """The arguments of the next message to this address over a WebSocket of the ``websockets`` package."""
    async with asyncio.timeout(within):
        while True:
            packet = await socket.recv()
            if isinstance(packet, bytes):
                message = packets.decode(packet, 0.0)[0]
                if message.address == address:
                    return message.args
