"""Expression: the exact time, loudness and length of the player's notes. A model that was trained on performances
decides them; otherwise they follow the performer, as docs/touch.md says. Pure; the draws are the composer's."""

from typing import NamedTuple

import numpy as np

from livegen.listening.dynamics import followed
from livegen.listening.performer import Performer
from livegen.listening.timing import CYCLE
from livegen.player.seeded_random import SeededRandom
from livegen.predictors import sampling
from livegen.predictors.encoding import CLASSES, DEVIATION
from livegen.predictors.models import Touch
from livegen.settings import Settings

_SOON = 0.5  # of its gap: no note comes earlier, however it is swung
_WIDE = 2.0  # standard deviations: chance moves no onset further
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


class Expression:
    """Plays lines in the performer's manner, as far as the setting ``touch`` says."""

    def __init__(self, performer: Performer, settings: Settings, random: SeededRandom) -> None:
        self._performer = performer
        self._settings = settings
        self._random = random

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
        if not dynamics.is_known:
            return followed(80, 1.0), stance._replace(share=None, deviation=None)
        velocity, lean = dynamics.velocity(stance.place + beats, pitch, stance.lean, draw)
        after = Stance(stance.place, stance.late, stance.swung, lean, None, None, stance.levels)
        return followed(velocity, self._settings.touch), after

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
        after = stance._replace(share=max(0.1, min(1.0, share)), deviation=deviation, levels=own)
        return max(1, min(127, round(velocity))), after

    def share(self, stance: Stance, beats: float) -> float:
        """The share of a gap of so many beats that the line's next note sounds."""
        if stance.share is not None:
            return stance.share
        return self._performer.articulation.share(beats, self._settings.touch)

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
            return timing.straight(due - onset) / beat, stance._replace(place=place, late=late, swung=late)
        late, place = due - (onset - stance.late + beats * beat), (stance.place + beats) % CYCLE
        return beats, stance._replace(place=place, late=late, swung=self._swung(stance, place))

    def balanced(self, notes: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """A chord's notes (pitch, velocity): the top voice as loud as the first was to be, the others softer by as much
        as the performer's."""
        if len(notes) < 2:
            return tuple(notes)
        top, loud = max(notes)[0], notes[0][1]
        soft = max(1, min(127, loud - self._performer.dynamics.balance(self._settings.touch)))
        return tuple((pitch, loud if pitch == top else soft) for pitch, _ in notes)


def _mean(logits: sampling.Logits, values: sampling.Logits) -> float:
    """The value that is expected under the logits."""
    weights = np.exp(logits - logits.max())
    return float(weights @ values / weights.sum())
