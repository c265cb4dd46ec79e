"""The division of the beat as the performer plays it: where the notes between beats fall, once they show it.

Theory of operation. An onset near the middle of a beat is an off-beat. Their median place, less that of the onsets on
beats, says how the beat divides: evenly, or unevenly (swing, 0.55 to 0.72). What comes later is a dotted note's, and
divides evenly. Until some off-beats were heard nothing is known, and sixteenths are better left out.
"""

from collections import deque
from collections.abc import Sequence

_RECENT = 24  # onsets that are learnt from
_FEWEST = 3  # off-beats, and beats, before anything is known
_ON = 0.17  # beats: an onset this near to one is on it
_OFF = (0.42, 0.82)  # beats: what is between is an off-beat
_EVEN, _DOTTED = 0.55, 0.72  # places of the off-beat: before the first it is even, from the second on dotted


class Division:
    """Learns from the places of onsets. ``swing`` is the place of the off-beat in beats, 0.5 if it is even or not
    known; ``late`` how far the performer's beats come after those of the grid (beats), where they swing."""

    def __init__(self) -> None:
        self._places: deque[float] = deque(maxlen=_RECENT)
        self.known = False
        self.swing, self.late = 0.5, 0.0

    def forget(self) -> None:
        """Know nothing, for the beat is another; what was known of swing holds until there is more."""
        self._places.clear()

    def hear_onset(self, place: float, ternary: bool) -> None:
        """An onset so many beats after a bar line; ``ternary``: the pulse takes the beats to divide in three."""
        self._places.append(place % 1.0)
        on = sorted([each - round(each) for each in self._places if abs(each - round(each)) < _ON])
        off = sorted([each for each in self._places if _OFF[0] < each < _OFF[1]])
        if len(off) < _FEWEST or len(on) < _FEWEST:
            if ternary and not self.known:
                self.swing = 2.0 / 3.0
            return
        self.known = True
        late = _middle(on)
        swing = _middle(off) - late
        uneven = _EVEN <= swing < _DOTTED
        self.swing, self.late = (swing, late) if uneven else (0.5, 0.0)


def _middle(values: Sequence[float]) -> float:
    return values[len(values) // 2]
