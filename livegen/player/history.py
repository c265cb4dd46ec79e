"""The tape of a session: how things stood before each of the latest notes, so that it can be rewound.

A line is a value and is kept as it was. The performer is none: now and then they are copied whole, and what was heard
since is kept, to be heard again without what is taken back.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from livegen.beat.pulse import Pulse
from livegen.beat.transport import PULSE, Grid, Transport
from livegen.events import ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN, ControlChange, Heard, NoteOff, NoteOn
from livegen.listening.performer import Performer
from livegen.player.slots import Place

LENGTH = 64  # notes that can be taken back, if each sounds alone
_EVERY = 32  # events from one copy of the performer to the next, where there is time for it
_AT_LAST = 4 * _EVERY  # events from one to the next in any case
_MOST = 4096  # events that are kept
_TOLD = (SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF)  # the controls that a performer is known by

Attend = Callable[[Heard, float], None]  # to an event, with the setting ``patience``


@dataclass(slots=True)
class _Before:
    """Where it stood before ``notes`` notes sounded together at ``at``; ``order`` is the next event's in the log."""

    at: float
    notes: int
    place: Place
    order: int


@dataclass(slots=True)
class _Logged:
    """What the performer did; a clock's grid; or, as numbers, a tempo that was set and when a phrase was ended."""

    order: int
    what: Heard | Grid | float
    patience: float | None  # None: a tempo; below 0: a phrase's end


class _Copy(NamedTuple):
    """The performer and the beat as they were before the event ``order``."""

    order: int
    performer: Performer
    pulse: Pulse
    transport: Transport


class History:
    """Keeps the latest ``length`` onsets; 0 keeps nothing. ``attend`` is how the session has the performer hear."""

    def __init__(self, performer: Performer, transport: Transport, attend: Attend) -> None:
        self.length = LENGTH
        self._performer = performer
        self._transport = transport
        self._attend = attend
        self.clear()

    def clear(self) -> None:
        """There is nothing to go back to."""
        self._before: deque[_Before] = deque()
        self._log: deque[_Logged] = deque()
        self._copies: deque[_Copy] = deque()
        self._order = 0

    # Notes sound

    def keep(self, at: float, notes: int, place: Place) -> None:
        """So many notes are about to sound together; until then the session stands at ``place``."""
        if self.length:
            self._before.append(_Before(at, notes, place, self._order))
            if len(self._before) > self.length:
                self._before.popleft()
                self._trim(self._before[0].order)

    def hear_event(self, event: Heard, patience: float) -> None:
        """The performer is about to hear an event."""
        if isinstance(event, ControlChange) and event.control not in _TOLD:
            return
        self._note(event, patience)

    def expect(self, tempo: float) -> None:
        """A tempo is about to be set."""
        self._note(tempo, None)

    def end(self, at: float) -> None:
        """The performer's phrase is about to be ended."""
        self._note(at, -1.0)

    def follow(self, grid: Grid) -> None:
        """A clock's grid is about to be followed."""
        self._note(grid, None)

    def _note(self, what: Heard | Grid | float, patience: float | None) -> None:
        if not self.length:
            return
        if len(self._log) >= _MOST:
            self.clear()
        if not self._copies or self._order - self._copies[-1].order >= _AT_LAST:
            self._copy()
        self._log.append(_Logged(self._order, what, patience))
        self._order += 1

    def catch_up(self) -> None:
        """Copy the performer, if it is time to: they have heard all that is noted, and nothing hurries."""
        if self._copies and self._order - self._copies[-1].order >= _EVERY:
            self._copy()

    def _copy(self) -> None:
        self._copies.append(self._copied())

    def _copied(self) -> _Copy:
        performer, transport = self._performer, self._transport
        return _Copy(self._order, performer.copy(), performer.pulse.copy(), transport.copy())

    def _trim(self, first: int) -> None:
        """Drop what is not needed to go back to the event ``first``."""
        if len(self._copies) < 2 or self._copies[1].order > first:
            return
        while len(self._copies) > 1 and self._copies[1].order <= first:
            self._copies.popleft()
        while self._log and self._log[0].order < self._copies[0].order:
            self._log.popleft()

    # And are taken back

    def rewind(self, notes: int) -> Place | None:
        """Take back so many notes, or all there are: the performer has never played them. Where the session stood
        then; None if there was nothing to take back."""
        before = None
        while self._before and notes > 0:
            before = self._before.pop()
            notes -= before.notes
        if before is not None:
            self._unhear(before.order)
        return None if before is None else before.place

    def reach(self, notes: int) -> float:
        """When the first of so many latest notes sounded; infinity for none."""
        at = math.inf
        for before in reversed(self._before):
            if notes <= 0:
                break
            at, notes = before.at, notes - before.notes
        return at

    def since(self, at: float) -> int:
        """How many notes sounded at that time or later."""
        return sum(before.notes for before in self._before if before.at >= at)

    def _unhear(self, order: int) -> None:
        """Let the performer be as if the notes from there on had not been played; what was released, was."""
        if not self._copies:
            return
        while len(self._copies) > 1 and self._copies[-1].order > order:
            self._copies.pop()
        kept, now = self._copies[-1], self._copied()
        performer, transport = self._performer, self._transport
        performer.restore(kept.performer)
        performer.pulse.restore(kept.pulse)
        transport.restore(kept.transport)
        log = deque(each for each in self._log if each.order < kept.order)
        undone: set[tuple[int, int]] = set()  # keys
        for each in self._log:
            if each.order >= kept.order and (each.order < order or not _is_undone(each, undone, performer)):
                self._again(each)
                log.append(each)
        self._log = log
        if performer.pulse.led or transport.source != PULSE or not performer.teaches:
            # The beat of a clock, or of another, is not taken back.
            performer.pulse.restore(now.pulse)
            transport.restore(now.transport)

    def _again(self, each: _Logged) -> None:
        performer, transport = self._performer, self._transport
        if isinstance(each.what, Grid):
            transport.follow(each.what)
        elif not isinstance(each.what, float):
            self._attend(each.what, each.patience or 0.0)
        elif each.patience is not None:
            performer.end_phrase(each.what)
        elif not performer.pulse.led:
            performer.pulse.expect(each.what)


def _is_undone(each: _Logged, undone: set[tuple[int, int]], performer: Performer) -> bool:
    """Whether it is taken back: a note, its release, and the end of a phrase that it was in."""
    what = each.what
    if isinstance(what, NoteOn):
        undone.add((what.pitch, what.channel))
        return True
    if isinstance(what, NoteOff) and (key := (what.pitch, what.channel)) in undone:
        undone.discard(key)
        return key not in performer.held
    return isinstance(what, float) and each.patience is not None
