"""Lead sheets as beats, with the chord at each and the melody; which songs are learnt from, and which are not."""

import hashlib
import math
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from livegen.charts.chart import Bar, Change, Chart
from livegen.errors import FileError
from livegen.files.lead_sheet import LeadSheet, read_lead_sheet
from livegen.files.music_file import music_files
from livegen.listening.chord_filter import Sounding
from livegen.music.chord_symbol import Chord
from livegen.music.key import Key

_EARLY = 0.25  # beats: a chord that comes this soon after a beat is the beat's


class Song(NamedTuple):
    """A song: beats are quarters, or the dotted quarters of a compound metre. Beat 0 is the first bar line; notes of a
    pickup come before it. ``chords`` are those at the beats from 0 on, None where there is none."""

    name: str
    tonic: int  # of the signature's major key
    beats_per_bar: int
    notes: tuple[Sounding, ...]
    chords: tuple[Chord | None, ...]
    compound: bool = False  # whether beats are dotted quarters


class Songs(NamedTuple):
    """The songs of a folder, and how many files could not be read."""

    songs: list[Song]
    broken: int


def fingerprint(name: str) -> str:
    """A short hash of a song's name, under which tables remember that they learnt from it."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def is_learnt(name: str) -> bool:
    """Whether a song is of the half to learn from: the hash of its name is even. The other half is for measuring."""
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 == 0


def read_songs(folder: Path) -> Songs:
    """The lead sheets of a folder. Raises FileError if there is none."""
    songs: list[Song] = []
    broken = 0
    for path in music_files(folder)[0]:
        try:
            songs.append(song_of(read_lead_sheet(path), path.stem))
        except FileError:
            broken += 1
    if not songs:
        raise FileError(f"{folder.name} holds no lead sheets; give a folder of MusicXML files with chord symbols.")
    return Songs(songs, broken)


def song_of(sheet: LeadSheet, name: str) -> Song:
    """A lead sheet as beats. Of 2/2 a beat is a quarter, as players count it."""
    metre = sheet.beats
    scale = 2 if metre.quarters == 2.0 else 1
    pickup = sheet.pickup * scale
    changes: list[tuple[float, Chord | None]] = []
    at = -pickup
    for measure in sheet.measures:
        changes += [(at + change.beat * scale, change.chord) for change in measure.changes]
        at += (sheet.pickup if at < 0 else measure.beats) * scale
    notes = tuple(
        Sounding(note.pitch, note.onset * scale - pickup, (note.onset + note.duration) * scale - pickup)
        for note in sheet.notes
    )
    tonic = (sheet.key.tonic + 3 * sheet.key.minor) % 12
    chords = tuple(_at_beats(changes, math.ceil(at - 1e-6)))
    return Song(name, tonic, metre.beats * scale, notes, chords, metre.compound)


def _at_beats(changes: Iterable[tuple[float, Chord | None]], beats: int) -> Iterable[Chord | None]:
    waiting = sorted(changes, key=lambda change: change[0])
    chord: Chord | None = None
    for beat in range(beats):
        while waiting and waiting[0][0] <= beat + _EARLY:
            chord = waiting.pop(0)[1]
        yield chord


def chart_of(song: Song, style: str = "") -> Chart:
    """The song's chords as a chart."""
    bars = []
    former: Chord | None = None
    for first in range(0, len(song.chords), song.beats_per_bar):
        changes = []
        for place, chord in enumerate(song.chords[first : first + song.beats_per_bar]):
            if chord != former or (not first and not place):
                changes.append(Change(float(place), chord))
                former = chord
        bars.append(Bar(song.beats_per_bar, tuple(changes)))
    return Chart(song.name, tuple(bars), Key(song.tonic), song.beats_per_bar, style=style)
