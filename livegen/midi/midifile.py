"""MIDI files, read and written. Channels are 1-16 in events and 0-15 in files."""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from livegen.errors import FileError
from livegen.events import (
    ControlChange,
    Event,
    Gesture,
    Heard,
    Note,
    NoteOff,
    NoteOn,
    ProgramChange,
    Received,
    pair,
)
from livegen.midi import smf
from livegen.midi.closed_keys import ClosedKeys, is_strike
from livegen.midi.messages import decode, encode
from livegen.midi.tempo_map import AT_120, TICKS, TempoMap
from livegen.system.files import written_whole
from livegen.tunes.text_encoding import decode_text

MAX_BYTES = 4 * 1024 * 1024
MAX_TRACKS = 1024  # with notes
MAX_SECONDS = 24 * 3600.0
_NAMED = 5  # kinds of what was passed over
_WRAPPED = 4096  # some files have a wrapper of so many bytes at most before their header
_FRAMES = {24: (24, AT_120), 25: (25, AT_120), 29: (30, 500_500), 30: (30, AT_120)}  # a second; and half a one
_HEARD = (0x80, 0x90, 0xB0)  # notes and controls
_WRITTEN = (NoteOn, NoteOff, ControlChange, ProgramChange, Gesture)
_GUIDING = (smf.TEMPO, smf.METRE, smf.KEY, smf.OFFSET, smf.MARKER)  # kept in the conductor track


@dataclass(frozen=True)
class Track:
    """A track as it is in a file: its name, "" if it has none, and its messages (``smf.Row``) but for the tempo and
    the metre."""

    name: str
    rows: tuple[smf.Row, ...]


@dataclass(frozen=True)
class Conductor:
    """The conductor track, which holds for all tracks: the tempo, and the metres, keys and markers (``smf.Row``)."""

    tempo_map: TempoMap = field(default_factory=TempoMap)
    rows: tuple[smf.Row, ...] = ()


@dataclass(frozen=True)
class Score:
    """A MIDI file's contents.

    ``events`` in seconds (the tempo changes applied) and in order; ``beats`` with onset and duration in quarter notes,
    half seconds where the file counts film frames; ``metres`` are the time signatures with their beats; ``tracks`` and
    ``conductor`` are what ``write`` needs to write the file again; ``passed_over`` says what was not read.
    """

    events: list[Heard]
    beats: list[Note]
    metres: tuple[tuple[float, str], ...] = ()
    conductor: Conductor = field(default_factory=Conductor)
    tracks: tuple[Track, ...] = ()
    passed_over: tuple[str, ...] = ()

    @property
    def metre(self) -> str | None:
        """The first time signature."""
        return self.metres[0][1] if self.metres else None


def read(path: Path) -> Score:
    """A MIDI file of type 0 or 1, alone or in a RIFF file; what makes no sense in it is passed over.

    Raises FileError when it cannot be read, is no MIDI file, is cut off, is damaged so that no note is left, or passes
    a limit (4 MiB, a million events, 24 hours).
    """
    name = path.name
    try:
        with path.open("rb") as source:
            data = _midi_bytes(source)
    except OSError as error:
        raise FileError(f"{name} cannot be read ({error.strerror or error}); check its path and permissions.") from None
    if len(data) > MAX_BYTES:
        raise FileError(f"{name} is larger than 4 MiB; cut it into smaller MIDI files.")
    start = data.find(b"MThd", 0, _WRAPPED)
    if start < 0:
        raise FileError(f"{name} is not a MIDI file; choose a .mid file.")
    file = smf.parse(data[start:], name)
    sounding = sum(any(is_strike(message) for _, message in track) for track in file.tracks)
    if file.kind == 2 and sounding > 1:
        raise FileError(f"{name} is a type 2 MIDI file of independent patterns; save it as type 0 or 1.")
    if sounding > MAX_TRACKS:
        raise FileError(f"{name} has more than {MAX_TRACKS:,} tracks with notes; cut it into smaller files.")
    if not sounding and (file.damaged or file.passed_over):
        raise FileError(f"{name} is damaged; save or fetch it again.")
    if file.kind > 2:  # a header that is wrong: its tracks are read as those of type 1
        file.passed_over[f"the type of the file, which there is not ({file.kind})"] += 1
    return _score(file, name)


def _midi_bytes(source: BinaryIO) -> bytes:
    """The file, or the MIDI file inside a RIFF file, up to a byte more than is allowed."""
    head = source.read(12)
    if head[:4] == b"RIFF" and head[8:] == b"RMID":
        while len(chunk := source.read(8)) == 8:  # texts, pictures and sound banks may be of any size
            size = int.from_bytes(chunk[4:], "little")
            if chunk[:4] == b"data" and size:
                return source.read(min(size, MAX_BYTES + 1))
            if chunk[:4] == b"data":
                return source.read(MAX_BYTES + 1)
            source.seek(size + size % 2, 1)
        source.seek(12)
    return head + source.read(MAX_BYTES + 1 - len(head))


