"""Performances whose true beats are known: jazz solos, drummers, and songs and old tunes as simulators play them."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.musicality import cast, drummers, jazz
from benchmarks.musicality.performance import Grid
from benchmarks.musicality.simulators import Score, Style, perform
from livegen.errors import FileError
from livegen.events import Note
from livegen.training.corpus import corpus
from livegen.tunes import abc_reader
from livegen.tunes.tune import metre_length

JAZZ, GROOVE, SHEETS, BOOKS = "jazz solos", "drummers", "lead sheets", "tune books"
JUDGED = (JAZZ, GROOVE, SHEETS)
GROUPS = (*JUDGED, BOOKS)
MOST = 300  # notes of a performance
TAKES = 160  # of the drummers; others are like them
TUNES = 400  # of the books
SLOW = 80.0  # felt beats a minute: below this a song is slow


@dataclass(frozen=True)
class Played:
    """A performance: ``group`` is its kind, ``source`` whose music it is, ``slow`` that its beats are slow."""

    group: str
    source: str
    notes: tuple[Note, ...]
    grid: Grid

    @property
    def slow(self) -> bool:
        """Whether its beats are slow on the whole."""
        times = self.grid.times
        return 60.0 * (len(times) - 1) / (times[-1] - times[0]) < SLOW


def performances(data: Path, part: str) -> list[Played]:
    """Those of one half, ``tune`` or ``report``, split as docs/musicality.md says; the books are only to learn from."""
    found = [*_solos(data), *_takes(data), *_songs(data)]
    found = [each for each in found if cast.part(each.source) == part]
    return found + (list(_tunes()) if part == cast.TUNE else [])


def _played(group: str, source: str, notes: tuple[Note, ...], grid: Grid) -> Played:
    return Played(group, source, notes[:MOST], grid)


def _solos(data: Path) -> Iterator[Played]:
    for solo in jazz.read(data / "jazz-phrases" / "solos.jsonl.gz"):
        yield _played(JAZZ, solo.player, solo.notes, solo.grid)


def _takes(data: Path) -> Iterator[Played]:
    rows = {row["id"]: row for row in drummers.listed(data / "groove")}
    for name in cast.shuffled(rows)[:TAKES]:
        take = drummers.performer(data / "groove", rows[name])
        yield _played(GROOVE, take.source, take.notes, take.grid)


def _songs(data: Path) -> Iterator[Played]:
    for score in cast.sheets(data / "leadsheets"):
        yield simulated(score, SHEETS)


def _tunes() -> Iterator[Played]:
    """Old tunes in the public domain, from the books inside music21; none where it is not installed."""
    try:
        folders = corpus.books()
    except FileError:
        return
    files = [file for folder in folders.values() for file in sorted(folder.rglob("*.abc"))]
    texts = (tune for name in cast.shuffled(map(str, files)) for tune in _of_file(Path(name)))
    yield from islice(texts, TUNES)


def _of_file(path: Path) -> Iterator[Played]:
    for tune in abc_reader.read_file(path, "performed").tunes:
        metres = {bar.metre for bar in tune.bars}
        length = metre_length(tune.bars[0].metre) if len(metres) == 1 else None
        if length and len(tune.notes) >= 40:
            bar, first = float(length), tune.bars[0].at
            pulse = 1.5 if tune.bars[0].metre in ("6/8", "9/8", "12/8") else 1.0
            last = tune.notes[-1].onset + tune.notes[-1].duration
            cuts = (tune.notes[0].onset, last)
            down = first + bar if first < -1e-6 else first  # after a pickup
            yield simulated(Score(tune.name, tune.notes, bar, pulse, down, cuts=cuts), BOOKS)


def simulated(score: Score, group: str) -> Played:
    """A score in a way of playing that is drawn for it: slow or quick, even or free, straight or swung."""
    draw = random.Random(f"{score.name} pulse")
    slowest, fastest = (50.0, 130.0) if score.pulse == 1.5 else (45.0, 210.0)
    style = Style(
        tempo=slowest * math.exp(draw.random() * math.log(fastest / slowest)),
        sway=draw.choice((0.0, 0.0, 0.0, 0.06, 0.15)),
        jitter=draw.choice((0.006, 0.01, 0.015, 0.022)),
        offbeat=draw.choice((0.5, 0.5, 0.5, 0.58, 0.62)) if score.pulse == 1.0 else 0.5,
        slips=draw.choice((0.0, 0.0, 0.05)),
    )
    played = perform(score, style, group, 1)
    return _played(group, score.name, played.notes, played.grid)
