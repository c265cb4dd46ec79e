"""The history of a session: its state before each of the latest notes, so that it can be rewound.

Theory of operation. To take notes back is to reach the state in which they had never been played, bit for bit. The
rules:
- A Place (line, composer's state, step count) is a value; the one before each onset is simply kept (``keep``).
- Performer, pulse and transport change in place, so that keeping them before each note would cost a copy a note.
  Instead they are copied now and then, and every event that reaches them is logged.
- To rewind, the latest copy from before the notes is restored, and the log since then is heard again, without the
  notes that are taken back, their releases, and the ends of phrases that they were in.
- A copy is made every 32 events, in ``catch_up``, when nothing hurries; if that never comes, after 128 in any case.
- The beat of a clock, or of another voice's performer, is not taken back.
Copies and events that no kept onset can need are dropped; ``length`` onsets can be taken back, older ones cannot.
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
_MOST = 4096  # events that are logged
_HEEDED = (SUSTAIN, ALL_SOUND_OFF, ALL_NOTES_OFF)  # the controls that change what is known of the performer

Attend = Callable[[Heard, float], None]  # to an event, with the setting ``patience``


@dataclass(slots=True)
class _Before:
    """The place before ``notes`` notes sounded together at ``at``; ``order`` is the number of the next logged event."""

    at: float
    notes: int
    place: Place
    order: int


@dataclass(slots=True)
class _Logged:
    """An event of the performer; a clock's grid; or, as a number, a tempo that was set or the time a phrase ended."""

    order: int
    event: Heard | Grid | float
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
        """Drop everything: there is nothing to go back to."""
        self._before: deque[_Before] = deque()
        self._log: deque[_Logged] = deque()
        self._copies: deque[_Copy] = deque()
        self._order = 0

    # Notes sound, and events are logged

    def keep(self, at: float, notes: int, place: Place) -> None:
        """So many notes are about to sound together; ``place`` is the place before them."""
        if self.length:
            self._before.append(_Before(at, notes, place, self._order))
            if len(self._before) > self.length:
                self._before.popleft()
                self._trim(self._before[0].order)

    def hear_event(self, event: Heard, patience: float) -> None:
        """An event is about to reach the performer."""
        if isinstance(event, ControlChange) and event.control not in _HEEDED:
            return
        self._log_event(event, patience)

    def expect(self, tempo: float) -> None:
        """A tempo is about to be set."""
        self._log_event(tempo, None)

    def end(self, at: float) -> None:
        """The performer's phrase is about to be ended."""
        self._log_event(at, -1.0)

    def follow(self, grid: Grid) -> None:
        """A clock's grid is about to be followed."""
        self._log_event(grid, None)

    def _log_event(self, event: Heard | Grid | float, patience: float | None) -> None:
        if not self.length:
            return
        if len(self._log) >= _MOST:
            self.clear()
        if not self._copies or self._order - self._copies[-1].order >= _AT_LAST:
            self._copy()
        self._log.append(_Logged(self._order, event, patience))
        self._order += 1

    def catch_up(self) -> None:
        """Copy the performer if it is time: all that is logged has been heard, and nothing hurries."""
        if self._copies and self._order - self._copies[-1].order >= _EVERY:
            self._copy()

    def _copy(self) -> None:
        self._copies.append(self._copied())

    def _copied(self) -> _Copy:
        performer, transport = self._performer, self._transport
        return _Copy(self._order, performer.copy(), performer.pulse.copy(), transport.copy())

    def _trim(self, first: int) -> None:
        """Drop the copies and events that are not needed to go back to the event ``first``."""
        if len(self._copies) < 2 or self._copies[1].order > first:
            return
        while len(self._copies) > 1 and self._copies[1].order <= first:
            self._copies.popleft()
        while self._log and self._log[0].order < self._copies[0].order:
            self._log.popleft()

    # And are taken back

    def rewind(self, notes: int) -> Place | None:
        """Take back so many notes, or all there are: the performer has never played them. The place before
        them; None if there was nothing to take back."""
        before = None
        while self._before and notes > 0:
            before = self._before.pop()
            notes -= before.notes
        if before is not None:
            self._unhear(before.order)
        return None if before is None else before.place

    def reach(self, notes: int) -> float:
        """The time at which the first of so many latest notes sounded; infinity for none."""
        at = math.inf
        for before in reversed(self._before):
            if notes <= 0:
                break
            at, notes = before.at, notes - before.notes
        return at

    def since(self, at: float) -> int:
        """The number of notes that sounded at that time or later."""
        return sum(before.notes for before in self._before if before.at >= at)

    def _unhear(self, order: int) -> None:
        """Undo the performer's notes from ``order`` on; releases of older notes stay."""
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
        if isinstance(each.event, Grid):
            transport.follow(each.event)
        elif not isinstance(each.event, float):
            self._attend(each.event, each.patience or 0.0)
        elif each.patience is not None:
            performer.end_phrase(each.event)
        elif not performer.pulse.led:
            performer.pulse.expect(each.event)


def _is_undone(each: _Logged, undone: set[tuple[int, int]], performer: Performer) -> bool:
    """Whether it is taken back: a note, its release, and the end of a phrase that it was in."""
    event = each.event
    if isinstance(event, NoteOn):
        undone.add((event.pitch, event.channel))
        return True
    if isinstance(event, NoteOff) and (key := (event.pitch, event.channel)) in undone:
        undone.discard(key)
        return key not in performer.held
    return isinstance(event, float) and each.patience is not None
