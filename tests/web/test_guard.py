"""Admission over HTTP: the rules alone, then real sockets that break them."""

import asyncio
import base64
import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livegen.errors import SettingsError
from livegen.journal.replay import header
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.web import app
from livegen.web.guard import Guard, Visit
from tests.support.waiting import PATIENCE
from tests.support.web_stage import WebStage, web_stage

HERE, THERE = "127.0.0.1", "192.168.1.9"
NAMES = frozenset(("stage", "stage.local"))


@pytest.mark.parametrize("host", ["127.0.0.1:7330", "localhost:7330", "LOCALHOST", "[::1]:7330", "127.0.0.1"])
def test_this_machine_comes_in_by_its_own_names(host: str) -> None:
    assert Guard().objection(Visit(HERE, host)) is None
    assert Guard(lan=True).objection(Visit(HERE, host)) is None


@pytest.mark.parametrize(
    ("visit", "status"),
    [
        (Visit(HERE, "evil.example:7330"), 421),  # a name that was pointed at us
        (Visit(HERE, "127.0.0.1.evil.example"), 421),
        (Visit(HERE, "localhost.evil.example:7330"), 421),
        (Visit(HERE, "evil.example@127.0.0.1:7330"), 421),
        (Visit(HERE, "192.168.1.5:7330"), 421),
        (Visit(HERE, ""), 421),
        (Visit(HERE, "127.0.0.1:7330", "http://evil.example"), 403),
        (Visit(HERE, "127.0.0.1:7330", "http://127.0.0.1:8000"), 403),  # another program's page, on this machine
        (Visit(HERE, "127.0.0.1:7330", "null"), 403),
        (Visit(HERE, "127.0.0.1:7330", "https://127.0.0.1:7330"), 403),
        (Visit(HERE, "127.0.0.1:7330", "", "cross-site"), 403),
        (Visit(HERE, "127.0.0.1:7330", "", "same-site"), 403),
        (Visit(THERE, "127.0.0.1:7330"), 403),
    ],
)
def test_who_does_not_come_in(visit: Visit, status: int) -> None:
    objection = Guard().objection(visit)
    assert objection is not None and objection[0] == status and objection[1].endswith(".")


def test_the_page_itself_comes_in() -> None:
    assert Guard().objection(Visit(HERE, "127.0.0.1:7330", "http://127.0.0.1:7330", "same-origin")) is None
    assert Guard().objection(Visit(HERE, "localhost:7330", "http://localhost:7330", "none")) is None


@pytest.mark.parametrize("host", ["192.168.1.5:7330", "stage:7330", "stage.local:7330", "127.0.0.1:7330"])
def test_another_machine_comes_in_with_the_token_alone(host: str) -> None:
    guard = Guard(True, "open-sesame", NAMES)
    assert guard.objection(Visit(THERE, host, token="open-sesame")) is None
    for wrong in ("", "open-sesam", "open-sesame2", "öpen", guard.token.upper()):
        assert guard.objection(Visit(THERE, host, token=wrong))[0] == 401  # type: ignore[index]
    assert guard.objection(Visit(HERE, "192.168.1.5:7330"))[0] == 401  # type: ignore[index]
    assert guard.objection(Visit(THERE, "evil.example", token="open-sesame"))[0] == 421  # type: ignore[index]
    assert guard.objection(Visit(THERE, host, "http://evil.example", token="open-sesame"))[0] == 403  # type: ignore[index]


def test_each_time_another_token_is_drawn() -> None:
    tokens = {Guard(True).token for _ in range(20)}
    assert len(tokens) == 20 and min(map(len, tokens)) >= 16


def test_the_token_stands_in_no_journal() -> None:
    session = Session(Untrained(), Settings(token="open-sesame"))
    assert "open-sesame" not in json.dumps(header(session, 1))


# Real sockets


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[WebStage]:
    async with web_stage(tmp_path) as running:
        yield running


