"""Motifs: an answer that is developed from the performer's phrase. Pure; the draws are the caller's.

Theory of operation. A phrase is read as tones, one an onset, in the note values and pitches that the model was given.
It is cut into cells of three to six notes. The answer takes the cells in their order, with their rhythm and their
rests, and gives each a shape:

- kept: the cell's intervals from another degree, to the semitone where that stays in the scale, otherwise by degrees;
- a sequence: the shape of the answer's first cell again, some degrees up or down;
- the inversion, or seldom the retrograde, by degrees.

Or it takes one cell alone and plays it in sequence, each time from a whole beat. How the answer ends is not decided
here: the last notes are the cadence's, whatever comes before them.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from livegen.predictors.encoding import GAPS, PERFORMER, PLAYER, Encoding, Step

Draw = Callable[[], float]  # 0 ≤ x < 1

FEW = 4  # onsets: from fewer nothing is developed
REST = 0.5  # beats of silence that make a rest
_SHORTEST, _LONGEST = 3, 6  # onsets in a cell
_MOST = 48  # onsets: no answer is developed further
_SEQUENCE, _SEQUENCES = 0.3, (-1, -2, 1, 2)  # share of answers that take one cell alone; degrees that it is moved by
_FROM_WITHIN = 0.5  # share of the others that do not begin with the phrase's first cell
_UPBEAT = 0.7  # share of answers whose first note leads to the first cell, where that would not keep its intervals
_WHOLE = 2.0  # beats: the longest gap between cells that is kept
_KEPT, _AGAIN, _INVERTED = 0.55, 0.75, 0.95  # shares of cells, added up: kept, the first one's shape, inverted
_NEAR = (0, 1, -1, 2, -2, 3, -3)  # degrees: how far the start is moved so that a cell keeps its intervals
_ALONE, _BELOW = 1, 7  # the class of no key held; semitones below one that make an accompaniment
_AWAY = 7  # semitones beyond the phrase's own pitches that an answer may go

_BEATS = tuple(float(gap) for gap in GAPS)
_ENCODING = Encoding()


class Tone(NamedTuple):
    """One onset of a line: its gap after the onset before (an index in GAPS), its pitch, and the share of that gap that
    the onset before sounds, where a rest follows it."""

    gap: int
    pitch: int
    share: float | None = None

    @property
    def beats(self) -> float:
        """The gap in beats."""
        return _BEATS[self.gap]


def phrase(steps: Sequence[Step], notes: int) -> list[Tone]:
    """The performer's latest ``notes`` notes as tones, none from before the player's answer to others: of a chord the
    highest note, and nothing that is struck far below a key that is still down."""
    found: list[Step] = []
    for step in reversed(steps):
        if len(found) >= notes or (found and step.who != PERFORMER):
            break
        if step.who == PERFORMER:
            found.append(step)
    tones: list[Tone] = []
    lasted = 0.0  # beats since the last tone
    for step in reversed(found):
        pitch, lasted = step.pitch - 1, lasted + _BEATS[max(0, step.gap - 1)]
        if tones and lasted == 0.0:
            tones[-1] = tones[-1]._replace(pitch=max(tones[-1].pitch, pitch))
        elif not tones or step.held <= _ALONE or pitch > tones[-1].pitch - _BELOW:
            share = (step.released - 1) / 11 if step.released else 1.0
            tones.append(Tone(_ENCODING.gap_index(lasted), pitch, share if (1.0 - share) * lasted >= REST else None))
            lasted = 0.0
    return tones


def answers(steps: Sequence[Step], most: int) -> list[list[int]]:
    """The pitches of the player's latest answers, the latest first, at most so many."""
    return _turns(steps, PLAYER, most)


def calls(steps: Sequence[Step], most: int) -> list[list[int]]:
    """The pitches of the performer's latest calls, the latest first, at most so many."""
    return _turns(steps, PERFORMER, most)


def _turns(steps: Sequence[Step], who: int, most: int) -> list[list[int]]:
    found: list[list[int]] = []
    playing = False
    for step in reversed(steps):
        if step.who == who and not playing:
            if len(found) == most:
                break
            found.append([])
        playing = step.who == who
        if playing:
            found[-1].append(step.pitch - 1)
    return [pitches[::-1] for pitches in found]


class Ladder:
    """The pitches that an answer is developed on, ascending: degrees are places in it."""

    def __init__(self, pitches: Sequence[int]) -> None:
        self.pitches = list(pitches)
        self._inside = frozenset(pitches)

    def place(self, pitch: int) -> int:
        """The place of the nearest pitch, the higher of two."""
        pitches = self.pitches
        above = min(bisect_left(pitches, pitch), len(pitches) - 1)
        return above if above == 0 or pitches[above] - pitch <= pitch - pitches[above - 1] else above - 1

    def at(self, place: int) -> int:
        """The pitch at a place; beyond an end it is reflected there."""
        last = len(self.pitches) - 1
        place = abs(place)
        place = 2 * last - place if place > last else place
        return self.pitches[max(0, min(last, place))]

    def holds(self, pitches: Sequence[int]) -> bool:
        """Whether all are on it."""
        return self._inside.issuperset(pitches)


def ladder(call: Sequence[Tone], inside: Callable[[int], bool]) -> Ladder:
    """The pitches around a phrase for which ``inside`` holds."""
    low, high = min(tone.pitch for tone in call), max(tone.pitch for tone in call)
    return Ladder([p for p in range(max(0, low - _AWAY), min(127, high + _AWAY) + 1) if inside(p)])


