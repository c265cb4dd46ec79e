"""The register of the performer's notes."""

import math
from collections import deque
from dataclasses import dataclass, field, replace

_RECENT = 16  # notes that it is learnt from
_HAND = 5  # semitones: the narrowest spread of a register


@dataclass(eq=False)
class Register:
    """Learns from pitches, one by one."""

    _pitches: deque[int] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _sum: int = 0
    _squares: int = 0

    def copy(self) -> "Register":
        """The same knowledge, which does not change with this one."""
        return replace(self, _pitches=self._pitches.copy())

    def hear_pitch(self, pitch: int) -> None:
        """Learn from a note."""
        gone = self._pitches[0] if len(self._pitches) == _RECENT else 0
        self._pitches.append(pitch)
        self._sum += pitch - gone
        self._squares += pitch * pitch - gone * gone

    @property
    def motion(self) -> int:
        """The way that the latest step goes: 1 is up, -1 down, 0 neither."""
        if len(self._pitches) < 2:
            return 0
        before, latest = self._pitches[-2], self._pitches[-1]
        return (latest > before) - (latest < before)

    def spread(self) -> tuple[int, int] | None:
        """The middle of the latest pitches, and how far they spread (semitones, at least 5: a hand's width)."""
        count = len(self._pitches)
        if not count:
            return None
        mean = self._sum / count
        square = self._squares / count - mean * mean
        return round(mean), max(_HAND, round(math.sqrt(max(0.0, square))))
