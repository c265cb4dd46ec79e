"""Hears two hands: which of the performer's notes are a lower layer, and what that layer played. Pure.

Theory of operation. Hands are found by their pitches alone, since one channel brings both. Notes that are struck
together and lie close are one grip. The grips are cut where the two parts are most apart for their sizes (Otsu's
threshold: A Threshold Selection Method from Gray-Level Histograms, 1979), and where few grips of the upper part are
struck together, for a melody is one grip at a time. The parts are two layers if each has its share, if they are far
apart, if they sound together (a melody that leaps is one layer), and if they do not move as one, as the voices of a
chorale do. The cut is sought again every few notes, and a layer that is known is given up later than it was
found.

Hands that are plainly apart are known after a few notes (``soon``): there is a wide gap between the pitches, each side
has its notes, and most notes sound with one of the other side.
"""

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from livegen.events import NoteOn

_RECENT = 64  # notes that the cut is sought in
_FEWEST = 16  # notes, before any cut
_SOON, _LATER = 8, 32  # notes from one search to the next, while there is one layer, and two
_PLAIN_FEWEST, _PLAIN_SIDE = 6, 2  # notes from which hands may be plainly apart, and of each hand
_PLAIN_GAP, _PLAIN_TOGETHER = 7, 0.5  # semitones between them, and the share of the notes with one of the other hand
_SHARE = 0.12  # of the notes: the smaller layer has as many at least
_APART = 9.0  # semitones from one layer's mean to the other's
_TOGETHER, _STILL = 0.25, 0.12  # of the notes begin while one of the other layer sounds: to find two, and to keep them
_GRIP = 8  # semitones: notes struck together that are this far apart are of two grips
_TRIED = 4  # of the best cuts
_ALIKE = 0.85  # of the times that keys are struck, chords that move as one have as many notes
_STRUM = 0.035  # seconds: notes this close begin together
_HAND = 5  # semitones: the narrowest spread of a register
_GAPS = 16  # of the melody, that its pace is learnt from
_PAUSE = 3.0  # seconds: a longer gap is a rest between phrases


class LayerNote(NamedTuple):
    """A note of one layer. ``length`` is in seconds, None while its key is down."""

    at: float
    pitch: int
    velocity: int
    length: float | None


@dataclass(slots=True)
class _Heard:
    """A note, and the lowest and highest pitch that sounded as it began, itself included."""

    at: float
    pitch: int
    velocity: int
    channel: int
    lowest: int
    highest: int
    length: float | None = None


class _Melody(NamedTuple):
    """The upper layer: middle and spread of its pitches (semitones), mean and spread of the logarithm of its gaps (s;
    None: too few), and its shortest gap."""

    register: tuple[int, int]
    density: tuple[float, float] | None
    shortest: float | None


@dataclass(eq=False)
class Layers:
    """Follows the performer's notes. ``split`` is the lowest pitch of the upper layer; None while they play one."""

    on: bool = False  # two layers are looked for
    soon: bool = False  # after a few notes, where they are plainly apart
    split: int | None = None
    _notes: deque[_Heard] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _melody: _Melody | None = None
    _since: int = 0  # notes since the last search
    _wide: int = 0  # notes that began far from another that sounded

    def copy(self) -> "Layers":
        """The same knowledge, which does not change with this one."""
        return replace(self, _notes=deque([replace(each) for each in self._notes], maxlen=_RECENT))

    def hear_note(self, on: NoteOn, held: Iterable[tuple[int, int]]) -> None:
        """A note-on; ``held``: the keys (pitch, channel) that were down before it."""
        self._since += 1
        first_search = self.soon and len(self._notes) == _FEWEST
        if first_search or self._since >= (_SOON if self.split is None else _LATER):
            self._since = 0
            self._divide()
        lowest = highest = on.pitch
        for pitch, _ in held:
            if pitch < lowest:
                lowest = pitch
            elif pitch > highest:
                highest = pitch
        if len(self._notes) == _RECENT:
            self._wide -= self._notes[0].highest - self._notes[0].lowest >= _APART
        self._wide += highest - lowest >= _APART
        self._notes.append(_Heard(on.at, on.pitch, on.velocity, on.channel, lowest, highest))
        if self.soon and _PLAIN_FEWEST <= len(self._notes) < _FEWEST:
            self._divide_plainly()

    def hear_release(self, at: float, pitch: int, channel: int) -> None:
        """A key was let go."""
        for note in reversed(self._notes):
            if note.pitch == pitch and note.channel == channel:
                if note.length is None:
                    note.length = at - note.at
                return

    def is_lower(self, pitch: int) -> bool:
        """Whether the pitch belongs to a lower layer."""
        return self.split is not None and pitch < self.split

    def lower(self, since: float) -> list[LayerNote]:
        """The notes of the lower layer that began at that time or later."""
        return [
            LayerNote(each.at, each.pitch, each.velocity, each.length)
            for each in self._notes
            if each.at >= since and self.is_lower(each.pitch)
        ]

    def register(self) -> tuple[int, int] | None:
        """The upper layer's middle and spread in semitones; None while there is one layer."""
        return None if self._melody is None else self._melody.register

    def density(self) -> tuple[float, float] | None:
        """Mean and spread of the logarithm of the upper layer's gaps in seconds; None if not known."""
        return None if self._melody is None else self._melody.density

    def shortest_gap(self) -> float | None:
        """The shortest of the upper layer's gaps in seconds; None if not known."""
        return None if self._melody is None else self._melody.shortest

    def forget(self) -> None:
        """As if nothing had been heard: one layer."""
        if self._notes:
            self.split, self._melody, self._since, self._wide = None, None, 0, 0
            self._notes.clear()

    def _divide(self) -> None:
        """Seek the cut again."""
        kept, self.split, self._melody = self.split is not None, None, None
        if len(self._notes) < _FEWEST or self._wide < _STILL * len(self._notes):
            return
        split = _cut(_grips(self._notes))
        if split is None:
            return
        together = sum([note.highest >= split > note.lowest for note in self._notes])
        if together < (_STILL if kept else _TOGETHER) * len(self._notes):
            return
        if _moves_as_one(_grips(self._notes)):
            return
        self._part(split)

    def _divide_plainly(self) -> None:
        """Seek a cut where few notes show one."""
        self.split = self._melody = None
        pitches = sorted(note.pitch for note in self._notes)
        sides = range(_PLAIN_SIDE, len(pitches) - _PLAIN_SIDE + 1)
        gap, side = max(((pitches[side] - pitches[side - 1], side) for side in sides), default=(0, 0))
        if gap < _PLAIN_GAP:
            return
        split = (pitches[side - 1] + pitches[side] + 1) // 2
        together = sum([note.highest >= split > note.lowest for note in self._notes])
        if together >= _PLAIN_TOGETHER * len(self._notes) and not _moves_as_one(_grips(self._notes)):
            self._part(split)

    def _part(self, split: int) -> None:
        self.split = split
        self._melody = _melody([note for note in self._notes if note.pitch >= split])


