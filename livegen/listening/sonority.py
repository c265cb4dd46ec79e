"""The sonority of the performer's keys: the pitch classes of the chord of the moment. Pure."""

from collections import deque
from dataclasses import dataclass, field, replace

_RECENT = 8  # releases that are remembered
_LASTING = 1.0  # beats for which a note that was let go belongs to the chord
_CHORD = 3  # pitch classes that are down make a chord by themselves


@dataclass(eq=False)
class Sonority:
    """Remembers which keys were let go when. Sets of pitch classes are bits, as in ``music.consonance``."""

    _released: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=_RECENT))  # bit, when

    def copy(self) -> "Sonority":
        """The same knowledge, which does not change with this one."""
        return replace(self, _released=self._released.copy())

    def let_go(self, pitch: int, at: float) -> None:
        """A key came up."""
        self._released.append((1 << pitch % 12, at))

    def chord(self, down: int, at: float, beat: float) -> int:
        """The chord of the moment: the classes that are ``down``, and unless they are a chord already, those let go
        within a ``beat`` (seconds)."""
        if down.bit_count() >= _CHORD:
            return down
        since = at - _LASTING * beat
        for bit, released in reversed(self._released):
            if released < since:
                break
            down |= bit
        return down
