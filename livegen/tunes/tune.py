"""A tune for training: its notes in beats (a quarter note is 1), and its bars."""

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from livegen.events import Note

MAX_NOTES = 100_000


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar begins at ``at`` (beats; before the first note for a pickup, so it may be negative)."""

    at: float
    metre: str | None


@dataclass(frozen=True)
class Tune:
    """Notes by onset, then pitch; onsets and durations are beats. No bars: the place in the bar is unknown.

    ``touched`` says that the velocities were played or written, not made up by a reader; ``kind`` is the type, such as
    "reel", if that is known.
    """

    name: str
    notes: tuple[Note, ...]
    bars: tuple[Bar, ...] = ()
    touched: bool = False
    kind: str = ""

    def beginning(self, count: int) -> "Tune":
        """The tune's first ``count`` notes."""
        return Tune(self.name, self.notes[:count], self.bars, self.touched, self.kind)

    def bar_at(self, onset: float) -> Bar | None:
        """The bar at ``onset`` (beats)."""
        index = bisect_right(self._starts, onset + 1e-6) - 1
        return self.bars[index] if index >= 0 else None

    @cached_property
    def _starts(self) -> list[float]:
        return [bar.at for bar in self.bars]


def metre_length(metre: str | None) -> Fraction | None:
    """A bar's length in quarter notes, None when free.

    >>> metre_length("6/8")
    Fraction(3, 1)
    """
    if metre is None:
        return None
    over, _, under = metre.partition("/")
    return Fraction(int(over), int(under)) * 4


def quarters(beats: float) -> Fraction:
    """Beats as the exact fraction that was written (every note value down to 1/96 of a beat and its tuplets).

    >>> quarters(1 / 3)
    Fraction(1, 3)
    """
    return Fraction(beats).limit_denominator(960)
