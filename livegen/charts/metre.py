"""Metres of charts: how many beats a bar has, and whether they are dotted."""

import re
from typing import NamedTuple

_METRE = re.compile(r"(\d{1,2})\s*/\s*(\d{1,2})")


class Metre(NamedTuple):
    """The beats of a bar; ``compound``: each is a dotted quarter. ``quarters``: the length of a beat."""

    beats: int
    compound: bool
    quarters: float


COMMON = Metre(4, False, 1.0)


def read_metre(text: str) -> Metre | None:
    """The metre of "4/4", "12/8", "C" or "C|"; None if it is none that livegen can count (1 to 16 beats).

    >>> read_metre("12/8"), read_metre("2/2").beats
    (Metre(beats=4, compound=True, quarters=1.5), 2)
    """
    found = _METRE.fullmatch({"C": "4/4", "C|": "2/2"}.get(text.strip(), text.strip()))
    if found is None:
        return None
    over, under = int(found[1]), int(found[2])
    if under not in (1, 2, 4, 8, 16) or not over:
        return None
    compound = under >= 8 and over % 3 == 0
    beats = over // 3 if compound else over
    return Metre(beats, compound, (3 if compound else 1) * 4 / under) if beats <= 16 else None
