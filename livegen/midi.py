"""MIDI messages and MIDI files <-> events. Channels are 1-16 in events, 0-15 on the wire and in files."""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from livegen.errors import FileError
from livegen.events import ControlChange, Event, Heard, Note, NoteOff, NoteOn, pair

MAX_BYTES = 4 * 1024 * 1024
MAX_TRACKS = 64
MAX_EVENTS = 1_000_000
MAX_SECONDS = 24 * 3600.0
TICKS = 960  # ticks a quarter note in the files we write
_DEFAULT_TEMPO = 500_000  # µs a quarter note, until a file says otherwise
_META_NAME, _META_END, _META_TEMPO, _META_METRE = 0x03, 0x2F, 0x51, 0x58
_LENGTHS = {0x80: 2, 0x90: 2, 0xA0: 2, 0xB0: 2, 0xC0: 1, 0xD0: 1, 0xE0: 2}  # data bytes after a channel status


def decode(message: Sequence[int], at: float) -> Heard | None:
    """One complete MIDI message as an event; a note-on of velocity 0 is a note-off.

    None for every other kind and for a message of the wrong length; never an exception.
    """
    if len(message) != 3:
        return None
    status, first, second = message
    if first > 127 or second > 127:
        return None
    kind = status & 0xF0
    if kind == 0x90 and second:
        return NoteOn(at, first, second, (status & 0x0F) + 1)
    if kind == 0x80 or kind == 0x90:
        return NoteOff(at, first, (status & 0x0F) + 1)
    if kind == 0xB0:
        return ControlChange(at, first, second, (status & 0x0F) + 1)
    return None


def encode(event: Heard) -> bytes:
    """The three bytes of a note-on, note-off or control change."""
    if isinstance(event, NoteOn):
        return bytes((0x8F + event.channel, event.pitch, event.velocity))
    if isinstance(event, NoteOff):
        return bytes((0x7F + event.channel, event.pitch, 0))
    return bytes((0xAF + event.channel, event.control, event.value))


@dataclass(frozen=True)
class Score:
    """A MIDI file's contents.

    ``events`` in seconds (the tempo changes applied) and in order; ``beats`` with onset and duration in quarter notes;
    ``metre`` is the first time signature; ``warning`` is a sentence when the file was damaged and read in part.
    """

    events: list[Heard]
    beats: list[Note]
    metre: str | None = None
    warning: str = ""


@dataclass
class _Tracks:
    """What the tracks hold, still in ticks. ``rows`` are (tick, rank, message)."""

    rows: list[tuple[int, int, bytes]] = field(default_factory=list)
    tempos: list[tuple[int, int]] = field(default_factory=list)  # tick, µs a quarter note
    metres: list[tuple[int, str]] = field(default_factory=list)
    events: int = 0
    intact: bool = True


def read(path: Path) -> Score:
    """A MIDI file of type 0 or 1. A damaged file is read as far as it makes sense, and the score's warning says so.

    Raises FileError when it cannot be read, is no MIDI file, counts time in film frames, or passes a limit
    (4 MiB, 64 tracks, a million events, 24 hours).
    """
    name = path.name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FileError(f"{name} is larger than 4 MiB; cut it into smaller MIDI files.")
        data = path.read_bytes()
    except OSError as error:
        raise FileError(f"{name} cannot be read ({error.strerror or error}); check its path and permissions.") from None
    declared, division, body = _header(data, name)
    tracks = _Tracks()
    found = 0
    for chunk, whole in _track_chunks(data, body):
        found += 1
        if found > MAX_TRACKS:
            raise FileError(f"{name} has more than {MAX_TRACKS} tracks; save it with fewer.")
        tracks.intact &= whole
        _read_track(chunk, tracks, name)
    damaged = not tracks.intact or found < declared
    if damaged and not tracks.rows:
        raise FileError(f"{name} is damaged before its first note; save or fetch it again.")
    warning = f"{name} is damaged; {len(tracks.rows)} events could be read." if damaged else ""
    return _score(tracks, division, name, warning)