def _clock(division: int, name: str) -> tuple[Fraction, int | None]:
    """Ticks a quarter note; and its microseconds if the file counts film frames, where no tempo counts."""
    if division & 0x8000:
        frames, ticks = 256 - (division >> 8), division & 0xFF
        if frames in _FRAMES and ticks:
            a_second, microseconds = _FRAMES[frames]
            return Fraction(a_second * ticks, 2), microseconds
    elif division:
        return Fraction(division), None
    raise FileError(f"{name} does not count its time in ticks a quarter note; save it again with that setting.")


def _score(file: smf.Smf, name: str) -> Score:
    """Ticks to seconds and to beats."""
    events: list[Heard] = []
    counted: list[Heard] = []
    metres: list[tuple[float, str]] = []
    changes: list[tuple[int, int]] = []
    per_beat, filmed = _clock(file.division, name)
    ticks_per_beat = float(per_beat)
    since, at, tempo = 0, 0.0, filmed or AT_120  # until the file says otherwise
    for tick, message in _merged(file.tracks):
        at += (tick - since) * (tempo * 1e-6 / ticks_per_beat)
        since = tick
        status, kind = message[0], message[0] & 0xF0
        if status == smf.META:
            if message[1] == smf.TEMPO and filmed is None:
                tempo = int.from_bytes(message[2:5], "big")
                changes.append((tick, tempo))
            elif message[1] == smf.METRE and filmed is None:
                metres.append((tick / ticks_per_beat, f"{message[2]}/{2 ** message[3]}"))
        elif kind in _HEARD and (event := decode(message, at)) is not None:
            if at > MAX_SECONDS:
                raise FileError(f"{name} lasts longer than 24 hours; cut it into smaller files.")
            assert isinstance(event, NoteOn | NoteOff | ControlChange)
            events.append(event)
            counted.append(replace(event, at=tick / ticks_per_beat))
    beats = pair(counted)
    if metres:
        metres[0] = (0.0, metres[0][1])
    conductor, tracks = _layout(file, per_beat, filmed, changes)
    return Score(events, beats, tuple(metres), conductor, tracks, _named(file.passed_over))


def _named(passed_over: Counter[str]) -> tuple[str, ...]:
    """The kinds of things that were passed over, in words, and how often; the first few kinds by name."""
    named = [f"{what} ({count:,} times)" if count > 1 else what for what, count in passed_over.items()]
    more = len(named) - _NAMED
    return (
        (*named[:_NAMED], f"{more:,} more {'kind' if more == 1 else 'kinds'} of things") if more > 0 else tuple(named)
    )


def _merged(tracks: Sequence[Sequence[smf.Row]]) -> list[smf.Row]:
    """The messages of all tracks in order; the end of a note that began earlier comes before what else is at its tick.

    Strokes of a key are counted, so that the release of a stroke comes before the next even where a track has it
    after.
    """
    ranked: list[tuple[int, bool, bytes]] = []
    for track in tracks:
        began: defaultdict[bytes, deque[int]] = defaultdict(deque)
        latest: dict[bytes, int] = {}
        for tick, message in track:
            ends = False
            if message[0] & 0xE0 == 0x80:
                key = bytes((message[0] & 0x0F, message[1]))
                if is_strike(message):
                    began[key].append(tick)
                    latest[key] = tick
                else:
                    ends = (began[key].popleft() if began[key] else latest.get(key, tick)) < tick
            ranked.append((tick, not ends, message))
    ranked.sort(key=itemgetter(0, 1))
    return [(tick, message) for tick, _, message in ranked]


