"""The paired bootstrap (Efron 1979): tests whether one model is better than another, or only luckier with the tunes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

RESAMPLES = 10_000
_AT_ONCE = 1_000


class Difference(NamedTuple):
    """Bits per note of one less those of another (negative: the first is better), and its 95 % interval."""

    mean: float
    low: float
    high: float


def difference(a: Sequence[float], b: Sequence[float], notes: Sequence[int], seed: int = 0) -> Difference:
    """Of the bits that each tune took, ``a`` and ``b`` [tunes], and how many notes were predicted in it.

    Tunes are drawn with replacement, the same for both; the interval is that of the percentiles.
    """
    apart, count = np.array(a, dtype=np.float64) - np.array(b, dtype=np.float64), np.array(notes, dtype=np.float64)
    random = np.random.default_rng(seed)
    even = np.full(len(count), 1.0 / len(count))
    drawn: list[float] = []
    for _ in range(RESAMPLES // _AT_ONCE):
        often = random.multinomial(len(count), even, size=_AT_ONCE)
        drawn += ((often @ apart) / (often @ count)).tolist()
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Difference(float(apart.sum() / count.sum()), float(low), float(high))
