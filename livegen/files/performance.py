"""A music file as a performance that livegen can hear, and the same as JSON, to pass from one process to another."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from livegen.errors import FileError
from livegen.events import SUSTAIN, ControlChange, Heard, NoteOff, NoteOn
from livegen.files import music_file

LARGEST = 4 * 1024 * 1024  # bytes
MOST_EVENTS = 50_000

_KINDS = {"on": NoteOn, "off": NoteOff, "cc": ControlChange}


class Performance(NamedTuple):
    """Notes and the sustain pedal, from 0 s on; ``passed_over`` says what of the file was not read."""

    events: list[Heard]
    passed_over: tuple[str, ...] = ()

    @property
    def notes(self) -> int:
        """The number of notes."""
        return sum(isinstance(event, NoteOn) for event in self.events)

    @property
    def seconds(self) -> float:
        """The time of the last event."""
        return self.events[-1].at if self.events else 0.0


def read(path: Path) -> Performance:
    """A MIDI, MusicXML or ABC file, without the silence before its first note. Raises FileError."""
    score = music_file.read_score(path)
    played = [event for event in score.events if not isinstance(event, ControlChange) or event.control == SUSTAIN]
    start = next((event.at for event in played if isinstance(event, NoteOn)), None)
    if start is None:
        raise FileError(f"{path.name} has no notes; choose another file.")
    if len(played) > MOST_EVENTS:
        raise FileError(f"{path.name} has more than {MOST_EVENTS // 2:,} notes; play a part of it.")
    return Performance([_at(event, max(0.0, event.at - start)) for event in played], score.passed_over)


def written(performance: Performance) -> str:
    """The performance as JSON."""
    rows = [_row(event) for event in performance.events]
    return json.dumps({"events": rows, "passed_over": performance.passed_over})


def parsed(text: str) -> Performance:
    """The performance that ``written`` wrote."""
    found = json.loads(text)
    return Performance(_events(found["events"]), tuple(found["passed_over"]))


def _at(event: Heard, at: float) -> Heard:
    return type(event)(at, *_row(event)[2:])


def _row(event: Heard) -> list[Any]:
    if isinstance(event, NoteOn):
        return ["on", event.at, event.pitch, event.velocity, event.channel]
    if isinstance(event, NoteOff):
        return ["off", event.at, event.pitch, event.channel]
    return ["cc", event.at, event.control, event.value, event.channel]


def _events(rows: Iterable[Sequence[Any]]) -> list[Heard]:
    return [_KINDS[kind](*values) for kind, *values in rows]
