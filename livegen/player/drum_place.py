"""The place of a drummer in its groove, as a value that a slot keeps, and as arrays of a file."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.player.pattern import Kept, Wanted
from livegen.player.seeded_random import BATCH
from livegen.predictors.array_file import Arrays
from livegen.predictors.drum_encoding import DEVIATIONS, KIT, VELOCITIES, Step
from livegen.predictors.drums import DrumState

_PREFIX = "drummer_"
_LONGEST = 96  # steps
_BARS = 2  # of a pattern


class DrumPlace(NamedTuple):
    """The state of the model; that of the random numbers (numpy's PCG64, before a batch, and how many of it were
    drawn); the place in the bar of the next step; the SHA-256 of the model file; the pattern that is kept."""

    state: DrumState
    dice: Mapping[str, Any]
    drawn: int
    place: int
    digest: str
    kept: Kept = Kept()

    def at(self, place: int, steps: int) -> DrumState:
        """The state at another place of a bar of so many steps: the latest steps are left out, so that the others keep
        their places in the bar."""
        beyond = (self.place - place) % steps
        kept = self.state.steps
        return self.state._replace(steps=kept[: max(0, len(kept) - beyond)])

    def plain(self) -> dict[str, Any]:
        """All but the arrays, as JSON has it."""
        plain = {"dice": dict(self.dice), "drawn": self.drawn, "place": self.place, "model": self.digest}
        kept = self.kept
        pattern = {"bar": kept.bar, "bars": kept.bars, "number": kept.number, "lean": kept.lean, "begun": kept.begun}
        return plain | {"pattern": pattern | {"began": kept.began}}

    def arrays(self) -> Arrays:
        """The arrays, by name."""
        found: dict[str, npt.NDArray[Any]] = {f"{_PREFIX}h": self.state.h, f"{_PREFIX}c": self.state.c}
        kept = self.kept
        for name, steps in (("steps", self.state.steps), ("pattern", kept.steps), ("played", kept.played)):
            found[f"{_PREFIX}{name}"] = np.array([tuple(step) for step in steps], np.uint8).reshape(-1, 2, KIT)
        return found


def read(plain: Mapping[str, Any] | None, arrays: Arrays) -> DrumPlace | None:
    """The place that ``plain`` and ``arrays`` wrote; None if there was none; before there were patterns, without one.
    Raises ValueError or KeyError if it is damaged."""
    if plain is None:
        return None
    h, c = (arrays[f"{_PREFIX}{name}"] for name in ("h", "c"))
    if not all(str(each.dtype) == "float32" and np.isfinite(each).all() for each in (h, c)):
        raise ValueError("no place of a drummer")
    np.random.default_rng().bit_generator.state = plain["dice"]  # refuses what is not valid
    drawn, place = max(0, min(BATCH, int(plain["drawn"]))), max(0, int(plain["place"]))
    state = DrumState(h, c, _steps(arrays[f"{_PREFIX}steps"]))
    return DrumPlace(state, plain["dice"], drawn, place, str(plain["model"]), _kept(plain, arrays))


def _steps(steps: npt.NDArray[Any]) -> tuple[Step, ...]:
    if str(steps.dtype) != "uint8" or steps.shape[1:] != (2, KIT) or len(steps) > _LONGEST:
        raise ValueError("no place of a drummer")
    if steps.size and (steps[:, 0].max() > VELOCITIES or steps[:, 1].max() >= DEVIATIONS):
        raise ValueError("no steps of a drummer")
    return tuple(Step(tuple(map(int, velocity)), tuple(map(int, late))) for velocity, late in steps)


def _kept(plain: Mapping[str, Any], arrays: Arrays) -> Kept:
    if "pattern" not in plain:
        return Kept()
    pattern = plain["pattern"]
    bar, bars, number, begun = (int(pattern[name]) for name in ("bar", "bars", "number", "begun"))
    steps, played = (_steps(arrays[f"{_PREFIX}{name}"]) for name in ("pattern", "played"))
    began = None if pattern["began"] is None else Wanted(*(_finite(number) for number in pattern["began"]))
    kept = Kept(steps, bar, bars, number, played, _finite(pattern["lean"]), begun, began)
    whole = bar > 0 and len(steps) % bar == 0 and len(steps) <= bars * bar
    if not whole or not -1 <= number < bars or bars > _BARS or (number >= 0) == kept.is_open:
        raise ValueError("no pattern of a drummer")
    return kept


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError("no pattern of a drummer")
    return float(number)
