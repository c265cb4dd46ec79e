"""MusicXML scores (.musicxml, .xml, .mxl) as tunes: voices as one, ties joined; no repeats, no grace notes."""

import codecs
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

from livegen.errors import FileError
from livegen.events import Note
from livegen.files.midi_tune import one_player
from livegen.music.pitch import SEMITONES
from livegen.tunes.text_encoding import decode_text
from livegen.tunes.tune import MAX_NOTES, Bar, Tune, metre_length

MAX_BYTES = 32 * 1024 * 1024
MAX_BEATS = 1e6
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,30})[\"']")
_ALLOWED = re.compile(r"utf[-_]?8|iso|windows|cp\d|shift|x-sjis|sjis|gb|big5|euc|koi8|us-ascii|ascii|latin|mac", re.I)
_WIDER = {"shift_jis": "cp932", "gb2312": "gb18030", "gbk": "gb18030"}  # the encodings that programs mean by these


@dataclass(slots=True)
class _Written:
    """One note head; ``onset`` is counted from the bar line until the whole score is known."""

    onset: Fraction
    duration: Fraction
    pitch: int
    tied_back: bool
    tied_on: bool


@dataclass(slots=True)
class _Measure:
    """The content of one part between two bar lines. ``length`` is in quarter notes, 0 if the measure is empty."""

    metre: str | None
    implicit: bool
    length: Fraction = Fraction(0)
    notes: list[_Written] = field(default_factory=list)


@dataclass(frozen=True)
class _Part:
    staves: int
    measures: list[_Measure]


class MusicXml:
    """A MusicXML file. ``rights`` is its own statement of its licence, "" if there is none.

    Raises FileError when it cannot be read, is damaged, or passes a limit (32 MiB, a million beats, 100,000 notes).
    """

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        root = score_of(path)
        try:
            self.rights = " ".join(" ".join(each.itertext()) for each in root.iter("rights")).strip()
            self._parts = [_part(each) for each in root.findall("part")]
        except (ValueError, KeyError, OverflowError, ZeroDivisionError):
            raise damaged(path) from None
        if sum(len(measure.notes) for part in self._parts for measure in part.measures) > MAX_NOTES:
            raise FileError(f"{path.name} has more than {MAX_NOTES:,} notes; cut it into smaller scores.")

    def tune(self, keyboard: bool = False) -> Tune | None:
        """All parts as one player would play them; with ``keyboard`` only those on two staves or more. None if there
        are no notes."""
        starts, bars = self._measured()
        notes = _notes([part for part in self._parts if part.staves > 1 or not keyboard], starts)
        return Tune(self.name, one_player(notes), bars) if notes else None

    def melody(self) -> tuple[Note, ...]:
        """The notes of the parts on one staff, as of a singer, by onset."""
        notes = _notes([part for part in self._parts if part.staves == 1], self._measured()[0])
        return tuple(sorted(notes, key=lambda note: (note.onset, note.pitch)))

    def _measured(self) -> tuple[list[Fraction], tuple[Bar, ...]]:
        """The start of each measure, and the bars. A short first one ends its bar; other short ones may share one."""
        starts: list[Fraction] = []
        bars: list[Bar] = []
        at = begun = Fraction(0)  # the bar that is under way began there
        for index in range(max((len(part.measures) for part in self._parts), default=0)):
            side_by_side = [part.measures[index] for part in self._parts if index < len(part.measures)]
            metre, implicit = side_by_side[0].metre, any(each.implicit for each in side_by_side)
            whole = metre_length(metre) or Fraction(0)
            length = max(each.length for each in side_by_side) or whole
            pickup = not starts and length < whole
            goes_on = bool(starts) and implicit and at + length <= begun + whole
            if not goes_on:
                begun = at + length - whole if pickup else at
                bars.append(Bar(float(begun), metre))
            starts.append(at)
            at += length
            if at > MAX_BEATS:
                raise FileError(f"{self.name} is longer than {MAX_BEATS:,.0f} beats; cut it into smaller scores.")
        return starts, tuple(bars)


