"""Choosing from logits: temperature, top-p, masks. The random draw is passed in."""

import math
from bisect import bisect_right

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.float32]

_FAR = 40.0  # from 0: the exponential of a logit beyond this may overflow a float


def choose(logits: Logits, random: float, temperature: float = 1.0, top_p: float = 1.0) -> int:
    """An index drawn from softmax(logits / temperature), kept to the likeliest that make up ``top_p``.

    ``random`` is the draw, 0 ≤ random < 1. A logit of -inf is never chosen; if none is finite, index 0 is.
    """
    if temperature != 1.0:
        logits = logits / temperature
    peak = logits.item(logits.argmax())
    if not -_FAR < peak < _FAR:
        if not math.isfinite(peak):
            return 0
        logits = logits - peak
    weights = np.exp(logits)
    if top_p < 1.0:
        weights = _nucleus(weights, top_p)
    total = np.add.accumulate(weights).data
    return bisect_right(total, random * total[-1])  # less than the total, in double precision


def _nucleus(weights: Logits, top_p: float) -> Logits:
    """Weights with all but the likeliest that make up ``top_p`` of the sum set to zero (Holtzman et al. 2020)."""
    order = np.argsort(-weights, kind="stable")
    before = weights[order].cumsum() - weights[order]
    kept = weights.copy()
    kept[order[before >= top_p * weights.sum()]] = 0.0
    return kept


def pitch_range(lowest: int, highest: int) -> Logits:
    """A mask to add to pitch logits: 0 within the range (both ends included, in either order), -inf outside it."""
    mask = np.full(128, -np.inf, dtype=np.float32)
    mask[min(lowest, highest) : max(lowest, highest) + 1] = 0.0
    return mask
