"""Converts beats to seconds and back, on one grid for everything that plays in time. Without a clock, the grid is
the performer's own pulse, estimated from their onsets."""

import copy
import math
from typing import NamedTuple

from livegen.beat.hypotheses import Beat
from livegen.beat.pulse import Pulse

PULSE, TAP, CLOCK, LINK, OWN = "pulse", "tap", "clock", "link", "own"
SOURCES = (PULSE, TAP, CLOCK, LINK, OWN)  # of the beat
AUTO = "auto"
FREELY, BEAT, BAR = "freely", "beat", "bar"  # where answers may begin and end
BEGINNINGS, ENDS = (AUTO, FREELY, BEAT, BAR), (FREELY, BEAT, BAR)
PEDAL = "pedal"  # says whose turn it is
TURNS = (AUTO, PEDAL)
CADENCE, CUT = "cadence", "cut"  # how answers end
ENDINGS = (CADENCE, CUT)
SYNCS = (AUTO, PULSE, CLOCK, LINK, OWN)
SYNC_TAKES = "auto (a clock, Link, taps, else the performer's pulse), pulse, clock, link or own (the setting tempo)"
_BEGINNING = 8  # onsets of a phrase in which its bar line may still move with the beat
_PICKUP = 0.3  # beats: an onset this long after a beat is still on it
_SILENCE = 8.0  # seconds after which bars are counted again from the next onset


def synced(name: str) -> str:
    """The name, if it is that of a source. Raises ValueError."""
    return _one_of(name, *SYNCS)


def begun(name: str) -> str:
    """The name, if answers may begin there. Raises ValueError."""
    return _one_of(name, *BEGINNINGS)


def ended(name: str) -> str:
    """The name, if answers may end there. Raises ValueError."""
    return _one_of(name, *ENDS)


def ending(name: str) -> str:
    """The name, if answers may end so. Raises ValueError."""
    return _one_of(name, *ENDINGS)


def turned(name: str) -> str:
    """The name, if it says who decides whose turn it is. Raises ValueError."""
    return _one_of(name, *TURNS)


def _one_of(name: str, *names: str) -> str:
    if name not in names:
        raise ValueError("no such name")
    return name


class Grid(NamedTuple):
    """The places of the beats: at ``at`` (seconds) ``beat`` beats have passed since a bar line; each lasts ``length``
    seconds. ``running``: the grid is worth following."""

    at: float
    beat: float
    length: float
    source: str = PULSE
    running: bool = True


class Transport:
    """The grid in force, the performer's or a clock's. Beats are counted from a bar line; times are seconds.

    Before anything is known, it goes by the expected tempo.
    """

    def __init__(self, pulse: Pulse, now: float = 0.0, beats_per_bar: int = 4) -> None:
        self.beats_per_bar = beats_per_bar
        self.pulse = pulse
        self._onsets = 0  # since the count of bars last began
        self._begun = self._latest = now  # the first and the last of them
        self._bar = 0.0  # the beat that the first is on, or before
        self.grid = Grid(now, 0.0, pulse.felt.length, running=False)

    def copy(self) -> "Transport":
        """The grid and the count of bars, as a value of its own; the pulse is the same object."""
        return copy.copy(self)

    def restore(self, kept: "Transport") -> None:
        """Become what a copy says, and leave the copy as it is."""
        vars(self).update(vars(kept))

    @property
    def source(self) -> str:
        """The source of the beat: one of SOURCES."""
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
        """The time at which so many beats have passed (seconds)."""
        return self.grid.at + (beat - self.grid.beat) * self.grid.length

    def next_beat(self, at: float, every: float = 1.0) -> float:
        """The time, ``at`` or later, of the next multiple of ``every`` beats: with ``beats_per_bar``, the next bar."""
        count = math.ceil(self.beat_at(at) / every - 1e-9)
        return max(at, self.time_of(count * every))

    def follow(self, grid: Grid) -> None:
        """Take up a clock's grid; one that is not running gives the beat back to the performer."""
        if grid.running:
            self.grid = grid
            self.pulse.lead(Beat(grid.at - grid.beat % 1.0 * grid.length, grid.length))
        elif self.source != PULSE:
            self.grid = grid._replace(source=PULSE, running=False)
            self.pulse.release()

    def forget(self, now: float) -> None:
        """As if nothing had been heard; a clock is still followed."""
        self._onsets = 0
        if self.source == PULSE:
            self.grid = Grid(now, 0.0, self.pulse.felt.length, running=False)

    def hear_onset(self, onset: float, begins: bool) -> None:
        """An onset of the performer; ``begins`` says that it is a phrase's first. Where no beat was known, a bar is
        taken to begin with it; otherwise the bars continue."""
        since, self._latest = onset - self._latest, onset
        if self.source != PULSE or not (begins or not self._onsets):
            self._onsets += 1
        elif not self.running or since > _SILENCE:
            self._onsets, self._begun = 1, onset
            self._bar = math.ceil(self.beat_at(onset) / self.beats_per_bar - 1e-9) * float(self.beats_per_bar)

    def settle(self) -> None:
        """Take up the performer's pulse as it is now."""
        if self.source != PULSE or not self._onsets:
            return
        felt = self.pulse.felt
        if self._onsets <= _BEGINNING:
            first = math.ceil((self._begun - felt.at) / felt.length - _PICKUP)
            at, beat = felt.at + first * felt.length, self._bar
        else:
            at, beat = felt.at, float(round(self.beat_at(felt.at)))
        self.grid = Grid(at, beat, felt.length, running=self.pulse.is_sure)
