"""Accord: how the player's notes sound together with the performer's, while both play. Pure.

Theory of operation. The forecast is that of one line, which goes on from whoever played last. While both play:
- It is moved by octaves into a register of the player's own, below the performer's or above it, on the side where the
  player's last note was.
- Each pitch loses what it costs: its dissonance with the keys that are down, its not being in the chord of the moment,
  the key itself, and a leap away from the player's last note.
- The more notes the performer plays, the fewer the player does. With ``counterpoint`` its notes are no closer than half
  a second, or than theirs are, but where they hold a note; and a step in the direction of theirs, or none, costs.
While it plays with two hands its melody is weighed against its own left hand (``left_hand``): a note on a beat loses
what its dissonance costs.
Every note waits for this, so the costs are tables, by the sets of pitch classes that are down and in the chord.
"""

import math
from collections.abc import Callable, Collection, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from livegen.listening.performer import Performer
from livegen.music.consonance import HARSHEST, Classes, clash, harshness, membership, sets
from livegen.player.limits import Limits
from livegen.player.line import Line
from livegen.predictors.encoding import PITCHES
from livegen.predictors.sampling import Logits
from livegen.settings import Settings

_CLASH = 8.0  # the logits that a minor second costs
_OUTSIDE = 9.0  # a note outside the chord
_HEARD = 0.5  # of them, those for a note that was not heard, though it may be in the chord
_KNOWN = 2  # pitch classes from which a chord is known for sure
_UNISON = 4.0  # the key itself, which sounds already
_AGAIN = 1.0  # the player's last pitch again: on a chord that stays, its notes would be few
_SPREAD = 3  # semitones, of the player's register
_NARROW = 8  # semitones: a register of one hand
_HIGH = 81  # pitch above which no line of the player's has its place, unless the performer's has
_HAND, _GAP = 12, 5  # semitones: how far the player's register is from a narrow one, and beyond a wide one
_LOW, _LOWER = 50, 43  # pitches below which no line of the player's goes for its place, or stays
_FAR = 14  # semitones from its place, where a line begins anew
_ASTRAY = 10  # semitones from there, where it moves back by an octave
_CHORD = 3  # keys: with so many down, the chords are the performer's
_BUSY = 0.5  # seconds between the performer's notes, from which on the player plays fewer
_DRUMS = 10  # General MIDI's channel for them
_FEWEST = 0.3  # of the performer's
_CALM, _CALMEST = 0.5, 1.2  # seconds from one note of the player's to the next, at least; and no more than that
_HOLDS = 1.5  # times their usual gap: the performer holds a note, and the player may be twice as quick
_ALONG, _STILL = 0.7, 1.5  # the logits that moving with the performer costs, and not moving
_STEP = 2  # semitones: so far is a tone moved that would clash with the left hand

_CLASS = np.arange(PITCHES) % 12


def _moved(semitones: int) -> npt.NDArray[np.intp]:
    """For each pitch the one so many semitones (octaves) below it, or the nearest of its class."""
    pitches = np.arange(PITCHES) - semitones
    pitches[pitches < 0] %= 12
    beyond = pitches >= PITCHES
    pitches[beyond] = PITCHES - 12 + (pitches[beyond] - PITCHES) % 12
    return pitches


_MOVED = {octaves: _moved(12 * octaves) for octaves in range(-11, 12)}


@cache
def _costs() -> tuple[Classes, Classes]:
    """[4096, 12] each: what a pitch class costs in each chord, as a sum to add, and against each set that is down."""
    belongs = membership() * np.float32(1.0 - _HEARD) + sets() * np.float32(_HEARD)
    known = np.minimum(sets().sum(axis=1, keepdims=True) / np.float32(_KNOWN), np.float32(1.0))
    return np.float32(_OUTSIDE) * known * (belongs - 1), np.float32(_CLASH) * harshness()


