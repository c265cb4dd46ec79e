"""Expression: the exact time, loudness and length of the player's notes. A model that was trained on performances
decides them; otherwise they follow the performer, and where the performer's playing says nothing, a touch of livegen's
own, as docs/touch.md says. Pure; the draws are the composer's."""

from typing import NamedTuple

import numpy as np

from livegen.listening.dynamics import followed
from livegen.listening.performer import Performer
from livegen.listening.timing import CYCLE
from livegen.player.seeded_random import SeededRandom
from livegen.predictors import own_touch, sampling
from livegen.predictors.encoding import CLASSES, DEVIATION
from livegen.predictors.models import Touch
from livegen.predictors.own_touch import Manner, Place
from livegen.settings import Settings

_SOON = 0.5  # of its gap: no note comes earlier, however it is swung
_HURRIED = 0.2  # of its gap: livegen's own microtiming makes none shorter by more
_WIDE = 2.0  # standard deviations: chance moves no onset further
_PLAIN, _PLAIN_SHARE = 80, 0.9  # a velocity, and a share of the gap, where nothing was heard
_LOUDEST = 112  # velocity: the level of livegen's own dynamics, so that accents are heard above it
_BRIEFEST = 0.1  # of its gap
_WIDEST = 2.5  # standard deviations of velocity
_SLOW = 1 / 16  # how fast the model's own level is learnt
_EVEN = CLASSES.deviation // 2 - 1  # the class of no microtiming, of the eleven known ones
_VELOCITIES: sampling.Logits = np.arange(4, 128, 8, dtype=np.float32)
_SHARES: sampling.Logits = np.linspace(0.0, 1.0, 12, dtype=np.float32)


class Stance(NamedTuple):
    """The place in the beats and the touch of a line after its last onset."""

    place: float = 0.0  # beats from a beat of the performer's
    late: float = 0.0  # seconds that the last onset is after its place in straight playing
    swung: float = 0.0  # of them, those that are the swing's
    lean: float = 0.0  # of the next velocity from its expectation, see Dynamics
    share: float | None = None  # of its gap that the next note sounds, where the model says so
    deviation: int | None = None  # class of the next note's microtiming, 0 to 10, where the model says so
    levels: tuple[float, float] | None = None  # the model's own velocity and share, in the mean
    own: Manner | None = None  # of the next note, where livegen's own touch plays it


