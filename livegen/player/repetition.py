"""The guard against loops: it knows the figures that a line repeats, and which pitch would repeat one once more."""

from typing import NamedTuple

LONGEST = 8  # onsets: the longest figure that counts as a short loop
_NONE = (0,) * LONGEST


class Loop(NamedTuple):
    """The latest pitches of a line, an onset each, and for every period up to ``LONGEST`` how many onsets in a row are
    as they were so many onsets before."""

    latest: tuple[int, ...] = ()
    alike: tuple[int, ...] = _NONE

    def then(self, pitch: int) -> "Loop":
        """The line with one more onset."""
        latest = self.latest
        count = len(latest)
        alike = tuple(
            [
                self.alike[period - 1] + 1 if period <= count and latest[-period] == pitch else 0
                for period in range(1, LONGEST + 1)
            ]
        )
        return Loop((*latest, pitch)[-LONGEST:], alike)

    def closing(self, most: int) -> list[int]:
        """The pitches that would begin to play a figure once more than ``most`` times in a row; 0 is no limit."""
        if not most or max(self.alike) < most - 1:
            return []
        return [
            self.latest[-period]
            for period in range(1, LONGEST + 1)
            if self.alike[period - 1] >= period * (most - 1) and period <= len(self.latest)
        ]
