"""Charts as plain text: ``| Dm7 | G7 | Cmaj7 | % |``, with sections, repeats and endings. Read and written.

title: Blues in F            # lines before the first bar: title, key, metre, tempo, style
key: F
[A]                          # a section begins
|: F7 | Bb7 | F7 . Cm7 F7 |  # bars; a dot holds the chord for a beat more
|1. C7 :|2. F7 |             # endings; :| x3 plays three times
order: A A B A               # the sections as they are played, if not as written
"""

import re
from dataclasses import dataclass, field, replace

from livegen.charts.chart import MOST_BARS, Bar, Change, Chart
from livegen.charts.measures import Measure, performed
from livegen.charts.metre import COMMON, Metre, read_metre
from livegen.errors import FileError, SettingsError
from livegen.music.chord_symbol import NO_CHORD, Chord, read
from livegen.music.key import C_MAJOR, Key, read_key

MAX_CHARACTERS = 65_536
_HEADER = re.compile(r"\s*(title|key|metre|meter|time|tempo|style|order|composer)\s*[:=]\s*(.*?)\s*", re.IGNORECASE)
_SECTION = re.compile(r"\[\s*([^\]|]{1,20}?)\s*\]|^\s*([A-Za-z][\w ']{0,19}):(?!\|)")
_LINE = re.compile(r"(:?\|+\]?:?)\s*(?:x\s*(\d{1,2})(?!\w))?\s*(?:(\d(?:\s*[,-]\s*\d)*)\.(?!\w))?")
_HOLDS = (".", "/", "-")
_SAME = ("%", "𝄎")


def read_chart(text: str, name: str = "chart") -> Chart:
    """The chart of a text. Raises FileError, which names the line that is wrong."""
    if len(text) > MAX_CHARACTERS:
        raise FileError(f"{name} is longer than {MAX_CHARACTERS:,} characters; is it a chart?")
    reader = _Reader(name)
    for number, line in enumerate(text.splitlines(), 1):
        try:
            reader.hear_line(re.sub(r"(^|\s)#\s.*$", "", line))
        except (SettingsError, FileError) as error:
            raise FileError(f"{name}, line {number}: {error}") from None
    return reader.chart()


@dataclass
class _Reader:
    name: str
    title: str = ""
    key: Key = C_MAJOR
    metre: Metre = COMMON
    tempo: float | None = None
    style: str = ""
    order: list[str] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    _section: str = ""
    _begins: bool = False
    _opens: bool = False
    _endings: frozenset[int] = frozenset()

    def hear_line(self, line: str) -> None:
        """Take in a line."""
        if "|" not in line and (header := _HEADER.fullmatch(line)):
            self._header(header[1].lower(), header[2])
            return
        found = _SECTION.search(line)
        if found and (found[1] or found[2]):
            before = line[: found.start()].strip()
            if before:
                self._bars(before)
            self._section, self._endings = (found[1] or found[2]).strip(), frozenset()
            self._begins = True
            line = line[found.end() :]
        if line.strip():
            self._bars(line)

    def _header(self, name: str, value: str) -> None:
        if name == "key":
            self.key = read_key(value)
        elif name in ("metre", "meter", "time"):
            metre = read_metre(value)
            if metre is None:
                raise FileError(f"there is no metre {value!r:.20}; write it as 4/4, 3/4 or 12/8.")
            self.metre = metre
        elif name == "tempo":
            found = re.match(r"\d+(\.\d+)?", value)
            if found is None or not 20 <= float(found[0]) <= 400:
                raise FileError(f"the tempo {value!r:.20} is not between 20 and 400 bpm.")
            self.tempo = float(found[0])
        elif name == "order":
            self.order = value.replace(",", " ").split()
        elif name != "composer":
            setattr(self, name, value)

    def _bars(self, line: str) -> None:
        at = 0
        for found in _LINE.finditer(line):
            if cells := line[at : found.start()].split():
                self._bar(cells)
            at = found.end()
            self._bar_line(found[1], found[2], found[3])
        if cells := line[at:].split():
            self._bar(cells)

    def _bar_line(self, sign: str, times: str | None, endings: str | None) -> None:
        if sign.startswith(":"):
            if not self.measures:
                raise FileError("a repeat ends before the first bar.")
            self.measures[-1].closes = int(times or 2)
            self._endings = frozenset()
        if sign.endswith(":") and len(sign) > 1:
            self._opens = True
        if sign.endswith("||") or sign.endswith("]"):
            self._endings = frozenset()
        if endings:
            self._endings = _numbers(endings)

    def _bar(self, cells: list[str]) -> None:
        if len(self.measures) >= MOST_BARS:
            raise FileError(f"there are more than {MOST_BARS:,} bars.")
        measure = Measure(self.metre.beats, [], self._section, self._begins)
        measure.opens, measure.endings = self._opens, self._endings
        self._opens = self._begins = False
        if len(cells) == 1 and cells[0] in _SAME:
            if not self.measures:
                raise FileError("% repeats the bar before it, and there is none.")
            measure.changes = list(self.measures[-1].changes)
        else:
            measure.changes = _changes(cells, self.metre.beats)
        self.measures.append(measure)

    def chart(self) -> Chart:
        """The chart of all lines. Raises FileError if there is no bar."""
        if not self.measures:
            raise FileError(f"{self.name} has no bars; write them as | Dm7 | G7 | Cmaj7 | % |.")
        bars = self._ordered(self.measures) if self.order else performed(self.measures)
        metre = self.metre
        return Chart(self.title or self.name, bars, self.key, metre.beats, metre.compound, self.tempo, self.style)

    def _ordered(self, measures: list[Measure]) -> tuple[Bar, ...]:
        """The bars by the line ``order``, the repeats of each section played."""
        found: list[Bar] = []
        for name in self.order:
            at = [index for index, each in enumerate(measures) if each.section == name]
            if not at:
                raise FileError(f"{self.name}: the order names a section {name!r:.20} that is not there.")
            part = [replace(measures[index]) for index in at]
            found += [bar._replace(number=at[bar.number - 1] + 1) for bar in performed(part)]
        if len(found) > MOST_BARS:
            raise FileError(f"{self.name} has more than {MOST_BARS:,} bars; shorten its order.")
        return tuple(found)


def _numbers(text: str) -> frozenset[int]:
    """The numbers of an ending: 1, 1-3 or 1,2."""
    found: set[int] = set()
    for part in re.split(r"\s*,\s*", text):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)


def _changes(cells: list[str], beats: int) -> list[Change]:
    """The chords of a bar: each cell a beat if there are as many as beats, or else the chords in equal shares, as far
    as whole beats allow."""
    held = any(cell in _HOLDS for cell in cells)
    if not held and len(cells) <= beats:
        places = [float(-(-index * beats // len(cells))) for index in range(len(cells))]
    else:
        places = [index * beats / len(cells) for index in range(len(cells))]
    return [Change(at, read(cell)) for at, cell in zip(places, cells, strict=True) if cell not in _HOLDS]


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
            lines.append("| " + " | ".join(_cells(bar, chart.key) for bar in chart.bars[at : min(last, at + 4)]) + " |")
    return "\n".join(lines) + "\n"


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
