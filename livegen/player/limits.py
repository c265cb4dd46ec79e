"""The pitches that the player may use: range, scale or raga, chord. Each binds strictly, or only more or less."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.listening.voicing import Voicing
from livegen.music import chords, raga, sargam, scales
from livegen.music.raga import Raga
from livegen.music.sargam import Tala
from livegen.predictors.encoding import PITCHES
from livegen.predictors.sampling import Logits
from livegen.settings import Settings

Flags = npt.NDArray[np.bool_]

_ALL = np.ones(PITCHES, dtype=bool)
_KEPT = 512  # sets of pitches
_MOVED = 4  # semitones: how far a chord's voice is moved to an allowed pitch


class Allowed(NamedTuple):
    """The pitches that are allowed at one moment. ``number`` identifies the set."""

    number: int
    low: int
    high: int
    logits: Logits  # [128], to be added to a model's logits: 0 inside, -inf outside
    nearest: tuple[int, ...]  # for each pitch the nearest inside, itself if it is
    size: int  # the number of pitches inside

    def voices(self, voices: Sequence[int], top: int) -> list[int]:
        """The voices of a chord below ``top``, each moved to a pitch inside where it has to be, or left out."""
        found: list[int] = []
        above = top
        for voice in voices:
            near = sorted(range(max(0, voice - _MOVED), voice + _MOVED + 1), key=lambda pitch: abs(pitch - voice))
            inside = [pitch for pitch in near if pitch < above and self.nearest[pitch] == pitch]
            if inside:
                above = inside[0]
                found.append(above)
        return found


class Limits:
    """Gives the allowed pitches of every moment. Each set is made once, for every note waits for this."""

    def __init__(self, settings: Settings, left_hand: chords.LeftHand, voicing: Callable[[], Voicing]) -> None:
        self._settings = settings
        self._left_hand = left_hand
        self._voicing = voicing
        self.home = raga.OFF  # the model's own raga, while no other is set
        self.found_key = 0  # found in the notes heard
        self.chord_now: Callable[[], frozenset[int]] = frozenset  # pitch classes, where ``chord`` is auto
        self._made: dict[tuple[object, ...], Allowed] = {}
        self._count = 0

    @property
    def _raga(self) -> str:
        return self._settings.raga if self._settings.raga != raga.OFF else self.home

    @property
    def raga(self) -> Raga | None:
        """The raga that is set, or the model's own."""
        if self._settings.raga == raga.OFF and self.home == raga.OFF:  # the usual case
            return None
        return raga.find(self._raga)

    @property
    def tala(self) -> Tala | None:
        """The tala, in a raga."""
        settings = self._settings
        if settings.raga == raga.OFF and self.home == raga.OFF:  # the usual case
            return None
        return None if settings.tala == sargam.OFF else sargam.TALAS[settings.tala]

    @property
    def tonic(self) -> int:
        """The pitch of the middle Sa."""
        return raga.tonic(self._settings.tonic)

    @property
    def key(self) -> int:
        """The pitch class of the scale's tonic."""
        return self.found_key if self._settings.key == scales.AUTO else scales.tonic(self._settings.key)

    @property
    def polyphony(self) -> int:
        """Most notes at once: in a raga there is one."""
        return 1 if self._raga != raga.OFF else self._settings.polyphony

    def hear_note(self) -> None:
        """The performer played a note: find their key again, if the settings ask for it."""
        settings = self._settings
        if settings.key == scales.AUTO and settings.scale != scales.OFF:
            self.found_key = scales.fitting_key(settings.scale, self._voicing().classes(), self.found_key)

    def forget(self) -> None:
        """As if nothing had been heard."""
        self.found_key = 0
        self._left_hand.forget()

    def pitches(self, before: int | None) -> Allowed:
        """The pitches allowed after ``before``: in a raga the ways up and down may differ. A limit that is
        not strict forbids nothing."""
        return self._within(before, self._settings.strictness >= 100.0, self._settings.chord_strictness >= 100.0)

    def drawn(self, before: int | None, random: Callable[[], float]) -> Allowed:
        """The pitches allowed to one note: a scale or chord that is kept at 80 percent binds four notes in five."""
        scale, chord = self._settings.strictness, self._settings.chord_strictness
        binds = scale >= 100.0 or _binds(scale, random)
        return self._within(before, binds, chord >= 100.0 or _binds(chord, random))

    def _within(self, before: int | None, scale: bool, chord: bool) -> Allowed:
        settings = self._settings
        found = settings.raga if settings.raga != raga.OFF else self.home
        held = self.chord_now() if settings.chord == chords.AUTO else self._left_hand.chord
        asked = (
            *(settings.lowest, settings.highest, scale, settings.scale, settings.key, self.found_key),
            *(chord, settings.chord, held, found, settings.tonic),
            None if found == raga.OFF else before,
        )
        allowed = self._made.get(asked)
        if allowed is None:
            if len(self._made) >= _KEPT:  # a fader was moved
                self._made.clear()
            allowed = self._made[asked] = self._make(before, scale, held if chord else None)
        return allowed

    def sa(self, near: int) -> int:
        """The Sa nearest to a pitch, or the nearest allowed pitch if the limits have none."""
        allowed = self.pitches(near)
        found = [p for p in range(self.tonic % 12, PITCHES, 12) if math.isfinite(allowed.logits[p])]
        return min(found, key=lambda pitch: abs(pitch - near), default=allowed.nearest[near])

    def _make(self, before: int | None, scale: bool, held: frozenset[int] | None) -> Allowed:
        low, high = sorted((self._settings.lowest, self._settings.highest))
        pitches = np.arange(PITCHES)
        within = (pitches >= low) & (pitches <= high)
        inside = self._scale(before) if scale else _ALL
        if scale and self.raga is not None and _stuck(inside & within, before if self.raga.moves else None):
            inside = self._scale(None)  # so narrow a range leaves no next pitch: allow the raga's other pitches
        # The scale has the last word: of a chord that has nothing in common with it nothing is left.
        both = inside if held is None else inside & self._chord(held)
        both = both if both.any() else inside
        if not (both & within).any():  # the nearest beyond the range
            away = np.where(both, np.maximum(low - pitches, pitches - high), PITCHES)
            within = away == away.min()
        both = both & within
        possible = np.flatnonzero(both)
        self._count += 1
        logits = np.where(both, 0.0, -np.inf).astype(np.float32)
        return Allowed(self._count, low, high, logits, _nearest(possible, low, high), len(possible))

    def _scale(self, before: int | None) -> Flags:
        """The pitches of the raga, or otherwise of the scale, as flags [128]."""
        settings, found = self._settings, self.raga
        if found is not None:
            return _in_raga(found, self.tonic, before)
        if settings.scale == scales.OFF:
            return _ALL
        return _of(scales.classes(settings.scale, self.key))

    def _chord(self, held: frozenset[int]) -> Flags:
        """The pitches of the chord, which may be the one that is held or heard, as flags [128]."""
        name = self._settings.chord
        if name in (chords.LEFT_HAND, chords.AUTO):
            return _of(held) if held else _ALL
        return _ALL if name == chords.OFF else _of(chords.classes(name))


