"""Pianists who played from a score: match files, in which each note played is aligned with the one written."""

import re
from pathlib import Path

import numpy as np

from benchmarks.musicality import phrases
from benchmarks.musicality.performance import DOTTED, EVEN, LOWER, UPPER, Grid, Performer
from livegen.events import Note

_TICKS = 960.0  # a second: 480 a quarter of half a second
_LINE = re.compile(
    r"snote\([^\[]*\[[A-G],[^\]]*\],-?\d+,(\d+):\d+,[^,]*,[^,]*,(-?[\d.]+),(-?[\d.]+),\[([^\]]*)\]\)"
    r"-note\([^,]*,(\d+),(\d+),(\d+),(\d+)"
)
_PEDAL = re.compile(r"sustain\((\d+),(\d+)\)")
_METRE = re.compile(r"scoreprop\(timeSignature,(\d+)/(\d+)")
SLOWEST = 1.2  # seconds a beat: a longer one is felt as its parts
PEDAL_DOWN = 64


def performer(path: Path) -> Performer:
    """The performance in a match file; the key is left to be found, for two hands say it."""
    text = path.read_text("utf-8")
    piece, _, pianist = path.stem.rpartition("_")
    over, under = (int(word) for word in _METRE.findall(text)[0])
    written, played = [], []
    for _bar, start, end, marks, pitch, on, off, velocity in _LINE.findall(text):
        written.append(Note(float(start), float(end) - float(start), int(pitch)))
        channel = LOWER if "staff2" in marks else UPPER
        length = max(0.03, (int(off) - int(on)) / _TICKS)
        played.append(Note(int(on) / _TICKS, length, int(pitch), max(1, int(velocity)), channel))
    places = sorted({note.onset for note in written})
    times = _times(places, written, played)
    upper = [note for note, how in zip(written, played, strict=True) if how.channel == UPPER]
    felt = _felt(places, times, over, under)
    cuts = [float(np.interp(cut, places, times)) - 0.03 for cut in phrases.cuts(upper, float(over))]
    last = max(note.onset + note.duration for note in played)
    first = np.ceil(places[0] / felt) * felt
    beats = tuple(float(np.interp(place, places, times)) for place in np.arange(first, places[-1] + 1e-6, felt))
    notes = tuple(sorted(played, key=lambda note: (note.onset, note.pitch)))
    grid = Grid(beats, over / felt, DOTTED if felt == 3 else EVEN)
    name, source = f"{piece}, pianist {pianist}", f"pianist {pianist}"
    return Performer(name, "pianist", source, notes, grid, (*cuts[:-1], last), pedals=_pedals(text))


def _times(places: list[float], written: list[Note], played: list[Note]) -> list[float]:
    """The time at which each written place was played: the median of its notes, never going back."""
    at: dict[float, list[float]] = {place: [] for place in places}
    for note, how in zip(written, played, strict=True):
        at[note.onset].append(how.onset)
    means = np.maximum.accumulate([float(np.median(at[place])) for place in places])
    return [float(time) + 1e-4 * number for number, time in enumerate(means)]


def _felt(places: list[float], times: list[float], over: int, under: int) -> float:
    """The number of written beats in a felt one: three in 6/8, a half where it is slow, one otherwise."""
    length = (times[-1] - times[0]) / (places[-1] - places[0])
    if under == 8 and over % 3 == 0 and 3 * length <= SLOWEST:
        return 3.0
    return 0.5 if length > SLOWEST else 1.0


def _pedals(text: str) -> tuple[tuple[float, int], ...]:
    """The times at which the sustain pedal went down and up, with its values."""
    out: list[tuple[float, int]] = []
    for tick, value in _PEDAL.findall(text):
        down = 127 if int(value) >= PEDAL_DOWN else 0
        if down != (out[-1][1] if out else 0):
            out.append((int(tick) / _TICKS, down))
    return tuple(out)