def developed(call: Sequence[Tone], first: int, steps: Ladder, beats: float, draw: Draw) -> list[Tone]:
    """The tones that follow a first note of pitch ``first`` in an answer that is developed from a phrase (FEW tones or
    more), for ``beats`` beats or longer."""
    cells = _cells(call, draw)
    alone = draw() < _SEQUENCE
    if alone:
        cells = [max(cells, key=lambda cell: (len(cell) >= FEW, draw()))]
    elif draw() < _FROM_WITHIN and len(cells) > 1:
        begin = 1 + int(draw() * (len(cells) - 1))
        cells = cells[begin:] + cells[:begin]
    move = _SEQUENCES[int(len(_SEQUENCES) * draw())]
    tones, pitches = _opening(cells[0], first, steps, draw)
    number = 0
    while (lasted := sum(tone.beats for tone in tones)) < beats and len(tones) < _MOST:
        before, number = cells[number % len(cells)], number + 1
        cell = cells[number % len(cells)]
        if alone:
            start = steps.place(pitches[0]) + move
        else:
            start = steps.place(tones[-1].pitch) + steps.place(cell[0].pitch) - steps.place(before[-1].pitch)
        pitches = _pitches(_shape(cell, cells[0], alone, draw), steps.at(start), steps)
        tones += _stated(_joint(cell, lasted, alone), cell, pitches)
    return tones[1:]


def _opening(cell: Sequence[Tone], first: int, steps: Ladder, draw: Draw) -> tuple[list[Tone], list[int]]:
    """The first cell and its pitches: from the first note on or, where it would not keep its intervals, after it."""
    exact = _exact(cell, first, steps)
    if exact or draw() >= _UPBEAT:
        pitches = exact or _by_degrees(cell, first, steps)
        return _stated(Tone(0, first), cell, pitches), pitches
    upbeat = Tone(0, first)
    pitches = _pitches(cell, first, steps)
    joint = Tone(_ENCODING.gap_index(1.0 if draw() < REST else REST), 0)
    return [upbeat, *_stated(joint, cell, pitches)], pitches


def _stated(joint: Tone, cell: Sequence[Tone], pitches: Sequence[int]) -> list[Tone]:
    """The cell at these pitches, its first tone after the gap of ``joint``."""
    return [tone._replace(pitch=pitch) for tone, pitch in zip((joint, *cell[1:]), pitches, strict=True)]


def _cells(call: Sequence[Tone], draw: Draw) -> list[list[Tone]]:
    """The phrase, cut into cells where its gaps are long."""
    cells: list[list[Tone]] = []
    left = list(call)
    while left:
        most = min(_LONGEST, len(left))
        sizes = [size for size in range(_SHORTEST, most + 1) if len(left) - size not in range(1, _SHORTEST)]
        gaps = [left[size].beats if size < len(left) else 0.0 for size in sizes]
        size = max(zip(gaps, sizes, strict=True), key=lambda cut: cut[0] + draw() / 2)[1]
        cells.append(left[:size])
        left = left[size:]
    return cells


def _shape(cell: Sequence[Tone], first: Sequence[Tone], alone: bool, draw: Draw) -> list[Tone]:
    """The cell with the pitches that give it its shape; only their differences count."""
    chance = draw()
    pitches = [tone.pitch for tone in cell]
    if chance < _KEPT or (alone and chance < _AGAIN):
        shape = pitches
    elif chance < _AGAIN:
        theme = [tone.pitch for tone in first]
        shape = [theme[at % len(theme)] for at in range(len(pitches))]
    elif chance < _INVERTED:
        shape = [2 * pitches[0] - pitch for pitch in pitches]
    else:
        shape = pitches[::-1]
    return [tone._replace(pitch=pitch) for tone, pitch in zip(cell, shape, strict=True)]


def _joint(cell: Sequence[Tone], lasted: float, alone: bool) -> Tone:
    """The gap to a further cell: as in the phrase, or to a whole beat."""
    if not alone and 0.0 < cell[0].beats <= _WHOLE:
        return cell[0]
    gap = 1.0 - lasted % 1.0
    return Tone(_ENCODING.gap_index(gap + 1.0 if gap < REST else gap), 0)


def _pitches(shape: Sequence[Tone], start: int, steps: Ladder) -> list[int]:
    """A shape from the pitch ``start`` or near it, if it keeps its intervals there; otherwise by degrees."""
    place = steps.place(start)
    for near in _NEAR:
        if exact := _exact(shape, steps.at(place + near), steps):
            return exact
    return _by_degrees(shape, start, steps)


def _exact(shape: Sequence[Tone], start: int, steps: Ladder) -> list[int]:
    """The shape to the semitone; nothing, if it leaves the ladder."""
    exact = [start + tone.pitch - shape[0].pitch for tone in shape]
    return exact if steps.holds(exact[1:]) else []


def _by_degrees(shape: Sequence[Tone], start: int, steps: Ladder) -> list[int]:
    degrees = [steps.place(tone.pitch) for tone in shape]
    return [start, *(steps.at(steps.place(start) + degree - degrees[0]) for degree in degrees[1:])]


def intervals(pitches: Sequence[int]) -> list[int]:
    """The steps between pitches, in semitones."""
    return [there - here for here, there in pairwise(pitches)]