def _notes(parts: Sequence[_Part], starts: Sequence[Fraction]) -> list[Note]:
    """The notes of parts whose measures start there."""
    written: list[_Written] = []
    for part in parts:
        placed: list[_Written] = []
        for start, measure in zip(starts, part.measures, strict=False):
            for note in measure.notes:
                placed.append(_Written(start + note.onset, note.duration, note.pitch, note.tied_back, note.tied_on))
        written += _joined(placed)
    return [Note(float(each.onset), float(each.duration), each.pitch) for each in written if each.duration > 0]


def read(path: Path) -> Tune:
    """A whole score as one tune. Raises FileError as ``MusicXml`` does, and if there are no notes."""
    tune = MusicXml(path).tune()
    if tune is None:
        raise FileError(f"{path.name} has no notes; choose another score.")
    return tune


def score_of(path: Path) -> ElementTree.Element:
    """The XML of a score, by parts. Raises FileError if it cannot be read, or is none."""
    try:
        root = _partwise(ElementTree.fromstring(_text(path)))
    except (ElementTree.ParseError, ValueError):
        raise damaged(path) from None
    if root is None:
        raise FileError(f"{path.name} is not a MusicXML score; save it again from a notation program.")
    return root


def damaged(path: Path) -> FileError:
    """The error for a file that is no MusicXML, or wrong in itself."""
    return FileError(f"{path.name} is damaged or not MusicXML; save it again from a notation program.")


def _text(path: Path) -> str:
    """The XML, unpacked if need be, without its declaration."""
    try:
        with path.open("rb") as source:
            packed = source.read(4) == b"PK\3\4"
            source.seek(0)
            data = b"" if packed else source.read(MAX_BYTES + 1)
        if packed:
            with zipfile.ZipFile(path) as archive, archive.open(_main(archive)) as source:
                data = source.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileError(
            f"{path.name} cannot be read ({error.strerror or error}); check its path and permissions."
        ) from None
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise FileError(f"{path.name} is not a compressed MusicXML file; save it again as .mxl.") from None
    if len(data) > MAX_BYTES:
        raise FileError(f"{path.name} is larger than 32 MiB; cut it into smaller scores.")
    text = re.sub(r"^\s*<\?xml.{0,200}?\?>", "", _decoded(data).lstrip("\ufeff"), flags=re.DOTALL).lstrip()
    if "<!ENTITY" in text:  # a few lines of these can unfold to gigabytes, and no notation program writes them
        raise FileError(f"{path.name} defines XML entities, which are not read; save it again from a notation program.")
    return text


def _decoded(data: bytes) -> str:
    """The text as its declaration says it is encoded; the parser itself knows but few encodings."""
    declared = _DECLARED.search(data[:512])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    marked = data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not marked and _ALLOWED.match(name):
        try:
            return data.decode(_WIDER.get(name, name))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode_text(data)


def _partwise(root: ElementTree.Element) -> ElementTree.Element | None:
    """The score by parts; None if it is no score."""
    if root.tag.startswith("{"):
        for each in root.iter():
            each.tag = each.tag.rpartition("}")[2]
    if root.tag != "score-timewise":
        return root if root.tag == "score-partwise" else None
    parts: dict[str, ElementTree.Element] = {}
    for index, measure in enumerate(root.findall("measure")):
        for part in measure.findall("part"):
            if (name := part.get("id", "")) not in parts:
                parts[name] = ElementTree.SubElement(root, "part")
            part.tag, part.attrib = "measure", dict(measure.attrib)
            if (missing := index - len(parts[name])) and index * len(parts) > MAX_NOTES:
                raise ValueError
            parts[name].extend([ElementTree.Element("measure") for _ in range(missing)])  # in which it has no place
            parts[name].append(part)
    return root


def _main(archive: zipfile.ZipFile) -> str:
    """The name of the score inside a compressed file."""
    names = [name for name in archive.namelist() if name.endswith("xml") and not _is_about(name)]
    try:
        with archive.open("META-INF/container.xml") as table:
            container = ElementTree.fromstring(table.read(65_536))
        found = [each.get("full-path", "") for each in container.iter() if each.tag.endswith("rootfile")]
        listed = [name.replace("\\", "/").removeprefix("./") for name in found]
        names[:0] = [name for name in listed if name in archive.namelist()][:1]
    except (KeyError, ElementTree.ParseError):
        pass  # without a table of contents, the only score there is
    if not names:
        raise zipfile.BadZipFile
    return names[0]


