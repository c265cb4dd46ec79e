"""Many pages at once, some of which never read: notes do not wait for them, and those that read miss nothing."""

import base64
import contextlib
import os
import re
import socket
import statistics
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from livegen.osc import packets
from tests.support.jack import until
from tests.support.jam_process import Jam, jam
from tests.support.waiting import PATIENCE

CLIENTS, STILL = 16, 4
NOTES = 150


class RawClient:
    """A WebSocket on a bare socket, which reads when it is told to."""

    def __init__(self, port: int, buffer: int | None = None) -> None:
        self.socket = socket.socket()
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self.socket.recv(1)
        assert answer.startswith(b"HTTP/1.1 101")
        listen = packets.encode("/livegen/listen")
        self.socket.sendall(bytes((0x82, 0x80 | len(listen))) + b"\0" * 4 + listen)
        self.socket.setblocking(False)
        self.ended = False
        self.messages: list[packets.Message] = []
        self._data = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.socket.close()

    def read(self) -> None:
        """Take what has come."""
        with contextlib.suppress(BlockingIOError):
            while not self.ended:
                data = self.socket.recv(1 << 16)
                self._data += data
                self.ended = not data
        self._parse()

    def _parse(self) -> None:
        at = 0
        while at + 4 <= len(self._data):
            kind, length, begin = self._data[at], self._data[at + 1], at + 2
            if length == 126:
                length, begin = int.from_bytes(self._data[begin : begin + 2]), begin + 2
            if begin + length > len(self._data):
                break
            payload = bytes(self._data[begin : begin + length])
            if kind == 0x82:
                self.messages += packets.decode(payload, 0.0)
            elif kind == 0x89:  # a ping; who does not answer it is taken to have gone
                self.socket.sendall(bytes((0x8A, 0x80 | length)) + b"\0" * 4 + payload)
            at = begin + length
        del self._data[:at]


def latencies(player: Jam, first: int, readers: list[RawClient]) -> list[float]:
    """Seconds from a note to its answer over UDP, for NOTES notes that are numbered from ``first``."""
    found = []
    for number in range(first, first + NOTES):
        time.sleep(0.004)  # so that the writes to the readers fall between the notes, and on them, as they may
        began = time.perf_counter()
        player.send("/livegen/note", 60 + number % 12, 90, 1, number)
        while player.receive("/livegen/out/next")[0] != number:
            pass
        found.append(time.perf_counter() - began)
        player.send("/livegen/note", 60 + number % 12, 0, 1, number)
        for reader in readers:
            reader.read()
    return found


def test_notes_do_not_wait_for_pages_and_who_never_reads_is_dropped(tmp_path: Path) -> None:
    flags = ("--page", "on", "--http-port", "0", "--model", "untrained", "--mode", "duet")
    with jam(tmp_path, *flags, midi=False) as player, contextlib.ExitStack() as doors:
        until(lambda: "Page: " in player.said(), what="the page's address")
        port = int(re.search(r"Page: http://127\.0\.0\.1:(\d+)/", player.said())[1])  # type: ignore[index]
        latencies(player, 1, [])
        alone = latencies(player, 1001, [])
        readers = [doors.enter_context(RawClient(port)) for _ in range(CLIENTS - STILL)]
        still = [doors.enter_context(RawClient(port, 4096)) for _ in range(STILL)]
        latencies(player, 2001, readers)
        beside = latencies(player, 3001, readers)
        # Errors go to everyone, so they fill the system's buffers of the clients that do not read.
        for batch in range(80):
            for number in range(100):
                player.send(f"/livegen/nothing/{batch}/{number}/{'x' * 60}")
            player.send("/livegen/ping", batch)
            while player.receive("/livegen/pong")[0] != batch:
                pass
            for reader in readers:
                reader.read()
        after = latencies(player, 4001, readers)
        player.send("/livegen/ping", 9999)
        player.receive("/livegen/pong")
        until(lambda: all(_have(reader, 9999) for reader in readers), what="the readers have all")
        for reader in readers:
            told = [message.args[0] for message in reader.messages if message.address == "/livegen/out/next"]
            wanted = [first + n for first in (2001, 3001, 4001) for n in range(NOTES)]
            assert [id for id in told if id in wanted] == wanted
            assert sum(message.address == "/livegen/error" for message in reader.messages) == 8000
        for client in still:
            assert _was_dropped(client)
        middle = {
            name: statistics.median(found) for name, found in (("alone", alone), ("beside", beside), ("after", after))
        }
        assert middle["beside"] < 3 * middle["alone"] + 0.002, middle  # wide: other programs use this machine too
        assert middle["after"] < 3 * middle["alone"] + 0.002, middle


def _have(reader: RawClient, number: int) -> bool:
    reader.read()
    return reader.ended or packets.Message("/livegen/pong", (number,)) in reader.messages[-20:]


def _was_dropped(client: RawClient) -> bool:
    """Whether the connection was cut, after what the system still had for it."""
    client.socket.settimeout(PATIENCE)
    try:
        while client.socket.recv(1 << 16):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True
