"""Songs and their accompaniments, bar by bar: where chords are struck, for how long, and how busy the melody is."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from livegen.errors import FileError
from livegen.events import Note
from livegen.files.music_file import music_files
from livegen.files.musicxml import MusicXml
from livegen.player.comping_learnt import PLACES, melody_class
from livegen.tunes.tune import Tune

_TOGETHER = 0.03  # beats: notes this near are struck together
_CHORD = 2  # notes above the lowest, or three at all, are a chord
_METRES = {"2/4": 2, "3/4": 3, "4/4": 4, "2/2": 4}


class Accompaniment(NamedTuple):
    """A song: its voice, and the piano part with its bars, in quarter notes."""

    name: str
    voice: tuple[Note, ...]
    piano: Tune


class BarOfChords(NamedTuple):
    """A bar: its beats, the places where chords are struck as a mask of halves of beats, the share of the time until
    the next that they are held, and the class of the melody over it."""

    beats: int
    places: int
    held: float
    melody: int


def read_accompaniments(folder: Path) -> Iterator[Accompaniment]:
    """The songs of a folder that have a voice and a part on two staves. Raises FileError if there is none."""
    found = False
    for path in music_files(folder)[0]:
        try:
            score = MusicXml(path)
            piano, voice = score.tune(keyboard=True), score.melody()
        except FileError:
            continue
        if piano is not None and voice:
            found = True
            yield Accompaniment(path.stem, voice, piano)
    if not found:
        raise FileError(f"{folder.name} holds no songs with piano; give it OpenScore Lieder's folder scores.")


def bars_of(song: Accompaniment) -> Iterator[BarOfChords | None]:
    """The bars of a song in order; None for one in another metre, or whose chords lie between the places."""
    bars, piano, voice = song.piano.bars, song.piano.notes, song.voice
    at = over = 0
    for index, bar in enumerate(bars):
        beats = _METRES.get(bar.metre or "")
        end = bars[index + 1].at if index + 1 < len(bars) else bar.at + (beats or 4)
        first, at = at, _until(piano, at, end)
        begun, over = over, _until(voice, over, end)
        if beats is None or abs(end - bar.at - beats) > _TOGETHER:
            yield None
        else:
            yield _bar(beats, bar.at, piano[first:at], len(voice[begun:over]))


def _until(notes: tuple[Note, ...], at: int, end: float) -> int:
    """The index of the first note that begins at the end or later."""
    while at < len(notes) and notes[at].onset < end - _TOGETHER:
        at += 1
    return at


def _bar(beats: int, start: float, notes: tuple[Note, ...], sung: int) -> BarOfChords | None:
    struck: dict[float, list[Note]] = {}
    for note in notes:
        place = next((each for each in struck if abs(each - (note.onset - start)) < _TOGETHER), note.onset - start)
        struck.setdefault(place, []).append(note)
    chords = {place: each for place, each in struck.items() if len({note.pitch for note in each}) > _CHORD}
    places = sorted(chords)
    halves = [round(place * PLACES) for place in places]
    if not places or any(
        abs(place * PLACES - half) > _TOGETHER * PLACES for place, half in zip(places, halves, strict=True)
    ):
        return None
    held = []
    for place, later in zip(places, [*places[1:], float(beats)], strict=True):
        length = max(note.duration for note in chords[place])
        held.append(min(1.0, length / max(_TOGETHER, later - place)))
    mask = sum(1 << half for half in halves if half < beats * PLACES)
    return BarOfChords(beats, mask, sum(held) / len(held), melody_class(sung / beats))
