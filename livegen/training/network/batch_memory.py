"""The rows of the session memory for whole batches: the same as ``livegen.predictors.memory`` gives note by note."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors.encoding import CLASSES, Step
from livegen.predictors.memory import (
    BY_GAP,
    COMMON,
    GAP,
    KEYS,
    LENGTH_CLASS,
    LONGEST,
    PAIR,
    SIZE,
    TICKS,
    Ints,
    distance_class,
)

_FIELD = {name: index for index, name in enumerate(Step._fields)}


Whole = npt.NDArray[np.integer]


class Recalled(NamedTuple):
    """Rows after each step: ``common`` [b, n, 9, 3]; ``given`` [b, n, 2, 3], those of the gap that is to come."""

    common: Ints
    given: Ints


def recall(steps: Ints, gaps: Ints) -> Recalled:
    """The rows after each of ``steps`` [b, n, 10]; ``gaps`` [b, n] are indices in GAPS. n ≤ SIZE."""
    size, length = gaps.shape
    pitch, interval, gap = (steps[..., _FIELD[name]].astype(np.int32) for name in ("pitch", "interval", "gap"))
    pair = np.where((interval > 0) & (gap > 0), interval * CLASSES.gap + gap, 0)
    keys = np.stack((pair, gap, interval, pitch))  # in the order of livegen.predictors.memory
    follows = np.stack((gap, gap, interval, interval))
    onsets = TICKS[gap].cumsum(axis=1)
    common = np.zeros((size, length, len(COMMON), 3), dtype=np.int64)
    given = np.zeros((size, length, BY_GAP, 3), dtype=np.int64)
    before = np.zeros((KEYS, size, length + 1), dtype=np.int32)  # match lengths, one place to the right
    places = np.arange(length, dtype=np.int32)
    for at in range(1, length):
        new = keys[:, :, at]
        same = keys[:, :, :at] == np.where(new > 0, new, -1)[..., None]
        lengths = np.minimum(before[:, :, :at] + 1, LONGEST) * same
        before[:, :, 1 : at + 1] = lengths
        scores = lengths * SIZE + places[:at]
        nexts = follows[:, :, 1 : at + 1]
        first = scores.argmax(axis=2)
        values = _at(nexts, first)
        second = np.where(nexts != values[..., None], scores, 0).argmax(axis=2)
        others = _at(nexts, second)
        distances = onsets[:, at, None] - onsets[:, :at]
        rows = common[:, at, : 2 * KEYS].reshape(size, KEYS, 2, 3)
        rows[:, :, 0] = _rows(values, _at(lengths, first), distances, first)
        rows[:, :, 1] = _rows(others, _at(lengths, second) * (others != values), distances, second)
        best = first[PAIR]
        common[:, at, -1] = rows[:, PAIR, 0]
        common[:, at, -1, 0] = _at(interval[:, 1 : at + 1], best) * (rows[:, PAIR, 0, 1] > 0)
        with_gap = np.where(nexts[GAP] == gaps[:, at, None] + 1, scores[PAIR], 0)
        best = with_gap.argmax(axis=1)
        moves = interval[:, 1 : at + 1]
        values = _at(moves, best)
        given[:, at, 0] = _rows(values, _at(with_gap, best) // SIZE, distances, best)
        other = np.where(moves != values[:, None], with_gap, 0)
        best = other.argmax(axis=1)
        given[:, at, 1] = _rows(_at(moves, best), _at(other, best) // SIZE, distances, best)
    return Recalled(common, given)


def _at(values: Whole, places: Whole) -> Whole:
    """The value of each row at its place; a third of what ``np.take_along_axis`` takes, which is asked so often."""
    found: Whole = values[(*_rows_of(*places.shape), places)]
    return found


@lru_cache(maxsize=64)
def _rows_of(*shape: int) -> tuple[Whole, ...]:
    return tuple(np.ix_(*(np.arange(size) for size in shape)))


def _rows(values: Whole, lengths: Whole, distances: Whole, places: Whole) -> Ints:
    """Rows [b, (keys,) 3] from arrays [(keys,) b]."""
    away = distance_class(
        distances[np.arange(len(distances))[:, None], places.T if places.ndim == 2 else places[:, None]]
    )
    found = lengths.T > 0
    distance = away if places.ndim == 2 else away[:, 0]
    length: Ints = LENGTH_CLASS[np.minimum(lengths.T, len(LENGTH_CLASS) - 1)]
    return np.stack((values.T.astype(np.int64), length, distance), axis=-1) * found[..., None]
