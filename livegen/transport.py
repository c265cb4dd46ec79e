"""Beats and seconds. With no clock to follow, the beat is the performer's own pulse, guessed from their onsets."""

import math

import numpy as np
import numpy.typing as npt

# Beat lengths that are considered, in seconds, evenly spaced on a logarithmic scale: 240 down to 50 bpm.
_BEATS = np.geomspace(0.25, 1.2, 64)
_LOG_BEATS = np.log(_BEATS)
# Inter-onset intervals are sorted into bins of about 3.3 %.
_SHORTEST, _LONGEST, _BINS = 0.04, 4.0, 140
_BINS_PER_LOG = (_BINS - 1) / math.log(_LONGEST / _SHORTEST)
_BEATS_PER_LOG = (len(_BEATS) - 1) / math.log(_BEATS[-1] / _BEATS[0])
# How strongly an interval that is this many beats long speaks for a beat length.
_VALUES = {
    1 / 8: 0.2, 1 / 6: 0.2, 1 / 4: 0.6, 1 / 3: 0.5, 1 / 2: 1.0, 2 / 3: 0.3, 3 / 4: 0.4,
    1.0: 1.0, 3 / 2: 0.5, 2.0: 0.7, 3.0: 0.3, 4.0: 0.3,
}  # fmt: skip
_TOLERANCE = 0.06  # of an interval, on a logarithmic scale
_MEMORY = 0.9  # how much of the evidence is kept from one interval to the next
_PREFERENCE = 0.35  # how much the expected tempo counts against the evidence
_SPREAD = 0.4  # of the expected tempo, on a logarithmic scale
_STAY = 1.1  # another beat must be this much better


def _support() -> npt.NDArray[np.float64]:
    """How well each beat length explains an interval: one row per bin, one column per beat length, 0 to 1."""
    intervals = np.log(np.geomspace(_SHORTEST, _LONGEST, _BINS))[:, None]
    rows = [
        weight * np.exp(-((intervals - _LOG_BEATS - math.log(value)) ** 2) / (2 * _TOLERANCE**2))
        for value, weight in _VALUES.items()
    ]
    support: npt.NDArray[np.float64] = np.max(rows, axis=0)
    return support


_SUPPORT = _support()
_LOG_VALUES = [math.log(value) for value in _VALUES]


class Pulse:
    """The performer's beat, learnt from the intervals between their onsets; ``beat`` is its length in seconds.

    Each interval votes for the beat lengths of which it is a plain multiple or part; old votes fade; tempi near the
    expected one win ties. Within the winner the beat glides, so that it follows a rubato.
    """

    def __init__(self, tempo: float = 120.0) -> None:
        self.expect(tempo)

    def expect(self, tempo: float) -> None:
        """Forget what was heard and start from a tempo in beats a minute."""
        self.beat = 60.0 / tempo
        self._evidence = np.zeros(len(_BEATS))
        self._weight = 0.0
        self._preference = _PREFERENCE * np.exp(-((_LOG_BEATS - math.log(self.beat)) ** 2) / (2 * _SPREAD**2))

    def hear(self, interval: float) -> None:
        """Learn from one inter-onset interval in seconds. Chords and long silences say nothing about the beat."""
        if not _SHORTEST < interval < _LONGEST:
            return
        self._evidence *= _MEMORY
        self._evidence += _SUPPORT[round(math.log(interval / _SHORTEST) * _BINS_PER_LOG)]
        self._weight = self._weight * _MEMORY + 1.0
        score = (self._evidence / self._weight + self._preference).tolist()
        here = round(math.log(self.beat / _BEATS[0]) * _BEATS_PER_LOG)
        here = max(0, min(len(score) - 1, here))
        top = max(score)
        if top > max(score[max(0, here - 2) : here + 3]) * _STAY:
            self.beat = float(_BEATS[score.index(top)])
        self._glide(interval)

    def _glide(self, interval: float) -> None:
        """Move the beat a little towards what this interval says, if it is near some plain note value."""
        apart = math.log(interval / self.beat)
        nearest = min((apart - value for value in _LOG_VALUES), key=abs)
        if abs(nearest) < 2 * _TOLERANCE:
            self.beat = min(1.2, max(0.25, self.beat * math.exp(0.25 * nearest)))