def _is_about(name: str) -> bool:
    """Whether a file inside a compressed one is about the others: a table of contents, or what macOS adds."""
    folder, _, file = name.rpartition("/")
    return folder.startswith(("META-INF", "__MACOSX")) or file.startswith("._")


def _part(part: ElementTree.Element) -> _Part:
    staves = max((int(each.text or 1) for each in part.iter("staves")), default=1)
    reader = _Reader()
    return _Part(staves, [reader.measure(each) for each in part.findall("measure")])


class _Reader:
    """Reads one part from its beginning to its end; its attributes hold until it changes them."""

    def __init__(self) -> None:
        self._divisions = Fraction(1)
        self._metre: str | None = None
        self._transposed = 0  # semitones from what is written to what sounds

    def measure(self, element: ElementTree.Element) -> _Measure:
        found = _Measure(self._metre, element.get("implicit") == "yes")
        at = last = Fraction(0)
        for each in element:
            if each.tag == "attributes":
                self._attend(each)
                found.metre = self._metre
            elif each.tag == "backup":
                at = max(Fraction(0), at - self._length(each))
            elif each.tag == "forward":
                at += self._length(each)
            elif each.tag == "note" and each.find("grace") is None:
                length = self._length(each)
                if each.find("chord") is None:
                    last, at = at, at + length
                found.notes += self._note(each, last, length)
            found.length = max(found.length, at)
        return found

    def _attend(self, attributes: ElementTree.Element) -> None:
        if (divisions := attributes.findtext("divisions")) is not None:
            self._divisions = Fraction(float(divisions))
            if self._divisions <= 0:
                raise ValueError
        if (time := attributes.find("time")) is not None:
            self._metre = _metre(time)
        if (transpose := attributes.find("transpose")) is not None:
            semitones = float(transpose.findtext("chromatic") or 0)
            self._transposed = round(semitones + 12 * float(transpose.findtext("octave-change") or 0))

    def _length(self, element: ElementTree.Element) -> Fraction:
        length = Fraction(float(element.findtext("duration") or 0)) / self._divisions
        if not 0 <= length <= MAX_BEATS:
            raise ValueError
        return length

    def _note(self, note: ElementTree.Element, onset: Fraction, length: Fraction) -> Iterator[_Written]:
        """The note, unless it is a rest, unpitched or a cue for another player."""
        pitch = note.find("pitch")
        if pitch is None or note.find("cue") is not None:
            return
        written = 12 * (int(pitch.findtext("octave") or "") + 1) + SEMITONES[pitch.findtext("step") or ""]
        sounding = written + round(float(pitch.findtext("alter") or 0)) + self._transposed
        if not 0 <= sounding <= 127:
            raise ValueError
        ties = {each.get("type") for each in note.findall("tie") or note.findall("notations/tied")}
        yield _Written(onset, length, sounding, "stop" in ties, "start" in ties)


def _metre(time: ElementTree.Element) -> str | None:
    """The first time signature there is, like "6/8"; None when free."""
    beats, unit = time.findtext("beats"), time.findtext("beat-type")
    if beats is None or unit is None:
        return None
    count, under = sum(int(each) for each in beats.split("+")), int(unit)
    if not (0 < count <= 256 and 0 < under <= 256):
        raise ValueError
    return f"{count}/{under}"


def _joined(notes: list[_Written]) -> list[_Written]:
    """Tied notes as one."""
    whole: list[_Written] = []
    waiting: defaultdict[tuple[int, Fraction], list[_Written]] = defaultdict(list)  # by pitch and end
    for note in sorted(notes, key=lambda note: note.onset):
        before = waiting[note.pitch, note.onset]
        if note.tied_back and before:
            first = before.pop()
            first.duration += note.duration
        else:
            first = note
            whole.append(note)
        if note.tied_on:
            waiting[first.pitch, first.onset + first.duration].append(first)
    return whole
