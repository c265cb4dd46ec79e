"""The session memory: where what was just played was played before, and what came then. A value, never changed in place.

For each of four keys, the pair of interval and gap, the gap, the interval, the pitch, it keeps how long the latest notes
match those up to each earlier note. The longest matches' continuations are told to the network as rows of three classes:
the continuation (a gap or an interval, so that a phrase is known again in another key), how long the match is, and how
far back it lies.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.encoding import CLASSES, GAPS, Step

Table = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]

SIZE = 1024  # notes that are remembered
KEYS = 4
PAIR, GAP, INTERVAL, PITCH = range(KEYS)
# The rows of `Rows.common`: two continuations a key, and the interval that follows the longest match of the pair.
COMMON = ("pair: gap", "pair: another gap", "gap: gap", "gap: another gap") + (
    "interval: interval",
    "interval: another interval",
    "pitch: interval",
    "pitch: another interval",
    "pair: interval",
)
BY_GAP = 2  # rows for each possible gap: the intervals that followed the longest matches of the pair with that gap
_COLUMNS = 2 * KEYS + 1  # of a note: its keys, its match lengths, its onset
_ONSET = 2 * KEYS
_TICKS = 48  # of a beat: every note value is a whole number of them
TICKS = np.array([0, *(round(gap * _TICKS) for gap in GAPS)], dtype=np.int32)  # by class of gap

_BUCKETS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 17, 25, 33)  # the shortest match of each class of length
LENGTHS = len(_BUCKETS)
_LENGTH = np.searchsorted(_BUCKETS, np.arange(_BUCKETS[-1] + 1), side="right") - 1

# Distances are told in half beats up to 32 beats; beyond, by the bars they are a multiple of.
_NEAR = 32 * _TICKS
_ROUND = 12 * _TICKS
DISTANCES = 1 + 2 * 32 + 1 + 5  # nothing, half beats, no half beats, and five kinds of far


def _distance_classes() -> Ints:
    table = np.zeros(_NEAR + 1 + _ROUND, dtype=np.int64)
    half = _TICKS // 2
    for ticks in range(_NEAR + 1):
        halves = round(ticks / half)
        table[ticks] = max(1, halves) if abs(ticks - halves * half) <= 2 else 65
    for ticks in range(_ROUND):
        halves = round(ticks / half)
        if abs(ticks - halves * half) > 2:
            kind = 65
        elif halves % 2:
            kind = 66
        else:
            kind = 67 + (halves % 8 == 0) + 2 * (halves % 6 == 0)
        table[_NEAR + 1 + ticks] = kind
    return table


_DISTANCE = _distance_classes()
EMPTY: Table = np.zeros((_COLUMNS, 0), dtype=np.int32)
_PLACES = np.arange(SIZE, dtype=np.int32)
_CONTINUES = np.array([GAP, GAP, INTERVAL, INTERVAL])  # which key of the next note continues a match


class Rows(NamedTuple):
    """What the memory tells the network: ``common`` int64 [9, 3], ``by_gap`` int64 [len(GAPS), 2, 3], 0 = nothing."""

    common: Ints
    by_gap: Ints


NOTHING = Rows(np.zeros((len(COMMON), 3), dtype=np.int64), np.zeros((len(GAPS), BY_GAP, 3), dtype=np.int64))


def length_class(lengths: npt.NDArray[np.integer]) -> Ints:
    """The class of each match length, 0 (no match) to LENGTHS - 1."""
    classes: Ints = _LENGTH[np.minimum(lengths, _BUCKETS[-1])]
    return classes


def distance_class(ticks: npt.NDArray[np.integer]) -> Ints:
    """The class of each distance (48ths of a beat, ≥ 0), 1 to DISTANCES - 1."""
    classes: Ints = _DISTANCE[np.where(ticks <= _NEAR, ticks, _NEAR + 1 + ticks % _ROUND)]
    return classes


def keys(step: Step) -> tuple[int, int, int, int]:
    """The four keys of a note; 0 is unknown and matches nothing."""
    pair = step.interval * CLASSES.gap + step.gap if step.interval and step.gap else 0
    return pair, step.gap, step.interval, step.pitch


def hear(memory: Table, step: Step) -> Table:
    """The memory after one more note; beyond SIZE notes the oldest is forgotten."""
    if memory.shape[1] >= SIZE:
        memory = memory[:, 1 - SIZE :]
    count = memory.shape[1]
    after = np.empty((_COLUMNS, count + 1), dtype=np.int32)
    after[:, :count] = memory
    new = keys(step)
    after[:KEYS, count] = new
    after[KEYS:_ONSET, count] = 0
    after[_ONSET, count] = TICKS[step.gap] + (memory[_ONSET, -1] if count else 0)
    lengths = after[KEYS:_ONSET, :count]
    lengths[:, 1:] = memory[KEYS:_ONSET, :-1]
    lengths[:, :1] = 0
    lengths += 1
    wanted = np.array([key or -1 for key in new], dtype=np.int32)
    lengths *= memory[:KEYS] == wanted[:, None]
    return after


def look_up(memory: Table) -> Rows:
    """What followed the longest matches of the latest notes, the later of two that are equally long."""
    count = memory.shape[1] - 1  # places that have a continuation
    if count < 1:
        return NOTHING
    common, by_gap = np.zeros_like(NOTHING.common), np.zeros_like(NOTHING.by_gap)
    lengths = memory[KEYS:_ONSET, :count]
    scores = lengths * SIZE + _PLACES[:count]
    follows = memory[_CONTINUES, 1:]
    distances = memory[_ONSET, count] - memory[_ONSET, :count]
    every = np.arange(KEYS)
    first = scores.argmax(axis=1)
    values = follows[every, first]
    second = np.where(follows != values[:, None], scores, 0).argmax(axis=1)
    others = follows[every, second]
    places = np.stack((first, second), axis=1)
    found = lengths[every[:, None], places]
    found[:, 1] *= others != values
    rows = common[: 2 * KEYS].reshape(KEYS, 2, 3)
    rows[:, 0, 0], rows[:, 1, 0] = values, others
    rows[:, :, 1] = length_class(found)
    rows[:, :, 2] = distance_class(distances[places])
    rows *= found[:, :, None] > 0
    if found[PAIR, 0]:
        common[-1] = memory[INTERVAL, first[PAIR] + 1], rows[PAIR, 0, 1], rows[PAIR, 0, 2]
        _fill_by_gap(by_gap, memory, scores[PAIR], distances)
    return Rows(common, by_gap)


def _fill_by_gap(by_gap: Ints, memory: Table, scores: Table, distances: Table) -> None:
    """For each gap that followed a match of the pair: the intervals of the two longest such matches."""
    places = np.flatnonzero(scores >= SIZE)
    places = places[scores[places].argsort()]
    gaps, intervals = memory[GAP, places + 1] - 1, memory[INTERVAL, places + 1]
    # Where a gap comes more than once, the last assignment stands: the longest match.
    best = np.zeros(len(GAPS), dtype=np.int64)
    best[gaps] = intervals
    rows = np.stack(
        (intervals, length_class(scores[places] // SIZE), distance_class(distances[places])), axis=1
    )
    by_gap[gaps, 0] = rows
    others = intervals != best[gaps]
    by_gap[gaps[others], 1] = rows[others]
