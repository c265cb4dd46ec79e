"""A Markov model of the same steps the networks take: what followed the last few (interval, gap) pairs, in any key.

Orders are interpolated with Kneser-Ney discounts. It is the baseline that a trained network has to beat.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors.encoding import GAPS, PITCHES, Step

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]

ORDER = 5  # pairs looked back on
_PITCH, _GAP = Step._fields.index("pitch"), Step._fields.index("gap")
_INTERVALS = 2 * PITCHES - 1  # -127 to 127
_PRIME = np.uint64(0x9E3779B97F4A7C15)
NOTHING = np.uint64(0xD1B54A32D192ED03)  # the empty context


class MarkovScore(NamedTuple):
    """One predicted note: bits and rank (0 = thought likeliest) of its gap, and of its pitch given the gap."""

    gap_bits: float
    gap_rank: int
    pitch_bits: float
    pitch_rank: int


class Followed(NamedTuple):
    """What followed the contexts of one length, a row for each pair of context and symbol, sorted by context: hashes,
    symbols, counts, and what is taken off a count."""

    contexts: Hashes
    symbols: Ints
    counts: Floats
    discount: float


@dataclass(frozen=True)
class _Table:
    """What followed each context of one length, sorted by context: how often, and after how many longer contexts."""

    contexts: Hashes
    symbols: Ints
    often: Floats
    varied: Floats

    @classmethod
    def count(cls, contexts: Hashes, symbols: Ints, longer: "_Table | None", parents: Hashes | None) -> "_Table":
        """``longer`` is the table of contexts longer by one, ``parents`` its rows' contexts shortened by one."""
        keys, often = _tally(contexts, symbols)
        varied = often
        if longer is not None and parents is not None:
            varied = _tally(parents, longer.symbols)[1]
        # Copied, for within the pairs they are not aligned: each search would copy them all.
        return cls(keys["context"].copy(), keys["symbol"].astype(np.int64), often, varied)

    def follow(self, context: np.uint64, top: bool) -> tuple[Ints, Floats]:
        """The symbols that followed ``context`` and their counts."""
        low, high = np.searchsorted(self.contexts, context, "left"), np.searchsorted(self.contexts, context, "right")
        return self.symbols[low:high], (self.often if top else self.varied)[low:high]


def _tally(contexts: Hashes, symbols: Ints) -> tuple[npt.NDArray[np.void], Floats]:
    pairs = np.empty(len(contexts), dtype=[("context", np.uint64), ("symbol", np.int16)])
    pairs["context"], pairs["symbol"] = contexts, symbols
    order = np.lexsort((pairs["symbol"], pairs["context"]))
    pairs = pairs[order]
    first = np.ones(len(pairs), dtype=bool)
    first[1:] = (pairs["context"][1:] != pairs["context"][:-1]) | (pairs["symbol"][1:] != pairs["symbol"][:-1])
    starts = np.flatnonzero(first)
    return pairs[starts], np.diff(np.append(starts, len(pairs))).astype(np.float64)


class _Chain:
    """Tables of growing context length for one kind of symbol; ``contexts`` are arrays, the shortest first."""

    def __init__(self, contexts: Sequence[Hashes], symbols: Ints) -> None:
        self._tables: list[_Table] = []
        longer: _Table | None = None
        parents: Hashes | None = None
        for depth in range(len(contexts) - 1, -1, -1):
            longer = _Table.count(contexts[depth], symbols, longer, parents)
            self._tables.insert(0, longer)
            if depth:
                shorter = _shorter(contexts[depth], contexts[depth - 1])
                parents = shorter[1][np.searchsorted(shorter[0], longer.contexts)]
        self._discounts = [(_discount(table.often), _discount(table.varied)) for table in self._tables]

    def __len__(self) -> int:
        return len(self._tables)

    def mix(self, contexts: Sequence[np.uint64], base: Floats, shift: int = 0) -> list[Floats]:
        """Probabilities over ``base``'s symbols by every context length, the shortest first. A symbol s stands at
        s + ``shift``; what falls outside is lost, and made up for by scaling."""
        mixed: list[Floats] = []
        lower = base
        for table, context, discounts in zip(self._tables, contexts, self._discounts, strict=True):
            mixed.append(_step(*table.follow(context, top=True), discounts[0], lower, shift))
            lower = _step(*table.follow(context, top=False), discounts[1], lower, shift)
        return mixed

    def followed(self) -> list[Followed]:
        """What the longest contexts need, by context length, the shortest first."""
        rows = [
            Followed(table.contexts, table.symbols, table.varied, discounts[1])
            for table, discounts in zip(self._tables, self._discounts, strict=True)
        ]
        longest = self._tables[-1]
        return [*rows[:-1], Followed(longest.contexts, longest.symbols, longest.often, self._discounts[-1][0])]


def _step(symbols: Ints, counts: Floats, discount: float, lower: Floats, shift: int) -> Floats:
    places = symbols + shift
    inside = (places >= 0) & (places < len(lower))
    places, counts = places[inside], counts[inside]
    if not len(places):
        return lower
    mixed = lower * (discount * len(places))
    mixed[places] += counts - discount
    scaled: Floats = mixed / counts.sum()
    return scaled