def _grips(notes: Sequence[_Heard]) -> list[list[list[int]]]:
    """For each time that keys were struck, the grips: pitches in order, apart where there is a gap."""
    struck: list[list[int]] = []
    before = -math.inf
    for note in notes:
        if note.at - before > _STRUM:
            struck.append([])
            before = note.at
        struck[-1].append(note.pitch)
    found: list[list[list[int]]] = []
    for pitches in struck:
        grips: list[list[int]] = []
        for pitch in sorted(pitches):
            if grips and pitch - grips[-1][-1] < _GRIP:
                grips[-1].append(pitch)
            else:
                grips.append([pitch])
        found.append(grips)
    return found


def _cut(struck: Sequence[Sequence[Sequence[int]]]) -> int | None:
    """The lowest pitch of the upper part; None if there are no two parts."""
    middles = sorted((sum(grip) / len(grip), grip[0]) for grips in struck for grip in grips)
    count, whole = len(middles), sum(middle for middle, _ in middles)
    found: list[tuple[float, float]] = []
    below = 0.0
    for size in range(1, count):
        below += middles[size - 1][0]
        if middles[size][0] == middles[size - 1][0] or min(size, count - size) < _SHARE * count:
            continue
        apart = (whole - below) / (count - size) - below / size
        if apart >= _APART:
            found.append((size * (count - size) * apart * apart, middles[size][0]))
    best = 0.0
    split: float | None = None
    for variance, edge in sorted(found, reverse=True)[:_TRIED]:
        upper = [sum(sum(grip) >= edge * len(grip) for grip in grips) for grips in struck]
        crowded = sum(each > 1 for each in upper) / max(1, sum(each > 0 for each in upper))
        if (score := variance * (1.0 - crowded)) > best:
            best, split = score, edge
    return None if split is None else _between(struck, split)


def _moves_as_one(struck: Sequence[Sequence[Sequence[int]]]) -> bool:
    """Whether nearly always as many keys are struck together, more than one."""
    sizes = [sum(map(len, grips)) for grips in struck]
    usual = max(sizes, key=sizes.count)
    return usual > 1 and sizes.count(usual) >= _ALIKE * len(sizes)


def _between(struck: Sequence[Sequence[Sequence[int]]], edge: float) -> int:
    """The pitch half-way between the parts below and above ``edge``; where they cross, the upper one's lowest."""
    grips = [grip for grips in struck for grip in grips]
    lowest = min(grip[0] for grip in grips if sum(grip) >= edge * len(grip))
    highest = max(grip[-1] for grip in grips if sum(grip) < edge * len(grip))
    return lowest if highest >= lowest else (highest + lowest + 1) // 2


def _melody(notes: Sequence[_Heard]) -> _Melody:
    """The upper layer in figures."""
    pitches = [note.pitch for note in notes[-_GAPS:]]
    mean = sum(pitches) / len(pitches)
    spread = math.sqrt(sum((pitch - mean) ** 2 for pitch in pitches) / len(pitches))
    onsets = [note.at for note in notes]
    gaps = [b - a for a, b in pairwise(onsets) if _STRUM < b - a < _PAUSE][-_GAPS:]
    density = None
    if len(gaps) >= 4:
        logs = [math.log(gap) for gap in gaps]
        middle = sum(logs) / len(logs)
        density = middle, max(0.35, math.sqrt(sum((log - middle) ** 2 for log in logs) / len(logs)))
    return _Melody((round(mean), max(_HAND, round(spread))), density, min(gaps, default=None))
