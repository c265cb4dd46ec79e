"""Writes the journal: every event of a session as a JSON line, so soon that a crash loses only milliseconds.

The first line says what played: version, model, seed, settings. Each other line is a list: "heard", "sent" or "late"
(the player's, but too late to be sent), then "on", at, pitch, velocity, channel, id; or "off", at, pitch, channel, id;
or "cc", at, control, value, channel. All other lines are changes, written before they were made (``session.changes``):
"set", at, name, value (for a model also its hash); "together", at, name, value, name, value, for settings taken up as
one change; "begin", at; "run", at (what was due by then was done); "panic", at; and so on: a verb, a time and its
arguments. "cue", at, song, cue and "preset", at, name only say where the show was; "message", at, and the bytes of a
MIDI message hold what else the performer sent: programs, bends, pressure; "drummer", at, name and hash tell the file of
a drum model that was chosen. Times are seconds since the session began.

Every call of the session is there, in order and with its time. So a journal can be played again bit for bit: replay.
"""

import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from livegen.errors import FileError
from livegen.events import ControlChange, Event, Gesture, Heard, NoteOff, NoteOn, ProgramChange
from livegen.midi.messages import decode, encode
from livegen.session.change_names import BEGIN, END, RUN, SET, TOGETHER

FORMAT = 1
_KEPT = (NoteOn, NoteOff, ControlChange)
_EVENTS = ("heard", "sent", "late")
CUE, PRESET = "cue", "preset"  # where the show was; what a cue or a preset did has lines of its own
MESSAGE = "message"  # of the performer's, that is no part of the music
DRUMMER = "drummer"  # the name of a drum model that may play from then on, and its hash
PASSED = "passed"  # a note of the performer's, in bytes, that came in a flood and was not heard
ASIDE = (CUE, PRESET, MESSAGE, DRUMMER, PASSED)  # lines that ask the session for nothing
_LONGEST = 366 * 86400.0  # seconds: a line that says a later time is damaged
_MOST_WAITING = 64 * 2**20  # bytes kept in memory while the disk refuses them


class Journal:
    """Writes one session's journal. ``began`` is the session's time that becomes about 0.

    The times written are exact: only the whole seconds of ``began``, which the first line holds, are subtracted, and
    whole seconds can be added to a float again without a loss.

    A disk that fails never stops the music: ``trouble`` then holds one sentence, and unwritten lines wait in memory.
    """

    def __init__(self, folder: Path, header: dict[str, Any], date: datetime, began: float) -> None:
        self.path = folder / f"livegen-{date:%Y-%m-%dT%H-%M-%S}-{os.getpid()}.jsonl"
        self.trouble: str | None = None
        self._began = float(math.floor(began))
        self._entries: list[Sequence[Any]] = []  # not yet formatted
        self._unwritten = bytearray(
            (json.dumps({"livegen": FORMAT, "date": date.isoformat(), "began": self._began, **header}) + "\n").encode()
        )
        self.refused = False  # by the disk, which is asked again now and then
        self._file: int | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            self.trouble = (
                f"The journal cannot be written to {folder} ({error.strerror}); the music goes on without it."
            )
        self.flush()

    def heard(self, event: Heard) -> None:
        """Keep an event of the performer, as the session received it."""
        self._entries.append(("heard", event))

    def noticed(self, event: Gesture | ProgramChange) -> None:
        """Keep a program, a bend or a pressure of the performer's, which the session does not receive."""
        self.noted(event.at, MESSAGE, *encode(event))

    def passed_over(self, event: NoteOn | NoteOff) -> None:
        """Keep a note of the performer that the session does not receive, since it came in a flood."""
        self.noted(event.at, PASSED, *encode(event))

    def sent(self, events: Iterable[Event]) -> None:
        """Keep what the player played."""
        self._entries += [("sent", event) for event in events if isinstance(event, _KEPT)]

    def late(self, event: NoteOn) -> None:
        """Keep a note of the player that was too late to be sent."""
        self._entries.append(("late", event))

    def noted(self, at: float, what: str, *args: object) -> None:
        """Keep what the session is about to be asked: a panic, a reset, time to pass; any verb and its arguments."""
        self._entries.append((what, at - self._began, *args))

    def flush(self, retry: bool = False) -> None:
        """Pass the waiting lines to the operating system, which keeps them even if we are killed.

        A disk that refused is asked again only with ``retry``.
        """
        entries, self._entries = self._entries, []
        if self._file is None:
            return
        if len(self._unwritten) < _MOST_WAITING:
            self._unwritten += "".join([self._line(entry) + "\n" for entry in entries]).encode()
        if self.refused and not retry:
            return
        try:
            while self._unwritten:
                del self._unwritten[: os.write(self._file, self._unwritten)]
            self.refused = False
        except OSError as error:
            if not self.refused:
                self.trouble = f"The journal cannot be written ({error.strerror}); it waits in memory, so make room."
            self.refused = True

    def sync(self) -> None:
        """Have the disk keep what was written, even if the power fails. It may take long: never call it in the loop."""
        if self._file is not None:
            os.fsync(self._file)

    def close(self) -> None:
        """Write what waits and close the file."""
        self.flush(retry=True)
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _line(self, entry: Sequence[Any]) -> str:
        if entry[0] not in _EVENTS:
            return json.dumps(entry)
        # Numbers need no escaping, and json.dumps takes five times as long, thousands of times a second.
        side, event = entry
        at = event.at - self._began
        if isinstance(event, NoteOn):
            return f'["{side}", "on", {at!r}, {event.pitch}, {event.velocity}, {event.channel}, {event.id}]'
        if isinstance(event, NoteOff):
            return f'["{side}", "off", {at!r}, {event.pitch}, {event.channel}, {event.id}]'
        return f'["{side}", "cc", {at!r}, {event.control}, {event.value}, {event.channel}]'


