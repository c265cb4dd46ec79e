"""Beats and seconds: one grid for all that plays in time. With no clock to follow, it lies on the performer's own
pulse, guessed from their onsets."""

import math
from typing import NamedTuple

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

    led = False  # by a clock: what is heard says nothing about the beat

    def expect(self, tempo: float) -> None:
        """Forget what was heard and start from a tempo in beats a minute."""
        self.beat = 60.0 / tempo
        self._evidence = np.zeros(len(_BEATS))
        self._weight = 0.0
        self._preference = _PREFERENCE * np.exp(-((_LOG_BEATS - math.log(self.beat)) ** 2) / (2 * _SPREAD**2))

    def hear(self, interval: float) -> None:
        """Learn from one inter-onset interval in seconds. Chords and long silences say nothing about the beat."""
        if self.led or not _SHORTEST < interval < _LONGEST:
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


PULSE = "pulse"
SOURCES = (PULSE, "tap", "clock", "link", "own")  # whose beat it may be
_KNOWN = 4  # onsets of a phrase after which the performer's beat is worth following
_PULLED = 0.25  # how far one onset near a half beat pulls the beats towards itself
_NEAR = 0.2  # beats


class Grid(NamedTuple):
    """Where the beats lie: at ``at`` (seconds) ``beat`` beats have passed since a bar line; each lasts ``length``
    seconds. ``running`` is whether it is worth following."""

    at: float
    beat: float
    length: float
    source: str = PULSE
    running: bool = True


class Transport:
    """The grid in force, the performer's or a clock's. Beats are counted from a bar line; times are seconds.

    It answers always: before anything is known, with the expected tempo.
    """

    def __init__(self, pulse: Pulse, now: float = 0.0, beats_per_bar: int = 4) -> None:
        self.beats_per_bar = beats_per_bar
        self._pulse = pulse
        self._onsets = 0  # of the phrase
        self.grid = Grid(now, 0.0, pulse.beat, running=False)

    @property
    def source(self) -> str:
        """Whose beat it is: one of SOURCES."""
        return self.grid.source

    @property
    def running(self) -> bool:
        """Whether the grid is worth following."""
        return self.grid.running

    @property
    def beat(self) -> float:
        """The seconds that a beat lasts."""
        return self.grid.length

    @property
    def tempo(self) -> float:
        """Beats a minute."""
        return 60.0 / self.grid.length

    def beat_at(self, at: float) -> float:
        """The beats that have passed since a bar line; before it, they are negative."""
        return self.grid.beat + (at - self.grid.at) / self.grid.length

    def time_of(self, beat: float) -> float:
        """When so many beats have passed."""
        return self.grid.at + (beat - self.grid.beat) * self.grid.length

    def next_beat(self, at: float, every: float = 1.0) -> float:
        """When the next multiple of ``every`` beats comes, ``at`` or later: with ``beats_per_bar``, the next bar."""
        count = math.ceil(self.beat_at(at) / every - 1e-9)
        return max(at, self.time_of(count * every))

    def follow(self, grid: Grid) -> None:
        """Take up a clock's grid; one that is not running gives the beat back to the performer."""
        if grid.running:
            self.grid = grid
            self._pulse.beat = grid.length
        elif self.source != PULSE:
            self.grid = grid._replace(source=PULSE, running=False)
        self._pulse.led = grid.running

    def forget(self, now: float) -> None:
        """As if nothing had been heard; a clock is followed on."""
        self._onsets = 0
        if self.source == PULSE:
            self.grid = Grid(now, 0.0, self._pulse.beat, running=False)

    def hear(self, onset: float, begins: bool) -> None:
        """An onset of the performer; ``begins`` says that it is a phrase's first, where a bar is taken to begin."""
        if self.source != PULSE:
            return
        self._onsets = 1 if begins else self._onsets + 1
        beat = self.beat_at(onset)
        if begins:
            beat = math.ceil(beat / self.beats_per_bar - 1e-9) * float(self.beats_per_bar)
        else:
            apart = round(2 * beat) / 2 - beat
            beat += _PULLED * apart if abs(apart) < _NEAR else 0.0
        self.grid = Grid(onset, beat, self._pulse.beat, running=self._onsets >= _KNOWN)
