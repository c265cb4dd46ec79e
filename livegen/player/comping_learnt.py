"""Rhythms of comping that were learnt from accompaniments of songs: how often a bar of chords is played, by the metre
and by how busy the melody over it is, and how often it comes again in the next bar. Pure.

``livegen train comping`` counts them (livegen/training/comping).
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError

SHIPPED = Path(__file__).resolve().parent / "comping.npz"
PLACES = 2  # of a beat
METRES = (2, 3, 4)  # beats of a bar
RESTS, SOME, BUSY = MELODIES = 0, 1, 2  # of the melody over a bar
_FEW = 1.1  # notes a beat of a melody that is not busy
Floats = npt.NDArray[np.float64]


class LearntBars(NamedTuple):
    """The bars of a metre: ``places`` [n], masks of halves of beats from the bar line on; ``often`` [3, n], the
    probability of each by the class of the melody; ``again`` [n], of that it comes in the next bar, too; ``held`` [n],
    the share of the time until the next chord that its chords are held."""

    places: tuple[int, ...]
    often: Floats
    again: Floats
    held: Floats


def melody_class(notes: float) -> int:
    """The class of a melody with so many notes a beat."""
    return RESTS if notes <= 0.0 else SOME if notes <= _FEW else BUSY


def load(path: Path) -> dict[int, LearntBars]:
    """The bars of each metre. Raises ModelError if the file holds none."""
    again = "make them with livegen train comping"
    found = {}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for beats in METRES:
                places = tuple(int(each) for each in arrays[f"places{beats}"])
                parts = [np.asarray(arrays[f"{name}{beats}"], np.float64) for name in ("often", "again", "held")]
                found[beats] = LearntBars(places, *parts)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ModelError(f"{path.name} holds no rhythms of comping ({error}); {again}.") from None
    for beats, bars in found.items():
        size = len(bars.places)
        fits = (bars.often.shape, bars.again.shape, bars.held.shape) == ((len(MELODIES), size), (size,), (size,))
        inside = all(0 < each < 1 << beats * PLACES for each in bars.places)
        if not size or not fits or not inside or not all(np.isfinite(each).all() for each in bars[1:]):
            raise ModelError(f"{path.name} holds other rhythms of comping; {again}.")
    return found


@cache
def shipped() -> dict[int, LearntBars]:
    """Those that come with livegen."""
    return load(SHIPPED)
