"""Charts of iReal Pro's links: ``irealb://`` as the app exports them, and ``irealbook://`` as its protocol describes.

The format of the music is published by the app's makers ("Custom Chord Chart Protocol"). In ``irealb://`` its
characters change places: in each full block of 50 the first five with the last five, and the 10th to the 23rd with
those that lie as far from the other end; three short words stand for frequent signs.
"""

import re
from urllib.parse import quote, unquote

from livegen.charts.chart import MOST_BARS, Change, Chart
from livegen.charts.measures import SEGNO, START, Measure, performed
from livegen.charts.metre import COMMON, Metre, read_metre
from livegen.errors import FileError, SettingsError
from livegen.music.chord_symbol import Chord, read
from livegen.music.key import C_MAJOR, Key, read_key

MAX_CHARACTERS = 4 * 1024 * 1024
_LINK = re.compile(r"ireal(b|book)://([^\"'<>\s]+)", re.IGNORECASE)
_MARK = "1r34LbKcu7"  # before music whose characters have changed places
_BLOCK = 50
_MOVED = (*range(5), *range(10, 24))
_WORDS = {"XyQ": "   ", "LZ": " |", "Kcl": "| x"}
_METRES = {"12": "12/8"}
_TOKEN = re.compile(
    r"(?P<text><[^<>]*>)|\*(?P<section>.)|T(?P<metre>\d\d)|N(?P<ending>\d)|(?P<line>[|\[\]{}Z])|\((?P<other>[^()]*)\)"
    r"|(?P<none>n)|(?P<chord>(?:[A-G][#b]?|W)(?:sus|alt|add\d+|[-+^oh#b\d])*(?:/[A-G][#b]?)?)"
    r"|(?P<same>[xr])|(?P<pause>p)|(?P<sign>[SQUfYsl,])|(?P<cell>\s)"
)
_SECTIONS = {"i": "Intro", "v": "Verse"}


def links(text: str) -> list[str]:
    """The links in a text or a page, in order."""
    return [found[0] for found in _LINK.finditer(text[:MAX_CHARACTERS])]


def read_link(link: str) -> list[Chart]:
    """The charts of a link; those that cannot be read are left out, unless that is all. Raises FileError."""
    found = _LINK.search(link)
    if found is None:
        raise FileError("This is no link of iReal Pro's; it begins with irealb:// or irealbook://.")
    songs = _songs(unquote(found[2]), plain=found[1].lower() == "book")
    charts, trouble = [], "it holds no chart"
    for song in songs:
        try:
            charts.append(_chart(*song))
        except (FileError, SettingsError) as error:
            trouble = f"{song[0]:.40}: {error}"
    if not charts:
        raise FileError(f"The link of iReal Pro's cannot be read: {trouble}")
    return charts


def _songs(text: str, plain: bool) -> list[tuple[str, str, str, str, str]]:
    """Title, style, key, music and tempo of each song."""
    found = []
    if plain:
        fields = text.split("=")
        for at in range(0, len(fields) - 5, 6):
            title, _, style, key, _, music = fields[at : at + 6]
            found.append((title, style, key, music, ""))
        return found
    for song in text.split("==="):
        fields = [field for field in song.split("=") if field.strip()]
        marked = [index for index, field in enumerate(fields) if field.startswith(_MARK)]
        if marked and (at := marked[0]) >= 3:
            key, style = (fields[at - 1], fields[at - 2]) if _is_key(fields[at - 1]) else (fields[at - 2], fields[2])
            tempo = next((field for field in fields[at + 1 :] if field.isdigit() and int(field) >= 20), "")
            found.append((fields[0], style, key, straightened(fields[at][len(_MARK) :]), tempo))
    return found


def _is_key(text: str) -> bool:
    return re.fullmatch(r"[A-G][#b]?-?", text.strip()) is not None


def straightened(music: str) -> str:
    """The music with its characters in their places, and the short words written out."""
    music = _exchanged(music)
    for word, signs in _WORDS.items():
        music = music.replace(word, signs)
    return music


def _exchanged(music: str) -> str:
    """The characters of each full block changed in their places; done twice, they are back."""
    blocks = []
    while len(music) > _BLOCK + 1:
        block, music = list(music[:_BLOCK]), music[_BLOCK:]
        for at in _MOVED:
            other = _BLOCK - 1 - at
            block[at], block[other] = block[other], block[at]
        blocks.append("".join(block))
    return "".join(blocks) + music


def link_of(title: str, style: str, key: str, music: str, tempo: int = 0) -> str:
    """The link under which the app would export this music."""
    fields = (title, "livegen", "", style, key, "", _MARK + _exchanged(music), "", str(tempo), "0")
    return "irealb://" + quote("=".join(fields))


