"""The bits that a drummer's model file needs for a take: its hits, their velocities and their deviations."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors.drum_encoding import KIT, Floats
from livegen.predictors.drums import DrumNetworkFile
from livegen.training.drums.dataset import Excerpt


class TakeBits(NamedTuple):
    """Bits of a take: of its ``hit`` patterns with all rests, of the velocities and of the deviations; and its hits."""

    hit: float
    velocity: float
    deviation: float
    hits: int

    @property
    def whole(self) -> float:
        """All of them."""
        return self.hit + self.velocity + self.deviation


def take_bits(model: DrumNetworkFile, take: Excerpt) -> TakeBits:
    """The bits that a model needs, which hears the take step by step."""
    h, c = model.zeros()
    rows: list[Sequence[Floats]] = []
    for vector in take.inputs:
        heads, h, c = model.step(vector, h, c)
        rows.append(heads)
    hit, pair, velocity, deviation = (np.stack(each) for each in zip(*rows, strict=True))
    struck = take.velocity > 0
    chosen = struck.astype(np.float32)
    logits = hit + np.einsum("tij,tj->ti", pair, chosen)
    signed = np.where(struck, logits, -logits)
    bits = float(np.logaddexp(0.0, -signed).sum()) / math.log(2)
    louder, later, after_loud, after_late, echo_loud, echo_late = model.tables
    loud = velocity + np.einsum("ti,ijk->tjk", chosen, louder)
    late = deviation + np.einsum("ti,ijk->tjk", chosen, later)
    loud += after_loud[_drawn_before(struck, take.velocity)]
    late += after_late[_drawn_before(struck, take.deviation + 1)]
    for each in range(2):
        loud += echo_loud[each, np.arange(KIT), take.echoes[..., each]]
        late += echo_late[each, np.arange(KIT), take.echoes[..., 2 + each]]
    return TakeBits(
        bits,
        _surprise(loud, np.maximum(take.velocity - 1, 0), struck),
        _surprise(late, take.deviation, struck),
        int(struck.sum()),
    )


def _surprise(logits: Floats, classes: npt.NDArray[np.int64], struck: npt.NDArray[np.bool_]) -> float:
    """The bits of the classes of what was struck."""
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    chances = wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    found = np.take_along_axis(chances, classes[..., None], axis=-1)[..., 0]
    return float(-found[struck].sum()) / math.log(2)


def _drawn_before(struck: npt.NDArray[np.bool_], value: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """For each drum the ``value`` of the last drum before it in its step that is struck; 0 for the first."""
    found = np.zeros_like(value)
    latest = np.zeros(len(value), value.dtype)
    for drum in range(KIT):
        found[:, drum] = latest
        latest = np.where(struck[:, drum], value[:, drum], latest)
    return found
