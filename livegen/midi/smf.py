"""Reads and writes Standard MIDI Files, damaged ones too, as tracks of messages.

It reads as much as it can: chunks of other programs, wrong counts and lengths, and events that make no sense are passed
over and named. Messages are bytes: of a channel, with data above 127 brought down to it; a meta event is 0xFF, its kind
and its data; a system exclusive message 0xF0 or 0xF7 and its data, all without lengths.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from livegen.errors import FileError

META, END = 0xFF, b"\xff\x2f"
TEXTS = range(0x01, 0x10)  # the kinds of meta events that are words
NAME, MARKER, TEMPO, OFFSET, METRE, KEY = 0x03, 0x06, 0x51, 0x54, 0x58, 0x59
MAX_EVENTS = 1_000_000
_FAR = 2**53  # ticks: later than 24 hours at any tempo, and still exact as a float
_LONGEST_NUMBER = 16  # bytes; the standard says 4, and some programs write zeros before them
_LENGTHS = {**dict.fromkeys((0x8, 0x9, 0xA, 0xB, 0xE), 2), **dict.fromkeys((0xC, 0xD), 1)}
_SYSTEM_LENGTHS = {0xF1: 1, 0xF2: 2, 0xF3: 1}
Row = tuple[int, bytes]  # tick, message


class _DamageError(ValueError):
    """The rest of the track cannot be found after damage."""


class _PastEndError(_DamageError):
    """The bytes end within an event."""


@dataclass
class Smf:
    """A file's header and tracks. ``passed_over`` counts what was not read, in words; ``damaged``: of some track the
    rest was lost."""

    kind: int
    division: int
    tracks: list[list[Row]] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    damaged: bool = False
    rows: int = 0


class _Chunk(NamedTuple):
    kind: bytes
    start: int
    declared: int  # where it says that it ends


def parse(data: bytes, name: str) -> Smf:
    """The tracks of a file whose first bytes are MThd. Raises FileError if it is cut off, or holds no track at all."""
    if len(data) < 14:
        raise _cut_off(name)
    length = int.from_bytes(data[4:8], "big")
    kind, tracks, division = (int.from_bytes(data[at : at + 2], "big") for at in (8, 10, 12))
    found = Smf(kind, division)
    at = 8 + max(length, 6)
    if not _is_chunk(data, at) and data.find(b"MTrk", 14) >= 0:
        at = data.find(b"MTrk", 14)
    while (chunk := _chunk(data, at)) is not None:
        if chunk.kind == b"MTrk":
            at = _Track(data, chunk, found, name).read()
        else:
            found.passed_over[f"a chunk that is not MIDI ({chunk.kind.decode('ascii')})"] += 1
            at = chunk.declared if chunk.declared <= len(data) else _next_track(data, chunk.start)
    rest = data[at : at + 8]
    if rest and len(rest) < 8 and b"MTrk".startswith(rest[:4]):
        raise _cut_off(name)
    if tracks > len(found.tracks) > 0:
        found.passed_over["a track that the header counts and that is not there"] += tracks - len(found.tracks)
    if not found.tracks:
        if tracks and not found.passed_over and not rest:
            raise _cut_off(name)
        raise FileError(f"{name} is damaged: it has no tracks; save or fetch it again.")
    return found


def _cut_off(name: str) -> FileError:
    return FileError(f"{name} is cut off before its end; save or fetch it again.")


def _is_chunk(data: bytes, at: int) -> bool:
    """Whether a chunk can begin there: four printable letters and a length."""
    kind = data[at : at + 4]
    return len(data) >= at + 8 and all(32 <= each < 127 for each in kind)


def _chunk(data: bytes, at: int) -> _Chunk | None:
    if not _is_chunk(data, at):
        return None
    return _Chunk(data[at : at + 4], at + 8, at + 8 + int.from_bytes(data[at + 4 : at + 8], "big"))


def _next_track(data: bytes, at: int) -> int:
    found = data.find(b"MTrk", at)
    return len(data) if found < 0 else found


class _Track:
    """Reads one track's events until its end."""

    def __init__(self, data: bytes, chunk: _Chunk, found: Smf, name: str) -> None:
        self._data, self._chunk, self._found, self._name = data, chunk, found, name
        declared = chunk.declared
        # A length is believed where another chunk or the end of the file follows.
        self._fits = declared == len(data) or _is_chunk(data, declared)
        self._limit = declared if self._fits else _next_track(data, chunk.start)
        self._at = chunk.start
        self._tick = 0
        self._status = 0
        self._rows: list[Row] = []
        self._ended = False

    def read(self) -> int:
        """Add the track to what was found. Returns where the next chunk is. Raises FileError if this one is cut off."""
        at_declared: int | None = None  # the number of rows at the end that the track declares
        passed_over = Counter[str]()
        try:
            while self._at < self._limit and not (self._ended and not self._fits):
                if self._at == self._chunk.declared:
                    at_declared = len(self._rows)
                self._event(passed_over)
        except _PastEndError:
            if self._limit == len(self._data) and self._chunk.declared > self._limit:
                raise _cut_off(self._name) from None
            self._lose(at_declared, passed_over)
        except _DamageError:
            self._lose(at_declared, passed_over)
        else:
            if not self._ended and self._chunk.declared > self._limit == len(self._data):
                raise _cut_off(self._name)
            if not self._ended and at_declared is not None:
                del self._rows[at_declared:]
        self._found.tracks.append(self._rows)
        self._found.passed_over += passed_over
        following = self._data.find(b"MTrk", self._at)
        return self._limit if self._fits else following if following >= 0 else self._at

    def _lose(self, at_declared: int | None, passed_over: Counter[str]) -> None:
        """The rest of the track makes no sense; what comes after its declared end need not."""
        if at_declared is not None:
            del self._rows[at_declared:]
        elif not self._ended:
            self._found.damaged = True
            passed_over[f"the rest of track {len(self._found.tracks) + 1}, which is damaged"] += 1

    def _event(self, passed_over: Counter[str]) -> None:
        self._tick = min(self._tick + self._number(), _FAR)
        status = self._byte()
        if status < 0x80:
            if not self._status:
                raise _DamageError
            self._at -= 1
            status = self._status
        if status < 0xF0:
            self._status = status  # system messages leave it as it is, whatever the standard says: files rely on it
            size = _LENGTHS[status >> 4]
            data = self._take(size)
            self._add(bytes((status, *(min(each, 127) for each in data))))
        elif status == META:
            self._meta(passed_over)
        elif status in (0xF0, 0xF7):
            self._add(bytes((status,)) + self._take(self._number()))
        else:
            self._take(_SYSTEM_LENGTHS.get(status, 0))
            passed_over["a message that no file should hold"] += 1

    def _meta(self, passed_over: Counter[str]) -> None:
        kind = self._byte()
        data = self._take(self._number())
        self._ended |= kind == 0x2F
        if (wrong := _senseless(kind, data)) is not None:
            passed_over[wrong] += 1
        else:
            self._add(bytes((META, kind)) + data)

    def _add(self, message: bytes) -> None:
        self._rows.append((self._tick, message))
        self._found.rows += 1
        if self._found.rows > MAX_EVENTS:
            raise FileError(f"{self._name} has more than a million events; cut it into smaller files.")

    def _byte(self) -> int:
        if self._at >= self._limit:
            raise _PastEndError
        self._at += 1
        return self._data[self._at - 1]

    def _take(self, size: int) -> bytes:
        if self._at + size > self._limit:
            raise _PastEndError
        self._at += size
        return self._data[self._at - size : self._at]

    def _number(self) -> int:
        value = 0
        for _ in range(_LONGEST_NUMBER):
            each = self._byte()
            value = value << 7 | each & 0x7F
            if each < 0x80:
                return value
        raise _DamageError


