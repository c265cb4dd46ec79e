"""Copies: the longest runs of (interval, gap) pairs in a tune that are also in the training tunes.

A run of k pairs is k + 1 notes; pairs know no key, so a transposed quotation is found. It is looked for with a suffix
array made by doubling (Manber & Myers 1993).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
LONGEST = 9  # runs are measured up to 2 ** LONGEST - 1 pairs
LONG = 12  # pairs: a run that counts as quoted
TOO_LONG = 24  # pairs: a run that nobody should meet


class Source:
    """The tunes that may be quoted from, as rows of pairs (≥ 0)."""

    def __init__(self, tunes: Sequence[Ints]) -> None:
        self._tunes = list(tunes)

    def runs(self, tunes: Sequence[Ints]) -> list[Ints]:
        """For each place of each tune, the number of pairs from there on that are also somewhere in the source."""
        whole, starts = _joined([*self._tunes, *tunes])
        ranks = _ranks(whole)
        asked = starts[len(self._tunes)]
        order = np.lexsort((np.arange(len(whole)), ranks[-1]))
        known = order < asked
        # For each suffix in order, the nearest one of the source before it and after it.
        places = np.arange(len(order))
        before = np.maximum.accumulate(np.where(known, places, -1))
        after = np.minimum.accumulate(np.where(known, places, len(order))[::-1])[::-1]
        found = np.zeros(len(whole), dtype=np.int64)
        for near in (before, after):
            there = np.flatnonzero((near >= 0) & (near < len(order)) & ~known)
            mine, theirs = order[there], order[near[there]]
            found[mine] = np.maximum(found[mine], _shared(ranks, mine, theirs))
        ends = [*starts[1:], len(whole)]
        pairs = list(zip(starts, ends, strict=True))[len(self._tunes) :]
        return [found[start : end - 1] for start, end in pairs]


def longest(runs: Ints) -> int:
    """The longest run of a tune, in pairs."""
    return int(runs.max(initial=0))


def covered(runs: Ints, least: int = LONG) -> float:
    """The share of a tune's pairs within runs of at least ``least``."""
    depth = np.zeros(len(runs) + 1, dtype=np.int64)
    starts = np.flatnonzero(runs >= least)
    np.add.at(depth, starts, 1)
    np.add.at(depth, starts + runs[starts], -1)
    return float((depth.cumsum()[:-1] > 0).mean()) if len(runs) else 0.0


def _joined(tunes: Sequence[Ints]) -> tuple[Ints, list[int]]:
    """Tunes one after the other, each ended by a mark that occurs once, and where each begins."""
    pieces: list[Ints] = []
    starts = [0]
    for index, tune in enumerate(tunes):
        pieces += [tune, np.array([-1 - index])]
        starts.append(starts[-1] + len(tune) + 1)
    return np.concatenate([np.empty(0, np.int64), *pieces]), starts[:-1]


def _ranks(whole: Ints) -> list[Ints]:
    """For each power of two up to 2 ** LONGEST, the place in the order of all runs of that length, from each place."""
    ranks = [np.unique(whole, return_inverse=True)[1].astype(np.int64)]
    for power in range(LONGEST):
        step = 1 << power
        following = np.full(len(whole), -1, dtype=np.int64)
        following[:-step] = ranks[-1][step:]
        keys = ranks[-1] * (len(whole) + 1) + following + 1
        ranks.append(np.unique(keys, return_inverse=True)[1].astype(np.int64))
    return ranks


def _shared(ranks: Sequence[Ints], a: Ints, b: Ints) -> Ints:
    """The number of pairs that the runs from ``a`` and from ``b`` share."""
    length = np.zeros(len(a), dtype=np.int64)
    last = len(ranks[0]) - 1
    for power in range(len(ranks) - 2, -1, -1):
        here, there = np.minimum(a + length, last), np.minimum(b + length, last)
        same = (ranks[power][here] == ranks[power][there]) & (here == a + length) & (there == b + length)
        length += same * (1 << power)
    return length
