"""Charts as plain text: ``| Dm7 | G7 | Cmaj7 | % |``, with sections, repeats and endings. Read and written.

title: Blues in F            # lines before the first bar: title, key, metre, tempo, style
key: F
[A]                          # a section begins
|: F7 | Bb7 | F7 . Cm7 F7 |  # bars; a dot holds the chord for a beat more
|1. C7 :|2. F7 |             # endings; :| x3 plays three times
order: A A B A               # the sections as they are played, if not as written
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from livegen.charts.chart import Bar, Chart
from livegen.charts.text_reader import TextReader
from livegen.charts.written import tidy, with_minors
from livegen.errors import FileError, SettingsError
from livegen.music.chord_symbol import NO_CHORD, Chord
from livegen.music.key import Key

MAX_CHARACTERS = 65_536
_T = TypeVar("_T")


def read_chart(text: str, name: str = "chart") -> Chart:
    """The chart of a text. Raises FileError, which names the line that is wrong."""
    if len(text) > MAX_CHARACTERS:
        raise FileError(f"{name} is longer than {MAX_CHARACTERS:,} characters; is it a chart?")
    lines = _each(tidy, text.splitlines(), name)
    reader = TextReader(name, barred=any("|" in line for line in lines))
    _each(reader.hear_line, with_minors(lines), name)
    return reader.chart()


def _each(take: Callable[[str], _T], lines: Iterable[str], name: str) -> list[_T]:
    """Each line as it is taken. Raises FileError, which names the one that is wrong."""
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(take(line))
        except (SettingsError, FileError) as error:
            raise FileError(f"{name}, line {number}: {error}") from None
    return found


def write_chart(chart: Chart) -> str:
    """The text of a chart, which ``read_chart`` reads as the same."""
    metre = f"{3 * chart.beats}/8" if chart.compound else f"{chart.beats}/4"
    lines = [f"title: {chart.title}", f"key: {chart.key.name}", f"metre: {metre}"]
    if chart.tempo is not None:
        lines.append(f"tempo: {chart.tempo:g}")
    if chart.style:
        lines.append(f"style: {chart.style}")
    for section in chart.sections:
        lines.append(f"[{section.name}]" if section.name else "")
        first, last = chart.bar_at(section.start), chart.starts.index(section.end)
        for at in range(first, last, 4):
            written = [
                _metre(chart, index) + _cells(chart.bars[index], chart.key) for index in range(at, min(last, at + 4))
            ]
            lines.append("| " + " | ".join(written) + " |")
    return "\n".join(lines) + "\n"


def _metre(chart: Chart, at: int) -> str:
    """The metre of a bar, if it is another than that of the bar before it."""
    beats, before = chart.bars[at].beats, chart.bars[at - 1].beats if at else chart.beats
    return "" if beats == before else f"{3 * beats}/8 " if chart.compound else f"{beats}/4 "


def _cells(bar: Bar, key: Key) -> str:
    """A bar: as many cells as its chords need."""
    parts = next((n for n in (1, 2, 3, 4) if all((c.beat * n).is_integer() for c in bar.changes)), 4)
    cells = ["."] * (bar.beats * parts)
    for beat, chord in bar.changes:
        cells[min(len(cells) - 1, round(beat * parts))] = NO_CHORD if chord is None else _name(chord, key)
    if bar.changes and bar.changes[0].beat == 0.0 and all(cell == "." for cell in cells[1:]):
        cells = cells[:1]
    return " ".join(cells)


def _name(chord: Chord, key: Key) -> str:
    return chord.name(key)
