"""The base of drums, bass and chords: what they decide ahead of its time, and hold until it is due.

Theory of operation. A place in the beat is decided a little before its time, on the beat of a ``Timekeeper``. What is
to sound there waits in order of time, and the first of it is the ``plan``. The rules:
- An onset of the performer moves what is decided and has not sounded to where its place is by then; with the setting
  ``punctual`` not what is due within some milliseconds, which is on its way out (live/ahead.py).
- Where another beat is taken up, what was decided by the other is void.
- After an end, a performer who goes on before the turn is over is accompanied again.
"""

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, NamedTuple, TypeVar

from livegen.player.arrangement import Arrangement, Surroundings
from livegen.player.line import Line, Plan
from livegen.player.seeded_random import SeededRandom

_AGAIN = 2  # onsets after an end that show that the performer plays on
_STAYS = 0.005  # seconds in which what is due is not moved: longer than a decision takes
_WEIGHED = 0.03  # seconds after an onset of the performer at which it is known what it means for the beat

Place = TypeVar("Place", int, float)  # in steps, or in beats


class Waiting(NamedTuple):
    """A sound that is decided: when it is ``due``, its notes (pitch, velocity), length (seconds), ``place`` (beats), by
    which it may be moved, and how ``late`` it is to be there (seconds)."""

    due: float
    notes: tuple[tuple[int, int], ...]
    length: float
    place: float
    late: float = 0.0


class Lookahead(ABC, Generic[Place]):
    """As ``Planner``: the next sound in ``plan``, and at ``prepare_at`` the next place is to be decided."""

    _moves_unasked: ClassVar[bool] = False  # with a beat that another player has moved

    def __init__(self, around: Surroundings, random: SeededRandom) -> None:
        self._around = around
        self._time = around.time
        self._arrangement = Arrangement(around, random)
        self._locks = 0  # of the beat, when it was last looked at
        self.lead = 0.0
        self.plan: Plan | None = None
        self._decide_at: float | None = None  # the next place
        self._move_at: float | None = None  # what is decided, since the performer played
        self._line: Line | None = None
        self._waiting: list[Waiting] = []  # in order of time
        self._next: Place | None = None  # to be decided; None before the turn has begun
        self._again = 0  # onsets of the performer since there was nothing more to decide

    @property
    def prepare_at(self) -> float | None:
        """The time at which there is something to decide (seconds)."""
        times = [at for at in (self._decide_at, self._move_at) if at is not None]
        return min(times, default=None)

    @property
    def foreseen(self) -> list[tuple[Waiting, int]]:
        """All that is decided, in order of time, with its channel (0: the usual one). It may still be moved."""
        return [(each, self._channel) for each in self._waiting]

    def hear_onset(self, at: float) -> None:
        """The performer plays: what is decided may have to be moved, and what had ended goes on."""
        if self._next is None:
            return
        if self._time.is_attentive:
            self._move_at = at + _WEIGHED
        if self._decide_at is None and self._around.settings.alert:
            self._again += 1
            if self._again >= _AGAIN:
                self._decide_at = at + _WEIGHED

    def ask(self, at: float, due: float | None = None) -> None:
        """Have the next sound ready. What is decided stays."""
        if self._next is None:
            self._decide_at = at
        else:
            self._choose()

    def ask_again(self, at: float) -> None:
        """Change nothing: what is decided is a place at the most."""

    def struck(self) -> None:
        """The plan has sounded."""
        if self.plan is not None:
            self._waiting.pop(0)
            self.plan = None

    def drop(self) -> None:
        """Drop the plan: nothing is to sound."""
        self.plan = self._decide_at = self._move_at = self._next = None
        self._waiting.clear()
        self._time.leave(self)

    def forget(self) -> None:
        """There is no memory of what was played before."""

    def prepare(self, line: Line, at: float) -> None:
        """Decide the next place."""
        self._line = line
        if self._next is None:
            self._next = self._begin(at)
            self._locks, self._again = self._time.locks, 0
        else:
            self._time.follow(at)
            if self._time.locks != self._locks or self._again >= _AGAIN:
                self._take_up_again(at)
        self._move(at)
        if self._decide_at is not None and self._decide_at <= at:
            self._next, self._decide_at = self._decide(self._next, at)
        self._choose()

    def _choose(self) -> None:
        self.plan = None
        if self._waiting and self._line is not None:
            due, notes, length, *_ = self._waiting[0]
            self.plan = Plan(due, notes, length, self._line, (), self._channel)

    def _move(self, at: float) -> None:
        """Move what is decided to where its places are by now."""
        asked, self._move_at = self._move_at is not None, None
        if self._time.is_attentive and (asked or self._moves_unasked):
            stays = at + _STAYS if self._around.settings.punctual else at
            self._waiting = sorted(
                [
                    each if each.due < stays else each._replace(due=max(stays, self._time_of(each.place) + each.late))
                    for each in self._waiting
                ]
            )

    def _take_up_again(self, at: float) -> None:
        """Another beat was taken up: what was decided by the other is void."""
        self._locks, self._again = self._time.locks, 0
        self._waiting.clear()
        self._next = self._resume(at)
        self._decide_at = at

    @property
    @abstractmethod
    def _channel(self) -> int:
        """The MIDI channel."""

    @abstractmethod
    def _time_of(self, place: float) -> float:
        """The time of a place that waits (seconds)."""

    @abstractmethod
    def _begin(self, at: float) -> Place:
        """Begin the turn. Returns the first place."""

    @abstractmethod
    def _resume(self, at: float) -> Place:
        """Go on by a beat that was taken up. Returns the next place."""

    @abstractmethod
    def _decide(self, place: Place, at: float) -> tuple[Place, float | None]:
        """Decide a place. Returns the next, and when to decide that; None: there is none."""
