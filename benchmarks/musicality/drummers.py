"""Drummers who played to a click: MIDI files with a table ``info.csv`` of drummer, tempo and metre."""

import csv
from dataclasses import replace
from pathlib import Path

from benchmarks.musicality.performance import DRUMS, Grid, Performer
from livegen.events import pair
from livegen.midi import midifile

BARS = 4  # of a unit
LONG = 40.0  # seconds


def listed(folder: Path) -> list[dict[str, str]]:
    """The rows of the table for beats in 4/4 of 40 seconds or more whose file is there."""
    with (folder / "info.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    return [
        row
        for row in rows
        if (row["beat_type"], row["time_signature"]) == ("beat", "4-4")
        and float(row["duration"]) >= LONG
        and (folder / row["midi_filename"]).is_file()
    ]


def performer(folder: Path, row: dict[str, str]) -> Performer:
    """The take of a row of the table."""
    notes = pair(midifile.read(folder / row["midi_filename"]).events)
    beat = 60.0 / float(row["bpm"])
    count = int(notes[-1].onset / beat) + 1
    bar = 4 * beat
    first = int((notes[0].onset + 0.1 * beat) / bar)
    # A drummer is ahead of the click now and then: a hair before the bar line is its note as well.
    cuts = tuple(number * bar - 0.1 * beat for number in range(first, count // 4 + 1, BARS))
    grid = Grid(tuple(number * beat for number in range(count + 1)))
    on_drums = tuple(replace(note, channel=DRUMS) for note in notes)
    return Performer(row["id"], "drummer", row["drummer"], on_drums, grid, cuts)
