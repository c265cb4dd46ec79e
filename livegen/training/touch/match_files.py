"""Reads match files: performances on the piano, each note aligned to the score (Foscarin and others 2022). Of version
1.0.0 it reads the notes that are both written and played, without grace notes, and the sustain pedal."""

import re
from pathlib import Path
from typing import NamedTuple

from livegen.errors import FileError

_NOTE = re.compile(
    r"snote\([^,]+,\[[A-G],[^\]]*\],-?\d+,\d+:\d+,[^,]+,[^,]+,(?P<onset>-?[\d.]+),(?P<end>-?[\d.]+),\[(?P<marks>[^\]]*)\]\)"
    r"-note\([^,]+,(?P<pitch>\d+),(?P<on>\d+),(?P<off>\d+),(?P<velocity>\d+),"
)
_INFO = re.compile(r"info\((?P<name>\w+),(?P<value>.*)\)\.")
_METRE = re.compile(r"scoreprop\(timeSignature,(\d+)/(\d+),")
_PEDAL = re.compile(r"sustain\((\d+),(\d+)\)")
_PIANIST = re.compile(r"_p(\d+)$")
MELODY = "v1"  # the voice of the upper staff that has the melody


class Played(NamedTuple):
    """One note: as written, in quarter notes, and as played, in seconds."""

    onset: float
    end: float
    pitch: int
    on: float
    off: float
    velocity: int
    voice: str


class Performance(NamedTuple):
    """A piece as one pianist played it. ``beat``: quarter notes, three eighths in a metre such as 6/8."""

    piece: str
    pianist: int
    beat: float
    notes: tuple[Played, ...]
    pedals: tuple[tuple[float, int], ...] = ()  # seconds and values, 0 to 127


def read(path: Path) -> Performance:
    """The performance in a match file. Raises FileError if it cannot be read or is none."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{path.name} cannot be read ({error}); check the file.") from None
    infos = {found["name"]: found["value"] for line in lines if (found := _INFO.match(line))}
    metres = [(int(found[1]), int(found[2])) for line in lines if (found := _METRE.match(line))]
    pianist = _PIANIST.search(path.stem)
    if not metres or pianist is None or not metres[0][1]:
        raise FileError(f"{path.name} is no match file of one pianist, such as PIECE_p01.match; leave it out.")
    beats, unit = metres[0]
    try:
        seconds = int(infos["midiClockRate"]) / 1e6 / int(infos["midiClockUnits"])
    except (KeyError, ValueError, ZeroDivisionError):
        raise FileError(f"{path.name} does not say how long its ticks are; leave it out.") from None
    quarter = 4.0 / unit
    notes = [_played(found, quarter, seconds) for line in lines if (found := _NOTE.match(line)) and _counts(found)]
    if not notes:
        raise FileError(f"{path.name} has no aligned notes; leave it out.")
    pedals = tuple((int(found[1]) * seconds, int(found[2])) for line in lines if (found := _PEDAL.match(line)))
    compound = unit == 8 and beats % 3 == 0
    return Performance(
        path.stem[: pianist.start()], int(pianist[1]), 1.5 if compound else 1.0, tuple(sorted(notes)), pedals
    )


def read_folder(folder: Path) -> list[Performance]:
    """All performances in a folder. Raises FileError if there is none, or one cannot be read."""
    found = [read(path) for path in sorted(folder.rglob("*.match"))]
    if not found:
        raise FileError(f"There are no match files in {folder}; give a folder with some, such as that of Vienna 4x22.")
    return found


def _counts(found: re.Match[str]) -> bool:
    return "grace" not in found["marks"].split(",")


def _played(found: re.Match[str], quarter: float, seconds: float) -> Played:
    marks = found["marks"].split(",")
    voice = next((mark for mark in marks if re.fullmatch(r"v\d+", mark)), "")
    staff = next((mark for mark in marks if mark.startswith("staff")), "staff1")
    return Played(
        float(found["onset"]) * quarter,
        float(found["end"]) * quarter,
        int(found["pitch"]),
        int(found["on"]) * seconds,
        int(found["off"]) * seconds,
        int(found["velocity"]),
        voice if staff == "staff1" else "",
    )
