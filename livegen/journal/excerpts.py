"""Exports a part of a journal as MIDI or ABC: the notes since /livegen/take NAME, or the last phrase of both.

``python -m livegen.journal.excerpts JOURNAL TARGET [take|phrase|all]`` does it in a process of its own, so that the
music of a running session, which has but one processor core, does not wait for it.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from livegen.beat.pulse import Pulse
from livegen.errors import FileError, LivegenError
from livegen.events import Event, Heard, Note, NoteOff, NoteOn, pair
from livegen.journal import record
from livegen.midi import midifile
from livegen.tunes import transcript

PARTS = ("all", "take", "phrase")
_PULSE = 2.0  # seconds: longer gaps say nothing about the beat


class Excerpt(NamedTuple):
    """A part of a journal. ``name`` is the take's, or the journal's; times begin at 0."""

    name: str
    performer: list[Heard]
    player: list[Heard]
    metre: int  # beats
    beat: float  # seconds


def excerpt(journal: Path, part: str = "all") -> Excerpt:
    """All that was played, or since the last take began (``take``), or the last phrase of both (``phrase``).

    Raises FileError.
    """
    read = record.read(journal)
    began = [(float(row[1]), str(row[2])) for row in read.changes if row[0] == "take" and len(row) > 2]
    start, name = began[-1] if began and part != "all" else (0.0, journal.stem)
    heard, sent = ([event for event in events if event.at >= start] for events in (read.heard, read.sent))
    if part == "phrase":
        heard, sent = (_played(transcript.last_phrase(_notes(events))) for events in (heard, sent))
        name = f"{name}-phrase"
    first = min((event.at for event in (*heard, *sent)), default=0.0)
    start = first if part == "phrase" else start
    settings = read.header.get("settings", {})
    beat = _beat([event.at for event in heard if isinstance(event, NoteOn)], float(settings.get("tempo", 120.0)))
    shifted = [[replace(event, at=event.at - start) for event in events] for events in (heard, sent)]
    return Excerpt(name, shifted[0], shifted[1], int(settings.get("metre", 4)), beat)


def write(journal: Path, target: Path, part: str = "all") -> str:
    """Write a part of a journal in the format that ``target`` ends with (default MIDI). Returns the part's name.

    Raises FileError when nothing was played, or a file cannot be read or written.
    """
    found = excerpt(journal, part)
    if not any(isinstance(event, NoteOn) for event in (*found.performer, *found.player)):
        raise FileError("Nothing was played yet; play a phrase first.")
    FORMATS.get(target.suffix, FORMATS[MIDI]).write(found, target)
    return found.name


def _write_midi(found: Excerpt, target: Path) -> None:
    midifile.write(target, {"performer": found.performer, "player": found.player})


def _write_abc(found: Excerpt, target: Path) -> None:
    notes = {"performer": _notes(found.performer), "player": _notes(found.player)}
    try:
        target.write_text(transcript.abc(notes, found.beat, found.name, found.metre), encoding="utf-8")
    except OSError as error:
        raise FileError(f"{target.name} cannot be written ({error.strerror}); choose another place.") from None


class Format(NamedTuple):
    """A format of exported music: its media type, and the function that writes an excerpt so (it raises FileError)."""

    media_type: str
    write: Callable[[Excerpt, Path], None]


MIDI = ".mid"
FORMATS = {MIDI: Format("audio/midi", _write_midi), ".abc": Format("text/vnd.abc; charset=utf-8", _write_abc)}


def _notes(events: Sequence[Event]) -> list[Note]:
    return sorted(pair(events), key=lambda note: note.onset)


def _played(notes: Sequence[Note]) -> list[Heard]:
    played: list[Heard] = []
    for note in notes:
        played.append(NoteOn(note.onset, note.pitch, note.velocity, note.channel))
        played.append(NoteOff(note.onset + note.duration, note.pitch, note.channel))
    return sorted(played, key=lambda event: event.at)


def _beat(onsets: Sequence[float], tempo: float) -> float:
    pulse = Pulse(tempo)
    for before, at in pairwise(onsets):
        if at - before < _PULSE:
            pulse.hear_onset(at - before)
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
