"""Draws what a drummer plays, step by step, from a drum model. Pure and seeded."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from livegen.music.drums import CRASH, KICK
from livegen.player.seeded_random import SeededRandom
from livegen.predictors.drum_encoding import DEVIATIONS, KIT, VELOCITIES, Floats, Step
from livegen.predictors.drums import DrumModel, DrumState, Scene

_LANDING = 2.5  # added to the logits of kick and crash where a fill has led
_MIDDLE = DEVIATIONS // 2


class Manner(NamedTuple):
    """The manner in which a step is drawn: ``temperature`` of the hits; the drums that may be hit (None: all); whether
    a fill lands there; ``silent``: nothing may be hit; ``lean``, added to the logits of the drums (empty: nothing)."""

    temperature: float = 1.0
    drums: frozenset[int] | None = None
    landing: bool = False
    silent: bool = False
    lean: tuple[float, ...] = ()


class Groove:
    """One drummer's line of steps. All random numbers come from one seeded generator, in a fixed order."""

    def __init__(self, model: DrumModel, random: SeededRandom) -> None:
        self.model = model
        self._random = random
        self._state = model.start()

    def begin(self, scenes: Iterable[tuple[Scene, Step]] = ()) -> None:
        """Begin after these steps, which somebody else may have played."""
        self._state = self.model.start()
        for scene, step in scenes:
            self.keep(scene, step)

    @property
    def state(self) -> DrumState:
        """The model's state after the latest step."""
        return self._state

    def go_on_from(self, state: DrumState) -> None:
        """Continue after another step; nothing if the state is of a model of another size."""
        if state.h.shape == self._state.h.shape and state.c.shape == self._state.c.shape:
            self._state = state

    def go_on_after(self, steps: tuple[Step, ...]) -> None:
        """Continue after steps that another drummer played."""
        self._state = self.model.start()._replace(steps=steps)

    def keep(self, scene: Scene, step: Step) -> None:
        """Continue after a step that is given."""
        after = self.model.look_ahead(self._state, scene).after
        self._state = self.model.hear(after, step)

    def draw(self, scene: Scene, manner: Manner) -> Step:
        """Draw the next step, and continue after it."""
        chances = self.model.look_ahead(self._state, scene)
        hits: list[int] = []
        logits = chances.hit.astype(np.float64)
        for drum in range(KIT):
            logit = (logits[drum] + sum([float(chances.pair[drum, each]) for each in hits])) / manner.temperature
            if manner.landing and drum in (KICK, CRASH):
                logit += _LANDING
            if manner.lean:
                logit += manner.lean[drum]
            drawn = self._random.random() < 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))
            if drawn and not manner.silent and (manner.drums is None or drum in manner.drums):
                hits.append(drum)
        velocity, deviation = [0] * KIT, [_MIDDLE] * KIT
        loud: int | None = None
        late: int | None = None
        for drum in hits:
            loud = self._one_of(self.model.velocities(chances, hits, drum, loud))
            late = self._one_of(self.model.deviations(chances, hits, drum, late))
            velocity[drum], deviation[drum] = 1 + loud, late
        step = Step(tuple(velocity), tuple(deviation))
        self._state = self.model.hear(chances.after, step)
        return step

    def _one_of(self, logits: Floats) -> int:
        weights = np.exp(logits.astype(np.float64) - float(logits.max()))
        return int(np.searchsorted(np.cumsum(weights), self._random.random() * float(weights.sum()), side="right"))


def step_of(hits: Sequence[tuple[int, int, int]]) -> Step:
    """A step of hits: of each the drum, the velocity's class from 0, the deviation's; of two on a drum the louder."""
    velocity, deviation = [0] * KIT, [_MIDDLE] * KIT
    for drum, loud, late in hits:
        if loud + 1 > velocity[drum]:
            velocity[drum], deviation[drum] = min(VELOCITIES, loud + 1), late
    return Step(tuple(velocity), tuple(deviation))