async def ask(stage: WebStage, request: str, host: str = "127.0.0.1") -> bytes:
    """The answer to bytes on a bare socket, until it is closed or nothing more comes."""
    reader, writer = await asyncio.open_connection(host, stage.page.port)
    writer.write(request.replace("\n", "\r\n").encode("latin-1"))
    answer = b""
    try:
        async with asyncio.timeout(PATIENCE):
            while data := await reader.read(65536):
                answer += data
                if b"\r\n\r\n" in answer and not answer.startswith(b"HTTP/1.1 101"):
                    break
                if answer.startswith(b"HTTP/1.1 101"):
                    break
    except (TimeoutError, ConnectionError):
        pass
    writer.close()
    return answer


def upgrade(host: str, **headers: str) -> str:
    key = base64.b64encode(os.urandom(16)).decode()
    lines = ["GET / HTTP/1.1", f"Host: {host}", "Connection: Upgrade", "Upgrade: websocket"]
    lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
    return "\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""])


async def test_a_foreign_page_gets_no_socket_and_no_tree(stage: WebStage) -> None:
    own = f"127.0.0.1:{stage.page.port}"
    assert (await ask(stage, upgrade(own))).startswith(b"HTTP/1.1 101")
    assert (await ask(stage, upgrade(own, Origin=f"http://{own}"))).startswith(b"HTTP/1.1 101")
    assert (await ask(stage, upgrade(own, Origin="http://evil.example"))).startswith(b"HTTP/1.1 403")
    assert (await ask(stage, upgrade("evil.example"))).startswith(b"HTTP/1.1 421")
    assert (await ask(stage, "GET / HTTP/1.1\nHost: evil.example\n\n")).startswith(b"HTTP/1.1 421")
    assert (await ask(stage, "GET / HTTP/1.0\n\n")).startswith(b"HTTP/1.0 421")
    answer = await ask(stage, f"GET / HTTP/1.1\nHost: {own}\n\n")
    assert answer.startswith(b"HTTP/1.1 200") and b"access-control" not in answer.lower()
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        assert (await ask(stage, f"{method} / HTTP/1.1\nHost: {own}\nContent-Length: 0\n\n")).startswith(
            b"HTTP/1.1 405"
        )


@pytest.mark.parametrize(
    "request_",
    [
        "GET\n\n", "\x00" * 100_000, "GET / HTTP/9.9\n\n", "\x16\x03\x01\x02\x00\x01\x00\n\n",
        "GET /" + "a" * 70_000 + " HTTP/1.1\n\n",
        "GET / HTTP/1.1\nHost: 127.0.0.1\n" + "".join(f"X-{n}: y\n" for n in range(500)) + "\n",
        "GET / HTTP/1.1\nHost: 127.0.0.1\nHost: evil.example\n\n",
        "GET / HTTP/1.1\nHost: 127.0.0.1\nContent-Length: -1\n\n",
        "GET / HTTP/1.1\nHost: 127.0.0.1\nContent-Length: 5\nTransfer-Encoding: chunked\n\n",
    ],
)  # fmt: skip
async def test_broken_http_is_refused_and_the_port_lives(stage: WebStage, request_: str) -> None:
    answer = await ask(stage, request_)
    assert not answer or re.match(rb"HTTP/1\.\d 4\d\d ", answer), answer[:80]
    assert (await stage.get("/?HOST_INFO"))[0] == 200


def frame(opcode: int, payload: bytes, claimed: int | None = None, masked: bool = True, last: bool = True) -> bytes:
    """A client's WebSocket frame; ``claimed`` is the length that it gives instead of its own."""
    length = len(payload) if claimed is None else claimed
    code, size = (
        (length, b"") if length < 126 else (126, length.to_bytes(2)) if length < 65536 else (127, length.to_bytes(8))
    )
    return bytes((opcode | 0x80 * last, code | 0x80 * masked)) + size + b"\0" * 4 * masked + payload