def _header(data: bytes, name: str) -> tuple[int, int, int]:
    """(declared tracks, ticks a quarter note, where the chunks begin). Some files wrap the header, so it is sought."""
    start = data.find(b"MThd", 0, 256)
    if start < 0 or len(data) < start + 14:
        raise FileError(f"{name} is not a MIDI file; choose a .mid file.")
    size, kind, declared, division = struct.unpack_from(">LHHH", data, start + 4)
    if kind == 2:
        raise FileError(f"{name} is a type 2 MIDI file of independent patterns; save it as type 0 or 1.")
    if kind > 2 or size < 6:
        raise FileError(f"{name} has a header that is not a MIDI file's; save it again as type 0 or 1.")
    if division == 0 or division & 0x8000:
        raise FileError(f"{name} does not count its time in ticks a quarter note; save it again with that setting.")
    return declared, division, start + 8 + size


def _track_chunks(data: bytes, at: int) -> Iterator[tuple[bytes, bool]]:
    """The bytes of each track, and whether they are all there. Chunks of other kinds are passed over."""
    while at + 8 <= len(data):
        kind, size = struct.unpack_from(">4sL", data, at)
        if kind == b"MTrk":
            yield data[at + 8 : at + 8 + size], at + 8 + size <= len(data)
        at += 8 + size


def _read_track(data: bytes, tracks: _Tracks, name: str) -> None:
    started: dict[tuple[int, int], int] = {}
    try:
        for tick, status, payload in _messages(data):
            tracks.events += 1
            if tracks.events > MAX_EVENTS:
                raise FileError(f"{name} has more than a million events; cut it into smaller files.")
            if status == 0xFF:
                _read_meta(tick, payload, tracks)
            else:
                if status < 0xC0 and not 0xA0 <= status < 0xB0:
                    tracks.rows.append((tick, _rank(status, payload, tick, started), bytes((status,)) + payload))
    except (ValueError, IndexError):
        tracks.intact = False


def _rank(status: int, payload: bytes, tick: int, started: dict[tuple[int, int], int]) -> int:
    """0 for the end of a note that began earlier, so that it comes before another track's events of the same tick."""
    key = status & 0x0F, payload[0]
    if 0x90 <= status < 0xA0 and payload[1]:
        started[key] = tick
    elif status < 0xA0:
        return 0 if started.get(key, tick) < tick else 1
    return 1


