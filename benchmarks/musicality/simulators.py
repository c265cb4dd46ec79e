"""Simulated performers: a written melody as somebody plays it, steadily or freely, with slips, swung or hesitating."""

import math
import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.musicality.performance import DOTTED, Chord, Grid, Performer
from livegen.events import Note

STEPS = 24  # places in a quarter note at which the tempo is known


@dataclass(frozen=True)
class Score:
    """Written music: onsets and durations in quarter notes, chords too; ``pulse`` quarters are a felt beat.

    ``cuts`` are where units meet, ``down`` where the first full bar begins, ``bar`` its length in quarters.
    """

    name: str
    notes: tuple[Note, ...]
    bar: float
    pulse: float
    down: float = 0.0
    chords: tuple[Chord, ...] = ()
    key: tuple[int, bool] | None = None
    cuts: tuple[float, ...] = ()


@dataclass(frozen=True)
class Style:
    """A way of playing.

    ``tempo`` is felt beats a minute; ``drift`` how far it wanders from there over minutes, as a share, which a partner
    can follow; ``sway`` the share by which it ebbs and flows within a unit, which slows at its end; ``jitter`` seconds
    of unevenness (standard deviation); ``offbeat`` where the second eighth of a beat falls; ``slips`` the share of
    notes that go wrong; ``pauses`` of those before which the player has to think; ``legato`` how much of the written
    length is held.
    """

    tempo: float = 108.0
    drift: float = 0.015
    sway: float = 0.0
    jitter: float = 0.008
    offbeat: float = 0.5
    slips: float = 0.0
    pauses: float = 0.0
    legato: float = 0.88


def perform(score: Score, style: Style, kind: str, seed: int) -> Performer:
    """The score as a performer of that style plays it; the same seed, the same performance."""
    draw = random.Random(f"{score.name} {kind} {seed}")
    clock = _Clock(score, style, draw)
    written = _slipped(score.notes, style.slips, draw)
    notes = []
    for note in written:
        onset = clock.at(note.onset)
        end = clock.at(note.onset + note.duration * min(0.99, style.legato * draw.uniform(0.94, 1.06)))
        late = draw.gauss(0.0, style.jitter)
        velocity = note.velocity if note.velocity != 64 else _loudness(note, score, draw)
        notes.append(replace(note, onset=max(0.0, onset + late), duration=max(0.05, end - onset), velocity=velocity))
    last = score.cuts[-1]
    first = score.down - math.ceil(score.down / score.pulse - 1e-9) * score.pulse
    count = int((last - first) / score.pulse + 1e-9) + 1
    times = tuple(clock.at(first + index * score.pulse) for index in range(count))
    return Performer(
        score.name,
        kind,
        score.name,
        tuple(sorted(notes, key=lambda note: (note.onset, note.pitch))),
        Grid(times, score.bar / score.pulse, DOTTED if score.pulse == 1.5 else (0.0, style.offbeat)),
        # A hair before the first onset of a unit, which may come a little early.
        tuple(clock.at(cut) - min(0.03, 0.1 * score.pulse) for cut in score.cuts),
        tuple(replace(chord, start=clock.at(chord.start), end=clock.at(chord.end)) for chord in score.chords),
        score.key,
    )


