"""Checks whether an ABC tune is well formed: its header, the lengths of its bars, its repeats, abc2midi's messages."""

import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from livegen.tunes import abc_reader, abc_text
from livegen.tunes.abc_fields import AbcError
from livegen.tunes.playing_order import Measure
from livegen.tunes.tune import metre_length

FIELDS = "XTMLK"


class Check(NamedTuple):
    """The result of a check: ``right`` of ``bars`` are as long as the metre says, ``strict`` of them without allowance
    for pickups; ``plays`` and ``clean``: abc2midi has no error, and no warning either."""

    header: bool
    plays: bool
    clean: bool
    bars: int
    right: int
    strict: int
    closed: bool

    @property
    def whole(self) -> bool:
        """Whether all bars are right."""
        return 0 < self.bars == self.right


def check(path: Path) -> Check:
    """An ABC file with one tune. Raises FileError if it cannot be read; abc2midi has to be installed."""
    text = abc_text.text_of(path)
    lines = text.splitlines()
    header = lines[:1] and lines[0].startswith("X:") and all(_has(lines, field) for field in FIELDS)
    run = subprocess.run(
        ["abc2midi", path.name, "-c"], cwd=path.parent, capture_output=True, text=True, errors="replace", check=False
    )
    said = run.stdout + run.stderr
    plays = run.returncode == 0 and "Error" not in said
    try:
        measures = abc_reader.measures(text)
    except AbcError:
        measures = []
    return Check(bool(header), plays, plays and "Warning" not in said, *bars(measures), closed(measures))


def _has(lines: Sequence[str], field: str) -> bool:
    return any(line.startswith(f"{field}:") and line[2:].strip() for line in lines)


def bars(measures: Sequence[Measure]) -> tuple[int, int, int]:
    """The number of bars; of those that are right; and of those that are exactly as long as the metre.

    A short bar is right too where a section begins if a bar that ends one makes it whole, and the other way round.
    """
    lengths = [metre_length(measure.metre) or Fraction(0) for measure in measures]
    begins = [not index or measures[index - 1].ends for index in range(len(measures))]
    ends = [measure.ends or index == len(measures) - 1 for index, measure in enumerate(measures)]
    pickups = {measure.length for measure, first in zip(measures, begins, strict=True) if first}
    last = {measure.length for measure, end in zip(measures, ends, strict=True) if end}
    right = strict = 0
    for measure, length, first, end in zip(measures, lengths, begins, ends, strict=True):
        missing = length - measure.length
        strict += not missing
        right += not missing or (missing > 0 and ((first and missing in last) or (end and missing in pickups)))
    return len(measures), right, strict


def closed(measures: Sequence[Measure]) -> bool:
    """Whether every repeat that is opened is closed, and every one that is closed was opened or begins the tune."""
    opened, first = False, True
    for measure in measures:
        if measure.opens:
            if opened:
                return False
            opened = True
        if measure.closes:
            if not opened and not first:
                return False
            opened = False
        first = first and not measure.ends
    return bool(measures) and not opened
