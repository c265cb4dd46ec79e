"""What loads livegen while it is measured, each a child process.

``python -m benchmarks.parts.loads KIND SECONDS OSC-PORT HTTP-PORT``
"""

import asyncio
import random
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.parts.client import LOOPBACK
from livegen.osc import packets

SENDERS, RATE, HOSTILE_RATE = 8, 5000, 50_000  # of OSC, and messages a second
DIN, INPUTS, BURST, BURST_EVERY = 1000, 4, 10_000, 5.0  # messages a second; inputs; messages; seconds
LISTENERS, DEAF = 16, 4  # clients, and those that never read
_TURN = 0.005  # seconds between two handfuls of messages


@contextmanager
def keyboard(name: str, target: str = "livegen:livegen in") -> Iterator[Callable[..., None]]:
    """A MIDI port that plays to livegen: the function that sends a message."""
    import rtmidi

    device = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=name)
    device.open_port(device.get_ports().index(target), "out")
    try:
        yield lambda *message: device.send_message(message)
    finally:
        device.close_port()
        device.delete()


def _paced(rate: float, end: float, send: Callable[[int], object]) -> None:
    """Send so many a second, in handfuls, numbered from 0."""
    began, sent = time.monotonic(), 0
    while (now := time.monotonic()) < end:
        for number in range(sent, int((now - began) * rate)):
            send(number)
            sent = number + 1
        time.sleep(_TURN)


def _note(number: int, channel: int) -> tuple[int, int, int]:
    """Note-ons and their note-offs in turn."""
    return 0x90 | channel, 48 + number // 2 % 24, 80 * (number % 2 == 0)


def human(end: float, osc: int, http: int) -> None:
    """A chord of ten once a second, with the pedal."""
    with keyboard("hands") as play:
        while time.monotonic() < end:
            play(0xB1, 64, 127)
            for on in (80, 0):
                for key in range(10):
                    play(0x91, 40 + 3 * key, on)
                time.sleep(0.45)
            play(0xB1, 64, 0)
            time.sleep(0.1)


def din(end: float, osc: int, http: int) -> None:
    """As many messages as a DIN cable takes, on each of four inputs."""
    with ExitStack() as stack:
        plays = [stack.enter_context(keyboard(f"din{number}")) for number in range(INPUTS)]

        def send(number: int) -> None:
            plays[number % INPUTS](*_note(number // INPUTS, number % INPUTS))

        _paced(DIN * INPUTS, end, send)
        for channel, play in enumerate(plays):
            play(0xB0 | channel, 123, 0)


def burst(end: float, osc: int, http: int) -> None:
    """Ten thousand messages within a second, again and again."""
    with keyboard("burst") as play:
        while (now := time.monotonic()) < end:
            _paced(BURST, min(end, now + 1.0), lambda number: play(*_note(number, 2)))
            play(0xB2, 123, 0)
            time.sleep(max(0.0, min(end, now + BURST_EVERY) - time.monotonic()))


def osc_in(end: float, osc: int, http: int) -> None:
    """Valid messages from eight senders."""
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(SENDERS)]
    ping = packets.encode("/livegen/ping", 1)
    _paced(RATE, end, lambda number: sockets[number % SENDERS].sendto(ping, (LOOPBACK, osc)))


def hostile(end: float, osc: int, http: int) -> None:
    """Datagrams that are no OSC, as many as this process can send."""
    draw, talk = random.Random(1), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bad = [draw.randbytes(draw.randint(1, 200)) for _ in range(1000)]
    _paced(HOSTILE_RATE, end, lambda number: talk.sendto(bad[number % len(bad)], (LOOPBACK, osc)))


def clients(end: float, osc: int, http: int) -> None:
    """Sixteen listeners over OSC and as many WebSockets, of which four never read."""
    listen, talks = packets.encode("/livegen/listen"), []
    for _ in range(LISTENERS):
        talks.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        talks[-1].sendto(listen, (LOOPBACK, osc))
    asyncio.run(_read(end, http))


async def _read(end: float, http: int) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(f"http://{LOOPBACK}:{http}/") for _ in range(LISTENERS)]

        async def read(one: aiohttp.ClientWebSocketResponse) -> None:
            await one.send_json({"COMMAND": "LISTEN", "DATA": "/livegen/out/heard"})
            async for _ in one:
                pass

        tasks = [asyncio.create_task(read(one)) for one in sockets[DEAF:]]
        await asyncio.sleep(max(0.0, end - time.monotonic()))
        for task in tasks:
            task.cancel()


def ports(end: float, osc: int, http: int) -> None:
    """Eight more MIDI ports of each kind, each connected to livegen; the inputs play a little."""
    with ExitStack() as stack:
        plays = [stack.enter_context(keyboard(f"port{number}")) for number in range(8)]
        _paced(80, end, lambda number: plays[number % 8](*_note(number // 8, number % 8)))
        for channel, play in enumerate(plays):
            play(0xB0 | channel, 123, 0)


def busy(end: float, osc: int, http: int) -> None:
    """A process that does nothing but compute; several of them are started."""
    while time.monotonic() < end:
        sum(range(1000))


LOADS = {"human": human, "din": din, "burst": burst, "osc": osc_in, "hostile": hostile, "clients": clients}
LOADS |= {"ports": ports, "busy": busy}


if __name__ == "__main__":
    LOADS[sys.argv[1]](time.monotonic() + float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
