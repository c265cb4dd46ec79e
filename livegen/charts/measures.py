"""Measures as they are written, with the repeats, endings and jumps that say in which order they are played."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from livegen.charts.chart import MOST_BARS, Bar, Change
from livegen.errors import FileError

START, SEGNO = "start", "segno"  # where a jump leads


@dataclass
class Measure:
    """One measure. ``closes`` counts how often what it ends is played, 0 if it ends no repeat."""

    beats: int
    changes: list[Change] = field(default_factory=list)
    section: str = ""
    begins: bool = False  # the section begins here
    opens: bool = False
    closes: int = 0
    endings: frozenset[int] = frozenset()
    segno: bool = False
    coda: bool = False  # the sign from which a jump leads to the coda, or the second time where that begins
    fine: bool = False
    jump: str = ""  # to START or SEGNO, once
    to_coda: bool = False  # that jump goes on to the coda


def performed(measures: Sequence[Measure]) -> tuple[Bar, ...]:
    """The bars in the order in which they are played. Raises FileError if they are too many."""
    bars: list[Bar] = []
    for at in _Order(measures).all():
        measure = measures[at]
        again = bool(bars) and at < bars[-1].number
        bars.append(Bar(measure.beats, tuple(measure.changes), measure.section, at + 1, measure.begins or again))
    return tuple(bars)


class _Order:
    """Walks through the measures as a reader would."""

    def __init__(self, measures: Sequence[Measure]) -> None:
        self._measures = measures
        self._start, self._turn = 0, 1  # of the repeat that is under way
        self._jumped: Measure | None = None  # the jump that was taken
        codas = [at for at, measure in enumerate(measures) if measure.coda]
        self._sign: int | None = codas[0] if len(codas) == 2 else None
        self._coda = codas[-1] if codas else None

    def all(self) -> list[int]:
        """The indexes of the measures in order. Raises FileError if there are too many."""
        order: list[int] = []
        at: int | None = 0
        while at is not None and at < len(self._measures):
            if self._is_played(at):
                order.append(at)
                at = self._after(at)
            else:
                at += 1
            if len(order) > MOST_BARS:
                raise FileError(f"The chart has more than {MOST_BARS:,} bars; leave out repeats.")
        return order

    def _is_played(self, at: int) -> bool:
        """Whether a measure is played this time; after a jump the last ending is."""
        measure = self._measures[at]
        begins = measure.opens or (at > 0 and bool(self._measures[at - 1].endings) and not measure.endings)
        if begins and at > self._start:
            self._start, self._turn = at, 1
        if not measure.endings:
            return True
        return self._last(at) in measure.endings if self._jumped else self._turn in measure.endings

    def _after(self, at: int) -> int | None:
        """The measure after this one; None at the end."""
        measure, jumped = self._measures[at], self._jumped
        if jumped is None and measure.closes and self._turn < max(measure.closes, self._last(at)):
            self._turn += 1
            return self._start
        if measure.closes and not measure.endings:
            self._start, self._turn = at + 1, 1
        if jumped is not None and measure.fine and not jumped.to_coda:
            return None
        if jumped is not None and jumped.to_coda and at == self._sign:
            self._jumped, self._sign = None, None
            return self._coda
        if measure.jump and jumped is None:
            self._jumped = measure
            segno = [at for at, each in enumerate(self._measures) if each.segno]
            return segno[0] if measure.jump == SEGNO and segno else 0
        return None if jumped is not None and measure is jumped else at + 1

    def _last(self, at: int) -> int:
        """The last of the endings that this one belongs to; a first that no second follows is repeated without it."""
        measures, last = self._measures, 0
        while at > 0 and measures[at - 1].endings:
            at -= 1
        while at < len(measures) and measures[at].endings:
            last = max(last, *measures[at].endings)
            at += 1
        return last
