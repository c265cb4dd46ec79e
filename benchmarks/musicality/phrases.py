"""Cuts a written melody into units of about four bars, at the long note or the rest nearest to that."""

import itertools
import math
from collections.abc import Sequence

from livegen.events import Note

FEWEST = 4  # notes of a unit
REACH = 1.0  # bars by which a cut may be off the four


def cuts(notes: Sequence[Note], bar: float, bars: float = 4.0, down: float = 0.0) -> tuple[float, ...]:
    """Places (quarters) where units begin, and where the last ends: at a bar line.

    A cut lies at a note's onset, at most a bar from where the unit would be full, after the longest time without an
    onset; of equal ones it is the nearest to the full bars. A pickup so stays with the unit that it leads to.
    """
    onsets = sorted({note.onset for note in notes})
    found = [onsets[0]]
    target = down + bars * bar
    while target < onsets[-1]:
        near = [
            (onset - former - 0.25 * abs(onset - target), onset)
            for number, (former, onset) in enumerate(itertools.pairwise(onsets), 1)
            if abs(onset - target) <= REACH * bar
            and onset - found[-1] >= bar * bars / 2
            and number - onsets.index(found[-1]) >= FEWEST
        ]
        if near:
            found.append(max(near)[1])
        target += bars * bar
    end = max(note.onset + note.duration for note in notes)
    return (*found, down + math.ceil((end - down) / bar - 1e-6) * bar)
