"""Folk tunes in ABC as scores, repeats played."""

import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.musicality import phrases
from benchmarks.musicality.simulators import Score
from livegen.errors import LivegenError
from livegen.music import scales
from livegen.tunes import abc_reader, abc_text
from livegen.tunes.tune import Tune, metre_length

LEAST = 60  # notes
_TITLE, _KEY = re.compile(r"(?m)^T:\s*(.+?)\s*$"), re.compile(r"(?m)^K:\s*([A-G][b#]?)\s*(\w*)")


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Each tune's title and text."""
    for path in sorted(folder.rglob("*.abc")):
        for text in abc_text.split(abc_text.text_of(path)):
            if found := _TITLE.search(text):
                yield found[1], text


def read(title: str, text: str) -> Score | None:
    """The score; None if the tune is broken, changes its metre or is shorter than sixty notes."""
    try:
        tune = abc_reader.read_tune(text, "performed", title)
    except LivegenError:
        return None
    metres = {bar.metre for bar in tune.bars}
    length = metre_length(tune.bars[0].metre) if len(metres) == 1 else None
    return _score(tune, float(length), _key(text)) if length and len(tune.notes) >= LEAST else None


def _score(tune: Tune, bar: float, key: tuple[int, bool] | None) -> Score:
    pulse = 1.5 if tune.bars[0].metre in ("6/8", "9/8", "12/8") else 1.0
    first = tune.bars[0].at
    down = first + bar if first < -1e-6 else first
    cuts = phrases.cuts(tune.notes, bar, 4 if bar > 2 else 8, down)
    return Score(tune.name, tune.notes, bar, pulse, down, key=key, cuts=cuts)


def _key(text: str) -> tuple[int, bool] | None:
    """The key that is written; of the modes minor and dorian have a minor third."""
    found = _KEY.search(text)
    if not found:
        return None
    return scales.tonic(found[1]), found[2].lower() in ("m", "min", "minor", "dor", "aeo")
