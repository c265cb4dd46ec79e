"""The stretches that the performer plays from rest to rest, whether livegen heard phrases end there or not.

Rules. Musicians breathe, and their phrases are stretches of notes between rests. How many notes have passed since a
rest of a quarter of a second, and since a longer one, how many pass in the mean, and how long the latest rests and gaps
were, says better whether a silence is one more breath or the end than the length of the phrases that livegen believes
it heard: an end that it missed, or one that was none, changes nothing here.

Why. Of ninety cues of the gaps in jazz solos with marked phrases these foretold the ends best, added one by one and
judged on players left out; more of them foretold them no better. ``end_network`` weighs them with all others.
"""

import math
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field, replace

CUES = (
    *("notes since a rest", "notes since a longer rest", "notes from rest to rest", "notes remembered"),
    *("wide rest of the latest", "longest rest of the later half", "middle rest", "longest gap of all kinds"),
)

_BREATH, _REST, _LONGER = 0.15, 0.25, 0.6  # seconds
_KNOWN, _LATER, _LATEST = 64, 32, 8  # rests that are remembered; of them the later half, and the latest
_MOST = 256  # notes: more say no more
_FADES = 1 - 1 / _MOST  # what the count of notes, and of rests, keeps with each note
_WIDE = 0.8  # the quantile of the latest rests
_SHORTEST, _LONGEST = 0.02, 3.0  # seconds of a rest or a gap: a longer one says no more
_FIRST = 0.05  # seconds: a rest and a gap, before any are known


@dataclass(eq=False)
class Stretches:
    """Follows the gaps between notes and the rests in them (seconds), one by one."""

    _notes: float = 1.0  # heard
    _since_rest: int = 1
    _since_longer: int = 1
    _breaths: float = 0.0
    _rests: deque[float] = field(default_factory=lambda: deque(maxlen=_KNOWN))
    _sorted_rests: list[float] = field(default_factory=list)
    _gaps: deque[float] = field(default_factory=lambda: deque(maxlen=_KNOWN))

    def copy(self) -> "Stretches":
        """The same knowledge, which does not change with this one."""
        return replace(
            self, _rests=self._rests.copy(), _sorted_rests=self._sorted_rests.copy(), _gaps=self._gaps.copy()
        )

    def hear_gap(self, gap: float, rest: float) -> None:
        """A note begins so long after the one before, and after such a rest."""
        rest = min(_LONGEST, max(_SHORTEST, rest))
        self._notes = _FADES * self._notes + 1
        self._since_rest = 1 if rest >= _REST else min(_MOST, self._since_rest + 1)
        self._since_longer = 1 if rest >= _LONGER else min(_MOST, self._since_longer + 1)
        self._breaths = _FADES * self._breaths + (rest >= _BREATH)
        if len(self._rests) == _KNOWN:
            del self._sorted_rests[bisect_left(self._sorted_rests, self._rests[0])]
        self._rests.append(rest)
        insort(self._sorted_rests, rest)
        self._gaps.append(min(_LONGEST, max(_SHORTEST, gap)))

    def onsets(self, last: float, most: int) -> list[float]:
        """The times of the latest notes up to the ``last`` one, as far as no long gap is between them."""
        found = [last]
        for gap in reversed(self._gaps):
            if gap >= _LONGEST or len(found) == most:
                break
            found.append(found[-1] - gap)
        return found

    def cues(self) -> list[float]:
        """The values of CUES: logarithms of seconds and of numbers."""
        rests, ordered = list(self._rests), self._sorted_rests
        latest = sorted(rests[-_LATEST:])
        return [
            math.log(self._since_rest),
            math.log(self._since_longer),
            math.log(self._notes / (1 + self._breaths)),
            math.log(self._notes),
            math.log(latest[int(_WIDE * len(latest))] if latest else _FIRST),
            math.log(max(rests[-_LATER:], default=_FIRST)),
            math.log(ordered[len(ordered) // 2] if ordered else _FIRST),
            math.log(max(self._gaps, default=_FIRST)),
        ]
