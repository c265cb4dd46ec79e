"""The chain that knows nothing but this session: it plays on with what was played where a model is too slow."""

import numpy as np

from livegen.predictors.context_hash import NOTHING, Hashes
from livegen.predictors.encoding import PITCHES, Encoding
from livegen.predictors.markov import Level, MarkovPredictor
from livegen.predictors.quotation import Quotations

ORDER = 3
# What it plays before it has heard anything: gaps in beats and intervals in semitones, with how often they come.
_GAPS = {0.25: 1, 0.5: 8, 0.75: 1, 1.0: 5, 1.5: 1, 2.0: 1}
_MOVES = {0: 2, 1: 3, 2: 8, 3: 4, 4: 3, 5: 3, 7: 2, 12: 1}
_DISCOUNT = 0.01
_CENTRE, _SPREAD = 64, 8.0  # the pitch around which it begins


class SessionChain(MarkovPredictor):
    """A Markov chain with next to no tables of its own: the memory of the session, which a model hands over, leads."""

    # Those of a trained chain hold back the session's notes, for which there is nothing better here.
    gap_prior = (4.0, 1.0, 0.5, 10.0, 10.0)
    move_prior = (8.0, 1.0, 0.5, 10.0, 10.0)
    name = "stand-in"

    def __init__(self) -> None:
        encoding = Encoding()
        gaps = {encoding.gap_index(beats): count for beats, count in _GAPS.items()}
        moves = {PITCHES - 1 + sign * size: count for size, count in _MOVES.items() for sign in (-1, 1)}
        self.digest = ""
        self.order = ORDER
        self._gaps = [_level(gaps), *(_level({}) for _ in range(ORDER))]
        self._moves = [_level(moves), *(_level({}) for _ in range(ORDER + 1))]
        self.polyphonic = False
        self.reach = ORDER + 2
        self.quotations = Quotations()
        self.metadata = {}
        self._finish(np.exp(-0.5 * ((np.arange(PITCHES) - _CENTRE) / _SPREAD) ** 2) + 1e-6)


def _level(counts: dict[int, int]) -> Level:
    """The level of contexts of no notes, with these counts by symbol; one without any where there are none."""
    symbols = np.array(sorted(counts), dtype=np.int64)
    contexts: Hashes = np.full(len(symbols), NOTHING)
    return Level.of(contexts, symbols, np.array([counts[each] for each in sorted(counts)], dtype=np.int64), _DISCOUNT)
