"""The hash of a context, a row of tokens: Markov model files and the n-grams of training find contexts by it."""

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

NOTHING = np.uint64(0xD1B54A32D192ED03)  # the empty context
_PRIME = np.uint64(0x9E3779B97F4A7C15)


def extend(hashes: Hashes, tokens: npt.NDArray[np.integer]) -> Hashes:
    """The hash of each context with one more token (tokens ≥ 0)."""
    mixed: Hashes = (hashes ^ (tokens.astype(np.uint64) + np.uint64(1))) * _PRIME
    mixed ^= mixed >> np.uint64(29)
    return mixed
