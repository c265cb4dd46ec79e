"""The tempo of a MIDI file from tick to tick: ticks to seconds and back. Pure."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from livegen.errors import FileError

TICKS = 960  # ticks a quarter note in the files we write
AT_120 = 500_000  # microseconds of a quarter note, where a file does not say


@dataclass(frozen=True)
class TempoMap:
    """``division``: ticks a quarter note; ``changes``: (tick, microseconds a quarter note) by tick, the first at 0."""

    division: int = TICKS
    changes: tuple[tuple[int, int], ...] = ((0, AT_120),)

    @classmethod
    def steady(cls, tempo: float) -> "TempoMap":
        """One tempo, in quarter notes a minute. Raises FileError for one that a MIDI file cannot have."""
        if not 4.0 <= tempo <= 1000.0:
            raise FileError(f"A MIDI file cannot have a tempo of {tempo:g} bpm; choose 4 to 1000.")
        return cls(changes=((0, round(60e6 / tempo)),))

    @classmethod
    def of(cls, division: int, changes: Iterable[tuple[int, int]]) -> "TempoMap":
        """From a file's changes in any order; of several at one tick the last counts, and 120 until the first."""
        by_tick = {0: AT_120}
        for tick, microseconds in sorted(changes, key=lambda change: change[0]):
            by_tick[tick] = microseconds
        return cls(division, tuple(by_tick.items()))

    def seconds(self, tick: float) -> float:
        """The time of a tick, in seconds from the beginning."""
        index = max(0, bisect_right(self._ticks, tick) - 1)
        return self._seconds[index] + (tick - self._ticks[index]) * self._scale(index)

    def tick(self, seconds: float) -> int:
        """The tick nearest to a time in seconds."""
        index = max(0, bisect_right(self._seconds, seconds) - 1)
        return self._ticks[index] + round((seconds - self._seconds[index]) / self._scale(index))

    def _scale(self, index: int) -> float:
        """Seconds a tick."""
        return self.changes[index][1] * 1e-6 / self.division

    @cached_property
    def _ticks(self) -> list[int]:
        return [tick for tick, _ in self.changes]

    @cached_property
    def _seconds(self) -> list[float]:
        found = [0.0]
        for index, (tick, _) in enumerate(self.changes[1:]):
            found.append(found[-1] + (tick - self.changes[index][0]) * self._scale(index))
        return found
