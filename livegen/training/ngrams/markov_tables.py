"""The tables of a Markov model of the same steps as the networks: what followed the last (interval, gap) pairs, in any
key.

They are the baseline that a trained network has to beat, and `livegen train markov` writes them into a model file.
"""

from collections.abc import Iterable

import numpy as np

from livegen.predictors.context_hash import NOTHING, Hashes, extend
from livegen.predictors.encoding import GAPS, PITCHES, Step
from livegen.predictors.markov import Level
from livegen.training.ngrams.tables import BLOCK, Chain, Floats, Ints, NoteScore, contexts_of, normal, note_scores

ORDER = 5  # pairs looked back on
_PITCH, _GAP = Step._fields.index("pitch"), Step._fields.index("gap")
_INTERVALS = 2 * PITCHES - 1  # -127 to 127


class MarkovTables:
    """Gap and pitch from up to ``order`` (interval, gap) pairs; the pitch also from its own gap."""

    def __init__(self, sequences: Iterable[Ints], order: int = ORDER) -> None:
        """Count in sequences of steps, int64 [n, 10] each, without the START step."""
        self.order = order
        contexts: list[list[Hashes]] = [[] for _ in range(order + 1)]
        gaps: list[Ints] = []
        moves: list[Ints] = []
        for steps in sequences:
            if len(steps) > 1:
                for length, hashes in enumerate(self._contexts(steps)):
                    contexts[length].append(hashes[:-1])
                gaps.append(steps[1:, _GAP] - 1)
                moves.append(np.diff(steps[:, _PITCH]) + PITCHES - 1)
        whole = [np.concatenate([np.empty(0, np.uint64), *each]) for each in contexts]
        gap = np.concatenate([np.empty(0, np.int64), *gaps])
        self._gaps = Chain.count(whole, gap)
        self._moves = Chain.count(_given(whole, gap), np.concatenate([np.empty(0, np.int64), *moves]))

    def gaps(self, steps: Ints, order: int | None = None) -> Floats:
        """Probabilities of the next gap [len(GAPS)] after ``steps`` [n, 10] (n ≥ 1)."""
        contexts = [each[-1:] for each in self._contexts(steps)]
        rows = self._gaps.predict_by_length(contexts, _uniform(1, len(GAPS)))
        return rows[self.order if order is None else order].ravel()

    def pitches(self, steps: Ints, gap: int, order: int | None = None) -> Floats:
        """Probabilities of the next pitch [128] after ``steps`` (n ≥ 1) if it comes after ``gap``, an index in GAPS."""
        contexts = [each[-1:] for each in self._contexts(steps)]
        rows = self._pitches(contexts, np.array([gap]), steps[-1:, _PITCH] - 1)
        return rows[self.order if order is None else order].ravel()

    def next_gaps(self, steps: Ints) -> Floats:
        """Probabilities [b, len(GAPS)] of the next gap after each of several tunes, steps [b, n, 10], n ≥ 1."""
        contexts = [each[:, -1] for each in self._contexts(steps[:, -self.order - 1 :])]
        return self._gaps.predict_by_length(contexts, _uniform(len(steps), len(GAPS)))[self.order]

    def next_pitches(self, steps: Ints, gaps: Ints) -> Floats:
        """Probabilities [b, 128] of the next pitch after ``gaps`` [b]."""
        contexts = [each[:, -1] for each in self._contexts(steps[:, -self.order - 1 :])]
        return self._pitches(contexts, gaps, steps[:, -1, _PITCH] - 1)[self.order]

    def scores(self, steps: Ints) -> list[list[NoteScore]]:
        """The scores of each order, 0 to ``order``, on every note of ``steps`` [n, 10] but the first."""
        found: list[list[NoteScore]] = [[] for _ in range(self.order + 1)]
        contexts = self._contexts(steps)
        for start in range(0, len(steps) - 1, BLOCK):
            rows = slice(start, min(start + BLOCK, len(steps) - 1))
            before, after = steps[rows], steps[1:][rows]
            gap, pitch = after[:, _GAP] - 1, after[:, _PITCH] - 1
            here = [each[rows] for each in contexts]
            by_gap = self._gaps.predict_by_length(here, _uniform(len(gap), len(GAPS)))
            by_pitch = self._pitches(here, gap, before[:, _PITCH] - 1)
            for order, (gaps, pitches) in enumerate(zip(by_gap, by_pitch, strict=True)):
                found[order] += note_scores(gaps, gap, pitches, pitch)
        return found

    def levels(self) -> tuple[list[Level], list[Level]]:
        """The tables as a model file has them: of gaps, after 0 to ``order`` pairs; of intervals (+ 127), after
        nothing, the gap, and the gap with 1 to ``order`` pairs."""
        gaps, moves = self._gaps.followed(), self._moves.followed()
        return [Level.of(*each) for each in gaps], [Level.of(*each) for each in moves]

    def _pitches(self, contexts: list[Hashes], gap: Ints, last: Ints) -> list[Floats]:
        """For each order the probabilities of the pitches [r, 128] after a ``gap`` [r] and a ``last`` pitch [r]."""
        there = np.arange(PITCHES) - last[:, None] + PITCHES - 1  # the interval that leads to each pitch
        base = np.full((len(gap), _INTERVALS), 1.0 / PITCHES)
        by_length = self._moves.predict_by_length(_given(contexts, gap), base)[1:]
        return [normal(np.take_along_axis(each, there, axis=1)) for each in by_length]

    def _contexts(self, steps: Ints) -> list[Hashes]:
        """For each length 0 to ``order``, a hash of the pairs before each note but the first, and before the next."""
        pairs = np.full(steps.shape[:-1], -1, dtype=np.int64)
        pairs[..., 1:] = (np.diff(steps[..., _PITCH]) + PITCHES) * 64 + steps[..., 1:, _GAP] - 1
        return contexts_of(pairs, self.order)


def _given(contexts: list[Hashes], gap: Ints) -> list[Hashes]:
    """The contexts of an interval: nothing, then each context with the gap that is given."""
    return [np.full(len(gap), NOTHING), *(extend(each, gap) for each in contexts)]


def _uniform(rows: int, symbols: int) -> Floats:
    return np.full((rows, symbols), 1.0 / symbols)
