"""The melodies of lead sheets over their chords: what a model foresees of each note, told its chord and not."""

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livegen.events import Note
from livegen.predictors import over_chords
from livegen.predictors.encoding import PITCHES, START, Step
from livegen.predictors.over_chords import Moment, OverChords
from livegen.predictors.protocol import Predictor
from livegen.predictors.sampling import Logits
from livegen.training.changes.songs import Song
from livegen.training.network import dataset
from livegen.training.ngrams.tables import Floats, Ints
from livegen.tunes.tune import Bar, Tune

SEED = 1
FEWEST = 16  # notes of a melody
_EARLY = 1e-6  # beats


class Melody(NamedTuple):
    """A melody's notes but the first. ``moments``: the chord of each and what it knows, None where there is no chord;
    ``logits`` [notes, 128]: a model's forecast of the pitch, told the gap before it and the bar; ``rhythm`` [notes]:
    the bits that the gap cost it."""

    name: str
    pitches: Ints
    moments: list[Moment | None]
    logits: Logits
    rhythm: Floats

    def bits(self, told: OverChords | None) -> Floats:
        """The bits of each pitch, ``told`` the chords by these weights, or not."""
        if told is None:
            return _bits(self.logits, self.pitches)
        pairs = zip(self.logits, self.moments, strict=True)
        logits = np.array([each if at is None else told.told(each, at) for each, at in pairs])
        return _bits(logits, self.pitches)


def line_of(song: Song) -> Song:
    """The song with one note at a time, the highest of those that begin together."""
    notes = sorted(song.notes, key=lambda note: (note.begins, -note.pitch))
    line = [each for at, each in enumerate(notes) if not at or each.begins - notes[at - 1].begins > _EARLY]
    return song._replace(notes=tuple(line))


def moments_of(song: Song) -> list[Moment | None]:
    """The chord of each note of a song's line but the first, and what leads to it; a pickup has none."""
    found: list[Moment | None] = []
    for before, note in zip(song.notes, song.notes[1:], strict=False):
        beat = math.floor(note.begins + _EARLY)
        chord = song.chords[beat] if 0 <= beat < len(song.chords) else None
        gap = note.begins - before.begins
        found.append(
            None if chord is None else over_chords.moment(chord, note.begins, song.beats_per_bar, before.pitch, gap)
        )
    return found


def tune_of(song: Song) -> Tune:
    """A song's line as a tune in quarter notes, with its bars."""
    scale, beats = 1.5 if song.compound else 1.0, song.beats_per_bar
    notes = [Note(each.begins * scale, (each.ends - each.begins) * scale, each.pitch) for each in song.notes]
    metre = f"{3 * beats}/8" if song.compound else f"{beats}/4"
    first, last = (math.floor(song.notes[at].begins / beats) for at in (0, -1))
    bars = [Bar(number * beats * scale, metre) for number in range(first, last + 1)]
    return Tune(song.name, tuple(notes), tuple(bars))


def foreseen(songs: Sequence[Song], model: Predictor, astray: float = 0.0) -> list[Melody]:
    """The melodies of songs as a model foresees them; those that are too short are left out. It hears a share of the
    notes, ``astray``, up to three semitones off."""
    draw = random.Random(SEED)
    lines = [line for line in map(line_of, songs) if len(line.notes) >= FEWEST]
    return [_foreseen(line, model, [_off(astray, draw) for _ in line.notes]) for line in lines]


def _off(astray: float, draw: random.Random) -> int:
    return draw.choice((-3, -2, -1, 1, 2, 3)) if draw.random() < astray else 0


def _foreseen(song: Song, model: Predictor, off: Sequence[int]) -> Melody:
    moved = zip(song.notes, off, strict=True)
    heard = song._replace(notes=tuple(note._replace(pitch=note.pitch + each) for note, each in moved))
    excerpt = dataset.plain(tune_of(heard), bars=True)
    state, forecast = model.step(model.start(), START)
    logits, rhythm = np.zeros((len(excerpt) - 1, PITCHES), np.float32), []
    for index in range(1, len(excerpt)):
        state, forecast = model.step(state, Step(*excerpt.steps[index].tolist()))
        logits[index - 1] = forecast.pitch[excerpt.gaps[index]]
        rhythm.append(forecast.gap)
    cost = _bits(np.array(rhythm), excerpt.gaps[1:])
    pitches = np.array([note.pitch for note in song.notes[1:]])
    return Melody(song.name, pitches, moments_of(heard), logits, cost)


def _bits(logits: Floats | Logits, true: Ints) -> Floats:
    logits = logits.astype(np.float64)
    highest = logits.max(axis=1)
    total: Floats = highest + np.log(np.exp(logits - highest[:, None]).sum(axis=1))
    found: Floats = (total - logits[np.arange(len(true)), true]) / math.log(2)
    return found
