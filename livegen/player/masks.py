"""Masks that are added to a model's logits: the settings' limits, and the performer's pace and register, weighted."""

import math
from bisect import bisect_left

import numpy as np

from livegen.listening.performer import Performer
from livegen.player.limits import Allowed
from livegen.predictors import sampling
from livegen.predictors.encoding import GAPS, PITCHES, Encoding
from livegen.settings import Settings

_FASTEST = 0.1  # seconds: gaps that are shorter are played only when the performer plays such
_NARROWEST = 5  # semitones: the spread of a register
_OWN = 0.6  # of the spread of first notes, which were learnt in all keys
_KEPT = 1024  # masks of pitches
_TILT = 1.0  # how much a doubled density takes off the logit of a gap twice as long


class Masks:
    """Makes the masks, again only when their inputs have changed, for every note waits for this."""

    def __init__(self, performer: Performer, settings: Settings, encoding: Encoding) -> None:
        self._performer = performer
        self._settings = settings
        self._beats = encoding.beats
        self._log_beats = np.log(np.maximum(encoding.beats, encoding.beats[1])).astype(np.float32)
        self._pitches: dict[tuple[float, ...], sampling.Logits] = {}  # by their inputs
        self.home = 60, _NARROWEST  # the model's own register, for as long as the performer has none
        self._paced: tuple[object, ...] = ()  # the inputs that the pace was made from
        self._pace = np.zeros(len(GAPS), dtype=np.float32)

    def pace(self, chords: bool, share: float = 1.0) -> sampling.Logits:
        """For the gaps: the performer's own onset density, as far as ``follow`` says, more or less of it as ``density``
        says, a ``share`` of that, and none that is too fast.

        The forecast is multiplied by a log-normal of the performer's recent gaps (a product of experts).
        """
        beat, follow, factor = self._performer.pulse.beat, self._settings.follow, self._settings.density * share
        density = self._performer.density() if follow else None
        shortest = self._performer.shortest_gap()
        fastest = _FASTEST if shortest is None else min(_FASTEST, 0.9 * shortest)
        paced = chords, beat, follow, factor, density, fastest
        if paced != self._paced:
            self._paced = paced
            self._pace = np.zeros(len(GAPS), dtype=np.float32)
            if density is not None:
                mean, spread = density
                self._pace += self._log_beats
                self._pace += math.log(beat * factor) - mean
                self._pace *= self._pace
                self._pace *= -0.5 * follow / spread**2
            if factor != 1.0:
                self._pace -= np.float32(_TILT * math.log2(factor)) * self._log_beats
            self._pace[0] = 0.0  # a chord is no gap
            self._pace[1 : bisect_left(self._beats, fastest / beat, 1)] = -np.inf
            if not chords:
                self._pace[0] = -np.inf
        return self._pace

    def pitch(self, allowed: Allowed, register: tuple[int, int] | None = None) -> sampling.Logits:
        """For the pitches: those that are allowed, and a ``register`` (middle, spread), otherwise the performer's, as
        far as ``in_register`` says."""
        settings = self._settings
        low, high = allowed.low, allowed.high
        centre, spread = register or self._performer.register() or self.home
        centre = max(low, min(high, centre))
        within = allowed.number, centre, spread, settings.in_register
        mask = self._pitches.get(within)
        if mask is None:
            if len(self._pitches) >= _KEPT:  # a fader of the range or the register was moved
                self._pitches.clear()
            away = (np.arange(PITCHES, dtype=np.float32) - centre) / np.float32(spread)
            mask = self._pitches[within] = allowed.logits - settings.in_register * 0.5 * away**2
        return mask


def register_of(said: str, first: sampling.Logits) -> tuple[int, int]:
    """The register that a model knows, middle and spread in semitones: as its file says ("72 6"), or otherwise that of
    the pitches [128] which it expects of a first note."""
    words = said.split()
    if len(words) == 2 and all(word.isdecimal() for word in words):
        return int(words[0]), max(_NARROWEST, int(words[1]))
    shares = np.exp(first - first.max())
    shares /= shares.sum()
    pitches = np.arange(PITCHES)
    centre = float(shares @ pitches)
    spread = _OWN * math.sqrt(float(shares @ (pitches - centre) ** 2))
    return round(centre), max(_NARROWEST, round(spread))
