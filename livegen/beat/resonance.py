"""The tempo of a whole phrase: the beat, near one that is known about, in which its strokes fall together the most.

A pulse that hears note by note is a hundredth or more off after a busy phrase on drums, and an answer of sixteen beats
by it is apart by a half. Here every stroke is an arrow that turns once a beat, as long as it is loud; of the beats that
are tried the one whose arrows, and those that turn once for each part of a beat, point the same way (Rayleigh's test).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FEWEST = 8  # strokes: fewer tell no tempo
_NEAR, _TRIED = 0.08, 321  # how far, as a share, the beats that are tried are from the known one, and how many
_LOUD = 2.0  # to this power of the velocity a stroke counts
_HALVES, _THIRDS = 2, 3


def beat_of(strokes: Sequence[tuple[float, int]], at: float, length: float, ternary: bool) -> tuple[float, float]:
    """The time of the beat nearest to ``at`` and its length (seconds), after strokes (seconds, velocity) near a beat of
    ``length``; as they were, if the strokes are too few."""
    if len(strokes) < FEWEST:
        return at, length
    onsets, weights = _heard(strokes, at)
    parts = _THIRDS if ternary else _HALVES
    lengths = length * np.exp(np.linspace(-_NEAR, _NEAR, _TRIED))
    turns = 2j * np.pi * onsets[None, :] / lengths[:, None]
    together = sum(np.abs(np.exp(number * turns) @ weights) for number in (1, parts))
    best = int(np.argmax(together))
    found = float(lengths[best])
    part = found / parts
    late = float(np.angle(np.exp(parts * turns[best]) @ weights)) / (2 * np.pi) * part
    return at + late, found


def of_two(strokes: Sequence[tuple[float, int]], at: float, length: float) -> float:
    """The one of two beats, ``at`` or the one before, with which and every second from which the strokes are louder."""
    onsets, weights = _heard(strokes, at)
    return at if float(np.cos(np.pi * onsets / length) @ weights) >= 0.0 else at - length


def _heard(strokes: Sequence[tuple[float, int]], at: float) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The strokes' times, counted from ``at``, and how much each counts."""
    onsets = np.array([onset - at for onset, _ in strokes], dtype=np.float64)
    return onsets, np.array([velocity for _, velocity in strokes], dtype=np.float64) ** _LOUD