class _Clock:
    """From written places, in quarters, to seconds."""

    def __init__(self, score: Score, style: Style, draw: random.Random) -> None:
        self._first = min(score.down - score.pulse, 0.0) - score.bar
        self._pulse, self._down, self._offbeat = score.pulse, score.down, style.offbeat
        quarter = 60.0 / style.tempo / score.pulse
        steps = int((score.cuts[-1] + 4 * score.bar - self._first) * STEPS)
        held = {round((note.onset - self._first) * STEPS) for note in score.notes if draw.random() < style.pauses}
        times = [0.0]
        period, phase = draw.uniform(96.0, 240.0), draw.uniform(0.0, 2 * math.pi)
        for step in range(steps):
            place = self._first + step / STEPS
            pause = draw.uniform(0.3, 1.0) if step in held else 0.0
            slower = _sway(place, score.cuts, style.sway) + style.drift * math.sin(2 * math.pi * place / period + phase)
            times.append(times[-1] + quarter / STEPS * slower + pause)
        self._steps = np.arange(len(times))
        self._times = np.asarray(times)
        self._times += 0.1 - self.at(score.cuts[0])

    def at(self, place: float) -> float:
        """Seconds of a written place."""
        return float(np.interp((self._swung(place) - self._first) * STEPS, self._steps, self._times))

    def _swung(self, place: float) -> float:
        beat, part = divmod((place - self._down) / self._pulse, 1.0)
        even = 0.5
        late = self._offbeat
        part = part * late / even if part < even else late + (part - even) * (1.0 - late) / (1.0 - even)
        return self._down + (beat + part) * self._pulse


def _sway(place: float, cuts: Sequence[float], share: float) -> float:
    """The length of a beat as a ratio to the tempo's: slow at a unit's ends and faster in its middle."""
    index = max(0, min(len(cuts) - 2, bisect_right(cuts, place) - 1))
    inside = (place - cuts[index]) / (cuts[index + 1] - cuts[index])
    inside = min(1.0, max(0.0, inside))
    return 1.0 + share * (math.cos(2 * math.pi * inside) + (1.5 * (inside - 0.85) / 0.15 if inside > 0.85 else 0.0))


def _loudness(note: Note, score: Score, draw: random.Random) -> int:
    """Bars lean on their first beat, units swell to their middle, and no two notes are alike."""
    place = (note.onset - score.down) % score.bar
    accent = 8.0 if place < 1e-3 else 3.0 if place % score.pulse < 1e-3 else 0.0
    index = max(0, min(len(score.cuts) - 2, bisect_right(score.cuts, note.onset) - 1))
    start, end = score.cuts[index], score.cuts[index + 1]
    swell = 12.0 * math.sin(math.pi * min(1.0, max(0.0, (note.onset - start) / (end - start))))
    return max(20, min(120, round(66 + accent + swell + draw.gauss(0.0, 5.0))))


def _slipped(notes: Sequence[Note], share: float, draw: random.Random) -> list[Note]:
    """Of the notes that go wrong half hit a neighbour, a quarter fail, and a quarter brush a second key."""
    out: list[Note] = []
    for note in notes:
        if draw.random() >= share:
            out.append(note)
            continue
        fate = draw.random()
        other = note.pitch + draw.choice((-2, -1, 1, 2))
        if fate < 0.5:
            out.append(replace(note, pitch=other))
        elif fate < 0.75:
            out += [note, replace(note, pitch=other, duration=min(0.25, note.duration), velocity=36)]
    return out


def in_odd_metre(score: Score, beats: float) -> Score:
    """The score with its bars stretched or cut at their last beat to so many beats: 4/4 to 5/4 or 7/8 (3.5)."""
    length = score.bar / score.pulse
    kept = (length - 1.0) * score.pulse
    last = beats * score.pulse - kept

    def warp(place: float) -> float:
        bar, inside = divmod(place - score.down, score.bar)
        inside = inside if inside < kept else kept + (inside - kept) * last / score.pulse
        return score.down + bar * (kept + last) + inside

    notes = tuple(
        replace(note, onset=warp(note.onset), duration=warp(note.onset + note.duration) - warp(note.onset))
        for note in score.notes
    )
    chords = tuple(replace(chord, start=warp(chord.start), end=warp(chord.end)) for chord in score.chords)
    # In 7/8 the eighths are what stays even, so they are the beat that is felt.
    pulse = score.pulse if beats == int(beats) else score.pulse / 2
    cuts = tuple(warp(cut) for cut in score.cuts)
    return replace(score, notes=notes, chords=chords, cuts=cuts, bar=kept + last, pulse=pulse)