def _chart(title: str, style: str, key: str, music: str, tempo: str) -> Chart:
    named = read_key(key) if _is_key(key) else C_MAJOR
    reader = _Reader()
    at = 0
    while at < len(music):
        found = _TOKEN.match(music, at)
        if found is not None:
            reader.hear_token(found)
        at = at + 1 if found is None else found.end()
    return reader.chart(title.strip() or "chart", style.strip(), named, float(tempo) if tempo else None)


class _Reader:
    """Builds measures from the tokens; a cell is a chord, a space or a held beat, and a bar line ends a measure."""

    def __init__(self) -> None:
        self.measures: list[Measure] = []
        self._metre: Metre | None = None
        self._first: Metre | None = None
        self._cells: list[Chord | str | None] = []  # None: N.C.; "": the chord before goes on
        self._chord: Chord | None = None
        self._next = Measure(4)

    def hear_token(self, found: re.Match[str]) -> None:
        """Take in one token."""
        kind, said = str(found.lastgroup), found[found.lastgroup or 0]
        if kind == "line":
            self._line(said)
        elif kind == "chord":
            self._cells.append(self._named(said))
        elif kind == "none":
            self._cells.append(None)
        elif kind in ("cell", "pause"):
            self._cells.append("")
        elif kind == "same":
            self._same(2 if said == "r" else 1)
        else:
            self._mark(kind, said)

    def _mark(self, kind: str, said: str) -> None:
        """A sign that belongs to the measure that is under way."""
        if kind == "section":
            self._next.section, self._next.begins = _SECTIONS.get(said, said), True
        elif kind == "metre":
            written = f"{said[0]}/{said[1]}"
            self._metre = read_metre(_METRES.get(said, written))
            self._first = self._first or self._metre
        elif kind == "ending":
            self._next.endings = frozenset({int(said)})
        elif said == "S":
            self._next.segno = True
        elif said == "Q":
            self._next.coda = True
        elif said == "U":
            self._next.fine = True
        elif kind == "text":
            self._words(said.strip("<>*").lower())

    def _words(self, text: str) -> None:
        """A text above the staff: a jump, or how often a repeat is played."""
        text = re.sub(r"^\d\d", "", text.strip()).strip()
        if jump := re.match(r"d\.?\s?([cs])\.?", text):
            self._next.jump = START if jump[1] == "c" else SEGNO
            self._next.to_coda = "coda" in text
        elif text.startswith("fine"):
            self._next.fine = True
        elif times := re.match(r"(\d+)x", text):
            self._next.closes = -int(times[1])

    def _named(self, written: str) -> Chord | None:
        """The chord; one with an invisible root is the one before over another bass."""
        if not written.startswith("W"):
            self._chord = read(written)
        elif self._chord is not None and "/" in written:
            return read(self._chord._replace(bass=None).name() + written[written.index("/") :])
        return self._chord

    def _same(self, bars: int) -> None:
        """Repeat the last bar, or the last two."""
        self._cells = [cell for cell in self._cells if cell != ""]
        self._end_measure()
        for before in self.measures[-bars:] if len(self.measures) >= bars else []:
            self._cells = ["x"]
            self._next.changes = list(before.changes)
            self._end_measure()

    def _line(self, sign: str) -> None:
        self._end_measure()
        last = self.measures[-1] if self.measures else None
        if sign == "{":
            self._next.opens = True
        elif sign == "}" and last is not None:
            last.closes = -last.closes if last.closes < 0 else 2
        if sign in "[Z]" and last is not None:
            self._next.endings = frozenset()

    def _end_measure(self) -> None:
        """Close the measure that is under way, if it has content; its section and ending go on. Raises FileError."""
        measure, cells = self._next, self._cells
        self._cells = []
        if not any(cell != "" for cell in cells):
            if cells and self.measures and (measure.jump or measure.fine):  # words after the last bar
                self.measures[-1].jump = self.measures[-1].jump or measure.jump
                self.measures[-1].to_coda |= measure.to_coda
                measure.jump, measure.to_coda = "", False
            return
        if len(self.measures) >= MOST_BARS:
            raise FileError(f"it has more than {MOST_BARS:,} bars.")
        metre = self._metre or COMMON
        measure.beats = metre.beats
        if cells != ["x"]:
            while len(cells) > metre.beats and cells[0] == "":  # space that only lines up the bars
                cells = cells[1:]
            places = [at * metre.beats / len(cells) for at in range(len(cells))]
            pairs = zip(places, cells, strict=True)
            measure.changes = [Change(at, cell) for at, cell in pairs if not isinstance(cell, str)]
        self.measures.append(measure)
        self._next = Measure(metre.beats, section=measure.section, endings=measure.endings)

    def chart(self, title: str, style: str, key: Key, tempo: float | None) -> Chart:
        """The chart of all tokens. Raises FileError if there is no bar."""
        self._line("Z")
        if not self.measures:
            raise FileError("there is no bar in it.")
        for measure in self.measures:
            measure.closes = max(0, measure.closes)
        metre = self._first or COMMON
        return Chart(title, performed(self.measures), key, metre.beats, metre.compound, tempo, style)
