"""The place of a drummer in its groove, as a value that a slot keeps, and as arrays of a file."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from livegen.player.seeded_random import BATCH
from livegen.predictors.drum_encoding import DEVIATIONS, KIT, VELOCITIES, Step
from livegen.predictors.drums import DrumState
from livegen.predictors.state_file import Arrays

_PREFIX = "drummer_"
_LONGEST = 96  # steps


class DrumPlace(NamedTuple):
    """The state of the model; that of the random numbers (numpy's PCG64, before a batch, and how many of it were
    drawn); the place in the bar of the next step; the SHA-256 of the model file."""

    state: DrumState
    dice: Mapping[str, Any]
    drawn: int
    place: int
    digest: str

    def at(self, place: int, steps: int) -> DrumState:
        """The state at another place of a bar of so many steps: the latest steps are left out, so that the others keep
        their places in the bar."""
        beyond = (self.place - place) % steps
        kept = self.state.steps
        return self.state._replace(steps=kept[: max(0, len(kept) - beyond)])

    def plain(self) -> dict[str, Any]:
        """All but the arrays, as JSON has it."""
        return {"dice": dict(self.dice), "drawn": self.drawn, "place": self.place, "model": self.digest}

    def arrays(self) -> Arrays:
        """The arrays, by name."""
        steps = np.array([tuple(step) for step in self.state.steps], np.uint8).reshape(-1, 2, KIT)
        return {f"{_PREFIX}h": self.state.h, f"{_PREFIX}c": self.state.c, f"{_PREFIX}steps": steps}


def read(plain: Mapping[str, Any] | None, arrays: Arrays) -> DrumPlace | None:
    """The place that ``plain`` and ``arrays`` wrote; None if there was none. Raises ValueError or KeyError if it is
    damaged."""
    if plain is None:
        return None
    h, c, steps = (arrays[f"{_PREFIX}{name}"] for name in ("h", "c", "steps"))
    sound = all(str(each.dtype) == "float32" and np.isfinite(each).all() for each in (h, c))
    if not sound or str(steps.dtype) != "uint8" or steps.shape[1:] != (2, KIT) or len(steps) > _LONGEST:
        raise ValueError("no place of a drummer")
    if steps.size and (steps[:, 0].max() > VELOCITIES or steps[:, 1].max() >= DEVIATIONS):
        raise ValueError("no steps of a drummer")
    np.random.default_rng().bit_generator.state = plain["dice"]  # refuses what is not valid
    kept = tuple(Step(tuple(map(int, velocity)), tuple(map(int, late))) for velocity, late in steps)
    drawn, place = max(0, min(BATCH, int(plain["drawn"]))), max(0, int(plain["place"]))
    return DrumPlace(DrumState(h, c, kept), plain["dice"], drawn, place, str(plain["model"]))
