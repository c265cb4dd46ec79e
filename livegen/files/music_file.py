"""Reads music files of every kind: the content of a file, or otherwise its ending, decides which reader it gets."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from livegen.errors import FileError
from livegen.files import midi_tune, musicxml
from livegen.files.tune_score import score_of
from livegen.midi import midifile
from livegen.midi.midifile import Score
from livegen.tunes import abc_reader
from livegen.tunes.text_encoding import decode_text
from livegen.tunes.tune import Tune

Kind = Literal["MIDI", "MusicXML", "ABC"]
ENDINGS: dict[str, Kind] = {
    **dict.fromkeys((".mid", ".midi", ".kar", ".rmi", ".smf"), "MIDI"),
    **dict.fromkeys((".musicxml", ".mxl", ".xml"), "MusicXML"),
    ".abc": "ABC",
}
# Music, or folders of it, that is not read: it is named, other files are not.
FOREIGN = frozenset(
    ".mscz .mscx .sib .musx .mus .cap .capx .nwc .enc .mei .krn .ly .gp .gp3 .gp4 .gp5 .gpx .gtp .ptb .mml .mod .xm "
    ".it .sid .band .als .cpr .logicx .rpp .ptx .wav .aif .aiff .mp3 .ogg .flac .m4a .zip .rar .7z .gz .tgz".split()
)
_HEAD = 4096  # bytes at the start of a file that show its kind
_SCORE = re.compile(r"<(?:\w+:)?score-(?:part|time)wise")
_TUNE = re.compile(r"(?m)^[ \t]*X:[ \t]*\d")


@dataclass
class MusicFile:
    """The tunes of a file, why others were ``broken``, and what was passed over in those that were read."""

    tunes: list[Tune] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    passed_over: tuple[str, ...] = ()


def kind_of(path: Path) -> Kind | None:
    """Find the kind of a file; None if livegen reads no such music. Raises FileError if it cannot be read."""
    ending = path.suffix.lower()
    try:
        with path.open("rb") as source:
            head = source.read(_HEAD)
    except OSError as error:
        raise FileError(
            f"{path.name} cannot be read ({error.strerror or error}); check its path and permissions."
        ) from None
    if head.startswith(b"MThd") or (head[:4] == b"RIFF" and head[8:12] == b"RMID"):
        return "MIDI"
    if head.startswith(b"PK\3\4"):
        return "MusicXML" if ending in ENDINGS or b"META-INF/container.xml" in head else None
    text = decode_text(head[: len(head) // 2 * 2])
    if _SCORE.search(text):
        return "MusicXML"
    if ending in ("", ".txt") or ENDINGS.get(ending) == "MusicXML":
        return "ABC" if _TUNE.search(text) and "K:" in text else ENDINGS.get(ending)
    return ENDINGS.get(ending)


def music_files(folder: Path) -> tuple[list[Path], list[Path]]:
    """The music files of a folder and its folders that are read, and those that are not; ``folder`` may be a file."""
    if not folder.is_dir():
        return [folder], []
    read: list[Path] = []
    foreign: list[Path] = []
    for path in _inside(folder):
        ending = path.suffix.lower()
        if ending in ENDINGS:
            read.append(path)
        elif ending in FOREIGN:
            foreign.append(path)
        elif ending in ("", ".txt") and _is_music(path):
            read.append(path)
    return read, foreign


def _inside(folder: Path) -> Iterator[Path]:
    """The files, but for what macOS puts next to each."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("._") and "__MACOSX" not in path.parts:
            yield path


def _is_music(path: Path) -> bool:
    try:
        return kind_of(path) is not None
    except FileError:
        return False


def read_tunes(path: Path, playing: abc_reader.Playing = "written") -> MusicFile:
    """The tunes of a file. Raises FileError if it cannot be read, or there are none."""
    kind = kind_of(path)
    if kind == "ABC":
        book = abc_reader.read_file(path, playing)
        if not book.tunes and not book.broken:
            raise FileError(f"{path.name} holds no tunes; a tune begins with X: and has a key (K:).")
        return MusicFile(book.tunes, book.reasons)
    if kind == "MusicXML":
        return MusicFile([musicxml.read(path)])
    if kind is None:
        raise _unknown(path)
    score = midifile.read(path)
    return MusicFile([midi_tune.tune_of(score, path)], passed_over=score.passed_over)


def read_score(path: Path) -> Score:
    """A file as a performer's part: a MIDI file as it was played, the first tune of another in its metre, at 120.

    Raises FileError if it cannot be read, or there is no tune.
    """
    kind = kind_of(path)
    if kind is None:
        raise _unknown(path)
    if kind == "MIDI":
        return midifile.read(path)
    found = read_tunes(path, "performed")
    if not found.tunes:
        raise FileError(f"{path.name} holds no tune that can be read ({_first(found.broken)}); choose another file.")
    more = len(found.tunes) - 1
    left = [f"{more} more {'tune' if more == 1 else 'tunes'}: the first is played"] if more else []
    return score_of(found.tunes[0], (*left, *(f"a tune, because {reason}" for reason in found.broken)))


def _first(reasons: Iterable[str]) -> str:
    return next(iter(reasons), "it is empty")


def _unknown(path: Path) -> FileError:
    return FileError(f"{path.name} is not a MIDI, MusicXML or ABC file; save it as one of these.")
