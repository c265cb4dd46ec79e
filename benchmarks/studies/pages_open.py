"""What open pages cost a note: ``python -m benchmarks.studies.pages_open [--pages 16] [--rounds 10] [--notes 150]``.

With ``--realtime`` livegen and the performer have precedence over other programs, the reader of the pages has not.

One livegen, without pages and with them in turn, round by round; the order changes with each round. A page is a
WebSocket that hears everything, as the page in a browser does, read in another process. The time is from a note over
OSC to its prediction; the processor time is that of livegen, for each note, the answers that it plays included.
"""

import argparse
import asyncio
import base64
import contextlib
import multiprocessing
import os
import re
import selectors
import socket
import statistics
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event

from benchmarks.parts import children, scheduling
from benchmarks.parts.children import Child
from benchmarks.parts.client import LOOPBACK, human, verb
from benchmarks.parts.figures import spread
from livegen.web.listeners import Listeners

_LISTEN = b'{"COMMAND": "LISTEN", "DATA": "//*"}'
_PATIENCE = 60.0  # seconds; a machine that others use may take long to start the readers, which have no precedence
_FLUSHES = 500


def _connect(port: int) -> socket.socket:
    """A WebSocket that hears everything, its handshake done."""
    page = socket.create_connection((LOOPBACK, port), _PATIENCE)
    key = base64.b64encode(os.urandom(16)).decode()
    page.sendall(
        f"GET / HTTP/1.1\r\nHost: {LOOPBACK}:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += page.recv(1)
    page.sendall(bytes((0x81, 0x80 | len(_LISTEN))) + b"\0" * 4 + _LISTEN)
    page.setblocking(False)
    return page


def _read_all(port: int, count: int, ready: Event, stop: Event) -> None:
    """Keep pages open and read what they get, until ``stop``."""
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as doors:
        for _ in range(count):
            selector.register(doors.enter_context(_connect(port)), selectors.EVENT_READ)
        ready.set()
        while not stop.is_set():
            for key, _ in selector.select(0.1):
                assert isinstance(key.fileobj, socket.socket)
                key.fileobj.recv(1 << 16)


def _page_port(live: Child) -> int:
    """The port of the pages. It is told only after the first answer over OSC, with precedence much later."""
    end = time.monotonic() + _PATIENCE
    while (told := re.search(rf"Page: http://{LOOPBACK}:(\d+)/", live.said("Page:"))) is None:
        if time.monotonic() > end:
            raise RuntimeError("livegen opened no page.")
        time.sleep(0.1)
    return int(told[1])


@contextlib.contextmanager
def _pages(port: int, count: int) -> Iterator[None]:
    """So many pages are open meanwhile."""
    context = multiprocessing.get_context("spawn")
    ready, stop = context.Event(), context.Event()
    process = context.Process(target=_read_all, args=(port, count, ready, stop))
    process.start()
    try:
        if not ready.wait(_PATIENCE):
            raise RuntimeError("The pages could not be opened.")
        yield
    finally:
        stop.set()
        process.join(_PATIENCE)


async def _flush(count: int) -> float:
    """The processor time (µs, median) in which four messages go to so many pages, after the answer was sent."""
    loop, listeners, costs = asyncio.get_running_loop(), Listeners(), []
    with contextlib.ExitStack() as doors, socket.create_server((LOOPBACK, 0)) as server:
        readers = []
        for _ in range(count):
            readers.append(doors.enter_context(socket.create_connection(server.getsockname())))
            transport, _ = await loop.create_connection(asyncio.Protocol, sock=server.accept()[0])
            listener = listeners.admit(transport)
            assert listener is not None
            listener.listen("/")
        for number in range(_FLUSHES):
            listeners.hear_message("/livegen/out/heard", (number, 60, 90, 1, "keys"))
            listeners.hear_message("/livegen/out/next", (number, 60, 0.25, 90, 0.2))
            listeners.hear_message("/livegen/out/likely", (60, 0.3, 62, 0.2, 64, 0.2, 65, 0.1, 67, 0.1))
            listeners.hear_message("/livegen/out/surprise", (1.5,))
            before = time.process_time_ns()
            listeners.flush()
            costs.append((time.process_time_ns() - before) / 1000)
            for reader in readers:
                reader.recv(1 << 16)
    return statistics.median(costs)


def _round(live: Child, notes: int, seed: int) -> tuple[list[float], float]:
    """Latencies in milliseconds, and livegen's processor time for each note in milliseconds."""
    before = live.processor()
    played = live.client.perform(human(notes, seed))
    used = live.processor() - before
    live.client.say(verb("reset"))
    time.sleep(0.2)
    return played.latencies(), 1000 * used / notes


def main() -> None:
    """Measure, and print the medians of all notes and of each round."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("pages", 16), ("rounds", 10), ("notes", 150)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--realtime", action="store_true", help="precedence over other programs")
    asked = parser.parse_args()
    if asked.realtime:
        scheduling.wish()
        scheduling.begin()
    for count in (1, asked.pages):
        print(f"{asyncio.run(_flush(count)):.0f} µs of processor time to send four messages to {count} pages")
    found: dict[int, list[float]] = {0: [], asked.pages: []}
    rounds: dict[int, list[float]] = {0: [], asked.pages: []}
    spent: dict[int, list[float]] = {0: [], asked.pages: []}
    with children.livegen("--page", "on") as live:
        port = _page_port(live)
        _round(live, asked.notes, 0)
        for number in range(asked.rounds):
            for count in sorted(found, reverse=bool(number % 2)):
                with _pages(port, count) if count else contextlib.nullcontext():
                    latencies, used = _round(live, asked.notes, number)
                if not latencies:
                    raise RuntimeError(f"No note was answered beside {count} pages.")
                found[count] += latencies
                rounds[count].append(statistics.median(latencies))
                spent[count].append(used)
    for count, latencies in found.items():
        each = " ".join(f"{median:.3f}" for median in rounds[count])
        told = spread("", latencies)
        print(
            f"{count:3} pages: median {told.p50:.3f} ms, p99 {told.p99:.3f}, "
            f"{statistics.median(spent[count]):.3f} ms of processor a note; rounds {each}"
        )
    pairs = [beside / alone for alone, beside in zip(rounds[0], rounds[asked.pages], strict=True)]
    print(
        f"median beside none {statistics.median(found[asked.pages]) / statistics.median(found[0]):.3f}, "
        f"of the rounds {statistics.median(pairs):.3f}"
    )


if __name__ == "__main__":
    main()
