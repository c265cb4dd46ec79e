"""A performance as the benchmark knows it: notes, true beats, chords, and where its units (calls and answers) meet."""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from livegen.events import Note

DRUMS = 10  # the MIDI channel of drummers
UPPER, LOWER = 1, 2  # channels that keep two hands apart in here; livegen hears both on channel 1
EVEN, DOTTED = (0.0, 0.5), (0.0, 1 / 3, 2 / 3)
KINDS = ("jazz", "lead sheet", "two hands", "pianist", "folk", "beginner", "riff", "drummer")
STEADY, ON_GRID = 0.08, 0.7  # spread of beat lengths, share of onsets on the eighths
NEAR = 0.24  # of an eighth to either side: an onset at a random time has a chance of 0.48 to be on one


@dataclass(frozen=True)
class Chord:
    """A chord that is known to sound from ``start`` to ``end`` (seconds): its pitch classes, and its root if known."""

    start: float
    end: float
    classes: frozenset[int]
    root: int = 0


@dataclass(frozen=True)
class Grid:
    """The true beats: their times in seconds, in order, two at least, and how many make a bar.

    ``eighths`` are the places in a beat where its eighths fall: two, the second later where it swings, or three where
    the beat is dotted.
    """

    times: tuple[float, ...]
    bar: float = 4.0
    eighths: tuple[float, ...] = EVEN

    @cached_property
    def _ends(self) -> tuple[float, float]:
        """The lengths of the first and the last beat, with which the grid goes on at either side."""
        return self.times[1] - self.times[0], self.times[-1] - self.times[-2]

    def beat(self, at: float) -> float:
        """The place of a time, in beats from the first."""
        first, last = self._ends
        if at < self.times[0]:
            return (at - self.times[0]) / first
        if at > self.times[-1]:
            return len(self.times) - 1 + (at - self.times[-1]) / last
        index = max(0, min(len(self.times) - 2, bisect_right(self.times, at) - 1))
        here, there = self.times[index], self.times[index + 1]
        return index + (at - here) / (there - here)

    def at(self, beat: float) -> float:
        """The time of a place: the reverse of ``beat``."""
        first, last = self._ends
        top = len(self.times) - 1
        if beat < 0:
            return self.times[0] + beat * first
        if beat > top:
            return self.times[-1] + (beat - top) * last
        index = min(top - 1, int(beat))
        return self.times[index] + (beat - index) * (self.times[index + 1] - self.times[index])

    def length(self, at: float) -> float:
        """Seconds of a beat around a time."""
        beat = self.beat(at)
        return self.at(beat + 0.5) - self.at(beat - 0.5)

    def off_beat(self, at: float) -> float:
        """The distance of a time from the nearest beat, in beats."""
        place = self.beat(at) % 1.0
        return min(place, 1.0 - place)

    def off_eighth(self, at: float) -> float:
        """The distance of a time from the nearest eighth, in eighths."""
        place = self.beat(at) % 1.0
        return min(abs(place - near) for near in (*self.eighths, 1.0)) * len(self.eighths)

    def steady(self) -> bool:
        """Whether its beats last about as long as each other."""
        return float(np.std(np.log(np.diff(self.times)))) < STEADY


@dataclass(frozen=True)
class Segment:
    """A stretch of a performance, its times counted from its own start."""

    length: float
    notes: tuple[Note, ...]
    beats: tuple[float, ...]
    chords: tuple[Chord, ...] = ()
    pedals: tuple[tuple[float, int], ...] = ()


@dataclass(frozen=True)
class Performer:
    """A performance of real music, cut into units at ``cuts`` (seconds, one more than there are units).

    ``source`` names whose it is (a tune, a soloist, a pianist): it decides the half that the performer belongs to.
    ``key`` is a tonic's pitch class and whether it is minor; ``pedals`` are times and values of the sustain pedal.
    """

    name: str
    kind: str
    source: str
    notes: tuple[Note, ...]
    grid: Grid
    cuts: tuple[float, ...]
    chords: tuple[Chord, ...] = ()
    key: tuple[int, bool] | None = None
    pedals: tuple[tuple[float, int], ...] = field(default=(), repr=False)

    @property
    def drums(self) -> bool:
        """Whether it plays drums."""
        return self.kind == "drummer"

    @cached_property
    def units(self) -> tuple[Segment, ...]:
        """Calls and what came next in turn: the stretches between the cuts."""
        return tuple(self.segment(start, end) for start, end in itertools.pairwise(self.cuts))

    @cached_property
    def metred(self) -> bool:
        """Whether it plays to a steady beat: only there is being on the beat judged."""
        onsets = [note.onset for note in self.notes]
        return self.grid.steady() and share_on_eighths(onsets, self.grid) >= ON_GRID

    @cached_property
    def layered(self) -> bool:
        """Whether it plays two layers that are known apart."""
        return {note.channel for note in self.notes} >= {UPPER, LOWER}

    def segment(self, start: float, end: float) -> Segment:
        """The notes that begin from ``start`` until before ``end``, with what belongs to that time."""
        first, last = (bisect_left(self.notes, at, key=lambda note: note.onset) for at in (start, end))
        return Segment(
            end - start,
            moved(self.notes[first:last], -start),
            tuple(at - start for at in self.grid.times if start <= at < end),
            tuple(
                replace(chord, start=max(chord.start, start) - start, end=min(chord.end, end) - start)
                for chord in self.chords
                if chord.start < end and chord.end > start
            ),
            tuple((at - start, value) for at, value in self.pedals if start <= at < end),
        )


def share_on_eighths(onsets: Sequence[float], grid: Grid) -> float:
    """The share of onsets within about a quarter of an eighth of one: where the beat has two, 0.12 beats."""
    return sum(grid.off_eighth(at) <= NEAR for at in onsets) / max(1, len(onsets))


def moved(notes: Iterable[Note], by: float) -> tuple[Note, ...]:
    """The notes, so many seconds later."""
    return tuple(replace(note, onset=note.onset + by) for note in notes)