class NoJournal:
    """A journal that keeps nothing."""

    def sent(self, events: Iterable[Event]) -> None:
        """They are not kept."""

    def late(self, event: NoteOn) -> None:
        """It is not kept."""


@dataclass
class Recording:
    """A journal read back. ``entries`` are all its lines in order, an event as (side, event); ``changes`` the changes
    that the session was asked for. ``cut`` counts lines that could not be read: a torn tail, or damage."""

    header: dict[str, Any]
    heard: list[Heard] = field(default_factory=list)
    sent: list[Heard] = field(default_factory=list)
    changes: list[tuple[Any, ...]] = field(default_factory=list)
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    cut: int = 0

    @property
    def messages(self) -> list[Gesture | ProgramChange]:
        """The programs, bends and pressures of the performer, in order."""
        rows = [row for row in self.changes if row[0] == MESSAGE]
        decoded = [decode([value & 0xFF for value in row[2:]], float(row[1])) for row in rows]
        return [event for event in decoded if isinstance(event, Gesture | ProgramChange)]

    @property
    def marks(self) -> list[tuple[float, str]]:
        """The cues that were called: when (seconds), and their songs and names."""
        cues = [row for row in self.changes if row[0] == CUE and len(row) > 2 and isinstance(row[1], int | float)]
        return [(float(row[1]), ": ".join(map(str, row[2:]))) for row in cues]


def read(path: Path) -> Recording:
    """The journal at ``path``. Raises FileError if it is not a journal. Unreadable lines are counted, never fatal."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise FileError(f"The journal {path} cannot be read: {error.strerror}.") from None
    take: Recording | None = None
    cut = 0
    for line in lines:
        try:
            row = json.loads(line)
            if take is None:
                if not isinstance(row, dict) or row.get("livegen") != FORMAT:
                    break
                take = Recording(row)
            else:
                _add(take, row)
        except (ValueError, TypeError, IndexError, KeyError, RecursionError, OverflowError):
            cut += 1
    if take is None:
        raise FileError(f"{path.name} is not a journal that this livegen can read.")
    take.cut = cut
    return take


def _add(take: Recording, row: list[Any]) -> None:
    """Add one line. Raises ValueError, TypeError and the like for a line that is not valid."""
    side, *rest = row
    if side not in _EVENTS:
        if not (isinstance(side, str) and side.isidentifier()) or not abs(rest[0]) <= _LONGEST:
            raise ValueError("no verb with a time")
        if side == TOGETHER:
            take.changes += [(SET, rest[0], *pair) for pair in zip(rest[1::2], rest[2::2], strict=True)]
        elif side not in (BEGIN, RUN, END):
            take.changes.append(tuple(row))
        if side == MESSAGE and not all(isinstance(value, int) for value in rest[1:]):
            raise ValueError("no message")
        take.entries.append(tuple(row))
        return
    kind, at, *values = rest
    numbers = [int(value) for value in values]
    # Last come the channel and, for a note, its id, which may be any number.
    data = numbers[:1] if kind == "off" else numbers[:2]
    if not 0 <= at <= _LONGEST or not all(0 <= number <= 127 for number in data):
        raise ValueError("out of range")
    event = {"on": NoteOn, "off": NoteOff, "cc": ControlChange}[kind](float(at), *numbers)
    if not 1 <= event.channel <= 16:
        raise ValueError("no channel")
    take.entries.append((side, event))
    if side != "late":
        {"heard": take.heard, "sent": take.sent}[side].append(event)
