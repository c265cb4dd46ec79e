"""Lead sheets (.mxl: one part, one voice, chord symbols) as scores, repeats not played."""

import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.musicality import harmony, phrases
from benchmarks.musicality.performance import Chord
from benchmarks.musicality.simulators import Score
from livegen.events import Note
from livegen.music.chords import steps

_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_QUALITIES = {
    "minor": "m", "dominant": "7", "minor-seventh": "m7", "major-seventh": "maj7", "diminished": "dim",
    "dominant-ninth": "9", "major-sixth": "6", "diminished-seventh": "dim7", "augmented": "aug", "minor-sixth": "m6",
    "augmented-seventh": "7#5", "half-diminished": "m7b5", "suspended-fourth": "sus4", "dominant-13th": "13",
    "minor-ninth": "m9", "dominant-11th": "11", "major-ninth": "maj9", "minor-major": "mmaj7", "minor-11th": "m11",
    "power": "5",
}  # fmt: skip
SHORTEST = 16  # bars


@dataclass
class _Sheet:
    """A lead sheet as read so far; places in quarter notes."""

    at: float = 0.0
    divisions: float = 1.0
    metres: list[tuple[int, int]] = field(default_factory=list)
    key: harmony.Key | None = None
    notes: list[Note] = field(default_factory=list)
    chords: list[tuple[float, int, frozenset[int]]] = field(default_factory=list)
    bars: list[float] = field(default_factory=list)


def read(path: Path) -> Score | None:
    """The score in a file; None if it changes its metre, has no chords or is shorter than 16 bars."""
    with zipfile.ZipFile(path) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".xml") and "META-INF" not in name)
        root = ElementTree.fromstring(archive.read(name))
    sheet = _Sheet()
    for measure in root.iterfind("part[1]/measure") if root.find("part") is not None else ():
        sheet.bars.append(sheet.at)
        for element in measure:
            _take(element, sheet)
    return _score(path.stem, sheet)


def _score(name: str, sheet: _Sheet) -> Score | None:
    metres = set(sheet.metres)
    if len(metres) != 1 or not sheet.chords or len(sheet.bars) < SHORTEST:
        return None
    over, under = metres.pop()
    bar = over * 4 / under
    pulse = 1.5 if under == 8 else 1.0
    # A first measure that is shorter than a bar is a pickup.
    pickup = sheet.bars[1] if sheet.bars[1] < bar - 1e-6 else 0.0
    places = [*(at for at, *_ in sheet.chords), sheet.at]
    chords = tuple(
        Chord(start, end, classes, root)
        for (start, root, classes), end in zip(sheet.chords, places[1:], strict=True)
        if end > start and classes
    )
    notes = tuple(sheet.notes)
    cuts = phrases.cuts(notes, bar, 4 if bar > 2 else 8, pickup)
    return Score(name, notes, bar, pulse, pickup, chords, _key(sheet), cuts)


def _key(sheet: _Sheet) -> harmony.Key | None:
    """The key. Signatures are right more often than profiles of a melody, but call every song major.

    A melody that ends on the root of its last chord ends on its tonic: on the signature's, or on that of the relative
    minor; on any other it is not known.
    """
    last = sheet.notes[-1].pitch % 12
    if sheet.key is None or last == sheet.key[0] or last != sheet.chords[-1][1]:
        return sheet.key
    return (last, True) if last == (sheet.key[0] + 9) % 12 else None


def _take(element: ElementTree.Element, sheet: _Sheet) -> None:
    if element.tag == "attributes":
        _attributes(element, sheet)
    elif element.tag == "harmony":
        sheet.chords.append((sheet.at, *_chord(element)))
    elif element.tag == "note" and element.find("grace") is None:
        length = float(element.findtext("duration", "0")) / sheet.divisions
        _note(element, length, sheet)
        sheet.at += length


def _attributes(element: ElementTree.Element, sheet: _Sheet) -> None:
    sheet.divisions = float(element.findtext("divisions", str(sheet.divisions)))
    if (time := element.find("time")) is not None:
        sheet.metres.append((int(time.findtext("beats", "4")), int(time.findtext("beat-type", "4"))))
    if (key := element.find("key")) is not None and sheet.key is None:
        minor = key.findtext("mode", "major") == "minor"
        sheet.key = (7 * int(key.findtext("fifths", "0")) + 9 * minor) % 12, minor


def _note(element: ElementTree.Element, length: float, sheet: _Sheet) -> None:
    if (written := element.find("pitch")) is None:
        return
    pitch = _class(written, "") + 12 * (int(written.findtext("octave", "4")) + 1)
    tied = any(tie.get("type") == "stop" for tie in element.iterfind("tie"))
    if tied and sheet.notes and sheet.notes[-1].pitch == pitch:
        former = sheet.notes.pop()
        sheet.notes.append(Note(former.onset, former.duration + length, pitch))
    else:
        sheet.notes.append(Note(sheet.at, length, pitch))


def _class(element: ElementTree.Element, prefix: str) -> int:
    return _STEPS[element.findtext(f"{prefix}step", "C")] + int(float(element.findtext(f"{prefix}alter", "0")))


def _chord(element: ElementTree.Element) -> tuple[int, frozenset[int]]:
    """The root of a chord symbol and its pitch classes; no class for N.C."""
    written = element.find("root")
    if written is None or element.findtext("kind") == "none":
        return 0, frozenset()
    root = _class(written, "root-") % 12
    quality = _QUALITIES.get(element.findtext("kind", "major"), "")
    return root, frozenset((root + step) % 12 for step in steps(quality))
