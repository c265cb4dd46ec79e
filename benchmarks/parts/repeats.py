"""How often a drummer's bars come again, to the hit."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

BEFORE = (1, 2, 4)  # bars
KNOWN = 8  # bars that are heard before one can be new
STRETCH = 32  # bars that are compared with each other


def repeats(takes: Sequence[npt.NDArray[np.bool_]]) -> list[float]:
    """Of takes, each of bars of hits ([bars, ...]), in stretches of 32 bars: the shares of bars that have the hits of
    the one, two and four bars before; that have, from the ninth bar on, those of none before; the commonest bar's."""
    parts = [
        [bar.tobytes() for bar in take[since : since + STRETCH]]
        for take in takes
        for since in range(0, len(take), STRETCH)
    ]
    parts = [part for part in parts if len(part) > KNOWN]
    found = [
        np.mean([one == other for part in parts for one, other in zip(part, part[back:], strict=False)])
        for back in BEFORE
    ]
    found.append(np.mean([part[at] not in part[:at] for part in parts for at in range(KNOWN, len(part))]))
    found.append(np.mean([max(Counter(part).values()) / len(part) for part in parts]))
    return [float(each) for each in found]