@pytest.mark.parametrize(
    "sent",
    [
        frame(2, b"", claimed=2**62),
        frame(2, b"\0" * 9000),
        b"".join(frame(0 if n else 2, b"\0" * 4000, last=False) for n in range(4)),  # too long in pieces
        frame(3, b"x"),
        frame(9, b"x" * 126),
        frame(1, b"\xff\xfe"),
        frame(0, b"x"),
    ],
    ids=["huge", "long", "pieces", "opcode", "ping", "utf8", "continuation"],
)
async def test_a_broken_frame_ends_that_socket_alone(stage: WebStage, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.page.port)
    writer.write(upgrade("127.0.0.1").replace("\n", "\r\n").encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.write(sent)
    async with asyncio.timeout(PATIENCE):
        goodbye = await reader.read()
    assert not goodbye or goodbye[0] == 0x88  # a close frame
    writer.close()
    assert (await stage.get("/?HOST_INFO"))[0] == 200
    assert not stage.server.output.listeners  # nobody is left in the house


async def test_who_asks_for_nothing_is_hung_up_on_and_who_plays_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "FIRST_REQUEST", 0.3)
    monkeypatch.setattr(app, "MOST_CONNECTIONS", 8)
    async with web_stage(tmp_path) as stage:
        reader, writer = await asyncio.open_connection("127.0.0.1", stage.page.port)
        writer.write(upgrade("127.0.0.1").replace("\n", "\r\n").encode())
        await reader.readuntil(b"\r\n\r\n")
        slow = [await asyncio.open_connection("127.0.0.1", stage.page.port) for _ in range(12)]
        for _, other in slow:
            other.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        async with asyncio.timeout(PATIENCE):
            for their_reader, other in slow:
                for _ in range(30):
                    if their_reader.at_eof() or other.is_closing() or their_reader.exception():
                        break
                    other.write(b"X-Slow: y\r\n")
                    await asyncio.sleep(0.05)
                else:
                    pytest.fail("a connection that never asks is kept")
                other.close()
        assert (await stage.get("/?HOST_INFO"))[0] == 200
        assert not reader.at_eof() and len(stage.server.output.listeners) == 1
        writer.close()


async def test_with_lan_the_token_opens_the_page_and_becomes_a_cookie(tmp_path: Path) -> None:
    async with web_stage(tmp_path, lan=True, token="open-sesame") as stage:
        host = stage.page.host  # this machine's own address, so that it comes as another
        if host == "127.0.0.1":
            pytest.skip("this machine has no network address")
        assert stage.page.url == f"http://{host}:{stage.page.port}/?token=open-sesame"
        own = f"Host: {host}:{stage.page.port}"
        assert (await ask(stage, f"GET / HTTP/1.1\n{own}\n\n", host)).startswith(b"HTTP/1.1 401")
        assert (await ask(stage, f"GET /?token=wrong-one HTTP/1.1\n{own}\n\n", host)).startswith(b"HTTP/1.1 401")
        assert (await ask(stage, f"GET /?token=open-sesame HTTP/1.1\n{own}\n\n", host)).startswith(b"HTTP/1.1 200")
        bearer = "Authorization: Bearer open-sesame"
        assert (await ask(stage, f"GET /livegen/mode HTTP/1.1\n{own}\n{bearer}\n\n", host)).startswith(b"HTTP/1.1 200")
        browser = await ask(stage, f"GET /?token=open-sesame HTTP/1.1\n{own}\nAccept: text/html\n\n", host)
        assert browser.startswith(b"HTTP/1.1 303") and b"Location: /\r\n" in browser
        cookie = re.search(rb"Set-Cookie: ([^;]+); HttpOnly; Path=/; SameSite=Lax", browser)
        assert cookie is not None
        kept = f"{own}\nCookie: {cookie[1].decode()}"
        assert (await ask(stage, f"GET /livegen/mode HTTP/1.1\n{kept}\n\n", host)).startswith(b"HTTP/1.1 200")
        with_cookie = upgrade(f"{host}:{stage.page.port}", Cookie=cookie[1].decode())
        assert (await ask(stage, with_cookie, host)).startswith(b"HTTP/1.1 101")


async def test_without_lan_other_machines_find_no_port_and_a_short_token_is_refused(stage: WebStage) -> None:
    from livegen.web.port import _own_address

    host = _own_address()
    if host != "127.0.0.1":
        with pytest.raises(OSError):
            await asyncio.open_connection(host, stage.page.port)
    stage.server.settings.token = "short"
    with pytest.raises(SettingsError, match="8 to 64"):
        stage.server.open_page()
