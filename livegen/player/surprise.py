"""The surprise of a note to the model, and the pitches that the model predicts next: signals for visuals.

Surprise is Shannon's: -log2 of the probability that the model gave to the note, before limits, temperature and the
performer's manner change what the player makes of it. Entropy is the surprise that was to be expected.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors.protocol import Forecast
from livegen.predictors.sampling import Logits

_LEAST = 2.0**-64  # probability: no note surprises more than 64 bits
_PER_BIT = 1.0 / math.log(2.0)


class Surprise(NamedTuple):
    """The data to work out the surprise of a note later: the forecast that was ``foreseen``, the ``gap`` before it (an
    index in GAPS; -1: it follows nothing) and its ``pitch``; the ``next`` forecast and the gap expected with it."""

    foreseen: Forecast
    gap: int
    pitch: int
    next: Forecast
    next_gap: int

    def bits(self) -> tuple[float, float]:
        """The surprise and the entropy, in bits: of the gap and of the pitch after that gap; after nothing of the pitch
        alone."""
        row = _shares(self.foreseen.pitch[max(0, self.gap)])
        surprise, entropy = -math.log2(row[self.pitch]), _entropy(row)
        if self.gap >= 0:
            gaps = _shares(self.foreseen.gap)
            surprise, entropy = surprise - math.log2(gaps[self.gap]), entropy + _entropy(gaps)
        return surprise, entropy

    def likely(self, count: int) -> Sequence[tuple[int, float]]:
        """The likeliest pitches after the gap that is expected next, the likeliest first, with their probabilities."""
        row = _shares(self.next.pitch[self.next_gap])
        best = row.argpartition(-count)[-count:]
        best = best[row[best].argsort()[::-1]]
        return list(zip(best.tolist(), row[best].tolist(), strict=True))


def _shares(logits: Logits) -> npt.NDArray[np.float64]:
    """The probabilities; none is 0. Where all is held to be impossible, all is alike."""
    if not math.isfinite(logits.max()):
        return np.full(len(logits), 1.0 / len(logits))
    weights: npt.NDArray[np.float64] = np.exp(logits - logits.max(), dtype=np.float64)
    weights /= weights.sum()
    weights[weights < _LEAST] = _LEAST
    return weights


def _entropy(shares: npt.NDArray[np.float64]) -> float:
    return -_PER_BIT * float(shares @ np.log(shares))