def _senseless(kind: int, data: bytes) -> str | None:
    """Why a meta event is passed over; None if it makes sense, or is of a kind that is not looked at."""
    if kind == TEMPO and (len(data) < 3 or not any(data[:3])):
        return "a tempo that makes no sense"
    if kind == METRE and (len(data) < 2 or not data[0] or data[1] > 6):
        return "a time signature that makes no sense"
    if kind == KEY and (len(data) < 2 or not -7 <= (data[0] ^ 0x80) - 0x80 <= 7 or data[1] > 1):
        return "a key signature that makes no sense"
    if kind == OFFSET and len(data) < 5:
        return "a start time that makes no sense"
    return None


def assemble(division: int, tracks: Iterable[Sequence[Row]]) -> bytes:
    """A file of type 1 from tracks in time order; each gets its end mark."""
    chunks = [_written(rows) for rows in tracks]
    head = b"MThd" + (6).to_bytes(4, "big") + b"".join(n.to_bytes(2, "big") for n in (1, len(chunks), division))
    return head + b"".join(b"MTrk" + len(chunk).to_bytes(4, "big") + chunk for chunk in chunks)


def _written(rows: Sequence[Row]) -> bytes:
    out = bytearray()
    last, status = 0, 0
    end = last
    for tick, message in rows:
        end = tick
        if message == END:
            continue
        out += number(tick - last)
        last = tick
        if message[0] == META:
            out += message[:2] + number(len(message) - 2) + message[2:]
        elif message[0] >= 0xF0:
            out += message[:1] + number(len(message) - 1) + message[1:]
        else:
            out += message[1:] if message[0] == status else message
        status = message[0] if message[0] < 0xF0 else 0
    return bytes(out + number(end - last) + b"\xff\x2f\0")


def number(value: int) -> bytes:
    """A number as MIDI files write it, seven bits a byte.

    >>> number(960).hex()
    '8740'
    """
    out = [value & 0x7F]
    while value := value >> 7:
        out.append(value & 0x7F | 0x80)
    return bytes(reversed(out))
