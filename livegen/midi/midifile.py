"""MIDI files, read and written. Channels are 1-16 in events and 0-15 in files."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path

import mido  # type: ignore[import-untyped]
from mido.midifiles import meta  # type: ignore[import-untyped]

from livegen.errors import FileError
from livegen.events import (
    ControlChange,
    Event,
    Heard,
    Note,
    NoteOff,
    NoteOn,
    pair,
)
from livegen.midi.messages import decode, encode
from livegen.system.files import written_whole

MAX_BYTES = 4 * 1024 * 1024
MAX_TRACKS = 64
MAX_EVENTS = 1_000_000
MAX_SECONDS = 24 * 3600.0
TICKS = 960  # ticks a quarter note in the files we write
_FAR = 2**53  # ticks: later than 24 hours at any tempo, and still exact as a float
_ENDLESS = re.compile(rb"[\x80-\xff]{1024}")  # bytes that each say that the number goes on

# mido takes a meta event of a kind unknown to it for simultaneous with the event before it: every later note of the
# track would come too early. So it is told that these kinds exist.
for _kind in range(256):
    if isinstance(meta.build_meta_message(_kind, bytes(5)), meta.UnknownMetaMessage):
        _members = {"type_byte": _kind, "attributes": [], "defaults": [], "decode": lambda *_: None}
        meta.add_meta_spec(type(f"MetaSpec_other_{_kind}", (meta.MetaSpec,), _members))


@dataclass(frozen=True)
class Score:
    """A MIDI file's contents.

    ``events`` in seconds (the tempo changes applied) and in order; ``beats`` with onset and duration in quarter notes;
    ``metre`` is the first time signature.
    """

    events: list[Heard]
    beats: list[Note]
    metre: str | None = None


def read(path: Path) -> Score:
    """A MIDI file of type 0 or 1.

    Raises FileError when it cannot be read, is no MIDI file, is cut off or damaged, counts time in film frames, or
    passes a limit (4 MiB, 64 tracks, a million events, 24 hours).
    """
    name = path.name
    try:
        with path.open("rb") as source:
            data = source.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileError(f"{name} cannot be read ({error.strerror or error}); check its path and permissions.") from None
    if len(data) > MAX_BYTES:
        raise FileError(f"{name} is larger than 4 MiB; cut it into smaller MIDI files.")
    file = _parse(data, name)
    if file.type == 2:
        raise FileError(f"{name} is a type 2 MIDI file of independent patterns; save it as type 0 or 1.")
    if file.type not in (0, 1):
        raise FileError(f"{name} has a header that is not a MIDI file's; save it again as type 0 or 1.")
    if file.ticks_per_beat <= 0:
        raise FileError(f"{name} does not count its time in ticks a quarter note; save it again with that setting.")
    if not 1 <= len(file.tracks) <= MAX_TRACKS:  # mido takes 32,768 tracks or more for none
        raise FileError(f"{name} does not have 1 to {MAX_TRACKS} tracks; save it with that many.")
    if sum(map(len, file.tracks)) > MAX_EVENTS:
        raise FileError(f"{name} has more than a million events; cut it into smaller files.")
    return _score(file, name)


def _parse(data: bytes, name: str) -> mido.MidiFile:
    """What mido makes of the bytes. Some files wrap the header, so it is sought."""
    start = data.find(b"MThd", 0, 256)
    if start < 0:
        raise FileError(f"{name} is not a MIDI file; choose a .mid file.")
    if _ENDLESS.search(data):  # mido sets no limit to a number: 1 MB of these would take it minutes
        raise FileError(f"{name} is damaged; save or fetch it again.")
    try:
        return mido.MidiFile(file=io.BytesIO(data[start:]), clip=True)
    except EOFError:
        raise FileError(f"{name} is cut off before its end; save or fetch it again.") from None
    except Exception as error:  # mido raises whatever the bytes led to: OSError, ValueError, IndexError, its own...
        raise FileError(f"{name} is damaged; save or fetch it again.") from error


def _score(file: mido.MidiFile, name: str) -> Score:
    """Ticks to seconds and to beats."""
    events: list[Heard] = []
    counted: list[Heard] = []
    metre = None
    since, at, tempo = 0, 0.0, mido.bpm2tempo(120)  # until the file says otherwise
    for tick, _, message in _merged(file.tracks):
        at += mido.tick2second(tick - since, file.ticks_per_beat, tempo)
        since = tick
        if message.type == "set_tempo":
            tempo = message.tempo or tempo
        elif message.type == "time_signature" and message.numerator and message.denominator <= 64:
            metre = metre or f"{message.numerator}/{message.denominator}"
        elif message.type in ("note_on", "note_off", "control_change") and (event := decode(message.bytes(), at)):
            if at > MAX_SECONDS:
                raise FileError(f"{name} lasts longer than 24 hours; cut it into smaller files.")
            assert isinstance(event, NoteOn | NoteOff | ControlChange)
            events.append(event)
            if not isinstance(event, ControlChange):
                counted.append(replace(event, at=tick / file.ticks_per_beat))
    return Score(events, pair(counted), metre)


def _merged(tracks: list[mido.MidiTrack]) -> list[tuple[int, bool, mido.Message]]:
    """(tick, rank, message) of all tracks in order.

    Not mido's merge: the end of a note that began earlier comes before another track's events of the same tick.
    """
    rows: list[tuple[int, bool, mido.Message]] = []
    for track in tracks:
        tick = 0
        began: dict[tuple[int, int], int] = {}
        for message in track:
            tick = min(tick + message.time, _FAR)
            ends = False
            if message.type in ("note_on", "note_off"):
                key = message.channel, message.note
                if message.type == "note_on" and message.velocity:
                    began[key] = tick
                else:
                    ends = began.get(key, tick) < tick
            rows.append((tick, not ends, message))
    rows.sort(key=itemgetter(0, 1))
    return rows


def write(
    path: Path,
    parts: Mapping[str, Sequence[Event]],
    tempo: float = 120.0,
    marks: Sequence[tuple[float, str]] = (),
) -> None:
    """A MIDI file of type 1: a tempo track, then a named track for each part. ``tempo`` in quarter notes a minute.

    ``marks`` (seconds, text) become markers. Events keep their times to the nearest tick (960 a quarter note);
    predictions and turns are left out, and a note that is struck again or never released is closed. Raises FileError
    when the file cannot be written.
    """
    if not 4.0 <= tempo <= 1000.0:
        raise FileError(f"A MIDI file cannot have a tempo of {tempo:g} bpm; choose 4 to 1000.")
    end = max((event.at for events in parts.values() for event in events), default=0.0)
    if end > MAX_SECONDS:
        raise FileError(f"{path.name} would last longer than 24 hours; write less of the session.")
    per_quarter = mido.bpm2tempo(tempo)
    file = mido.MidiFile(ticks_per_beat=TICKS, charset="utf-8")
    voice_commands = file.add_track()
    voice_commands.append(mido.MetaMessage("set_tempo", tempo=per_quarter))
    last = 0
    for at, text in sorted(marks):
        tick = mido.second2tick(at, TICKS, per_quarter)
        voice_commands.append(mido.MetaMessage("marker", text=text, time=tick - last))
        last = tick
    for title, events in parts.items():
        track = file.add_track(title)
        last = 0
        for event in _closed(events, end):
            tick = max(last, mido.second2tick(event.at, TICKS, per_quarter))
            track.append(mido.Message.from_bytes(encode(event), time=tick - last))
            last = tick
    try:
        with written_whole(path) as part:
            file.save(part)
    except OSError as error:
        raise FileError(f"{path.name} cannot be written ({error.strerror or error}); choose another place.") from None


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
