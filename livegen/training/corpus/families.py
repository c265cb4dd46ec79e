"""Tune families: which tunes are variants of one another, so that no variant of a held-out tune is trained on.

Two tunes are variants if they share at least 15 % of the smaller one's shingles (seven intervals in a row; shingles
found in 60 tunes or more are too common to count). Variants joined make a cluster; its smallest fingerprint says where
all of it goes.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from livegen.tunes.tune import Tune, quarters

SHINGLE = 7  # intervals in a row
SHARED = 0.15
COMMON = 60  # tunes
Split = Literal["test", "validation", "training"]


def fingerprint(tune: Tune) -> str:
    """SHA-256 (hex) of the intervals and inter-onset times, unchanged by transposition."""
    pairs = zip(tune.notes, tune.notes[1:], strict=False)
    moves = [(b.pitch - a.pitch, _written(b.onset - a.onset)) for a, b in pairs]
    return hashlib.sha256(repr(moves).encode()).hexdigest()


@lru_cache(maxsize=4096)
def _written(beats: float) -> str:
    return str(quarters(beats))


def shingles(tune: Tune) -> frozenset[int]:
    """The tune's shingles, as 48-bit hashes."""
    intervals = [b.pitch - a.pitch for a, b in zip(tune.notes, tune.notes[1:], strict=False)]
    windows = {tuple(intervals[at : at + SHINGLE]) for at in range(len(intervals) - SHINGLE + 1)}
    return frozenset(_hash(window) for window in windows)


@lru_cache(maxsize=1 << 19)  # the books have 240,000 windows, and they are asked for three times
def _hash(window: tuple[int, ...]) -> int:
    packed = bytes(max(-127, min(127, interval)) % 256 for interval in window)
    return int.from_bytes(hashlib.sha256(packed).digest()[:6], "big")


def variants(sets: Sequence[frozenset[int]]) -> list[tuple[int, int]]:
    """Every pair of indices (a < b) whose tunes are variants."""
    counts = Counter(shingle for each in sets for shingle in each)
    kept = [frozenset(shingle for shingle in each if counts[shingle] < COMMON) for each in sets]
    holders: defaultdict[int, list[int]] = defaultdict(list)
    for index, each in enumerate(kept):
        for shingle in each:
            holders[shingle].append(index)
    pairs: list[tuple[int, int]] = []
    for index, each in enumerate(kept):
        shared = Counter(other for shingle in each for other in holders[shingle] if other > index)
        for other, count in shared.items():
            if count >= SHARED * min(len(each), len(kept[other])):
                pairs.append((index, other))
    return pairs


def split(tunes: Sequence[Tune]) -> list[Split]:
    """For each tune: test, validation or training, whole families together, the same on every machine."""
    parent = list(range(len(tunes)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for a, b in variants([shingles(tune) for tune in tunes]):
        parent[root(a)] = root(b)
    prints = [fingerprint(tune) for tune in tunes]
    smallest: dict[int, str] = {}
    for index, each in enumerate(prints):
        smallest[root(index)] = min(each, smallest.get(root(index), each))
    buckets: list[Split] = ["test", "validation"]
    chosen = [int(smallest[root(index)][:8], 16) % 10 for index in range(len(tunes))]
    return [buckets[bucket] if bucket < 2 else "training" for bucket in chosen]
