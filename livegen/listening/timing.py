"""Learns the performer's timing: their swing, the spread of their onsets, and the places of these in the beats.

The method: docs/touch.md. Swing is given as the share of a pair of notes that the first one takes; 0.5 is straight.
"""

from collections import deque
from dataclasses import dataclass, field, replace

CYCLE = 12.0  # beats after which places are counted from 0 again: whole bars of 2, 3 and 4
_RECENT = 32  # gaps that are learnt from
_PAIRS = 7  # overlapping pairs, which are four pairs end to end, before a swing is believed
_OFTEN, _SELDOM = 2, 8  # gaps after which the estimates are renewed when a key is let go, and at the latest
_LEAST, _MOST = 0.54, 0.72  # swing: less is straight playing, more is dotted notes
_TERNARY = 0.64  # from here on it may be 2 + 1 as well, which the note values express by themselves
_ALIKE = 0.1  # pairs of lengths within this share of each other are of one beat
_MEANT = 0.35  # of the swing: shares that are further apart, in the median, are unevenness
_LIKE = 0.3  # gaps within this share of each other are of one note value
_NEAR = 0.045  # of a pair: a gap this near to the long or the short one is it
_LONGEST_PAIR = 2.5  # seconds
_UNITS = 0.5, 1.0, 2.0  # beats that a pair may be
_WIDEST, _SHARE = 0.025, 0.05  # caps of the spread: seconds, and share of the gap
_GRID = 12  # places a beat: sixteenths and triplets


@dataclass(eq=False)
class Timing:
    """Follows the gaps between the performer's onsets. ``place`` is the last onset's, in beats from a beat."""

    place: float = 0.0
    late: float = 0.0  # seconds that the last onset comes after its place in straight playing
    swing: float = 0.5
    _pair: float = 0.0  # seconds that a swung pair takes
    _spread: float = 0.0  # seconds, one standard deviation of an onset
    _former: float | None = None  # the gap before, in this phrase
    _straight: float | None = None  # the same, without swing
    _pairs: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_RECENT))  # seconds, longer's share
    _changes: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))  # from one gap to a like one, seconds
    _new: int = 0  # gaps since the estimates were renewed

    def copy(self) -> "Timing":
        """The same knowledge, which does not change with this one."""
        return replace(self, _pairs=self._pairs.copy(), _changes=self._changes.copy())

    def begin(self) -> None:
        """A phrase begins: on the beat, until a swing shows otherwise."""
        self.place = self.late = 0.0
        self._former = self._straight = None

    def hear_gap(self, gap: float, beat: float) -> None:
        """Learn from one gap (seconds) within a phrase."""
        former, self._former = self._former, gap
        if former is not None and former + gap < _LONGEST_PAIR:
            self._pairs.append((former + gap, max(former, gap) / (former + gap)))
        self._new += 1
        if self._new >= _SELDOM:
            self.settle(beat)
        straight = self.straight(gap)
        if self._straight is not None and abs(straight - self._straight) < _LIKE * straight:
            self._changes.append(abs(straight - self._straight))
        self._straight = straight
        # Bounded, so that a gap that was misunderstood is soon forgotten.
        self.late = max(0.0, min((self.swing - 0.5) * self._pair, self.late + gap - straight))
        self.place = self.moved(self.place, gap, beat)

    def settle(self, beat: float) -> None:
        """Renew the estimates if it is time."""
        if self._new < _OFTEN:
            return
        self._new = 0
        self._learn_swing(beat)
        # A change between like gaps holds three onsets' deviations, the middle one twice: six variances.
        middle = sorted(self._changes)[len(self._changes) // 2] if len(self._changes) >= 4 else 0.0
        self._spread = min(_WIDEST, 1.4826 * middle / 6**0.5)

    def _learn_swing(self, beat: float) -> None:
        self.swing = 0.5
        uneven = sorted([pair for pair, share in self._pairs if _LEAST <= share <= _MOST])
        first, last = 0, _PAIRS - 1
        while last < len(uneven):
            pair = uneven[first + _PAIRS // 2]
            if uneven[last] - uneven[first] > _ALIKE * pair:
                first, last = first + 1, last + 1
                continue
            # Straight pairs of the same length speak against it.
            shares = sorted([share for each, share in self._pairs if abs(each - pair) < _ALIKE * pair])
            share = shares[len(shares) // 2]
            # Two to one is a swing where the pair is the beat; elsewhere it is note values, as in a jig.
            is_swing = _LEAST <= share < _TERNARY or (share <= _MOST and abs(pair - beat) < _ALIKE * beat)
            if is_swing and len(shares) * 4 >= len(self._pairs) and _is_meant(shares):
                self.swing, self._pair = share, pair
                return
            while last < len(uneven) and uneven[first] < pair * (1 + _ALIKE):
                first, last = first + 1, last + 1

    def straight(self, gap: float) -> float:
        """The gap (seconds) as it would be without the swing. A gap that no swing explains stays as it is, and so does
        one of two thirds or a third, which is a note value."""
        if self.swing == 0.5 or self.swing >= _TERNARY or gap > 4 * self._pair:
            return gap
        rest = gap / self._pair % 1.0
        long, short = abs(rest - self.swing), abs(rest - 1.0 + self.swing)
        if min(long, short) > _NEAR:
            return gap
        return gap + (self.swing - 0.5) * self._pair * (-1.0 if long < short else 1.0)

    def moved(self, place: float, gap: float, beat: float) -> float:
        """The place (beats) a gap in seconds after another. After the long gap of a swung pair it is off the beat,
        after the short one on it."""
        after = place + round(self.straight(gap) / beat * _GRID) / _GRID
        if self.swing > 0.5:
            unit = self.unit(beat)
            rest = gap / self._pair % 1.0
            long, short = abs(rest - self.swing), abs(rest - 1.0 + self.swing)
            if min(long, short) <= _NEAR:
                after = unit * (round(after / unit - 0.5) + 0.5 if long < short else round(after / unit))
        return after % CYCLE

    def unit(self, beat: float) -> float:
        """The beats that a swung pair takes: 1/2, 1 or 2."""
        return min(_UNITS, key=lambda unit: abs(unit * beat - self._pair))

    def shift(self, place: float, beat: float, touch: float) -> float | None:
        """The seconds by which a note at this place sounds later than in straight playing. Halves of the pair are
        divided as the performer divides them, and quarters and eighths with them. None: the place is a triplet's."""
        if self.swing == 0.5:
            return 0.0
        unit = self.unit(beat)
        at = place / unit % 1.0
        eighths = at * 8
        if abs(eighths - round(eighths)) > 0.02:
            return None
        late = (self.swing - 0.5) * touch * unit * beat
        return late * (2 * at if at <= 0.5 else 2 - 2 * at)

    def spread(self, gap: float) -> float:
        """The standard deviation, in seconds, of an onset after such a gap; at most 25 ms and 5 % of the gap."""
        return min(self._spread, _SHARE * gap)


def _is_meant(shares: list[float]) -> bool:
    """Whether the shares, in order, are near each other, as a swing's are, and not those of uneven playing."""
    middle = shares[len(shares) // 2]
    apart = sorted([abs(share - middle) for share in shares])
    return apart[len(apart) // 2] < _MEANT * (middle - 0.5)
