"""Reads the lines of a chart in plain text into measures. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from livegen.charts.chart import MOST_BARS, Bar, Change, Chart
from livegen.charts.heading import Heading, metre_of
from livegen.charts.measures import SEGNO, START, Measure, performed
from livegen.charts.metre import Metre
from livegen.charts.written import (
    HOLDS,
    SAME,
    SAME_TWO,
    barless,
    cells_of,
    is_bass,
    is_words,
    jumps_of,
    section_name,
)
from livegen.errors import FileError
from livegen.music.chord_symbol import Chord, read

_SECTION = re.compile(
    r"\[\s*([^\]|]{1,20}?)\s*\]|(?:^|(?<=\|))\s*([A-Za-z][\w ']{0,19}):(?!\|)|^\s*\(([A-H]'?\d?)\)\s*(?=\|)"
)
_LINE = re.compile(r"(:?\|+\]?:?)\s*(?:x\s*(\d{1,2})(?!\w))?\s*(?:(\d(?:\s*[,-]\s*\d)*)\.(?!\w))?")
_TIMES = re.compile(r"\s*\(?\s*(?:[x×]\s*(\d{1,2})|(\d{1,2})\s*[x×])\s*\)?[\s:]*$", re.IGNORECASE)
_FORM = re.compile(r"\s*[A-H]'?(?:[\s,-]+[A-H]'?){2,}\s*")
_METRE = re.compile(r"\d{1,2}/\d{1,2}")


@dataclass
class TextReader:
    """Takes in the lines of a chart one by one, as ``written.tidy`` left them; ``name`` is that of the file."""

    name: str
    barred: bool  # somewhere there is a bar line
    heading: Heading = field(default_factory=Heading)
    measures: list[Measure] = field(default_factory=list)
    _metre: Metre | None = None  # of the bars to come, where it changed
    _chord: Chord | None = None
    _section: str = ""
    _begins: bool = False
    _opens: bool = False
    _endings: frozenset[int] = frozenset()
    _coda: bool = False  # the next bar begins it
    _segno: bool = False
    _times: int = 0  # the section that begins is played
    _first: int = 0  # measure of the line
    _repeated: dict[str, int] = field(default_factory=dict)  # how often a section is played, by its name
    _blank: bool = False  # an empty bar is the second of two that a sign repeated

    def hear_line(self, line: str) -> None:
        """Take in a line."""
        self._first, at = len(self.measures), 0
        if "|" not in line and (times := _TIMES.search(line)):
            named = line[: times.start()].strip(" :")
            if section_name(named, self.barred) or _SECTION.fullmatch(named):
                line, self._times = named, int(times[1] or times[2])
        if not line.strip() or ("|" not in line and self._aside(line)):
            return
        for found in _SECTION.finditer(line):
            if line[at : found.start()].strip():
                self._bars(line[at : found.start()])
            self._enter((found[1] or found[2] or found[3]).strip())
            at = found.end()
        rest = line[at:]
        if rest.strip():
            named = rest.partition("|")[0]
            if not at and named.strip() and "|" in rest and (name := section_name(named, lettered=False)):
                self._enter(name)
                rest = rest[len(named) :]
            self._bars(rest)

    def _aside(self, line: str) -> bool:
        """Take in a line without bar lines, if it holds no chords."""
        if self.heading.take(line):
            return True
        if _SECTION.match(line):
            return False
        plain, jumps = jumps_of(line)
        if (name := section_name(line, self.barred)) is not None:
            self._enter(name)
        elif _METRE.fullmatch(line.strip()):
            self._change_metre(line.strip())
        elif jumps and not plain.strip(" .()"):
            for word in jumps:
                self._jump(word)
        elif self.barred and not self.measures and _FORM.fullmatch(line):
            self.heading.order = line
        elif is_words(line, not self.measures):
            self._words(line)
        else:
            return False
        return True

    def _words(self, line: str) -> None:
        if not self.measures:
            self.heading.take_words(line)
        elif not self.barred:
            raise FileError("there are words among the chords; write bars as | Dm7 | G7 | Cmaj7 |.")

    def _enter(self, name: str) -> None:
        """A section begins."""
        self._section, self._endings, self._begins = name, frozenset(), True
        self._coda = self._coda or name.lower() == "coda"
        if self._times:
            self._opens, self._repeated[name] = True, self._times
        self._times = 0

    def _change_metre(self, text: str) -> None:
        metre = metre_of(text)
        if not self.measures:
            self.heading.metre = metre
            return
        beats = metre.beats * metre.quarters / self.heading.metre.quarters
        if not beats.is_integer():
            raise FileError(f"livegen cannot change to {text} here: its bar is no whole number of the chart's beats.")
        self._metre = metre._replace(beats=int(beats))

    def _bars(self, line: str) -> None:
        if not self.barred:
            for bar in barless(line, self._beats):
                self._bar(bar)
            return
        at, former = 0, ""
        for found in _LINE.finditer(line):
            if line[at : found.start()].strip():
                self._bar(line[at : found.start()])
            elif former.endswith("| ") and found[1] in ("|", "||", "|]") and found[3] is None:
                self._empty()
            at, former = found.end(), found[0].replace("  ", " ")
            self._bar_line(found[1], found[2], found[3])
        if line[at:].strip() and not (at and is_words(line[at:], before=False)):
            self._bar(line[at:])

    def _empty(self) -> None:
        """Nothing stands between two bar lines: the chord goes on for a bar."""
        if self.measures and not self._blank:
            self._write([])
        self._blank = False

    def _bar_line(self, sign: str, times: str | None, endings: str | None) -> None:
        if sign.startswith(":"):
            if not self.measures:
                raise FileError("a repeat ends before the first bar.")
            self.measures[-1].closes = int(times or 2)
            self._endings = frozenset()
        elif times and self._first < len(self.measures):  # the bars of this line
            self.measures[self._first].opens, self.measures[-1].closes = True, int(times)
        if sign.endswith(":") and len(sign) > 1:
            self._opens = True
        if sign.endswith("||") or sign.endswith("]"):
            self._endings = frozenset()
        if endings:
            self._endings = _numbers(endings)

    def _bar(self, text: str) -> None:
        plain, jumps = jumps_of(text)
        cells = cells_of(plain)
        self._blank = False
        if cells and _METRE.fullmatch(cells[0]):
            self._change_metre(cells.pop(0))
        starts = [word for word in jumps if word["segno"] or (word["coda"] or "").lower() == "coda"]
        before = [word for word in starts if cells and not text[: word.start()].strip()]
        for word in before:
            self._coda, self._segno = self._coda or bool(word["coda"]), self._segno or bool(word["segno"])
        if cells == [SAME]:
            self._again(1)
        elif cells == [SAME_TWO]:
            self._again(2)
        elif cells:
            self._write(self._changes(cells))
        for word in jumps:
            if word not in before:
                self._jump(word)

    def _jump(self, word: re.Match[str]) -> None:
        """A word that says where the music goes on: of the last bar."""
        if not self.measures:
            raise FileError(f"{word[0].strip()!r} comes before the first bar.")
        last = self.measures[-1]
        if word["fine"]:
            last.fine = True
        elif word["coda"]:
            last.coda = True
        elif word["segno"]:
            last.segno = True
        else:
            way = (word["dot"] or word["bare"] or word["da"] or word["dal"]).upper()[0]
            last.jump = START if way == "C" else SEGNO
            last.to_coda = (word["to"] or "").lower() == "coda"

    def _again(self, bars: int) -> None:
        """The same as the last bars."""
        if len(self.measures) < bars:
            raise FileError(f"{'%' * bars} repeats the bar before it, and there is none.")
        for measure in self.measures[-bars:]:
            self._write(list(measure.changes))
        self._blank = bars == 2

    @property
    def _beats(self) -> int:
        return (self._metre or self.heading.metre).beats

    def _write(self, changes: list[Change]) -> None:
        if len(self.measures) >= MOST_BARS:
            raise FileError(f"there are more than {MOST_BARS:,} bars.")
        measure = Measure(self._beats, changes, self._section, self._begins, self._opens)
        measure.endings, measure.coda, measure.segno = self._endings, self._coda, self._segno
        self._opens = self._begins = self._coda = self._segno = False
        self.measures.append(measure)

    def _changes(self, cells: Sequence[str]) -> list[Change]:
        """The chords of a bar: each cell a beat if there are as many as beats, or else the chords in equal shares, as
        far as whole beats allow."""
        beats = self._beats
        held = any(cell in HOLDS for cell in cells)
        if not held and len(cells) <= beats:
            places = [float(-(-index * beats // len(cells))) for index in range(len(cells))]
        else:
            places = [index * beats / len(cells) for index in range(len(cells))]
        return [Change(at, self._read(cell)) for at, cell in zip(places, cells, strict=True) if cell not in HOLDS]

    def _read(self, cell: str) -> Chord | None:
        if is_bass(cell) and self._chord is not None:
            self._chord = read(self._chord._replace(bass=None).name() + cell)
        else:
            self._chord = read(cell)
        return self._chord

    def chart(self) -> Chart:
        """The chart of all lines. Raises FileError if there is no bar."""
        if not self.measures:
            raise FileError(f"{self.name} has no bars; write them as | Dm7 | G7 | Cmaj7 | % |.")
        for name, times in self._repeated.items():
            [each for each in self.measures if each.section == name][-1].closes = times
        heading = self.heading
        bars = self._ordered(self.measures) if heading.order else performed(self.measures)
        metre, title = heading.metre, heading.title or self.name
        return Chart(title, bars, heading.key, metre.beats, metre.compound, heading.tempo, heading.style)

    def _ordered(self, measures: list[Measure]) -> tuple[Bar, ...]:
        """The bars by the line ``order``, the repeats of each section played."""
        found: list[Bar] = []
        try:
            order = self.heading.sections({measure.section for measure in measures if measure.section})
        except FileError as error:
            raise FileError(f"{self.name}: {error}") from None
        for name in order:
            at = [index for index, each in enumerate(measures) if each.section == name]
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
