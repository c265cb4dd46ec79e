"""What clients send that is odd, over real UDP, to a live server: understood, or said once on screen and over OSC.

The packets are those of the faults seen in the wild, each with what a performer expects.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import SimpleUDPClient

from livegen.control.unreleased import BRIEF
from livegen.events import Heard, NoteOff, NoteOn
from livegen.journal import record
from livegen.journal.replay import Replay
from livegen.osc import packets
from livegen.osc.endpoint import open_endpoint
from livegen.predictors.models import Untrained
from livegen.system import clock
from tests.support.live_stage import Stage, live_stage, plain
from tests.support.osc_traffic import bundle, time_tag
from tests.support.parts import require
from tests.support.waiting import PATIENCE, until


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with live_stage(tmp_path, plain(page=False)) as made:
        yield made


def send(stage: Stage, datagram: bytes, host: str = "127.0.0.1") -> None:
    """One datagram from a socket of its own."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.sendto(datagram, (host, stage.server.osc_port))


def played(stage: Stage) -> list[Heard]:
    """The performer's events in the journal up to now."""
    stage.server.journal.flush()
    return record.read(stage.journal).heard


def ons(stage: Stage) -> list[tuple[int, int]]:
    return [(event.pitch, event.velocity) for event in played(stage) if isinstance(event, NoteOn)]


async def settled(stage: Stage) -> None:
    """All that was sent has arrived and is answered."""
    stage.client.send("/livegen/ping", 77)
    while await stage.client.receive("/livegen/pong") != (77,):
        pass


async def errors(stage: Stage) -> list[str]:
    """The sentences of /livegen/error since the last time."""
    found: list[str] = []
    stage.client.send("/livegen/ping", 78)
    async with asyncio.timeout(PATIENCE):
        while True:
            data = await asyncio.get_running_loop().sock_recv(stage.client.socket, 8192)
            message = packets.decode(data, 0.0)[0]
            if message.address == "/livegen/error":
                found.append(str(message.args[1]))
            if message == packets.Message("/livegen/pong", (78,)):
                return found


def padded(text: bytes) -> bytes:
    return text + bytes(4 - len(text) % 4)


def note(pitch: int = 60, velocity: int = 100) -> bytes:
    return padded(b"/livegen/note") + padded(b",ii") + struct.pack(">ii", pitch, velocity)


DIRTY = b"/livegen/note\0\1\2" + padded(b",ii") + struct.pack(">ii", 60, 100)
FOREIGN = padded("/livegen/nøte".encode()) + padded(b",ii") + struct.pack(">ii", 60, 100)
DIRTY_BLOB = padded(b"/wave") + padded(b",b") + struct.pack(">i", 3) + b"abc\4"
OWN_TAG = padded(b"/wave") + padded(b",Q") + bytes(8)
UNDERSTOOD: dict[str, tuple[Callable[[float], bytes], list[tuple[int, int]]]] = {
    "dated since 1970": (lambda date: bundle(note(), tag=int(date * 2**32)), [(60, 100)]),
    "dated since power-on": (lambda date: bundle(note(), tag=7 << 32), [(60, 100)]),
    "dated in milliseconds": (lambda date: bundle(note(), tag=int(date * 1000)), [(60, 100)]),
    "dated in two years": (lambda date: bundle(note(), tag=time_tag(date + 63e6)), [(60, 100)]),
    "dirty padding": (lambda date: DIRTY, [(60, 100)]),
    "a zero word too many": (lambda date: note() + bytes(4), [(60, 100)]),
    "a bundle with a dirty blob": (lambda date: bundle(note(), DIRTY_BLOB, note(64)), [(60, 100), (64, 100)]),
    "a bundle with a foreign address": (lambda date: bundle(note(), FOREIGN, note(64)), [(60, 100), (64, 100)]),
    "a bundle with a tag of one's own": (lambda date: bundle(OWN_TAG, note(64)), [(64, 100)]),
    "a velocity of 0 to 1": (lambda date: packets.encode("/livegen/note", 60, 0.8), [(60, 102)]),
}


@pytest.mark.parametrize("case", UNDERSTOOD)
async def test_what_is_odd_is_heard(stage: Stage, case: str) -> None:
    made, expected = UNDERSTOOD[case]
    send(stage, made(clock.date().timestamp()))
    await settled(stage)
    assert ons(stage) == expected


TURNED_AWAY: dict[str, tuple[Callable[[float], bytes], str]] = {
    "five seconds ahead": (lambda date: bundle(note(), tag=time_tag(date + 5)), "5 s ahead; livegen waits 2 s at most"),
    "a foreign address": (lambda date: FOREIGN, "ASCII characters"),
    "an element of a bundle": (lambda date: bundle(FOREIGN), "ASCII characters"),
    "cut short": (lambda date: note()[:-4], "cut short"),
}


