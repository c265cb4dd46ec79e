"""The pace of the performer's notes, by the latest gaps."""

import math
from collections import deque
from dataclasses import dataclass, field, replace

_RECENT = 16  # gaps that the pace is learnt from
_ENOUGH = 4  # gaps, from which on they have a mean and a spread
_NARROWEST = 0.35  # of the spread of their logarithms
_FIRST = 1.0  # seconds of silence that end a phrase of a single note, before any pace is known
_SHORTEST, _LONGEST = 0.2, 4.0  # bounds, in seconds, of the silence that ends a phrase


@dataclass(eq=False)
class Pace:
    """Learns from gaps, in seconds. Of the latest ``wide`` is the third quartile (0 before there is one), ``shortest``
    the shortest, ``density`` mean and spread of their logarithms (None until four are known)."""

    wide: float = 0.0
    shortest: float | None = None
    density: tuple[float, float] | None = None
    _gaps: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _logs: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def copy(self) -> "Pace":
        """The same knowledge, which does not change with this one."""
        return replace(self, _gaps=self._gaps.copy(), _logs=self._logs.copy())

    @property
    def is_known(self) -> bool:
        """Whether there was a gap."""
        return bool(self._gaps)

    def hear_gap(self, gap: float) -> None:
        """Learn from a gap between two notes of a phrase."""
        self._gaps.append(gap)
        self._logs.append(math.log(gap))
        ordered = sorted(self._gaps)
        self.shortest, self.wide = ordered[0], ordered[(3 * len(ordered)) // 4]
        if len(ordered) >= _ENOUGH:
            mean = sum(self._logs) / len(self._logs)
            square = sum([log * log for log in self._logs]) / len(self._logs) - mean * mean
            self.density = mean, max(_NARROWEST, math.sqrt(max(0.0, square)))

    def wait(self, patience: float) -> float:
        """The silence, in seconds, that ends a phrase: ``patience`` times the wide gap."""
        if not self._gaps:
            return _FIRST
        return min(_LONGEST, max(_SHORTEST, patience * self.wide))
