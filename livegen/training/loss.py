"""Bits per note: what a network loses on rhythm and on pitch."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from livegen.training.dataset import MASKED, Batch, Excerpt, stack
from livegen.training.network import Network


class Bits(NamedTuple):
    """Bits per note, the first note of each tune not counted."""

    rhythm: float
    pitch: float

    @property
    def total(self) -> float:
        """Rhythm and pitch together."""
        return self.rhythm + self.pitch


def loss(network: Network, batch: Batch) -> tuple[Tensor, Tensor, int]:
    """Losses of gap and pitch, summed (nats), and how many notes they are for."""
    steps, gaps, pitches, rows = (torch.from_numpy(each) for each in batch)
    gap_logits, pitch_logits = network(steps, rows)
    gap = cross_entropy(gap_logits.flatten(0, 1), gaps.flatten(), ignore_index=MASKED, reduction="sum")
    pitch = cross_entropy(pitch_logits.flatten(0, 1), pitches.flatten(), ignore_index=MASKED, reduction="sum")
    return gap, pitch, int((pitches != MASKED).sum())


_STEPS = 8192  # in one batch, which bounds the memory it takes


def bits(network: Network, excerpts: Sequence[Excerpt]) -> Bits:
    """Bits per note over whole tunes; the first note of each is given."""
    network.eval()
    ordered = sorted(excerpts, key=len)
    rhythm = pitch = 0.0
    notes = 0
    while ordered:
        size = max(1, _STEPS // max(1, len(ordered[-1])))
        batch = stack(ordered[-size:])
        del ordered[-size:]
        batch.pitches[:, 0] = MASKED
        with torch.no_grad():
            gap_loss, pitch_loss, count = loss(network, batch)
        rhythm, pitch, notes = rhythm + float(gap_loss), pitch + float(pitch_loss), notes + count
    return Bits(*(each / max(1, notes) / math.log(2) for each in (rhythm, pitch)))
