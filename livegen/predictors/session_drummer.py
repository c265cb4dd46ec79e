"""The drummer that knows this session alone: it plays on with the bar that was played where a model is too slow."""

import numpy as np

from livegen.music.drums import CLOSED, KICK, SNARE
from livegen.predictors.drum_encoding import DEVIATIONS, FILL, KIT, STEPS, VELOCITIES, Floats, Step
from livegen.predictors.drums import Chances, DrumModel, DrumState, Scene

_SURE = 8.0  # logits of what the bar before has, and below 0 of what it has not
_LOUD, _SOFT = 11, 8  # classes of velocity, of the plain beat
_MIDDLE = DEVIATIONS // 2
_ROLL = 8.0  # added to the logit of the snare in a fill
_PAIR = np.zeros((KIT, KIT), np.float32)
_ECHOES = np.zeros((KIT, 4), np.int64)


class SessionDrummer(DrumModel):
    """Plays each bar as the one before, which a model may have played; a plain beat before there is one."""

    name = "stand-in"
    goes_on = True

    def __init__(self) -> None:
        self.digest = ""
        self.metadata = {}

    def zeros(self) -> tuple[Floats, Floats]:
        """It has no network, and so no states of one."""
        return np.zeros(0, np.float32), np.zeros(0, np.float32)

    def look_ahead(self, state: DrumState, scene: Scene) -> Chances:
        """Say what the next step may be."""
        known = len(state.steps) >= scene.steps
        like = state.steps[-scene.steps] if known else _plain(scene.place)
        hit = np.where(np.array(like.velocity) > 0, _SURE, -_SURE).astype(np.float32)
        if scene.fill == FILL:
            hit[SNARE] += _ROLL
        loud = np.array([velocity - 1 if velocity else _SOFT for velocity in like.velocity])
        return Chances(
            hit, _PAIR, _about(loud, VELOCITIES), _about(np.array(like.deviation), DEVIATIONS), _ECHOES, state
        )

    def velocities(self, chances: Chances, hits: object, drum: int, before: int | None) -> Floats:
        """Logits of a drum's velocity."""
        found: Floats = chances.velocity[drum]
        return found

    def deviations(self, chances: Chances, hits: object, drum: int, before: int | None) -> Floats:
        """Logits of a drum's deviation."""
        found: Floats = chances.deviation[drum]
        return found


def _plain(place: int) -> Step:
    """A step of a plain beat: kick and snare in turn on the beats, the hi-hat on half beats."""
    velocity, beat = [0] * KIT, place // STEPS
    if place % STEPS == 0:
        velocity[SNARE if beat % 2 else KICK] = 1 + _LOUD
    if place % (STEPS // 2) == 0:
        velocity[CLOSED] = 1 + _SOFT
    return Step(tuple(velocity), (_MIDDLE,) * KIT)


def _about(classes: object, count: int) -> Floats:
    """Logits [KIT, count] around a class for each drum."""
    away = np.arange(count)[None, :] - np.asarray(classes)[:, None]
    found: Floats = (-(away.astype(np.float32) ** 2)).astype(np.float32)
    return found
