"""What comes over wires: MIDI messages, OSC datagrams, HTTP requests, WebSocket frames; the last three to a server."""

import asyncio
import base64
import json
import logging
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any
from unittest import mock

from livegen.events import Heard, Received
from livegen.live.server import Server
from livegen.live.warm_up import WarmUp
from livegen.midi.input import Echo, Input
from livegen.osc import packets
from livegen.osc.endpoint import Endpoint
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.system import clock
from tests.support.osc_traffic import GOOD, accounted, bundle
from tests.support.output import check_order_and_pairs
from tests.support.web_stage import web_stage
from tools.fuzz.target import Feed, Target, simple

_FROM = ("127.0.0.1", 9)
_ASK_EVERY = 500  # inputs, after which the server must still answer
_PATIENCE = 60.0  # seconds
_READ = 0.02  # seconds that an answer is waited for: most damaged requests get none until the connection ends

# MIDI


def _midi(data: bytes) -> str:
    """The bytes cut into messages where a status byte stands, as a driver hands them over."""
    heard: list[Received] = []
    port = Input("fuzz", lambda event, _: heard.append(event), Echo())
    cuts = [at for at, byte in enumerate(data) if byte >= 0x80]
    for begin, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        port.hear_message((list(data[begin:end]) or [0], 0.0), None)
    assert port.fault is None, port.fault
    session = Session(Untrained(), Settings(mode="duet", drums="off"), 1, clock.now())
    out = [event for each in heard if isinstance(each, Heard) for event in session.receive(each)]
    out += session.advance_until(session.now + 1.0)
    check_order_and_pairs([*out, *session.panic(session.now)])
    return f"{min(len(heard), 4)} {min(len(out), 4)}"


_MIDI = bytes((0x90, 60, 100, 0x90, 64, 90, 0x80, 60, 0, 0xB0, 64, 127, 0xE0, 0, 64, 0xC0, 5, 0xF8, 0x90, 64, 0, 0xFE))

# A server


