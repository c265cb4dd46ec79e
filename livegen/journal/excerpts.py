"""Exports a part of a journal as MIDI, ABC or JSON: the notes since /livegen/take NAME, or the last phrase of both.

``python -m livegen.journal.excerpts JOURNAL TARGET [take|phrase|all]`` does it in a process of its own, so that the
music of a running session, which has but one processor core, does not wait for it.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from livegen.beat.pulse import Pulse
from livegen.beat.rhythm import PLAIN, SETS
from livegen.beat.transport import PULSE, Grid
from livegen.errors import FileError, LivegenError
from livegen.events import ControlChange, Event, Gesture, Heard, Note, NoteOff, NoteOn, ProgramChange, Received, pair
from livegen.journal import record
from livegen.journal.bar_lines import conductor
from livegen.journal.followed import followed
from livegen.journal.record import Recording
from livegen.midi import midifile
from livegen.midi.midifile import Conductor
from livegen.tunes import transcript

PARTS = ("all", "take", "phrase")


class Excerpt(NamedTuple):
    """A part of a journal. ``name`` is the take's, or the journal's; times begin at 0. ``beats`` are the tempo and the
    bars that were followed, ``beat`` is one steady beat for all of it (seconds), ``marks`` are the cues and takes,
    ``voices`` the names of several players by their channels."""

    name: str
    performer: list[Heard | Gesture | ProgramChange]
    player: list[Heard]
    metre: int  # beats
    beat: float
    beats: Conductor
    marks: list[tuple[float, str]]
    voices: dict[int, str]


def excerpt(read: Recording, name: str, part: str = "all") -> Excerpt:
    """All that was played, or since the last take began (``take``), or the last phrase of both (``phrase``).

    ``name`` is that of the whole.
    """
    began = [(float(row[1]), str(row[2])) for row in read.changes if row[0] == "take" and len(row) > 2]
    start, name = began[-1] if began and part != "all" else (0.0, name)
    heard, sent = ([event for event in events if event.at >= start] for events in (read.heard, read.sent))
    if part == "phrase":
        heard, sent = (_played(transcript.last_phrase(_notes(events))) for events in (heard, sent))
        name = f"{name}-phrase"
        start = min((event.at for event in (*heard, *sent)), default=0.0)
    stretches = followed(read)
    end = max((event.at for event in (*heard, *sent)), default=start)
    performer = sorted([*_messages(read.messages, start), *heard], key=lambda event: event.at)
    takes = [(at, f"take {take}") for at, take in began]
    return Excerpt(
        name,
        [replace(event, at=event.at - start) for event in performer],
        [replace(event, at=event.at - start) for event in sent],
        stretches[-1].metre,
        _beat(read, heard, stretches[-1].grid),
        conductor(stretches, start, end),
        [(at - start, text) for at, text in (*read.marks, *takes) if at >= start],
        _voices(read),
    )


def _messages(messages: Iterable[Gesture | ProgramChange], start: float) -> list[Gesture | ProgramChange]:
    """The messages from ``start`` on; before them, at ``start``, what held then: the programs, a bend that had not been
    let go."""
    held: dict[object, Gesture | ProgramChange] = {}
    later: list[Gesture | ProgramChange] = []
    for message in messages:
        if message.at >= start:
            later.append(message)
        else:
            held[message.channel if isinstance(message, ProgramChange) else message.what] = message
    kept = (message for message in held.values() if isinstance(message, ProgramChange) or not message.rests)
    return [*(replace(message, at=start) for message in kept), *later]


def _voices(read: Recording) -> dict[int, str]:
    """The names of a band's voices by their channels, if each has its own."""
    voices = read.header.get("voices") or []
    named = {int(voice["settings"].get("channel_out", 1)): str(voice["name"]) for voice in voices}
    return named if len(named) == len(voices) else {}


def write(journal: Path, target: Path, part: str = "all") -> str:
    """Write a part of a journal in the format that ``target`` ends with (default MIDI). Returns the part's name.

    Raises FileError when nothing was played, or a file cannot be read or written.
    """
    found = excerpt(record.read(journal), journal.stem, part)
    if not any(isinstance(event, NoteOn) for event in (*found.performer, *found.player)):
        raise FileError("Nothing was played yet; play a phrase first.")
    FORMATS.get(target.suffix, FORMATS[MIDI]).write(found, target)
    return found.name


