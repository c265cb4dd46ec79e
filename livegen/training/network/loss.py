"""The losses of a network in bits per note, on rhythm and on pitch."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from livegen.training.network.dataset import MASKED, Batch, Excerpt, stack
from livegen.training.network.network import Batch as Heard
from livegen.training.network.network import Network


class Bits(NamedTuple):
    """Bits per note, the first note of each tune not counted."""

    rhythm: float
    pitch: float

    @property
    def total(self) -> float:
        """Rhythm and pitch together."""
        return self.rhythm + self.pitch


class Losses(NamedTuple):
    """Summed losses (nats) of gap and pitch, and of the touch; and how many notes they are for."""

    gap: Tensor
    pitch: Tensor
    touch: Tensor
    notes: int


def loss(network: Network, batch: Batch) -> Losses:
    """The losses of a network on a batch, where the network is."""
    device = next(network.parameters()).device
    steps, gaps, pitches, rows, common, given, touch = (
        torch.as_tensor(each).to(device, non_blocking=True) for each in batch
    )
    logits = network(Heard(steps, rows, common, given))
    heads = zip(logits.touch or (), touch.unbind(dim=-1), strict=False)
    touched = [_summed(head, wanted) for head, wanted in heads]
    return Losses(
        _summed(logits.gap, gaps),
        _summed(logits.pitch, pitches),
        torch.stack(touched).sum() if touched else logits.gap.new_zeros(()),
        int((batch.pitches != MASKED).sum()),
    )


def _summed(logits: Tensor, wanted: Tensor) -> Tensor:
    return cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=MASKED, reduction="sum")


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
            lost = loss(network, batch)
        rhythm, pitch, notes = rhythm + float(lost.gap), pitch + float(lost.pitch), notes + lost.notes
    return Bits(*(each / max(1, notes) / math.log(2) for each in (rhythm, pitch)))
