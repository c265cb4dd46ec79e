"""A performer over OSC: plays prebuilt datagrams on time, and records the time of each answer. It only blocks."""

import random
import select
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import NamedTuple

_NOTE = b"/livegen/note\0\0\0,iiii\0\0\0"
_NEXT = b"/livegen/out/next\0"
_ID_IN_NOTE = len(_NOTE) + 12
_ID_IN_NEXT = 20 + 8  # its address and its five type tags
_INT = struct.Struct(">i")
_BUFFER = 1 << 20
_PATIENCE = 10.0  # seconds that the last answers are waited for: a machine may stand still for a second
LOOPBACK = "127.0.0.1"


class Cue(NamedTuple):
    """One datagram to send ``at`` seconds from the beginning. ``id`` 0 expects no answer."""

    at: float
    datagram: bytes
    id: int = 0


def note(pitch: int, velocity: int, id: int = 0) -> bytes:
    """A note on channel 1 as a datagram; velocity 0 releases it."""
    return _NOTE + struct.pack(">iiii", pitch, velocity, 1, id)


def verb(name: str) -> bytes:
    """A message without arguments, as ``reset``."""
    address = f"/livegen/{name}".encode()
    return address + bytes(4 - len(address) % 4) + b",\0\0\0"


def answered(datagram: bytes) -> int:
    """The id of the note that a datagram answers, as a prediction or as its echo; 0 for any other."""
    if datagram.startswith(_NEXT):
        return int(_INT.unpack_from(datagram, _ID_IN_NEXT)[0])
    if datagram.startswith(_NOTE):
        return int(_INT.unpack_from(datagram, _ID_IN_NOTE)[0])
    return 0


@dataclass
class Round:
    """Nanoseconds at which each note was sent and answered, by id; ``behind`` is the client's lateness in sending."""

    sent: dict[int, int] = field(default_factory=dict)
    came: dict[int, int] = field(default_factory=dict)
    behind: list[int] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """The number never answered."""
        return len(self.sent) - len(self.came)

    def latencies(self) -> list[float]:
        """From sending to the answer, each in milliseconds, by id."""
        return [(self.came[id] - self.sent[id]) / 1e6 for id in self.sent if id in self.came]


class Client:
    """One UDP socket on the loopback, on a free port, speaking to one program."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.bind((LOOPBACK, 0))
        self.port: int = self._socket.getsockname()[1]
        self._target = (LOOPBACK, 0)

    def close(self) -> None:
        """Free the port."""
        self._socket.close()

    def face(self, port: int) -> None:
        """Speak to the program on this port from now on."""
        self._target = (LOOPBACK, port)

    def say(self, datagram: bytes) -> None:
        """Send one datagram now."""
        self._socket.sendto(datagram, self._target)

    def drain(self) -> None:
        """Throw away the datagrams that have come."""
        while select.select([self._socket], [], [], 0)[0]:
            self._socket.recv(8192)

    def wait_for(self, beginning: bytes, seconds: float) -> bytes:
        """The first datagram with this beginning, others being thrown away; empty if none comes in time."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._socket], [], [], left)[0]:
                datagram = self._socket.recv(8192)
                if datagram.startswith(beginning):
                    return datagram
        return b""

    def perform(self, cues: list[Cue]) -> Round:
        """Send each cue when it is due, whether or not answers come (an open loop); then wait for the last answers."""
        self.drain()
        played = Round()
        wanted = sum(cue.id > 0 for cue in cues)
        begun = time.perf_counter_ns() + 1_000_000
        for at, datagram, id in cues:
            due = begun + int(at * 1e9)
            self._listen(due, played, 1 << 62)
            now = time.perf_counter_ns()
            if id:
                played.sent[id] = now
                played.behind.append(now - due)
            self._socket.sendto(datagram, self._target)
        self._listen(time.perf_counter_ns() + int(_PATIENCE * 1e9), played, wanted)
        return played

    def _listen(self, until: int, played: Round, enough: int) -> None:
        """Note the answers that come, until then (ns) or until there are enough."""
        sock, came, clock = self._socket, played.came, time.perf_counter_ns
        while len(came) < enough and (left := until - clock()) > 0:
            if select.select([sock], [], [], left / 1e9)[0]:
                datagram = sock.recv(8192)
                now = clock()
                id = answered(datagram)
                if id in played.sent:
                    came.setdefault(id, now)

    def press(self, datagrams: list[bytes], outstanding: int) -> tuple[int, float]:
        """Send all, so that always ``outstanding`` are unanswered: the number answered, and the seconds it took."""
        self.drain()
        self._socket.settimeout(_PATIENCE)
        try:
            return self._press(datagrams, outstanding)
        finally:
            self._socket.settimeout(None)

    def _press(self, datagrams: list[bytes], outstanding: int) -> tuple[int, float]:
        sock, target, count = self._socket, self._target, 0
        waiting = iter(datagrams)
        begun = last = time.perf_counter()
        for _, datagram in zip(range(outstanding), waiting, strict=False):
            sock.sendto(datagram, target)
        while count < len(datagrams):
            try:
                came = sock.recv(8192)
            except TimeoutError:
                break
            if answered(came):
                count += 1
                last = time.perf_counter()
                for datagram in waiting:
                    sock.sendto(datagram, target)
                    break
        return count, last - begun


def human(count: int, seed: int) -> list[Cue]:
    """Notes as a performer plays them: gaps of 20-80 ms, now and then 150 ms, each note released before the next."""
    draw = random.Random(seed)
    at, pitch, cues = 0.0, 64, []
    for id in range(1, count + 1):
        gap = 0.15 if draw.random() < 0.03 else draw.uniform(0.02, 0.08)
        pitch = max(48, min(84, pitch + draw.choice((-5, -3, -2, -1, 1, 2, 3, 5))))
        cues.append(Cue(at, note(pitch, draw.randint(50, 110), id), id))
        cues.append(Cue(at + gap * draw.uniform(0.4, 0.9), note(pitch, 0)))
        at += gap
    return cues


def steady(count: int, rate: float) -> list[Cue]:
    """Notes at an even rate, each released half a gap later."""
    cues = []
    for id in range(1, count + 1):
        at, pitch = (id - 1) / rate, 48 + id * 7 % 37
        cues += [Cue(at, note(pitch, 80, id), id), Cue(at + 0.5 / rate, note(pitch, 0))]
    return cues


def chords(count: int, size: int = 10, gap: float = 0.3) -> list[Cue]:
    """Chords of ``size`` notes, back to back, every ``gap`` seconds, released together half a gap later."""
    cues = []
    for chord in range(count):
        at, pitches = chord * gap, [40 + chord % 5 + 4 * voice for voice in range(size)]
        cues += [Cue(at, note(pitch, 80, id), id) for id, pitch in enumerate(pitches, 1 + chord * size)]
        cues += [Cue(at + gap / 2, note(pitch, 0)) for pitch in pitches]
    return cues