def _shorter(contexts: Hashes, shortened: Hashes) -> tuple[Hashes, Hashes]:
    unique, first = np.unique(contexts, return_index=True)
    return unique, shortened[first]


def _discount(counts: Floats) -> float:
    once, twice = float((counts == 1).sum()), float((counts == 2).sum())
    return once / (once + 2 * twice) if once else 0.5


class MarkovTables:
    """Gap and pitch from up to ``order`` (interval, gap) pairs; the pitch also from its own gap."""

    def __init__(self, sequences: Iterable[Ints], order: int = ORDER) -> None:
        """Fit on sequences of steps, int64 [n, 10] each, without the START step."""
        self.order = order
        contexts: list[list[Hashes]] = [[] for _ in range(order + 1)]
        gaps: list[Ints] = []
        moves: list[Ints] = []
        for steps in sequences:
            if len(steps) > 1:
                for depth, hashes in enumerate(self._contexts(steps)):
                    contexts[depth].append(hashes)
                gaps.append(steps[1:, _GAP] - 1)
                moves.append(np.diff(steps[:, _PITCH]) + PITCHES - 1)
        whole = [np.concatenate([np.empty(0, np.uint64), *each]) for each in contexts]
        gap = np.concatenate([np.empty(0, np.int64), *gaps])
        given = [np.full(len(gap), NOTHING), *(extend(each, gap) for each in whole)]
        self._gaps = _Chain(whole, gap)
        self._moves = _Chain(given, np.concatenate([np.empty(0, np.int64), *moves]))

    def gaps(self, steps: Ints, order: int | None = None) -> Floats:
        """Probabilities of the next gap [len(GAPS)] after ``steps`` [n, 10] (n ≥ 1)."""
        contexts = [each[-1] for each in self._contexts(steps, ahead=True)]
        return self._gaps.mix(contexts, _uniform(len(GAPS)))[self.order if order is None else order]

    def pitches(self, steps: Ints, gap: int, order: int | None = None) -> Floats:
        """Probabilities of the next pitch [128] after ``steps`` (n ≥ 1) if it comes after ``gap``, an index in GAPS."""
        contexts = [each[-1:] for each in self._contexts(steps, ahead=True)]
        given = [NOTHING, *(extend(each, np.array([gap]))[0] for each in contexts)]
        last = int(steps[-1, _PITCH]) - 1
        return _normal(
            self._moves.mix(given, _uniform(PITCHES), last - PITCHES + 1)[1:][self.order if order is None else order]
        )

    def scores(self, steps: Ints) -> list[list[MarkovScore]]:
        """How well each order, 0 to ``order``, foresees every note of ``steps`` [n, 10] but the first."""
        found: list[list[MarkovScore]] = [[] for _ in range(self.order + 1)]
        if len(steps) < 2:
            return found
        contexts = self._contexts(steps)
        gaps = steps[1:, _GAP] - 1
        given = [extend(each, gaps) for each in contexts]
        for index, gap in enumerate(gaps):
            last, pitch = int(steps[index, _PITCH]) - 1, int(steps[index + 1, _PITCH]) - 1
            by_gap = self._gaps.mix([each[index] for each in contexts], _uniform(len(GAPS)))
            hashes = [NOTHING, *(each[index] for each in given)]
            by_pitch = self._moves.mix(hashes, _uniform(PITCHES), last - PITCHES + 1)[1:]
            for order, (g, p) in enumerate(zip(by_gap, by_pitch, strict=True)):
                found[order].append(MarkovScore(*_judge(g, int(gap)), *_judge(_normal(p), pitch)))
        return found

    def tables(self) -> tuple[list[Followed], list[Followed]]:
        """Of gaps, by 0 to ``order`` pairs; of intervals (+ 127), by nothing, the gap, the gap and 1 to ``order``."""
        return self._gaps.followed(), self._moves.followed()

    def _contexts(self, steps: Ints, ahead: bool = False) -> list[Hashes]:
        """For each length 0 to ``order``, a hash of the pairs before each note but the first (``ahead``: the next)."""
        tokens = np.zeros(len(steps), dtype=np.uint64)
        moves = np.diff(steps[:, _PITCH]) + PITCHES
        tokens[1:] = (moves * 64 + steps[1:, _GAP]).astype(np.uint64)
        count = len(steps) if ahead else len(steps) - 1
        hashes = [np.full(count, NOTHING)]
        for lag in range(self.order):
            pairs = np.zeros(count, dtype=np.uint64)
            pairs[lag:] = tokens[: max(0, count - lag)]
            hashes.append(extend(hashes[-1], pairs))
        return hashes


def extend(hashes: Hashes, tokens: npt.NDArray[np.integer]) -> Hashes:
    """The hash of each context with one more token."""
    mixed: Hashes = (hashes ^ (tokens.astype(np.uint64) + np.uint64(1))) * _PRIME
    mixed ^= mixed >> np.uint64(29)
    return mixed


def _uniform(count: int) -> Floats:
    return np.full(count, 1.0 / count)


def _normal(probabilities: Floats) -> Floats:
    scaled: Floats = probabilities / probabilities.sum()
    return scaled


def _judge(probabilities: Floats, true: int) -> tuple[float, int]:
    likely = probabilities[true]
    return float(-np.log2(likely)), int((probabilities > likely).sum())
