"""Kneser-Ney counts of the symbols that followed each context, and short-term counts within one tune.

Both the Markov model and the n-gram are made of a ``Chain``: a table for each length of context, interpolated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors.context_hash import NOTHING, Hashes, extend

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
BLOCK = 256  # notes worked on at once
ORDER = 40  # tokens, the longest context of the short-term part
WINDOW = 1024  # notes that it remembers
CUTS = (1, 2, 3, 4, 6, 9, 13, 17, 25, 33)  # classes of its longest match: the beginning of each but the first


class NoteScore(NamedTuple):
    """One predicted note: bits and rank (0: the likeliest) of its gap, and of its pitch given the gap."""

    gap_bits: float
    gap_rank: int
    pitch_bits: float
    pitch_rank: int


class Followed(NamedTuple):
    """The symbols that followed the contexts of one length, a row for each pair of context and symbol, sorted: hashes,
    symbols, counts, and the discount on a count."""

    contexts: Hashes
    symbols: npt.NDArray[np.int16]
    counts: npt.NDArray[np.int32]
    discount: float


def contexts_of(tokens: Ints, order: int, given: Ints | None = None) -> list[Hashes]:
    """For each length 0 to ``order``, a hash of the tokens (≥ -1) before each place 1 to n (n: after the last) [n]; or
    of several rows of tokens [..., n].

    With ``given`` [..., n], the first hash is of nothing, the second of what is given at the place, the rest of both.
    """
    first = np.full(tokens.shape, NOTHING)
    length = tokens.shape[-1]
    found = [first] if given is None else [first, extend(first, given + 1)]
    for lag in range(order):
        before = np.full(tokens.shape, -1, dtype=np.int64)
        before[..., lag:] = tokens[..., : max(0, length - lag)]
        found.append(extend(found[-1], before + 1))
    return found


@dataclass(frozen=True)
class Table:
    """The symbols that followed each context of one length, sorted by context: how often each came, and after how many
    longer contexts."""

    contexts: Hashes
    symbols: npt.NDArray[np.int16]
    often: npt.NDArray[np.int32]
    varied: npt.NDArray[np.int32]

    def smooth(self, contexts: Hashes, lower: Floats, top: bool) -> Floats:
        """Kneser-Ney: ``lower`` [n, symbols] sharpened by what followed ``contexts`` [n]."""
        counts = self.often if top else self.varied
        discount = self.discounts[not top]
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
    def discounts(self) -> tuple[float, float]:
        """The discounts on ``often`` and on ``varied``."""
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
        """Count, from the contexts of each length at every place and the symbol there."""
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

    def predict(self, contexts: Sequence[Hashes], base: Floats) -> Floats:
        """Probabilities [n, symbols] after ``contexts`` (each length: [n]), falling back on ``base`` [n, symbols]."""
        lower = base
        for table, context in zip(self.tables[:-1], contexts, strict=False):
            lower = table.smooth(context, lower, top=False)
        return self.tables[-1].smooth(contexts[-1], lower, top=True)

    def predict_by_length(self, contexts: Sequence[Hashes], base: Floats) -> list[Floats]:
        """The probabilities of ``predict`` with contexts up to each length, the shortest first."""
        found: list[Floats] = []
        lower = base
        for table, context in zip(self.tables, contexts, strict=True):
            found.append(table.smooth(context, lower, top=True))
            lower = table.smooth(context, lower, top=False)
        return found

    def followed(self) -> list[Followed]:
        """The counts and discounts that ``predict`` uses, by length of context, the shortest first."""
        *shorter, longest = self.tables
        rows = [Followed(each.contexts, each.symbols, each.varied, each.discounts[1]) for each in shorter]
        return [*rows, Followed(longest.contexts, longest.symbols, longest.often, longest.discounts[0])]

    def to_arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """All tables as arrays named ``name``, the depth and what they hold."""
        return {
            f"{name}/{depth}/{part}": getattr(table, part)
            for depth, table in enumerate(self.tables)
            for part in ("contexts", "symbols", "often", "varied")
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], name: str, length: int) -> "Chain":
        """The tables that ``to_arrays`` gave. Raises KeyError if something is missing."""
        parts = ("contexts", "symbols", "often", "varied")
        return cls([Table(*(arrays[f"{name}/{depth}/{part}"] for part in parts)) for depth in range(length)])


class View(NamedTuple):
    """One view of a tune, by places: the symbol at each, the tokens that make contexts, and the tokens that are given
    with the symbol (None: no such tokens)."""

    symbols: Ints
    tokens: Ints
    given: Ints | None = None


def short_term(
    view: View, places: Ints, base: Floats, given: Ints | None = None, length: int = 0
) -> tuple[Floats, Ints]:
    """The symbols at ``places`` [r], predicted from the same tune's earlier places alone: probabilities
    [r, symbols] that fall back on ``base`` [r, symbols], and the longest match in tokens, -1 if there is none [r].

    PPM (Cleary & Witten 1984) with escape method C (Moffat 1990), every order interpolated up to the longest match.
    ``given`` [r] is what is given at ``places``. If the view holds several tunes of one ``length``, one after another,
    a place just after the end of one is of that tune.
    """
    rows, size = base.shape
    begins = (places - 1) // length * length if length else np.zeros(rows, dtype=np.int64)
    first = np.maximum(begins + 1, places - WINDOW)
    many = places - first
    row = np.repeat(np.arange(rows), many)
    there = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
    mixed, longest = base.copy(), np.full(rows, -1, dtype=np.int64)
    for match in range(-1, ORDER + 1):
        if match == 0 and view.given is not None and given is not None:
            same = view.given[there] == given[row]
        elif match > 0:
            same = there - begins[row] >= match
            row, there = row[same], there[same]
            same = view.tokens[places[row] - match] == view.tokens[there - match]
        else:
            same = np.ones(len(there), dtype=bool)
        row, there = row[same], there[same]
        if not len(there):
            break
        if match == -1 and view.given is None:
            continue  # with nothing given, length 0 is the same
        # Only the places that still have a match are worked on: the longer the match, the fewer there are.
        new = row[1:] != row[:-1]
        known = row[np.concatenate(([True], new))]
        which = np.concatenate(([0], np.cumsum(new)))
        counts = np.bincount(which * size + view.symbols[there], minlength=len(known) * size).reshape(-1, size)
        total, kinds = counts.sum(axis=1, keepdims=True), np.count_nonzero(counts, axis=1, keepdims=True)
        mixed[known] = (counts + kinds * mixed[known]) / (total + kinds)
        longest[known] = max(match, 0)
    return mixed, longest


def _tally(contexts: Hashes, symbols: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.void], npt.NDArray[np.int32]]:
    pairs = np.empty(len(contexts), dtype=[("context", np.uint64), ("symbol", np.int16)])
    pairs["context"], pairs["symbol"] = contexts, symbols
    pairs = pairs[np.lexsort((pairs["symbol"], pairs["context"]))]
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = (pairs["context"][1:] != pairs["context"][:-1]) | (pairs["symbol"][1:] != pairs["symbol"][:-1])
    starts = np.flatnonzero(first)
    return pairs[starts], np.diff(np.append(starts, len(pairs))).astype(np.int32)


def note_scores(gaps: Floats, gap: Ints, pitches: Floats, pitch: Ints) -> list[NoteScore]:
    """The scores of r notes from the probabilities of ``gaps`` [r, len(GAPS)] and ``pitches`` [r, 128], and the notes
    that came."""
    pairs = zip(_judged(gaps, gap), _judged(pitches, pitch), strict=True)
    return [NoteScore(*rhythm, *melody) for rhythm, melody in pairs]


def _judged(probabilities: Floats, true: Ints) -> list[tuple[float, int]]:
    """Bits and rank of the symbol that came, in each row."""
    likely = probabilities[np.arange(len(probabilities)), true]
    ranks = (probabilities > likely[:, None]).sum(axis=1)
    return [(float(bits), int(rank)) for bits, rank in zip(-np.log2(likely), ranks, strict=True)]


def normal(weights: Floats) -> Floats:
    """The weights [..., symbols] scaled to probabilities."""
    scaled: Floats = weights / weights.sum(axis=-1, keepdims=True)
    return scaled
