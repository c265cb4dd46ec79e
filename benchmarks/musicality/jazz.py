"""Jazz solos with marked phrases, beats and chords, as ``solos.jsonl.gz`` holds them."""

import gzip
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.musicality.performance import Chord, Grid, Performer
from livegen.events import Note
from livegen.music import chords, scales

SHORT = 6  # notes: a phrase of fewer joins the next
SWUNG = 0.6  # where the second eighth of a beat falls, by mean, in swing
# Those who play one of these play the other as well: a change from one to the other is no sign of another player.
_SAME = {"ss": "ts", "bcl": "as", "cor": "tp"}
_QUALITIES = {
    "7": "7", "-7": "m7", "j7": "maj7", "": "", "-": "m", "m7b5": "m7b5", "6": "6", "79b": "7b9", "j7911#": "maj7#11",
    "79#": "7#9", "sus": "sus4", "+7": "7#5", "-6": "m6", "sus7913": "9sus4", "7alt": "7#9", "sus7": "7sus4",
    "o": "dim", "79": "9", "o7": "dim7", "sus79": "9sus4", "7911#": "7#11", "-7911": "m11", "-79": "m9", "-69": "m6",
    "69": "69", "7913": "13", "+79#": "7#5", "6911#": "69", "79b13b": "7b9", "-j7913": "mmaj7", "-j7911#": "mmaj7",
    "-7913": "m9", "j79": "maj9", "+": "aug", "+7911#": "7#5", "+j7": "aug", "-j7": "mmaj7", "7913b": "9",
    "+79": "7#5", "+79b": "7#5", "79b13": "7b9", "7911": "11", "79#13": "7#9",
}  # fmt: skip


@dataclass(frozen=True)
class Solo:
    """A solo: ``ends`` says of each note whether a phrase ends with it. ``player`` is the run of solos it lies in.

    The data name no players, but list solos player by player: solos in a row on the same instrument are taken as one
    player's. Such a run may hold several players, but no player is in two runs.
    """

    name: str
    player: str
    notes: tuple[Note, ...]
    ends: tuple[bool, ...]
    grid: Grid
    chords: tuple[Chord, ...]
    key: tuple[int, bool] | None


def read(path: Path) -> list[Solo]:
    """All solos."""
    with gzip.open(path, "rt", encoding="utf-8") as source:
        rows = [json.loads(line) for line in source]
    runs = itertools.groupby(rows, key=lambda row: _SAME.get(row["instrument"], row["instrument"]))
    return [_solo(row, f"{name} {number}") for number, (name, run) in enumerate(runs) for row in run]


def performer(solo: Solo) -> Performer:
    """Units are marked phrases; one of fewer than six notes joins the next."""
    starts, count = [solo.notes[0].onset], 0
    for ended, following in zip(solo.ends, solo.notes[1:], strict=False):
        count += 1
        if ended and count >= SHORT:
            starts.append(following.onset)
            count = 0
    last = solo.notes[-1]
    cuts = (*(start - 1e-3 for start in starts), last.onset + last.duration)
    return Performer(solo.name, "jazz", solo.player, solo.notes, solo.grid, cuts, solo.chords, solo.key)


def _solo(row: dict[str, Any], player: str) -> Solo:
    rows = sorted(row["notes"])
    ends = [bool(end) for *_, end in rows]
    onsets = [onset for onset, *_ in rows]
    notes = [
        # A line holds one note at a time.
        Note(onset, max(0.03, min(length, following - onset)), pitch, 80)
        for (onset, pitch, length, _), following in zip(rows, [*onsets[1:], float("inf")], strict=True)
    ]
    over = int(str(row["signature"]).split("/")[0] or 4)
    offbeat = SWUNG if "SWING" in row["feel"] else 0.5
    beats = tuple(sorted({beat[0] for beat in row["beats"]}))
    key = _key(row["key"])
    name = f"solo {row['solo']}"
    return Solo(
        name, player, tuple(notes), tuple(ends), Grid(beats, over, (0.0, offbeat)), tuple(_chords(row["beats"])), key
    )


def _key(name: str) -> tuple[int, bool] | None:
    tonic, _, mode = name.partition("-")
    return (scales.tonic(tonic), mode == "min") if tonic and mode in ("", "maj", "min", "blues") else None


def _chords(beats: list[Any]) -> Iterator[Chord]:
    for here, there in itertools.pairwise(beats):
        if (classes := chord(here[3])) and there[0] > here[0]:
            yield Chord(here[0], there[0], classes)


def chord(name: str) -> frozenset[int]:
    """The pitch classes of a chord as the solos spell it ("Fj7", "Eb79b", "C-7"); none where none is known.

    >>> sorted(chord("C-7"))
    [0, 3, 7, 10]
    """
    found = re.fullmatch(r"([A-G][b#]?)([^/]*)(?:/[A-G][b#]?)?", name)
    if found is None or found[2] not in _QUALITIES:
        return frozenset()
    return chords.classes(found[1] + _QUALITIES[found[2]])
