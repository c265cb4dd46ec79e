"""The lesson of lead sheets about chords: which follows which, where in the bar, and the notes of a melody over each.

A chord is counted from the tonic: its root, 0-11, and its family, as one of 48. ``livegen train changes`` makes the
tables, livegen/training/changes counts them.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError
from livegen.music.chord_symbol import FAMILIES, Chord, Tone, tones_of

Table = npt.NDArray[np.float64]

KEYS, CHORDS = 12, 12 * len(FAMILIES)
DOWNBEAT, MIDDLE, OTHER = PLACES = 0, 1, 2  # of a beat in its bar
STRUCK, PASSING, HELD = WAYS = 0, 1, 2  # of a note in a beat: on it, after it begins, from before it
PHRASE = 4  # bars
SHIPPED = Path(__file__).resolve().parent / "changes.npz"
_SHAPES = {
    "moves": (len(PLACES), CHORDS, CHORDS),
    "notes": (len(WAYS), CHORDS, 12),
    "bars": (PHRASE, CHORDS),
    "start": (CHORDS,),
    "following": (CHORDS, CHORDS),
}


class ChordTables(NamedTuple):
    """The tables: ``moves`` and ``following`` are probabilities, ``notes`` and ``bars`` natural logarithms.

    ``moves``: from one beat to the next, by the place of the next. ``following``: of the next chord that is another.
    ``notes``: of a pitch class, counted from the tonic, by how it sounds. ``bars``: how much likelier a chord is in a
    bar of four. ``start``: of the chords at all.
    """

    moves: Table
    notes: Table
    bars: Table
    start: Table
    following: Table


def load(path: Path) -> ChordTables:
    """The tables in a file. Raises ModelError if they are not."""
    try:
        with np.load(path, allow_pickle=False) as found:
            tables = {name: np.asarray(found[name], dtype=np.float64) for name in _SHAPES}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ModelError(
            f"{path.name} holds no tables of chords ({error}); make them with livegen train changes."
        ) from None
    for name, shape in _SHAPES.items():
        if tables[name].shape != shape or not np.isfinite(tables[name]).all():
            raise ModelError(f"{path.name} holds other tables of chords; make them with livegen train changes.")
    return ChordTables(**tables)


@cache
def shipped() -> ChordTables:
    """The tables that come with livegen."""
    return load(SHIPPED)


def place_of(beat: int, beats_per_bar: int) -> int:
    """The place of a beat that is counted from a bar line: one of PLACES."""
    place = beat % beats_per_bar
    if place == 0:
        return DOWNBEAT
    return MIDDLE if beats_per_bar % 2 == 0 and place == beats_per_bar // 2 else OTHER


def index_of(chord: Chord, tonic: int) -> int:
    """The number of a chord, counted from a tonic."""
    return (chord.root - tonic) % 12 * len(FAMILIES) + FAMILIES.index(chord.family)


@cache
def chord_of(root: int, family: int) -> Chord:
    """The plain chord of a family: a triad, or a seventh chord."""
    tones: tuple[Tone, ...] | None = tones_of(("", "m", "7", "dim")[family])
    assert tones is not None
    return Chord(root, tones)