@pytest.mark.parametrize("case", TURNED_AWAY)
async def test_what_is_turned_away_is_said_once_on_the_screen_and_as_an_error(stage: Stage, case: str) -> None:
    made, sentence = TURNED_AWAY[case]
    told: list[str] = []
    with contextlib.ExitStack() as open_ones:
        one, other = (open_ones.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(2))
        for sock in (one, one, one, other):
            sock.sendto(made(clock.date().timestamp()), ("127.0.0.1", stage.server.osc_port))
            told += await errors(stage)
    assert len(told) == 2  # once for each of the two clients
    assert all(sentence in text for text in told)
    assert [sentence in text for text in stage.said if "OSC from" in text] == [True]
    assert ons(stage) == []


async def test_a_flood_of_clients_is_not_told_of_without_end(stage: Stage) -> None:
    for _ in range(100):
        send(stage, FOREIGN)
    assert len(await errors(stage)) == 16


# localhost as ::1


@pytest.fixture
def ipv6() -> None:
    """Skip where the machine has no ::1."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError:
        pytest.skip("this machine has no ::1")


@pytest.mark.usefixtures("ipv6")
async def test_localhost_as_ipv6_is_heard_and_answered_there(stage: Stage) -> None:
    send(stage, note(), "::1")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
        client.bind(("::1", 0))
        client.setblocking(False)
        client.sendto(packets.encode("/livegen/listen"), ("::1", stage.server.osc_port))
        client.sendto(packets.encode("/livegen/ping", 5), ("::1", stage.server.osc_port))
        async with asyncio.timeout(PATIENCE):
            while True:
                data, source = await asyncio.get_running_loop().sock_recvfrom(client, 8192)
                if packets.decode(data, 0.0)[0] == packets.Message("/livegen/pong", (5,)):
                    break
    assert source[:2] == ("::1", stage.server.osc_port)
    assert ons(stage) == [(60, 100)]


@pytest.mark.usefixtures("ipv6")
@pytest.mark.parametrize("lan", [False, True])
async def test_of_ipv6_only_the_loopback_is_heard(lan: bool) -> None:
    endpoint = await open_endpoint(0, lan=lan)
    assert endpoint._loopback6 is not None
    assert endpoint._loopback6.getsockname()[:2] == ("::1", endpoint.port)
    endpoint.close()


@pytest.mark.usefixtures("ipv6")
async def test_a_target_of_ipv6() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
        client.bind(("::1", 0))
        client.settimeout(PATIENCE)
        endpoint = await open_endpoint(0, target=f"[::1]:{client.getsockname()[1]}")
        endpoint.send("/n", 1)
        assert client.recv(100) == packets.encode("/n", 1)
        endpoint.close()


async def test_a_machine_without_ipv6_hears_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "has_ipv6", False)
    heard: list[Any] = []
    endpoint = await open_endpoint(0)
    endpoint.start(lambda message, source: heard.append(source))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(note(), ("127.0.0.1", endpoint.port))
        await until(lambda: heard)
    endpoint.close()


# python-osc


async def test_python_osc_with_floats_and_with_a_bundle_that_it_dates(stage: Stage) -> None:
    client = SimpleUDPClient("127.0.0.1", stage.server.osc_port)
    client.send_message("/livegen/note", [60, 0.5])
    client.send_message("/livegen/note", [60, 0.0])
    client.send_message("/livegen/note", [62, 1.0])
    client.send_message("/livegen/note", [62, 0.0])
    builder = OscBundleBuilder(clock.date().timestamp() - packets.UNIX_EPOCH)  # takes 1970 for the beginning of time
    message = OscMessageBuilder("/livegen/note")
    message.add_arg(64)
    message.add_arg(0.25)
    builder.add_content(message.build())
    client.send(builder.build())
    client._sock.close()
    await settled(stage)
    assert ons(stage) == [(60, 64), (62, 127), (64, 32)]


# Notes without releases


async def test_four_notes_of_a_terminal_are_answered_soon_and_replay(stage: Stage) -> None:
    require("oscsend")
    for _ in range(4):
        command = ("oscsend", "127.0.0.1", str(stage.server.osc_port), "/livegen/note", "ii", "60", "100")
        assert await (await asyncio.create_subprocess_exec(*command)).wait() == 0
        await asyncio.sleep(0.3)
    await stage.client.receive("/livegen/out/note", within=6.0)
    stage.client.send("/livegen/panic")
    await settled(stage)
    heard = played(stage)
    strokes = [event for event in heard if isinstance(event, NoteOn)]
    ends = [event for event in heard if isinstance(event, NoteOff)]
    assert len(strokes) == len(ends) == 4, "a release for each stroke"
    assert {end.pitch for end in ends} == {60}
    assert ends[0].at - strokes[-1].at == pytest.approx(BRIEF, abs=0.2)
    replay = Replay(record.read(stage.journal), lambda name: Untrained())
    assert replay.run().differs is None


async def test_a_held_key_of_a_client_that_releases_is_held(stage: Stage) -> None:
    client = stage.client
    client.send("/livegen/note", 60, 100)
    client.send("/livegen/note", 60, 0)
    client.send("/livegen/note", 62, 100)
    await asyncio.sleep(2.3)
    assert [type(event) for event in played(stage)] == [NoteOn, NoteOff, NoteOn]
    client.send("/livegen/note", 62, 0)
    await settled(stage)
    assert len(played(stage)) == 4