class Accord:
    """Fits notes to what sounds. ``alongside`` says whether the player plays now."""

    def __init__(self, performer: Performer, settings: Settings, limits: Limits) -> None:
        self._performer = performer
        self._settings = settings
        self._limits = limits
        self._outside, self._harsh = _costs()
        self.alongside = False
        self.left_hand: Callable[[float], Sequence[int]] = _silent  # the pitches of the player's own on a beat

    @property
    def is_heeded(self) -> bool:
        """Whether there is something to fit to: keys that are down, or a phrase that goes on. Ragas and drums know no
        chords."""
        performer, settings = self._performer, self._settings
        if not self.alongside or not settings.consonance or settings.channel_in == _DRUMS:
            return False
        if self._limits.raga is not None:
            return False
        return bool(performer.held) or performer.in_phrase

    @property
    def share(self) -> float:
        """The player's onsets for each of the performer's: fewer, if they play many."""
        density = self._performer.density()
        return 1.0 if density is None else max(_FEWEST, min(1.0, (math.exp(density[0]) / _BUSY) ** 1.5))

    def closest(self, since: float | None) -> float:
        """The shortest gap in seconds from a note at ``since`` to one of the player's: there is room for both."""
        if not self.alongside or not self._is_beside_a_line or not self.is_heeded:
            return 0.0
        performer, density = self._performer, self._performer.density()
        usual = _CALM if density is None else math.exp(density[0])
        holds = since is not None and performer.onset is not None and since - performer.onset > _HOLDS * usual
        return min(_CALMEST, max(_CALM, usual)) / (2.0 if holds else 1.0)

    @property
    def leaves_chords(self) -> bool:
        """Whether the performer holds a chord, so that the player strikes single notes."""
        return len(self._performer.held) >= _CHORD and self.is_heeded

    def register(self, line: Line) -> tuple[int, tuple[int, int]] | None:
        """The player's place below the performer's register, or above it where that would be too low or they play with
        two hands; and the middle and spread of what is near to it and to the player's last note. None while the
        performer has no register."""
        register = self._performer.register()
        if register is None:
            return None
        centre, spread = register
        latest = line.loop.latest
        floor = _LOW if not latest or latest[-1] > centre else _LOWER
        if spread <= _NARROW and centre - _HAND >= floor:
            place = centre - _HAND
        else:
            place = max(centre, min(_HIGH, centre + max(_HAND, spread + _GAP)))
        if latest and -_FAR <= latest[-1] - place <= _FAR:
            return place, ((place + latest[-1]) // 2, _SPREAD)
        return place, (place, _SPREAD)

    def weigh(self, forecast: Logits, line: Line, place: int) -> Logits:
        """The forecast of a pitch, moved by octaves to the player's ``place``, less the costs."""
        performer = self._performer
        down = 0
        for key, _ in performer.held:
            down |= 1 << key % 12
        chord = down if line.onset is None else performer.sonority.chord(down, line.onset, performer.pulse.beat)
        costs = self._outside[chord] - self._harsh[down]
        if (consonance := self._settings.consonance) < 1.0:
            costs *= np.float32(consonance)
        weighed: Logits = costs.take(_CLASS)
        octaves = _octaves(line, place)
        weighed += forecast.take(_MOVED[octaves]) if octaves else forecast
        if performer.held:
            weighed[next(reversed(performer.held))[0]] -= _UNISON
        if line.loop.latest:
            latest = line.loop.latest[-1]
            weighed[latest] -= _AGAIN
            if self._is_beside_a_line:
                self._move_against(weighed, latest)
        return weighed

    @property
    def _is_beside_a_line(self) -> bool:
        """Whether it plays in counterpoint: to one line, for long notes would last into the next chord of two hands."""
        performer = self._performer
        return self._settings.counterpoint and performer.layers.split is None and len(performer.held) < _CHORD

    def _move_against(self, weighed: Logits, latest: int) -> None:
        """Have a step of the player's in the direction of the performer's cost something, and none too."""
        consonance, motion = np.float32(self._settings.consonance), self._performer.motion
        weighed[latest] -= consonance * _STILL
        if motion > 0:
            weighed[latest + 1 :] -= consonance * _ALONG
        elif motion < 0:
            weighed[:latest] -= consonance * _ALONG

    def weigh_hands(self, pitches: Logits, at: float) -> None:
        """Take from the logits of a melody's note what it costs against the player's left hand at that time."""
        settings = self._settings
        if not settings.hands or not settings.consonance or not (under := self.left_hand(at)):
            return
        down = 0
        for pitch in under:
            down |= 1 << pitch % 12
        if down:
            pitches -= np.float32(self._settings.consonance) * self._harsh[down].take(_CLASS)

    def beside(self, pitch: int, at: float) -> list[int]:
        """The pitch, or if it is harsh with the player's left hand then its neighbours that are less so, the best first
        and itself at the end: a motif keeps its shape."""
        under = self._under(at)
        if clash(pitch, under) < HARSHEST:
            return [pitch]
        near = [pitch + step for step in range(-_STEP, _STEP + 1) if 0 <= pitch + step < PITCHES]
        harsh = {each: clash(each, under) for each in near}
        better = [each for each in near if harsh[each] < harsh[pitch]]
        return [*sorted(better, key=lambda each: (harsh[each], abs(each - pitch), each)), pitch]

    def _under(self, at: float) -> Sequence[int]:
        return self.left_hand(at) if self._settings.hands and self._settings.consonance else ()

    def clashes(self, pitch: int) -> bool:
        """Whether a pitch, or its class, clashes with a key that is down, if that is to be heeded."""
        return self.is_heeded and self._clash(pitch) > 0.0

    def fitting(self, pitches: Collection[int]) -> list[int]:
        """Of the pitches, or classes, those that clash least with the keys that are down; all, if that is not to be
        heeded."""
        if not pitches or not self.is_heeded:
            return list(pitches)
        harsh = {pitch: self._clash(pitch) for pitch in pitches}
        least = min(harsh.values())
        return [pitch for pitch, each in harsh.items() if each == least]

    def _clash(self, pitch: int) -> float:
        return clash(pitch, [key for key, _ in self._performer.held])


def _silent(_at: float) -> Sequence[int]:
    return ()


def _octaves(line: Line, place: int) -> int:
    """The octaves from the line's last note to the player's place. The player's own line goes on where it is."""
    if line.pitch is None:
        return 0
    away = place - line.pitch
    own = line.loop.latest[-1:] == (line.pitch,) and -_ASTRAY < away < _ASTRAY
    return 0 if own else round(away / 12)