class Expression:
    """Plays lines in the performer's manner, as far as the setting ``touch`` says."""

    def __init__(self, performer: Performer, settings: Settings, random: SeededRandom) -> None:
        self._performer = performer
        self._settings = settings
        self._random = random
        self.take_texture(chords=False)

    def take_texture(self, chords: bool) -> None:
        """Play a line of melody, or the tops of chords and broken chords, where the touch is livegen's own."""
        touches = own_touch.shipped()
        self._own = touches.chords if chords else touches.melody

    def heard(self, former: Stance) -> Stance:
        """The stance of a line after the performer's last note."""
        performer = self._performer
        place = performer.timing.place
        late = performer.timing.shift(place, performer.pulse.beat, 1.0) or 0.0
        return Stance(place, late, late, performer.dynamics.lean, None, None, former.levels)

    def expect(self, stance: Stance, gap: int, beats: float, pitch: int, touch: Touch | None) -> tuple[int, Stance]:
        """The velocity of a note after a gap (index, and beats), and the stance that knows how it is played."""
        if touch is not None:
            return self._expect_as_learnt(stance, gap, touch)
        dynamics, draw = self._performer.dynamics, self._random.random()
        if self._is_own:
            return self._expect_own(stance, beats, pitch, draw)
        if not dynamics.is_known:
            return _PLAIN, stance._replace(share=None, deviation=None)
        velocity, lean = dynamics.velocity(stance.place + beats, pitch, stance.lean, draw)
        after = Stance(stance.place, stance.late, stance.swung, lean, None, None, stance.levels)
        return followed(velocity, self._settings.touch), after

    @property
    def _is_own(self) -> bool:
        """Whether the performer's dynamics say nothing, so that livegen's own touch plays."""
        dynamics = self._performer.dynamics
        return self._settings.own_touch > 0.0 and (dynamics.is_even or not dynamics.is_known)

    def _expect_own(self, stance: Stance, beats: float, pitch: int, draw: float) -> tuple[int, Stance]:
        """As pianists play, about the performer's level; the other notes of a chord are played with its first."""
        level, manner = self._level(), stance.own
        if manner is None and self._performer.dynamics.is_known:
            # The performer's note waits for this: the first note after it keeps its loudness, and nothing is drawn.
            manner = Manner(pitch=pitch, height=float(pitch), beats=beats or 1.0)
            after = Stance(stance.place, stance.late, stance.swung, stance.lean, None, None, stance.levels, manner)
            return followed(level, self._settings.touch), after
        if manner is None or beats:
            manner = self._own.next(manner or Manner(), Place(beats, stance.place + beats, pitch), draw)
        loud = max(-_WIDEST, min(_WIDEST, manner.loud)) * self._own.spread(level)
        after = Stance(stance.place, stance.late, stance.swung, stance.lean, None, None, stance.levels, manner)
        return followed(level + self._settings.own_touch * loud, self._settings.touch), after

    def _level(self) -> float:
        """The mean velocity of livegen's own dynamics."""
        dynamics = self._performer.dynamics
        return min(_LOUDEST, dynamics.mean) if dynamics.is_known else _PLAIN

    def _expect_as_learnt(self, stance: Stance, gap: int, touch: Touch) -> tuple[int, Stance]:
        """Draw from the model's heads; its level is moved to the performer's."""
        settings, draw = self._settings, self._random.random
        rows = touch.velocity[gap], touch.length[gap], touch.deviation[gap]
        drawn = [sampling.choose(row, draw(), settings.temperature, settings.top_p) for row in rows]
        means = _mean(rows[0], _VELOCITIES), _mean(rows[1], _SHARES)
        own = stance.levels or means
        own = own[0] + _SLOW * (means[0] - own[0]), own[1] + _SLOW * (means[1] - own[1])
        velocity, share = float(_VELOCITIES[drawn[0]]), float(_SHARES[drawn[1]])
        performer = self._performer
        if performer.dynamics.is_known:
            velocity += settings.touch * (performer.dynamics.mean - own[0])
        if performer.articulation.is_known:
            share += settings.touch * (performer.articulation.level() - own[1])
        deviation = round(_EVEN + settings.touch * (drawn[2] - _EVEN))
        after = stance._replace(share=max(_BRIEFEST, min(1.0, share)), deviation=deviation, levels=own)
        return max(1, min(127, round(velocity))), after

    def share(self, stance: Stance, beats: float, again: bool = False) -> float:
        """The share of a gap of so many beats that the line's next note sounds; ``again``: the same pitch follows."""
        if stance.share is not None:
            return stance.share
        if stance.own is None or self._performer.articulation.is_known:
            return self._performer.articulation.share(beats, self._settings.touch)
        share = max(_BRIEFEST, min(1.0, self._own.length(stance.own, beats, again)))
        return _PLAIN_SHARE + self._settings.touch * self._settings.own_touch * (share - _PLAIN_SHARE)

    def ringing(self, stance: Stance, place: float, seconds: float) -> float:
        """The seconds for which notes at a place in the beats sound whose keys are held so long: longer if livegen's
        own foot holds the pedal."""
        if stance.own is None or self._performer.articulation.is_known:
            return seconds
        far = self._settings.touch * self._settings.own_touch
        return max(seconds, self._own.rings(stance.own, place, self._performer.pulse.beat, far))

    def lasted(self, stance: Stance, share: float) -> Stance:
        """The stance after a note that sounds for this share of its gap."""
        return stance if stance.own is None else stance._replace(own=stance.own.lasted(share))

    def due(self, onset: float, stance: Stance, beats: float) -> float:
        """The time of a note that comes ``beats`` after the last onset: straight, or swung as the performer swings."""
        if beats <= 0.0:
            return onset
        beat = self._performer.pulse.beat
        late = self._swung(stance, stance.place + beats)
        return max(onset + _SOON * beats * beat, onset - stance.late + beats * beat + late)

    def seconds(self, stance: Stance, beats: float) -> float:
        """A gap of so many beats after the last onset, as it is swung."""
        if beats <= 0.0:
            return 0.0
        gap = beats * self._performer.pulse.beat
        return max(_SOON * gap, gap + self._swung(stance, stance.place + beats) - stance.swung)

    def _swung(self, stance: Stance, place: float) -> float:
        """The swing at a place, in seconds. Triplets, which spell a swing out, keep that of the note before."""
        shift = self._performer.timing.shift(place, self._performer.pulse.beat, self._settings.touch)
        return stance.swung if shift is None else shift

    def loosely(self, due: float, stance: Stance, beats: float) -> float:
        """The same time, a little off: as the model predicts, or otherwise at random, as much as the performer is."""
        gap = beats * self._performer.pulse.beat
        if stance.deviation is not None:
            return due + gap * DEVIATION * (stance.deviation - _EVEN) / _EVEN
        if stance.own is not None and not self._performer.dynamics.is_known:  # it is alone
            late = self._own.lateness(stance.own) * min(beats, 1.0) * self._performer.pulse.beat
            late *= self._settings.touch * self._settings.own_touch
            return due + max(late, stance.late - _HURRIED * gap)
        spread = self._settings.touch * self._performer.timing.spread(gap)
        if not spread:
            return due
        return due + spread * max(-_WIDE, min(_WIDE, self._random.normal()))

    def arrive(self, onset: float, stance: Stance, due: float, beats: float | None) -> tuple[float, Stance]:
        """The gap (beats) to a note that sounds at ``due``, as it is meant, and the stance after it. ``beats`` is
        None where something other than the line chose the time."""
        timing, beat = self._performer.timing, self._performer.pulse.beat
        if beats is None:
            place = timing.moved(stance.place, due - onset, beat)
            late = self._swung(stance, place)
            own = None if stance.own is None else stance.own.came(0.0)
            return timing.straight(due - onset) / beat, stance._replace(place=place, late=late, swung=late, own=own)
        late, place = due - (onset - stance.late + beats * beat), (stance.place + beats) % CYCLE
        own = None if stance.own is None else stance.own.came(self._own.lateness(stance.own))
        return beats, stance._replace(place=place, late=late, swung=self._swung(stance, place), own=own)

    def balanced(self, notes: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """A chord's notes (pitch, velocity): the top voice as loud as the first was to be, the others softer by as much
        as the performer's."""
        if len(notes) < 2:
            return tuple(notes)
        top, loud = max(notes)[0], notes[0][1]
        soft = max(1, min(127, loud - self._balance()))
        return tuple((pitch, loud if pitch == top else soft) for pitch, _ in notes)

    def _balance(self) -> int:
        """The velocity by which the top voice of a chord exceeds the others."""
        if not self._is_own:
            return self._performer.dynamics.balance(self._settings.touch)
        balance = self._own.balance * self._own.spread(self._level())
        return round(self._settings.touch * self._settings.own_touch * balance)


def _mean(logits: sampling.Logits, values: sampling.Logits) -> float:
    """The value that is expected under the logits."""
    weights = np.exp(logits - logits.max())
    return float(weights @ values / weights.sum())