def _layout(
    file: smf.Smf, per_beat: Fraction, filmed: int | None, changes: Sequence[tuple[int, int]]
) -> tuple[Conductor, tuple[Track, ...]]:
    """The file's tracks to write them again, on a grid of at least 960 ticks a quarter note."""
    scale = per_beat.denominator * -(-TICKS // per_beat.numerator)
    division = int(per_beat * scale)
    heard = (tick for track in file.tracks for tick, message in track if message[0] & 0xF0 in _HEARD)
    end = scale * max(heard, default=0)
    unwanted = (smf.TEMPO,) if filmed is None else (smf.TEMPO, smf.METRE)  # frames have no bars
    guiding: list[smf.Row] = []
    tracks: list[Track] = []
    for index, track in enumerate(file.tracks):
        kept: list[smf.Row] = []
        name = ""
        for tick, message in track:
            row = tick * scale, message
            if message[0] == smf.META and message[1] in _GUIDING:
                if message[1] not in unwanted:
                    guiding.append(row)
                continue
            if message[:2] == bytes((smf.META, smf.NAME)) and not name:
                name = decode_text(message[2:])
            kept.append(row)
        if any(message[0] < 0xF0 for _, message in kept):
            tracks.append(Track(name, _closed_rows(kept, end)))
        elif index == 0:
            guiding += (row for row in kept if row[1] != smf.END)
        elif any(message != smf.END for _, message in kept):
            tracks.append(Track(name, tuple(kept)))
    guiding.sort(key=itemgetter(0))
    tempo_map = TempoMap.of(division, ((tick * scale, tempo) for tick, tempo in changes))
    if filmed is not None:
        tempo_map = TempoMap(division, ((0, filmed),))
    return Conductor(tempo_map, tuple(guiding)), tuple(tracks)


def write(
    path: Path,
    parts: Mapping[str, Sequence[Event | Received]],
    tempo: float | Conductor = 120.0,
    marks: Sequence[tuple[float, str]] = (),
    tracks: Sequence[Track] = (),
) -> None:
    """A MIDI file of type 1: a tempo track, ``tracks``, then a named track for each part. ``tempo`` in quarter notes a
    minute, or a tempo map with metres; the ticks of ``tracks`` are those of its division.

    ``marks`` (seconds, text) become markers. Events keep their times to the nearest tick (960 a quarter note);
    predictions and turns are left out, and a note that is struck again or never released is closed. Raises FileError
    when the file cannot be written.
    """
    conductor = tempo if isinstance(tempo, Conductor) else Conductor(TempoMap.steady(tempo))
    end = max((event.at for events in parts.values() for event in events), default=0.0)
    if end > MAX_SECONDS:
        raise FileError(f"{path.name} would last longer than 24 hours; write less of the session.")
    written = [_guiding(conductor, marks), *map(_named_rows, tracks)]
    for title, events in parts.items():
        rows = [(0, _name(title))]
        for at, message in _closed(events, end):
            rows.append((max(rows[-1][0], conductor.tempo_map.tick(at)), message))
        written.append(rows)
    try:
        with written_whole(path) as part:
            part.write_bytes(smf.assemble(conductor.tempo_map.division, written))
    except OSError as error:
        raise FileError(f"{path.name} cannot be written ({error.strerror or error}); choose another place.") from None


def _guiding(conductor: Conductor, marks: Sequence[tuple[float, str]]) -> list[smf.Row]:
    """The tempo track: tempos, then what else is at their ticks, then the marks."""
    tempo_map = conductor.tempo_map
    rows = [(tick, _meta(smf.TEMPO, tempo.to_bytes(3, "big"))) for tick, tempo in tempo_map.changes]
    rows += conductor.rows
    rows += [(tempo_map.tick(at), _meta(smf.MARKER, text.encode("utf-8"))) for at, text in sorted(marks)]
    return sorted(rows, key=itemgetter(0))


def _named_rows(track: Track) -> list[smf.Row]:
    """A track's messages, with its name if they do not hold it."""
    named = any(message[:2] == _meta(smf.NAME) for _, message in track.rows)
    return [*([] if named or not track.name else [(0, _name(track.name))]), *track.rows]


def _meta(kind: int, data: bytes = b"") -> bytes:
    return bytes((smf.META, kind)) + data


def _name(title: str) -> bytes:
    return _meta(smf.NAME, title.encode("utf-8"))


def metre_row(tick: int, metre: str) -> smf.Row:
    """A time signature for ``Conductor``; ``metre`` like "6/8", its unit a power of two."""
    over, _, under = metre.partition("/")
    return tick, _meta(smf.METRE, bytes((int(over), int(under).bit_length() - 1, 24, 8)))


def _closed(events: Sequence[Event | Received], end: float) -> list[tuple[float, bytes]]:
    """The messages in time order; each note-on has its note-off, at its own duration or at ``end``."""
    keys = ClosedKeys()
    latest: dict[tuple[int, int], NoteOn] = {}
    for event in sorted(events, key=lambda event: event.at):
        if isinstance(event, NoteOn):
            latest[event.channel - 1, event.pitch] = event
        if isinstance(event, _WRITTEN):
            keys.add(event.at, encode(event))
    for key in keys.sounding:
        on = latest[key]
        keys.release(on.at + on.duration if on.duration else end, key)
    return sorted(keys.rows, key=itemgetter(0))


def _closed_rows(rows: Sequence[smf.Row], end: int) -> tuple[smf.Row, ...]:
    """A track's messages, its notes closed with the file's last note or control at the latest."""
    keys = ClosedKeys(strays=True)
    for tick, message in rows:
        keys.add(tick, message)
    for key in keys.sounding:
        keys.release(end, key)
    return tuple((int(tick), message) for tick, message in sorted(keys.rows, key=itemgetter(0)))
