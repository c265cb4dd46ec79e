"""Lead sheets in MusicXML: the chord symbols of the first part that has some, as a chart, and the melody under them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from livegen.charts.chart import Change, Chart
from livegen.charts.measures import SEGNO, START, Measure, performed
from livegen.charts.metre import COMMON, Metre, read_metre
from livegen.errors import FileError
from livegen.events import Note
from livegen.files import musicxml
from livegen.music import chord_kinds
from livegen.music.chord_kinds import Degree
from livegen.music.chord_symbol import Chord
from livegen.music.key import C_MAJOR, Key
from livegen.music.pitch import SEMITONES

_SIGNS = {"segno": "segno", "coda": "coda", "fine": "fine"}


@dataclass
class LeadSheet:
    """A lead sheet as it is written. Places are beats of its metre; ``notes`` are counted from the first measure."""

    title: str
    key: Key = C_MAJOR
    metre: Metre | None = None
    tempo: float | None = None
    measures: list[Measure] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    pickup: float = 0.0  # beats of a short first measure
    unread: int = 0  # chords that were passed over

    @property
    def beats(self) -> Metre:
        """The metre; 4/4 where none is given."""
        return self.metre or COMMON

    def chart(self) -> Chart:
        """The chart, repeats and jumps played, without the pickup. Raises FileError if it has no chords."""
        measures = self.measures[1:] if self.pickup and len(self.measures) > 1 else self.measures
        if not any(change.chord for measure in measures for change in measure.changes):
            raise FileError(f"{self.title} has no chord symbols; write them as chords, not as text.")
        metre = self.beats
        return Chart(self.title, performed(measures), self.key, metre.beats, metre.compound, self.tempo)


def read_lead_sheet(path: Path) -> LeadSheet:
    """The lead sheet in a file. Raises FileError if it cannot be read, or has no part with chords."""
    root = musicxml.score_of(path)
    part = next((each for each in root.findall("part") if each.find(".//harmony") is not None), None)
    if part is None:
        raise FileError(f"{path.name} has no chord symbols; write them as chords, not as text.")
    title = root.findtext("work/work-title") or root.findtext("movement-title") or path.stem
    try:
        return _Reader(" ".join(title.split())).sheet(part)
    except (ValueError, KeyError, OverflowError, ZeroDivisionError):
        raise musicxml.damaged(path) from None


class _Reader:
    """Reads a part from its beginning to its end; positions are divisions within the measure."""

    def __init__(self, title: str) -> None:
        self._sheet = LeadSheet(title)
        self._divisions = 1.0  # of a quarter note
        self._at = self._last = 0.0  # quarter notes since the bar line
        self._bar = 0.0  # beats before it
        self._measure = Measure(4)
        self._endings: frozenset[int] = frozenset()
        self._tied: dict[int, Note] = {}

    def sheet(self, part: ElementTree.Element) -> LeadSheet:
        """The sheet. Raises ValueError or KeyError if the part is wrong."""
        for element in part.findall("measure"):
            self._take_measure(element)
        self._sheet.notes.sort(key=lambda note: (note.onset, note.pitch))
        return self._sheet

    def _take_measure(self, element: ElementTree.Element) -> None:
        self._at = longest = 0.0
        self._measure = Measure(self._sheet.beats.beats, endings=self._endings)
        for each in element:
            self._take(each)
            longest = max(longest, self._at)
        sheet, metre = self._sheet, self._sheet.beats
        self._measure.beats = metre.beats
        length = longest / metre.quarters
        if not sheet.measures and 0.0 < length < metre.beats - 1e-6:
            sheet.pickup = length
        sheet.measures.append(self._measure)
        self._bar += length or metre.beats

    def _take(self, each: ElementTree.Element) -> None:
        if each.tag == "attributes":
            self._attend(each)
        elif each.tag == "harmony":
            self._harmony(each)
        elif each.tag == "note":
            self._note(each)
        elif each.tag in ("backup", "forward"):
            step = self._length(each)
            self._at = max(0.0, self._at - step if each.tag == "backup" else self._at + step)
        elif each.tag == "barline":
            self._bar_line(each)
        elif each.tag in ("direction", "sound"):
            self._direct(each)

    def _attend(self, attributes: ElementTree.Element) -> None:
        self._divisions = float(attributes.findtext("divisions") or self._divisions)
        if self._divisions <= 0:
            raise ValueError
        sheet = self._sheet
        if (time := attributes.find("time")) is not None and sheet.metre is None:
            sheet.metre = read_metre(f"{time.findtext('beats')}/{time.findtext('beat-type')}")
        if (key := attributes.find("key")) is not None and not sheet.measures:
            minor = key.findtext("mode") == "minor"
            sheet.key = Key((7 * int(key.findtext("fifths") or 0) + 9 * minor) % 12, minor)

    def _length(self, element: ElementTree.Element) -> float:
        length = float(element.findtext("duration") or 0) / self._divisions
        if not 0 <= length <= musicxml.MAX_BEATS:
            raise ValueError
        return length

    def _harmony(self, element: ElementTree.Element) -> None:
        offset = float(element.findtext("offset") or 0) / self._divisions
        beat = max(0.0, self._at + offset) / self._sheet.beats.quarters
        try:
            chord = _chord(element)
        except ValueError:
            self._sheet.unread += 1
            return
        changes = self._measure.changes
        if changes and changes[-1].beat >= beat - 1e-6:
            changes.pop()
        changes.append(Change(min(beat, self._measure.beats - 0.25), chord))

    def _note(self, element: ElementTree.Element) -> None:
        if element.find("grace") is not None:
            return
        length = self._length(element)
        if element.find("chord") is None:
            self._last, self._at = self._at, self._at + length
        pitch, quarters = element.find("pitch"), self._sheet.beats.quarters
        if pitch is None or not length:
            return
        number = _class(pitch, "") + 12 * (int(pitch.findtext("octave") or 4) + 1)
        tied = {tie.get("type") for tie in element.findall("tie")}
        note = Note(self._bar + self._last / quarters, length / quarters, min(127, max(0, number)))
        before = self._tied.pop(number, None)
        if before is not None and "stop" in tied:
            self._sheet.notes.remove(before)
            note = Note(before.onset, before.duration + note.duration, note.pitch)
        self._sheet.notes.append(note)
        if "start" in tied:
            self._tied[number] = note

    def _bar_line(self, element: ElementTree.Element) -> None:
        repeat, ending = element.find("repeat"), element.find("ending")
        if ending is not None and ending.get("type") == "start":
            numbers = (ending.get("number") or "1").replace(",", " ").split()
            self._endings = frozenset(int(number) for number in numbers if number.isdigit())
            self._measure.endings = self._endings
        elif ending is not None:
            self._endings = frozenset()
        if repeat is not None and repeat.get("direction") == "forward":
            self._measure.opens = True
        elif repeat is not None:
            self._measure.closes = int(repeat.get("times") or 2)

    def _direct(self, element: ElementTree.Element) -> None:
        sound = element if element.tag == "sound" else element.find("sound")
        for kind in _SIGNS:
            if element.find(f".//{kind}") is not None or (sound is not None and sound.get(kind)):
                setattr(self._measure, _SIGNS[kind], True)
        if sound is None:
            return
        if sound.get("tempo") and self._sheet.tempo is None:
            self._sheet.tempo = float(sound.get("tempo") or 0) / self._sheet.beats.quarters
        if sound.get("tocoda"):
            self._measure.coda = True
        if sound.get("dacapo") or sound.get("dalsegno"):
            self._measure.jump = SEGNO if sound.get("dalsegno") else START
            self._measure.to_coda = any(measure.coda for measure in self._sheet.measures)


def _chord(element: ElementTree.Element) -> Chord | None:
    """The chord of a ``harmony``; None for N.C. Raises ValueError if its kind is unknown."""
    root, kind = element.find("root"), element.find("kind")
    name = "major" if kind is None or not kind.text else kind.text.strip()
    if name == chord_kinds.NONE:
        return None
    if root is None:
        raise ValueError("a chord without a root")
    bass = element.find("bass")
    text = "" if kind is None else kind.get("text") or ""
    over = None if bass is None else _class(bass, "bass-") % 12
    return chord_kinds.chord(_class(root, "root-"), name, text, _degrees(element), over)


def _degrees(element: ElementTree.Element) -> Iterator[Degree]:
    for each in element.findall("degree"):
        alter = round(float(each.findtext("degree-alter") or 0))
        yield Degree(each.findtext("degree-type") or "add", int(each.findtext("degree-value") or 0), alter)


def _class(element: ElementTree.Element, prefix: str) -> int:
    step = (element.findtext(f"{prefix}step") or "").strip()
    return SEMITONES[step] + round(float(element.findtext(f"{prefix}alter") or 0))