class _Ears(logging.Handler):
    """Keeps the errors that are logged: what a handler raised, the answer being 500."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(self.format(record))


class _Stage:
    """A server in this process, whose loop runs while it is fed."""

    def __init__(self, server: Server, port: int) -> None:
        self.server, self.port = server, port
        self.ears = _Ears()
        self._fed = 0

    async def ask(self, data: bytes, hello: bytes = b"") -> bytes:
        """What comes back for these bytes before the connection ends or nothing more comes; with a ``hello`` before
        them, which is answered first."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            found = b""
            if hello:
                writer.write(hello)
                async with asyncio.timeout(_PATIENCE):
                    found = await reader.readuntil(b"\r\n\r\n")
            writer.write(data)
            with suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(_READ):
                    while more := await reader.read(1 << 16):
                        found += more
            return found
        finally:
            writer.transport.abort()

    async def check(self) -> None:
        """Nothing was logged, and now and then the server is asked whether it is there."""
        assert not self.ears.heard, "\n".join(self.ears.heard[:3])
        self._fed += 1
        if self._fed % _ASK_EVERY == 0:
            self.server.output.send(self.server.session.panic(clock.now()))
            async with asyncio.timeout(_PATIENCE):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(b"GET /?HOST_INFO HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                assert (await reader.read()).startswith(b"HTTP/1.1 200")
                writer.close()


@asynccontextmanager
async def _stage(folder: Path) -> AsyncIterator[_Stage]:
    async with AsyncExitStack() as stack:
        stack.enter_context(mock.patch("livegen.web.uploads._read", lambda *_: "No file is read here."))
        stack.enter_context(mock.patch.object(WarmUp, "go_on", lambda _: None))  # the caches are no matter here
        live = await stack.enter_async_context(web_stage(folder, drums="off"))
        stage = _Stage(live.server, live.page.port)
        root = logging.getLogger()
        root.addHandler(stage.ears)
        stack.callback(root.removeHandler, stage.ears)
        yield stage


def _served(feed: Callable[[_Stage, bytes], Awaitable[str]]) -> Callable[[Path], AbstractContextManager[Feed]]:
    """``open`` of a target that needs a server."""

    @contextmanager
    def opened(folder: Path) -> Iterator[Feed]:
        with asyncio.Runner() as runner:
            around = _stage(folder)
            stage = runner.run(around.__aenter__())

            async def one(data: bytes) -> str:
                said = await feed(stage, data)
                await stage.check()
                return said

            try:
                yield lambda data: runner.run(one(data))
            finally:
                runner.run(around.__aexit__(None, None, None))

    return opened


async def _osc(stage: _Stage, data: bytes) -> str:
    endpoint = stage.server.output.endpoint
    assert isinstance(endpoint, Endpoint)
    counters = endpoint.counters
    before = dict(counters.rejected)
    endpoint.datagram_received(data, _FROM)
    assert accounted(counters) == counters.received
    return " ".join(name for name, count in counters.rejected.items() if count != before.get(name, 0))


async def _http(stage: _Stage, data: bytes) -> str:
    said = await stage.ask(data.replace(b"PORT", str(stage.port).encode()))
    assert b"HTTP/1.1 5" not in said or b"HTTP/1.1 503" in said, said[:300]
    return said[:12].decode("latin-1")


_WISHES: tuple[tuple[Any, ...], ...] = (
    ("ramp", "touch", 0.0, 1.0, 4.0), ("cue", "next"), ("chart", "folk"), ("rewind", 4, "beats"), ("learn", "memory"),
    ("recall", 1, 4.0), ("save", 1), ("preset", "verse"), ("again", "bar"), ("take", "one"), ("listen", 7332),
)  # fmt: skip
_KEY = base64.b64encode(bytes(16))


async def _websocket(stage: _Stage, data: bytes) -> str:
    hello = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" % stage.port
    hello += b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n" % _KEY
    said = await stage.ask(data, hello)
    assert said.startswith(b"HTTP/1.1 101"), said[:200]
    return said.partition(b"\r\n\r\n")[2][:4].hex()


def _frame(opcode: int, content: bytes, mask: bytes = bytes(4)) -> bytes:
    """A client's frame; a mask of zeros leaves its content as it is."""
    head = bytes((0x80 | opcode, 0x80 | (len(content) if len(content) < 126 else 126)))
    return head + (struct.pack(">H", len(content)) if len(content) >= 126 else b"") + mask + content


def _requests() -> list[bytes]:
    paths = [b"/", b"/?HOST_INFO", b"/livegen/temperature?VALUE", b"/page.js", b"/visuals", b"/takes"]
    paths += [b"/journals/x.mid?part=take", b"/livegen?RANGE&TYPE", b"/../../etc/passwd", b"/%2e%2e/%00"]
    lines = [b"GET %s HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nConnection: close\r\n\r\n" % path for path in paths]
    lines.append(b"DELETE /journals/x.jsonl HTTP/1.1\r\nHost: localhost:PORT\r\nOrigin: http://localhost:PORT\r\n\r\n")
    head = b"POST /play?name=a.mid HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT\r\n"
    lines.append(head + b"Content-Length: 4\r\nConnection: close\r\n\r\nMThd")
    lines.append(head + b"Transfer-Encoding: chunked\r\n\r\n4\r\nMThd\r\n0\r\n\r\n")
    return lines


def _frames() -> list[bytes]:
    says = [{"COMMAND": "LISTEN", "DATA": "/livegen/out/note"}, {"COMMAND": "IGNORE", "DATA": "/"}, {"COMMAND": 1}]
    frames = [_frame(1, json.dumps(each).encode()) for each in says]
    frames += [_frame(2, each) for each in GOOD]
    frames += [_frame(9, b"ping"), _frame(8, b"\x03\xe8bye"), _frame(2, bundle(*GOOD[:3])), _frame(1, b"[" * 200)]
    return [*frames, frames[0] + frames[3] + frames[1]]


TARGETS = (
    Target(
        "midi",
        lambda: [_MIDI, _MIDI[:3], _MIDI[-9:]],
        simple(lambda data, _: _midi(data)),
        (
            b"\x90\x3c\x64",
            b"\x80\x3c\x00",
            b"\xb0\x7b\x00",
            b"\xb0\x78\x00",
            b"\xb0\x42\x7f",
            b"\xfe",
            b"\xf0",
            b"\xf7",
        ),
    ),
    Target(
        "osc",
        lambda: [
            *GOOD,
            *(packets.encode(f"/livegen/{name}", *args) for name, *args in _WISHES),
        ],
        _served(_osc),
        (b"#bundle\0", b",iiii\0\0\0", b"/livegen/", b"*", b"{a,b}", b"[!a-z]", b"T", b"[i]", b"\x7f\xc0\0\0", b"N"),
    ),
    Target(
        "http",
        _requests,
        _served(_http),
        (
            *(
                b"\r\n",
                b"Host: evil",
                b"Origin: null",
                b"Cookie: livegen=",
                b"Content-Length: 9999999999",
                b"%00",
                b"?",
            ),
            *(b"Transfer-Encoding: chunked", b"Expect: 100-continue", b"Range: bytes=0-", b"Upgrade: websocket", b"//"),
        ),
    ),
    Target("websocket", _frames, _served(_websocket), (b"\x81\xfe", b"\x82\xff", b"\x00\x80", b"LISTEN", b'"DATA": ')),
)
