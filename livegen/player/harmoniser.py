"""The notes that sound under the keys that are down: struck with a key, released with it."""

from collections.abc import Iterator

import numpy as np

from livegen.events import NoteOff, NoteOn
from livegen.listening.keys import Keys
from livegen.listening.performer import Performer
from livegen.music import harmony, scales
from livegen.player.ledger import Ledger
from livegen.player.limits import Limits
from livegen.player.second_voice import SecondVoice
from livegen.predictors import sampling
from livegen.predictors.sampling import Logits
from livegen.settings import Settings

_SOFTER = 0.85  # than the key
_NARROWEST, _WIDEST = 3, 16  # semitones below a key, where the model's pitches are taken from
_STRUM = 0.03  # seconds: keys struck this close are a chord, and its highest is the melody
_SCALE = "major"  # with its modes: the scale that is looked for in the notes heard

Struck = list[NoteOff | NoteOn]


class Harmoniser:
    """Follows one performer's keys with notes of the scale that is set, or otherwise of the one that is heard."""

    def __init__(self, performer: Performer, keys: Keys, settings: Settings, limits: Limits, ledger: Ledger) -> None:
        self._performer = performer
        self._keys = keys
        self._settings = settings
        self._limits = limits
        self._ledger = ledger
        self._second = SecondVoice(performer, settings, limits)
        self.under: dict[tuple[int, int], list[NoteOn]] = {}  # the notes that sound under each key that is down
        self._key = 0  # of the scale that is heard

    def follows(self, on: NoteOn) -> bool:
        """Whether a key that was just struck gets a harmony: of those that are down the highest does, if it is not the
        left hand's; or every one."""
        if self._settings.harmonises == harmony.EVERY:
            return True
        performer = self._performer
        return not performer.layers.is_lower(on.pitch) and all(on.pitch >= key for key, _ in performer.held)

    def strike(self, on: NoteOn, pitches: list[int], ids: Iterator[int]) -> Struck:
        """Have these pitches sound for as long as the key ``on``, within the range."""
        nearest = self._limits.pitches(None).nearest
        settings = self._settings
        low, high = sorted((settings.quietest, settings.loudest))
        velocity = max(low, min(high, max(1, round(on.velocity * _SOFTER))))
        out = self.release(on.at, (on.pitch, on.channel))
        if settings.harmonises == harmony.TOP and self.follows(on):
            held = self._performer.held
            for key in [key for key in self.under if key in held and _belongs_to_chord(key, self.under[key], on)]:
                out += self.release(on.at, key)
        notes = []
        for pitch in dict.fromkeys(nearest[pitch] for pitch in pitches):
            if pitch != on.pitch:
                note = NoteOn(on.at, pitch, velocity, settings.channel_out, next(ids), settings.longest)
                out += self._ledger.strike(note)
                notes.append(note)
                self._share(note)
        self.under[on.pitch, on.channel] = notes
        return sorted(out, key=lambda event: isinstance(event, NoteOn))

    def below(self, pitch: int) -> list[int]:
        """The pitches that go with a key, by the scale and the chord."""
        if self._settings.harmony == harmony.FITTING and self._limits.raga is None:
            return self._second.below(pitch)
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
        if self._settings.count_strokes:
            gone = [key for key in self.under if not self._keys.sounds(key)]
        else:
            held, pedals = self._performer.held, self._performer.pedals
            gone = [key for key in self.under if key not in held and key[1] not in pedals]
        return [off for key in gone for off in self.release(at, key)]

    def end(self, at: float) -> Struck:
        """Note-offs under all keys."""
        return [off for key in list(self.under) for off in self.release(at, key)]

    def release(self, at: float, key: tuple[int, int]) -> Struck:
        """Note-offs under one key (pitch, channel)."""
        notes = self.under.pop(key, ())
        return [off for note in notes if not self._is_shared(note) for off in self._ledger.end(note, at)]

    def _share(self, note: NoteOn) -> None:
        """A note that is struck again under another key sounds for as long as either."""
        if self._settings.count_strokes:
            for notes in self.under.values():
                notes[:] = [note if each.pitch == note.pitch else each for each in notes]

    def _is_shared(self, note: NoteOn) -> bool:
        return self._settings.count_strokes and any(note in notes for notes in self.under.values())

    def _scale(self) -> frozenset[int]:
        settings, limits = self._settings, self._limits
        if (raga := limits.raga) is not None:
            return frozenset((limits.tonic + step) % 12 for step in raga.semitones)
        if settings.scale != scales.OFF:
            return scales.classes(settings.scale, limits.key)
        self._key = scales.fitting_key(_SCALE, self._performer.voicing.classes(), self._key)
        return scales.classes(_SCALE, self._key)


def _belongs_to_chord(key: tuple[int, int], notes: list[NoteOn], top: NoteOn) -> bool:
    """Whether a key (pitch, channel) with these notes under it was struck with a higher one, as the same chord."""
    return key[0] < top.pitch and any(top.at - note.at < _STRUM for note in notes)
