"""Counts of what followed what: long-term tables that are kept, and short-term counts made while a tune goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]

_PRIME = np.uint64(0x9E3779B97F4A7C15)
ORDER = 40  # tokens, the longest context of the short-term part
WINDOW = 1024  # notes that it remembers
CUTS = (1, 2, 3, 4, 6, 9, 13, 17, 25, 33)  # its longest match, in classes: where each but the first begins
NOTHING = np.uint64(0xD1B54A32D192ED03)  # the empty context


def extend(hashes: Hashes, tokens: Ints) -> Hashes:
    """Contexts made longer by one token each (tokens ≥ -1)."""
    mixed: Hashes = (hashes ^ (tokens + 2).astype(np.uint64)) * _PRIME
    mixed ^= mixed >> np.uint64(29)
    return mixed


def contexts_of(tokens: Ints, order: int, given: Ints | None = None) -> list[Hashes]:
    """For each length 0 to ``order``, a hash of the tokens before each place 1 to n (n: after the last) [n].

    With ``given`` [n], the first hash knows nothing, the second what is given at the place, the rest both.
    """
    first = np.full(len(tokens), NOTHING)
    found = [first] if given is None else [first, extend(first, given)]
    for lag in range(order):
        before = np.full(len(tokens), -1, dtype=np.int64)
        before[lag:] = tokens[: max(0, len(tokens) - lag)]
        found.append(extend(found[-1], before))
    return found


@dataclass(frozen=True)
class Table:
    """What followed each context of one length, sorted by context: how often, and after how many longer contexts."""

    contexts: Hashes
    symbols: npt.NDArray[np.int16]
    often: npt.NDArray[np.int32]
    varied: npt.NDArray[np.int32]

    def smooth(self, contexts: Hashes, lower: Floats, top: bool) -> Floats:
        """Kneser-Ney: ``lower`` [n, symbols] sharpened by what followed ``contexts`` [n]."""
        counts = self.often if top else self.varied
        discount = self._discounts[not top]
        low = np.searchsorted(self.contexts, contexts, "left")
        many = np.searchsorted(self.contexts, contexts, "right") - low
        rows = np.repeat(np.arange(len(contexts)), many)
        places = np.arange(len(rows)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(low, many)
        total = np.bincount(rows, counts[places], len(contexts))
        known = total > 0
        mixed = lower.copy()
        mixed[known] *= (discount * many[known] / total[known])[:, None]
        mixed[rows, self.symbols[places]] += (counts[places] - discount) / total[rows]
        return mixed

    @cached_property
    def _discounts(self) -> tuple[float, float]:
        return _discount(self.often), _discount(self.varied)


def _discount(counts: npt.NDArray[np.int32]) -> float:
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    return once / (once + 2 * twice) if once else 0.5


class Chain:
    """Tables of growing context length, the shortest first, interpolated (Kneser & Ney 1995, Chen & Goodman 1999)."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tables

    @classmethod
    def count(cls, contexts: Sequence[Hashes], symbols: Ints) -> "Chain":
        """From every place's contexts of each length and the symbol that stands there."""
        tables: list[Table] = []
        longer: Table | None = None
        for depth in range(len(contexts) - 1, -1, -1):
            keys, often = _tally(contexts[depth], symbols)
            varied = often
            if longer is not None:
                unique, first = np.unique(contexts[depth + 1], return_index=True)
                parents = contexts[depth][first][np.searchsorted(unique, longer.contexts)]
                varied = _tally(parents, longer.symbols)[1]
            longer = Table(keys["context"].copy(), keys["symbol"].copy(), often, varied)
            tables.insert(0, longer)
        return cls(tables)

    def foresee(self, contexts: Sequence[Hashes], base: Floats) -> Floats:
        """Probabilities [n, symbols] after ``contexts`` (each length: [n]), falling back on ``base`` [n, symbols]."""
        lower = base
        for table, context in zip(self.tables[:-1], contexts, strict=False):
            lower = table.smooth(context, lower, top=False)
        return self.tables[-1].smooth(contexts[-1], lower, top=True)

    def to_arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """All tables as arrays named ``name``, the depth and what they hold."""
        return {
            f"{name}/{depth}/{part}": getattr(table, part)
            for depth, table in enumerate(self.tables)
            for part in ("contexts", "symbols", "often", "varied")
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], name: str, length: int) -> "Chain":
        """What ``to_arrays`` gave. Raises KeyError if something is missing."""
        parts = ("contexts", "symbols", "often", "varied")
        return cls([Table(*(arrays[f"{name}/{depth}/{part}"] for part in parts)) for depth in range(length)])


class Heard(NamedTuple):
    """A tune as it goes on, by places: which symbol stands at each, the tokens that make contexts, and what is given
    with the symbol (None: nothing)."""

    symbols: Ints
    tokens: Ints
    given: Ints | None = None


def short_term(heard: Heard, places: Ints, base: Floats, given: Ints | None = None) -> tuple[Floats, Ints]:
    """What may stand at ``places`` [r] (consecutive), from the same tune's earlier places alone: probabilities
    [r, symbols] that fall back on ``base`` [r, symbols], and the longest match in tokens, -1 if nothing was heard [r].

    PPM (Cleary & Witten 1984) with escape method C (Moffat 1990), every order interpolated up to the longest match.
    ``given`` [r] is what is given at ``places``.
    """
    rows, size = base.shape
    first = np.maximum(1, places - WINDOW)
    many = places - first
    here = np.repeat(places, many)
    there = np.arange(len(here)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
    mixed, longest = base.copy(), np.full(rows, -1, dtype=np.int64)
    for length in range(-1, ORDER + 1):
        if length == 0 and heard.given is not None and given is not None:
            same = heard.given[there] == given[here - places[0]]
        elif length > 0:
            same = there >= length
            here, there = here[same], there[same]
            same = heard.tokens[here - length] == heard.tokens[there - length]
        else:
            same = np.ones(len(there), dtype=bool)
        here, there = here[same], there[same]
        if not len(there):
            break
        if length == -1 and heard.given is None:
            continue  # with nothing given, length 0 is the same
        flat = (here - places[0]) * size + heard.symbols[there]
        counts = np.bincount(flat, minlength=rows * size).reshape(rows, size)
        total, kinds = counts.sum(axis=1, keepdims=True), (counts > 0).sum(axis=1, keepdims=True)
        known = total[:, 0] > 0
        mixed[known] = ((counts + kinds * mixed) / np.maximum(total + kinds, 1))[known]
        longest[known] = np.maximum(length, 0)
    return mixed, longest


def _tally(contexts: Hashes, symbols: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.void], npt.NDArray[np.int32]]:
    pairs = np.empty(len(contexts), dtype=[("context", np.uint64), ("symbol", np.int16)])
    pairs["context"], pairs["symbol"] = contexts, symbols
    pairs = pairs[np.lexsort((pairs["symbol"], pairs["context"]))]
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = (pairs["context"][1:] != pairs["context"][:-1]) | (pairs["symbol"][1:] != pairs["symbol"][:-1])
    starts = np.flatnonzero(first)
    return pairs[starts], np.diff(np.append(starts, len(pairs))).astype(np.int32)
