"""A drummer's beat that keeps to the performer's pulse, at a level of its own: what is played on goes on.

Theory of operation. The rules:
- The beat is locked to the transport's grid, and then goes most of the way to it at each onset of the performer, as
  long as the grid says the same: the same tempo, or a simple ratio of it, in phase.
- A beat that is ``close`` goes all the way, also where the grid is not sure, for the pulse has its own inertia. To
  it three beats to two are another tempo.
- A grid that says something else is first ignored: for a single note it is rubato, or a mistake. If it stays so for
  some onsets, the beat is locked again, for what was believed before was wrong. ``locks`` counts that.
- A beat so slow that nobody taps it is felt as two.
- In a metre of 6, 9 or 12 a beat is three eighths. Where the pulse takes two eighths for a beat, the eighths are
  grouped by threes; which of them is the beat, the gaps between the onsets say.
"""

import itertools
import math
from collections.abc import Sequence

from livegen.beat.rhythm import LONGEST, PARTS, PLAIN, TERNARY
from livegen.beat.steady import SteadyBeat
from livegen.beat.transport import PULSE, Transport

_DRAWN = 0.8  # of the way to the performer's grid that is gone at an onset
_SAME_TEMPO, _SAME_PHASE = 0.1, 0.2  # shares of a beat
_THREE_TO_TWO = 1.5
_LEVELS = (1.0, 2.0, 0.5, 4.0, 0.25)
_RATIOS = (*_LEVELS[:3], _THREE_TO_TWO, 1.0 / _THREE_TO_TWO, 3.0, 1.0 / 3.0, *_LEVELS[3:])
_PATIENCE = 2  # onsets in a row at which the transport says something else, until it is believed
_USUAL = 0.6  # seconds: the beat of three eighths that is meant if there is a choice
_SLOW = 1.1  # seconds: a longer beat is felt as two
_RECENT = 24  # onsets by which eighths are grouped
_THIRD = PARTS // 3


class AttentiveBeat(SteadyBeat):
    """As ``SteadyBeat``, nearer to the performer's pulse. ``locks`` is how often it was locked."""

    def __init__(self) -> None:
        super().__init__()
        self.locks = 0
        self.close = False
        self._others = 0  # onsets in a row at which the transport said something else

    def lock(self, transport: Transport, now: float, onsets: Sequence[float] = ()) -> None:
        """Take up the transport's grid, from the beat that is nearest to now; ``onsets`` are the performer's latest."""
        super().lock(transport, now)
        self.locks, self._others = self.locks + 1, 0
        beats = transport.beats_per_bar
        if beats > 3 and beats % 3 == 0 and not self.ternary and transport.source == PULSE:
            self._group(onsets)
        if not self.ternary and transport.source == PULSE and self.length > _SLOW:
            self.length, self.beat = self.length / 2, 2 * self.beat

    def _group(self, onsets: Sequence[float]) -> None:
        """Take three eighths for a beat."""
        eighth = min((self.length / 2, self.length, self.length / 4), key=lambda each: abs(math.log(3 * each / _USUAL)))
        self.beat = float(round(self.beat * self.length / (3 * eighth)))
        self.length, self.ternary = 3 * eighth, True
        first = max(range(3), key=lambda place: _likelihood(onsets, self.at + place * eighth, eighth))
        self.at += first * eighth

    def hear_onset(self, onset: float, transport: Transport, swung: bool = False) -> None:
        """An onset of the performer, whom the transport knows up to then. A clock's beat is taken as it is."""
        self.follow([onset], transport)

    def follow(self, onsets: Sequence[float], transport: Transport) -> None:
        """The performer's latest onsets, the last of which is new."""
        if not self.locked or not onsets:
            return
        onset = onsets[-1]
        if transport.source != PULSE:
            former = self.beat_at(onset)
            super().lock(transport, onset)
            self.locks += abs(self.beat_at(onset) - former) > _SAME_PHASE
            return
        if not (transport.running or (self.close and transport.pulse.confidence)):
            return
        places = self._places(transport, onset)
        if places is None:
            self._others += 1
            if self._others > _PATIENCE:
                self.lock(transport, onset, onsets)
            return
        self._others = 0
        late, length = places
        beats = round(self.beat_at(onset))
        drawn = 1.0 if self.close else _DRAWN
        self.at, self.beat = self.time_of(beats) + drawn * late, float(beats)
        self.length += drawn * (length - self.length)
        if abs(transport.beat / self.length - 1.0) < _SAME_TEMPO:
            self.ternary = transport.pulse.felt.ternary or self._is_compound(transport)

    def _is_compound(self, transport: Transport) -> bool:
        return self.ternary and transport.beats_per_bar > 3 and transport.beats_per_bar % 3 == 0

    def _places(self, transport: Transport, at: float) -> tuple[float, float] | None:
        """The seconds by which the transport's beats are later than these, and their length in terms of these; None if
        they are others."""
        ratio = transport.beat / self.length
        near = min(_LEVELS if self.close else _RATIOS, key=lambda each: abs(math.log(ratio / each)))
        if abs(ratio / near - 1.0) > _SAME_TEMPO:
            return None
        length = transport.beat
        # Beats of two eighths and beats of three meet on eighths.
        if ratio >= 1.0:
            unit = self.length / 2 if near == _THREE_TO_TWO else self.length
            off = (transport.time_of(round(transport.beat_at(at))) - self.at) / unit
        else:
            unit = length / 2 if near == 1.0 / _THREE_TO_TWO else length
            off = (transport.grid.at - self.time_of(round(self.beat_at(at)))) / unit
        late = (off - round(off)) * unit
        return None if abs(late) > _SAME_PHASE * self.length else (late, length / near)


def _likelihood(onsets: Sequence[float], beat: float, eighth: float) -> float:
    """The logarithm of how likely the gaps between onsets are if a beat of three eighths comes at ``beat``."""
    likely, found = PLAIN.likely[0][TERNARY], 0.0
    for former, later in itertools.pairwise(onsets[-_RECENT:]):
        place, gap = round((former - beat) / eighth), round((later - former) / eighth)
        found += likely[place % 3 * _THIRD][min(LONGEST, gap * _THIRD)] if gap else 0.0
    return found
