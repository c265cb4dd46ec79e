"""Melody and rhythm: the top line, its motifs, how much of it is another's, and its note values."""

import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.musicality.performance import Grid
from livegen.events import Note

TOGETHER = 0.03  # seconds: notes that begin within this are a chord
MOTIF = 3  # intervals
COPIED = 4  # intervals in a row that make a copy
VALUES = (1 / 6, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4, 1, 3 / 2, 2, 3, 4, 6, 8)  # beats


def struck(notes: Iterable[Note]) -> list[list[Note]]:
    """The notes by onset, those of a chord together."""
    found: list[list[Note]] = []
    for note in sorted(notes, key=lambda note: (note.onset, note.pitch)):
        if found and note.onset - found[-1][0].onset < TOGETHER:
            found[-1].append(note)
        else:
            found.append([note])
    return found


def top_line(notes: Iterable[Note]) -> list[Note]:
    """The melody: the highest note of each chord, unless a higher one sounds on."""
    line: list[Note] = []
    highest, until = -1, 0.0
    for chord in struck(notes):
        top = max(chord, key=lambda note: note.pitch)
        if top.pitch > highest or top.onset > until - TOGETHER:
            line.append(top)
            highest, until = top.pitch, top.onset + top.duration
    return line


def intervals(notes: Iterable[Note]) -> list[int]:
    """The steps of the top line, in semitones."""
    return [there.pitch - here.pitch for here, there in itertools.pairwise(top_line(notes))]


def motifs(notes: Iterable[Note]) -> list[tuple[int, ...]]:
    """All figures of three intervals in the top line."""
    steps = intervals(notes)
    return [tuple(steps[at : at + MOTIF]) for at in range(len(steps) - MOTIF + 1)]


def copied(answer: Sequence[int], heard: Sequence[int]) -> float:
    """The share of an answer's intervals that lie in runs of four or more which were heard before."""
    runs = {tuple(heard[at : at + COPIED]) for at in range(len(heard) - COPIED + 1)}
    taken = [False] * len(answer)
    for at in range(len(answer) - COPIED + 1):
        if tuple(answer[at : at + COPIED]) in runs:
            taken[at : at + COPIED] = [True] * COPIED
    return sum(taken) / len(taken)


def distance(one: Sequence[int], other: Sequence[int]) -> float:
    """Insertions, deletions and changes that lead from one to the other, as a share of the longer."""
    row = list(range(len(other) + 1))
    for number, here in enumerate(one, 1):
        former, row[0] = row[0], number
        for at, there in enumerate(other, 1):
            former, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, former + (here != there))
    return row[-1] / max(1, len(one), len(other))


def gaps(notes: Iterable[Note], grid: Grid) -> list[float]:
    """Beats from each onset to the next."""
    places = [grid.beat(chord[0].onset) for chord in struck(notes)]
    return [there - here for here, there in itertools.pairwise(places)]


def value_bits(notes: Iterable[Note], grid: Grid) -> float:
    """The entropy, in bits, of the note values (gaps, each taken for the written value nearest by ratio)."""
    values = Counter(min(VALUES, key=lambda value: abs(math.log(max(gap, 1e-3) / value))) for gap in gaps(notes, grid))
    total = values.total()
    return -sum(count / total * math.log2(count / total) for count in values.values())


def rests(notes: Iterable[Note], grid: Grid, least: float = 0.5) -> int:
    """The number of rests of half a beat or longer between the first note and the last."""
    count, until = 0, math.inf
    for note in sorted(notes, key=lambda note: note.onset):
        count += grid.beat(note.onset) - until >= least
        end = grid.beat(note.onset + note.duration)
        until = end if until == math.inf else max(until, end)
    return count
