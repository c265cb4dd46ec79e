"""Tonality: a model of chords, which wanders from key to key when it is left to itself, keeps to the key that was
heard, and between the beats to the chord that sounds. Pure. docs/limits.md explains it; melodies keep their key by
themselves."""

import math
from collections.abc import Iterable, Sequence
from functools import cache
from operator import mul
from typing import NamedTuple

import numpy as np

from livegen.listening.performer import Performer
from livegen.music import chords, scales
from livegen.music.consonance import membership
from livegen.player.cadence import MAJOR, MINOR
from livegen.player.changes import Changes
from livegen.player.limits import Limits
from livegen.predictors.encoding import PITCHES
from livegen.predictors.sampling import Logits
from livegen.settings import Settings

_FADING = 0.97  # a note of the player's own counts so much less after each one
_ENOUGH = 6  # notes heard from which their key is kept; of the player's own, 2
_RAREST = 0.05  # the likelihood of a pitch class outside the key, at least
_OFTEN = 0.5  # the same at the most, where the performer plays many notes outside theirs
_CHORD = 1.0  # logits that a note outside the chord costs between the beats
_NEAR = 0.06  # beats: so near to a beat is on it

_CLASS = np.arange(PITCHES) % 12
_STEPS = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10, 11)  # of major, and of minor with both sevenths
_SCALES = np.array(  # [24, 13]: the scales of all keys, and a 1
    [[*np.isin((np.arange(12) - tonic) % 12, steps), True] for steps in _STEPS for tonic in range(12)], np.float64
)
_PROFILES = np.array([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
_LIKELY = np.log(_PROFILES / _PROFILES.sum(axis=1, keepdims=True))


class Tones(NamedTuple):
    """The player's own latest notes: the number of each pitch class, the later the more, and the classes that were
    struck since the last beat, as bits."""

    counts: tuple[float, ...] = (0.0,) * 12
    chord: int = 0

    def struck(self, pitches: Iterable[int], place: float) -> "Tones":
        """After one more onset of these pitches, at a place in the beats."""
        counts, chord = list(self.counts), 0 if is_on_beat(place) else self.chord
        for pitch in pitches:
            counts = [each * _FADING for each in counts]
            counts[pitch % 12] += 1.0
            chord |= 1 << pitch % 12
        return Tones(tuple(counts), chord)


class Tonality:
    """Gives the costs of the pitches outside the key and the chord."""

    def __init__(self, performer: Performer, settings: Settings, limits: Limits, changes: Changes) -> None:
        self._performer = performer
        self._settings = settings
        self._limits = limits
        self._changes = changes

    @property
    def is_kept(self) -> bool:
        """Whether nothing else says which notes fit: no scale, raga, chord or chart."""
        settings = self._settings
        if not settings.in_key or settings.scale != scales.OFF or settings.chord != chords.OFF:
            return False
        return self._limits.raga is None and not self._changes.lead

    def costs(self, tones: Tones, place: float, together: Sequence[int]) -> Logits:
        """Logits [128] to add for a note at a place in the beats, which sounds with the pitches ``together``, if there
        are any."""
        chord = tones.chord if together or not is_on_beat(place) else 0
        for pitch in together:
            chord |= 1 << pitch % 12
        costs = self._key(tones)
        if chord:
            costs = [cost + each for cost, each in zip(costs, _outside(chord), strict=True)]
        found: Logits = np.array(costs, dtype=np.float32).take(_CLASS)
        return found * np.float32(self._settings.in_key)

    def _key(self, tones: Tones) -> list[float]:
        """The logarithm of the likelihood that each pitch class is in the key: the performer's, or the player's own
        while none is known. Where the performer leaves theirs the player may as well."""
        heard, rarest = self._performer.voicing.classes(), _RAREST
        count = sum(heard)
        inside = belonging(tones.counts if count < _ENOUGH else heard)
        if count >= _ENOUGH:
            outside = 1.0 - sum(map(mul, heard, inside)) / count
            rarest = max(_RAREST, min(_OFTEN, 2.0 * outside))
        return [math.log(max(rarest, each)) for each in inside]


def belonging(counts: Sequence[float]) -> list[float]:
    """The likelihood that each pitch class is in the key of notes, of whose classes these are the numbers: over all
    keys, each as likely as the notes are in it (Temperley's profiles)."""
    fits = _LIKELY @ np.array(counts)
    *found, whole = (np.exp(fits - fits.max()) @ _SCALES).tolist()
    return [each / whole for each in found]


@cache
def _outside(chord: int) -> list[float]:
    """The logits that each pitch class loses where it is not in the chord that these classes suggest."""
    costs: list[float] = (_CHORD * (membership()[chord] - 1.0)).tolist()
    return costs


def is_on_beat(place: float) -> bool:
    """Whether a place in the beats is a beat."""
    return abs(place - round(place)) < _NEAR
