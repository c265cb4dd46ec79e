"""The performer's habits, by which the end of a phrase is foreseen: how long their phrases are, how they rest within.

Rules. Who leaves room for an answer after each phrase (a rest that is a good part as long as it) takes turns, and then
their next phrase is likely to be as long as those before: how long it is against them, from its beginning to its last
note and to the release, makes the silence that ends it shorter or longer. And who hesitates, or who lets a long note go
early and counts on, has rested so before: a silence no longer than those that came after notes of that length ends
nothing.

Why. The weights are those that cost least on performers of eight kinds in turns (phrases that are broken into, against
beats that livegen comes later) and on jazz solos that are played through (phrase ends without an answer, and answers
within a phrase): ``benchmarks.studies.habits`` fits them. As all cues of ``phrase_end`` they are logarithms of seconds
and of ratios, and know nothing of a beat.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

CUES = ("rest after a note as long", "longest rest", "longest gap")
# In turns; the last eight are of the phrase, or of its part up to the last note, and of phrases before.
IN_TURNS = (
    *("always", "last note", "middle gap", "longest rest", "longest gap", "phrase, of the longest"),
    *("phrase, of the shortest", "phrase, of the last", "last onset, of the latest", "last onset, of the soonest"),
    *("phrase, of the shortest turn", "shortest, of the longest", "phrase, of the middle turn"),
)
# The weights of the cues of ``phrase_end``, and of those above.
WEIGHTS: tuple[float, ...] = (
    *(0.505, 0.249, -0.279, 0.114, -0.085, -0.114, -0.009, -0.445, 0.049, -0.194),
    *(-0.099, -0.115, -0.014, -0.004, -0.236, 0.104, 0.135, -0.076, -0.048),
)
WEIGHTS_IN_TURNS: tuple[float, ...] = (
    *(-1.06, 0.061, -0.459, 0.52, -0.189, 0.957, -0.675, -0.054, -0.363, 0.525),
    *(-0.353, -0.309, -0.971),
)

_RESTS, _GAPS = 64, 24  # within phrases, that are remembered
_TURNS = 4  # phrases that are remembered
_SPAN = 4  # the notes that a phrase has at least
_ROOM = 0.65  # of the phrase: a rest as long as this is for an answer
_BREAK = 4.5  # times the phrase: whoever comes back later took a break, and says no more than this of their turns
_AS_LONG = 0.7  # of the last note: one as long as this is like it
_FEW = 3  # notes like it
_SHORTEST = 0.02  # seconds
_LEAST, _MOST = -2.0, 1.0  # bounds of the logarithm of a ratio
_REST, _GAP = 0.1, 0.4  # seconds: before any are known


class _Turn(NamedTuple):
    """A phrase that left room for an answer: seconds from its beginning to the release, to its last note, and to the
    next phrase."""

    span: float
    last: float
    period: float


class _Compared(NamedTuple):
    """The latest turns, with which a phrase is compared: logarithms of seconds."""

    longest: float
    shortest: float
    last: float
    latest_onset: float
    soonest_onset: float
    shortest_period: float
    middle_period: float


@dataclass(eq=False)
class Habits:
    """Follows onsets and releases, one by one. Times are seconds."""

    _began: float | None = None  # the phrase
    _notes: int = 0  # of the phrase
    _turns: deque[_Turn] = field(default_factory=lambda: deque(maxlen=_TURNS))
    _rests: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_RESTS))  # a note's length, a rest
    _gaps: deque[float] = field(default_factory=lambda: deque(maxlen=_GAPS))
    _longest: tuple[float, float] | None = None  # rest and gap, logarithms; None: to be worked out
    _compared: _Compared | None = None  # likewise

    def copy(self) -> "Habits":
        """The same knowledge, which does not change with this one."""
        return replace(self, _turns=self._turns.copy(), _rests=self._rests.copy(), _gaps=self._gaps.copy())

    def hear_note(self, at: float, onset: float | None, released: float | None, ended: bool) -> None:
        """A note begins, after one from ``onset`` to ``released`` (None: it still sounds). ``ended``: it begins another
        phrase."""
        if onset is None or self._began is None:
            self._began = at
        elif ended:
            self._keep_turn(at, onset, at if released is None else released)
        else:
            until = at if released is None else released
            self._rests.append((until - onset, max(0.0, at - until)))
            self._gaps.append(at - onset)
            self._longest = None
        self._notes += 1

    def slow_down(self, gap: float, length: float) -> None:
        """A note of that length was no phrase: the performer plays slower, and the gap (seconds) is within one."""
        self._rests.append((length, max(0.0, gap - length)))
        self._gaps.append(gap)
        self._longest = None

    def _keep_turn(self, at: float, onset: float, released: float) -> None:
        """A phrase is over. One that left no room for an answer was no turn: nothing is known of how long they are."""
        assert self._began is not None
        span = released - self._began
        self._compared = None
        if at - released < _ROOM * span:
            self._turns.clear()
        elif self._notes >= _SPAN:
            self._turns.append(_Turn(span, onset - self._began, min(at - self._began, _BREAK * span)))
        self._began, self._notes = at, 0

    def weigh(self, cues: Sequence[float], onset: float, released: float) -> float:
        """The sum that the habits add to the logarithm of the silence that ends a phrase, after a note from ``onset``
        to ``released``; ``cues`` are those of ``phrase_end``."""
        length = released - onset
        found = self.cues(length)
        total = sum([weight * cue for weight, cue in zip(WEIGHTS, [*cues, *found], strict=True)])
        if not self._turns:
            return total
        in_turns = self.in_turns(cues[1], length, onset, released)
        return total + sum([weight * cue for weight, cue in zip(WEIGHTS_IN_TURNS, in_turns, strict=True)])

    @property
    def takes_turns(self) -> bool:
        """Whether the performer leaves room for answers."""
        return bool(self._turns)

    def cues(self, length: float) -> list[float]:
        """The values of CUES after a note of that length."""
        longest, gap = self._longest or self._find_longest()
        like = sorted([rest for each, rest in self._rests if each > _AS_LONG * length])
        if len(like) < _FEW:
            return [longest, longest, gap]
        return [_log(like[(9 * len(like)) // 10]), longest, gap]

    def _find_longest(self) -> tuple[float, float]:
        longest = max([rest for _, rest in self._rests], default=_REST)
        self._longest = found = _log(longest), _log(max(self._gaps, default=_GAP))
        return found

    def in_turns(self, middle: float, length: float, onset: float, released: float) -> list[float]:
        """The values of IN_TURNS; ``middle`` is the logarithm of the middle gap."""
        began = onset if self._began is None else self._began
        longest, gap = self._longest or self._find_longest()
        turns, span, last = self._compared or self._compare(), _log(released - began), _log(onset - began)
        ratios = (
            *(span - turns.longest, span - turns.shortest, span - turns.last),
            *(last - turns.latest_onset, last - turns.soonest_onset, span - turns.shortest_period),
            *(turns.shortest - turns.longest, span - turns.middle_period),
        )
        found = [1.0, _log(length), middle, longest, gap]
        for ratio in ratios:
            found.append(_MOST if ratio > _MOST else _LEAST if ratio < _LEAST else ratio)
        return found

    def _compare(self) -> _Compared:
        spans, lasts = [turn.span for turn in self._turns], [turn.last for turn in self._turns]
        periods = sorted([turn.period for turn in self._turns])
        middle = (periods[(len(periods) - 1) // 2] + periods[len(periods) // 2]) / 2
        self._compared = found = _Compared(
            *(_log(max(spans)), _log(min(spans)), _log(spans[-1]), _log(max(lasts)), _log(min(lasts))),
            *(_log(periods[0]), _log(middle)),
        )
        return found


def _log(seconds: float) -> float:
    return math.log(max(_SHORTEST, seconds))
