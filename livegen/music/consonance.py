"""Consonance: how harsh pitch classes are together, and which notes belong to the chord that a few of them suggest.

Sets of pitch classes are bits here: bit 0 is C, bit 11 is B.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

from livegen.music.chords import steps

Classes = npt.NDArray[np.float32]  # [12], a number for each pitch class from C

# Semitones modulo the octave that clash: seconds, sevenths and the tritone; the narrow ones are the harshest.
_HARSH = {1: 1.0, 2: 0.75, 6: 0.75, 10: 0.75, 11: 1.0}
HARSHEST = _HARSH[1]
# The commoner a chord is, the more it is expected; the sevenths hold all the notes of a triad, and would win without.
_EXPECTED = {"": 0.0, "m": 0.0, "7": -0.5, "m7": -0.8, "maj7": -1.0, "dim": -1.0, "m7b5": -1.5}
_SHARP = 4.0  # how much the fit decides
_SETS = 1 << 12


def clash(pitch: int, sounding: Iterable[int]) -> float:
    """The dissonance of a pitch with those that sound: 1 for a minor second, a major seventh or their compounds.

    >>> clash(60, [64, 67]), clash(71, [60])
    (0.0, 1.0)
    """
    return sum(_HARSH.get((pitch - other) % 12, 0.0) for other in sounding)


@cache
def sets() -> Classes:
    """[4096, 12]: which classes each set has."""
    sets: Classes = ((np.arange(_SETS)[:, None] >> np.arange(12)) & 1).astype(np.float32)
    return sets


@cache
def harshness() -> Classes:
    """[4096, 12]: how harsh each pitch class is with each set."""
    row = np.array([_HARSH.get(interval, 0.0) for interval in range(12)], dtype=np.float32)
    found: Classes = sets() @ np.array([np.roll(row, pitch) for pitch in range(12)])
    return found


@cache
def membership() -> Classes:
    """[4096, 12]: for each set the likelihood, 0 to 1, that a pitch class is in the triad or seventh chord which the
    set belongs to; of the empty set all are 1."""
    chords = np.array(
        [
            np.isin(np.arange(12), [(root + step) % 12 for step in steps(name)])
            for name in _EXPECTED
            for root in range(12)
        ],
        dtype=np.float32,
    )
    fits = _SHARP * sets() @ (chords / np.sqrt(chords.sum(axis=1, keepdims=True))).T
    fits += np.repeat(np.array(list(_EXPECTED.values()), dtype=np.float32), 12)
    shares = np.exp(fits - fits.max(axis=1, keepdims=True))
    found: Classes = shares @ chords / shares.sum(axis=1, keepdims=True)
    found[0] = 1.0
    return found