def _messages(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(tick, status, data) of each event of a track; a meta event's data begins with its kind.

    Raises ValueError or IndexError where the bytes stop making sense.
    """
    tick = position = running = 0
    while position < len(data):
        delta, position = _quantity(data, position)
        tick += delta
        status = data[position]
        if status < 0x80:
            status = running
        else:
            position += 1
        if status in (0xF0, 0xF7, 0xFF):
            start = position
            size, position = _quantity(data, position + (status == 0xFF))
            if position + size > len(data):
                raise ValueError
            if status == 0xFF:
                if data[start] == _META_END:
                    return
                yield tick, status, data[start : start + 1] + data[position : position + size]
            position += size
            continue
        running = status
        size = _LENGTHS.get(status & 0xF0, 0)
        if size == 0 or position + size > len(data):
            raise ValueError
        payload = data[position : position + size]
        if max(payload) > 127:  # a writer's slip that real collections hold: the nearest valid value is meant
            payload = bytes(min(byte, 127) for byte in payload)
        yield tick, status, payload
        position += size


def _quantity(data: bytes, position: int) -> tuple[int, int]:
    """A variable-length number of at most four bytes, and where it ends."""
    value = 0
    for end in range(position, position + 4):
        byte = data[end]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, end + 1
    raise ValueError


def _read_meta(tick: int, payload: bytes, tracks: _Tracks) -> None:
    kind, data = payload[0], payload[1:]
    if kind == _META_TEMPO and len(data) == 3 and any(data):
        tracks.tempos.append((tick, int.from_bytes(data)))
    elif kind == _META_METRE and len(data) >= 2 and data[0] and data[1] <= 6:
        tracks.metres.append((tick, f"{data[0]}/{2 ** data[1]}"))


def _score(tracks: _Tracks, division: int, name: str, warning: str) -> Score:
    """Ticks to seconds and to beats."""
    tracks.rows.sort(key=itemgetter(0, 1))
    tempos = sorted(tracks.tempos, key=itemgetter(0), reverse=True)
    events: list[Heard] = []
    counted: list[Heard] = []
    since, seconds, per_tick = 0, 0.0, _DEFAULT_TEMPO / 1e6 / division
    for tick, _, message in tracks.rows:
        while tempos and tempos[-1][0] <= tick:
            change, tempo = tempos.pop()
            seconds += (change - since) * per_tick
            since, per_tick = change, tempo / 1e6 / division
        event = decode(message, seconds + (tick - since) * per_tick)
        if event is not None:
            events.append(event)
        if message[0] < 0xA0 and (note := decode(message, tick / division)):
            counted.append(note)
    if events and events[-1].at > MAX_SECONDS:
        raise FileError(f"{name} lasts longer than 24 hours; cut it into smaller files.")
    metre = min(tracks.metres, key=itemgetter(0))[1] if tracks.metres else None
    return Score(events, pair(counted), metre, warning)


def write(path: Path, parts: Mapping[str, Sequence[Event]], tempo: float = 120.0) -> None:
    """A MIDI file of type 1: a tempo track, then a named track for each part. ``tempo`` in quarter notes a minute.

    Events keep their times to the nearest tick (960 a quarter note); predictions and turns are left out, and a note
    that is struck again or never released is closed. Raises FileError when the file cannot be written.
    """
    if not 4.0 <= tempo <= 1000.0:
        raise FileError(f"A MIDI file cannot have a tempo of {tempo:g} bpm; choose 4 to 1000.")
    per_quarter = round(60e6 / tempo)
    opening = bytes((0, 0xFF, _META_TEMPO, 3)) + per_quarter.to_bytes(3)
    chunks = [struct.pack(">4sLHHH", b"MThd", 6, 1, len(parts) + 1, TICKS), _chunk(opening)]
    per_second = TICKS * 1e6 / per_quarter
    end = max((event.at for events in parts.values() for event in events), default=0.0)
    if end > MAX_SECONDS:
        raise FileError(f"{path.name} would last longer than 24 hours; write less of the session.")
    for title, events in parts.items():
        text = title.encode("utf-8")[:127]
        chunks.append(_chunk(bytes((0, 0xFF, _META_NAME, len(text))) + text + _track(events, per_second, end)))
    part_file = path.with_name(path.name + ".part")
    try:
        part_file.write_bytes(b"".join(chunks))
        part_file.replace(path)
    except OSError as error:
        part_file.unlink(missing_ok=True)
        raise FileError(f"{path.name} cannot be written ({error.strerror or error}); choose another place.") from None


def _chunk(data: bytes) -> bytes:
    data += bytes((0, 0xFF, _META_END, 0))
    return struct.pack(">4sL", b"MTrk", len(data)) + data


def _track(events: Sequence[Event], per_second: float, end: float) -> bytes:
    data = bytearray()
    last = 0
    for event in _closed(events, end):
        tick = max(last, round(event.at * per_second))
        data += _variable(tick - last) + encode(event)
        last = tick
    return bytes(data)


def _closed(events: Sequence[Event], end: float) -> list[Heard]:
    """The notes and controls in time order; each note-on has its note-off, at its own duration or at ``end``."""
    sounding: dict[tuple[int, int], NoteOn] = {}
    closed: list[Heard] = []
    for event in sorted(events, key=lambda event: event.at):
        if isinstance(event, NoteOn):
            if (event.pitch, event.channel) in sounding:
                closed.append(NoteOff(event.at, event.pitch, event.channel))
            sounding[event.pitch, event.channel] = event
        elif isinstance(event, NoteOff):
            if sounding.pop((event.pitch, event.channel), None) is None:
                continue
        elif not isinstance(event, ControlChange):
            continue
        closed.append(event)
    for on in sounding.values():
        closed.append(NoteOff(on.at + on.duration if on.duration else end, on.pitch, on.channel))
    return sorted(closed, key=lambda event: event.at)


def _variable(value: int) -> bytes:
    """A number as MIDI files write it: seven bits a byte, the last byte below 128."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