def write_midi(found: Excerpt, target: Path) -> None:
    """Write an excerpt as a MIDI file with the tempo and the bars that were followed. Raises FileError."""
    parts: dict[str, Sequence[Event | Received]] = {"performer": found.performer}
    for channel, name in found.voices.items():
        parts[name] = [event for event in found.player if event.channel == channel]
    parts["player"] = [event for event in found.player if event.channel not in found.voices]
    if found.voices and not parts["player"]:
        del parts["player"]
    midifile.write(target, parts, found.beats, found.marks)


def _write_abc(found: Excerpt, target: Path) -> None:
    notes = {"performer": _notes(found.performer), "player": _notes(found.player)}
    if max((note.onset for part in notes.values() for note in part), default=0.0) > midifile.MAX_SECONDS:
        # Silence is written out bar by bar, and a damaged time would fill the disk.
        raise FileError(f"{target.name} would last longer than 24 hours; write less of the session.")
    try:
        target.write_text(transcript.abc(notes, found.beat, found.name, found.metre), encoding="utf-8")
    except OSError as error:
        raise FileError(f"{target.name} cannot be written ({error.strerror}); choose another place.") from None


def _write_json(found: Excerpt, target: Path) -> None:
    """Write the notes in seconds, by onset, and the marks, for programs that draw or play them. Raises FileError."""
    parts = {"performer": _notes(found.performer), "player": _notes(found.player)}
    played = sorted(((note, who) for who, notes in parts.items() for note in notes), key=lambda one: one[0].onset)
    seconds = max((note.onset + note.duration for note, _ in played), default=0.0)
    rows = [
        {"who": who, "onset": round(note.onset, 4), "duration": round(note.duration, 4), "pitch": note.pitch}
        | {"velocity": note.velocity, "channel": note.channel}
        for note, who in played
    ]
    told = {"name": found.name, "seconds": round(seconds, 4), "marks": found.marks, "notes": rows}
    try:
        target.write_text(json.dumps(told, separators=(",", ":")), encoding="utf-8")
    except OSError as error:
        raise FileError(f"{target.name} cannot be written ({error.strerror}); choose another place.") from None


class Format(NamedTuple):
    """A format of exported music: its media type, and the function that writes an excerpt so (it raises FileError)."""

    media_type: str
    write: Callable[[Excerpt, Path], None]


MIDI = ".mid"
FORMATS = {
    MIDI: Format("audio/midi", write_midi),
    ".abc": Format("text/vnd.abc; charset=utf-8", _write_abc),
    ".json": Format("application/json", _write_json),
}


def _notes(events: Iterable[Event | Gesture | ProgramChange]) -> list[Note]:
    played = (event for event in events if isinstance(event, NoteOn | NoteOff | ControlChange))
    return sorted(pair(played), key=lambda note: note.onset)


def _played(notes: Sequence[Note]) -> list[Heard]:
    played: list[Heard] = []
    for note in notes:
        played.append(NoteOn(note.onset, note.pitch, note.velocity, note.channel))
        played.append(NoteOff(note.onset + note.duration, note.pitch, note.channel))
    return sorted(played, key=lambda event: event.at)


def _beat(read: Recording, heard: Sequence[Heard], last: Grid) -> float:
    """A clock's beat, or one that was tapped; otherwise that of the performer's pulse, as steady as ABC has it."""
    if last.source != PULSE:
        return last.length
    onsets = [event.at for event in heard if isinstance(event, NoteOn)]
    settings = read.header.get("settings", {})
    pulse = Pulse(float(settings.get("tempo", 120.0)), SETS.get(str(settings.get("pulse")), PLAIN))
    for onset in onsets:
        pulse.hear_onset(onset)
    pulse.settle()
    return pulse.beat


def main(arguments: Sequence[str]) -> None:
    """Write a part, and print its name. A mistake is printed in one sentence, and ends with 1."""
    journal, target, part = arguments
    try:
        sys.stdout.write(write(Path(journal), Path(target), part))
    except LivegenError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1:])