def _binds(strictness: float, random: Callable[[], float]) -> bool:
    """Whether one note is bound by what is kept less than strictly; nothing is drawn where it is not kept at all."""
    return strictness > 0.0 and random() < strictness / 100.0


def _of(classes: Iterable[int]) -> Flags:
    """For each pitch, whether its class is among these."""
    among = np.zeros(12, dtype=bool)
    among[list(classes)] = True
    return np.resize(among, PITCHES)


def _stuck(inside: Flags, before: int | None) -> bool:
    """Whether there is nowhere to go, or only ``before`` again."""
    return not inside.any() or (before is not None and bool(inside[before]) and int(inside.sum()) == 1)


def _in_raga(found: Raga, tonic: int, before: int | None) -> Flags:
    """The pitches that the raga has after ``before``: the arohana's above it, the avarohana's below; in a vakra raga
    those that its ways lead to."""
    if found.moves and before is not None and (after := found.following(before, tonic)):
        led = np.zeros(PITCHES, dtype=bool)
        led[after] = True
        return led
    up, down = (
        _of((tonic + found.semitones[degree]) % 12 for degree in way) for way in (found.arohana, found.avarohana)
    )
    inside = up | down
    if before is not None:
        inside[before + 1 :], inside[:before] = up[before + 1 :], down[:before]
    inside[: max(0, tonic + 12 * sargam.LOWEST)] = False
    inside[tonic + 12 * (sargam.HIGHEST + 1) :] = False
    return inside


def _nearest(possible: npt.NDArray[np.intp], low: int, high: int) -> tuple[int, ...]:
    """For each pitch the one of ``possible`` that is nearest to it, in its nearest octave within the range."""
    pitches = np.arange(PITCHES)
    up, down = -(-(low - pitches) // 12), -(-(pitches - high) // 12)  # octaves, if any
    folded = np.maximum(low, pitches + 12 * np.maximum(up, 0) - 12 * np.maximum(down, 0))
    folded[possible] = possible
    nearest: list[int] = possible[np.abs(possible[None] - folded[:, None]).argmin(axis=1)].tolist()
    return tuple(nearest)
