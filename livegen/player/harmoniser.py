"""The notes that sound under the keys that are down: struck with a key, released with it."""

from collections.abc import Iterator

import numpy as np

from livegen.events import NoteOff, NoteOn
from livegen.listening.performer import Performer
from livegen.music import harmony, scales
from livegen.player.ledger import Ledger
from livegen.player.limits import Limits
from livegen.predictors import sampling
from livegen.predictors.sampling import Logits
from livegen.settings import Settings

_SOFTER = 0.85  # than the key
_NARROWEST, _WIDEST = 3, 16  # semitones below a key, where the model's pitches are taken from
_SCALE = "major"  # with its modes: the scale that is looked for in the notes heard

Struck = list[NoteOff | NoteOn]


class Harmoniser:
    """Follows one performer's keys with notes of the scale that is set, or otherwise of the one that is heard."""

    def __init__(self, performer: Performer, settings: Settings, limits: Limits, ledger: Ledger) -> None:
        self._performer = performer
        self._settings = settings
        self._limits = limits
        self._ledger = ledger
        self.under: dict[tuple[int, int], list[NoteOn]] = {}  # the notes that sound under each key that is down
        self._key = 0  # of the scale that is heard

    def strike(self, on: NoteOn, pitches: list[int], ids: Iterator[int]) -> Struck:
        """Have these pitches sound for as long as the key ``on``, within the range."""
        nearest = self._limits.pitches(None).nearest
        settings = self._settings
        low, high = sorted((settings.quietest, settings.loudest))
        velocity = max(low, min(high, max(1, round(on.velocity * _SOFTER))))
        out = self.release(on.at, (on.pitch, on.channel))
        notes = []
        for pitch in dict.fromkeys(nearest[pitch] for pitch in pitches):
            if pitch != on.pitch:
                note = NoteOn(on.at, pitch, velocity, settings.channel_out, next(ids), settings.longest)
                out += self._ledger.strike(note)
                notes.append(note)
        self.under[on.pitch, on.channel] = notes
        return sorted(out, key=lambda event: isinstance(event, NoteOn))

    def below(self, pitch: int) -> list[int]:
        """The pitches that go with a key, by the scale."""
        return harmony.below(pitch, self._scale(), self._settings.harmony)

    def foreseen(self, pitch: int, logits: Logits, draw: float) -> list[int]:
        """The pitch below a key that the model expects to sound with it."""
        there = slice(max(0, pitch - _WIDEST), max(0, pitch - _NARROWEST + 1))
        weighed = logits[there] + self._limits.pitches(None).logits[there]
        if not np.isfinite(weighed).any():
            return []
        settings = self._settings
        return [there.start + sampling.choose(weighed, draw, settings.temperature, settings.top_p)]

    def follow(self, at: float) -> Struck:
        """Note-offs under the keys that are no longer down, nor held by the pedal."""
        held, pedals = self._performer.held, self._performer.pedals
        gone = [key for key in self.under if key not in held and key[1] not in pedals]
        return [off for key in gone for off in self.release(at, key)]

    def end(self, at: float) -> Struck:
        """Note-offs under all keys."""
        return [off for key in list(self.under) for off in self.release(at, key)]

    def release(self, at: float, key: tuple[int, int]) -> Struck:
        """Note-offs under one key (pitch, channel)."""
        return [off for note in self.under.pop(key, ()) for off in self._ledger.end(note, at)]

    def _scale(self) -> frozenset[int]:
        settings, limits = self._settings, self._limits
        if (raga := limits.raga) is not None:
            return frozenset((limits.tonic + step) % 12 for step in raga.semitones)
        if settings.scale != scales.OFF:
            return scales.classes(settings.scale, limits.key)
        self._key = scales.fitting_key(_SCALE, self._performer.voicing.classes(), self._key)
        return scales.classes(_SCALE, self._key)
