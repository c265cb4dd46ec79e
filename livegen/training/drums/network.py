"""The drummer's network: an LSTM over steps that gives, of each drum, the chance of a hit, its velocity and deviation.

The nine drums of a step are drawn in order, each given those before it: ``pair`` says how one changes the next. A
velocity and a deviation depend on which drums are hit, and on those of the drum drawn just before.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from livegen.predictors.drum_encoding import DEVIATIONS, KIT, VELOCITIES, WIDTH

States = tuple[Tensor, Tensor]


class Heads(NamedTuple):
    """The outputs at some steps, [..., KIT, classes]; ``pair`` is [..., KIT, KIT], of which the lower half counts."""

    hit: Tensor
    pair: Tensor
    velocity: Tensor
    deviation: Tensor


class Bits(NamedTuple):
    """Sums of bits, of all steps: the hits' (with the rests'), the velocities', the deviations'; and the hits."""

    hit: Tensor
    velocity: Tensor
    deviation: Tensor
    hits: Tensor


class DrumNetwork(nn.Module):  # type: ignore[misc]
    """The network; ``drop`` is the share of what it knows that is left out while it learns."""

    def __init__(self, hidden: int = 160, embedding: int = 128, drop: float = 0.15) -> None:
        super().__init__()
        self.hidden = hidden
        self.embed = nn.Linear(WIDTH, embedding)
        self.lstm = nn.LSTM(embedding, hidden, batch_first=True)
        self.dropped = nn.Dropout(drop)
        sizes = KIT, KIT * KIT, KIT * VELOCITIES, KIT * DEVIATIONS
        self.heads = nn.ModuleList(nn.Linear(hidden, size) for size in sizes)
        # Of a drum that is hit: what it does to the velocity and the deviation of each other one.
        self.velocity_with = nn.Parameter(torch.zeros(KIT, KIT, VELOCITIES))
        self.deviation_with = nn.Parameter(torch.zeros(KIT, KIT, DEVIATIONS))
        # Of the velocity and the deviation drawn before: what they do to the next; the first row is of the first drum.
        self.velocity_after = nn.Parameter(torch.zeros(VELOCITIES + 1, VELOCITIES))
        self.deviation_after = nn.Parameter(torch.zeros(DEVIATIONS + 1, DEVIATIONS))
        # Of what a hit may echo (``echoes``): what it does to the velocity and the deviation of each drum.
        self.velocity_echo = nn.Parameter(torch.zeros(2, KIT, VELOCITIES + 1, VELOCITIES))
        self.deviation_echo = nn.Parameter(torch.zeros(2, KIT, DEVIATIONS + 1, DEVIATIONS))
        self.register_buffer("lower", torch.tril(torch.ones(KIT, KIT), -1))
        with torch.no_grad():
            self.heads[0].bias.fill_(-2.0)

    def forward(self, inputs: Tensor, state: States | None = None) -> tuple[Heads, States]:
        """The outputs for input vectors [excerpts, steps, WIDTH], and the state after them."""
        hidden, state = self.lstm(self.dropped(torch.relu(self.embed(inputs))), state)
        hidden = self.dropped(hidden)
        hit, pair, velocity, deviation = (head(hidden) for head in self.heads)
        shape = hit.shape
        return (
            Heads(
                hit,
                pair.reshape(*shape, KIT) * self.lower,
                velocity.reshape(*shape, VELOCITIES),
                deviation.reshape(*shape, DEVIATIONS),
            ),
            state,
        )

    def bits(self, heads: Heads, velocity: Tensor, deviation: Tensor, echoes: Tensor, mask: Tensor) -> Bits:
        """The bits of what was played, classes [excerpts, steps, KIT] (velocities from 1), where ``mask`` is 1."""
        hits, velocities, deviations = self.surprises(heads, velocity, deviation, echoes)
        struck = (velocity > 0).float() * mask[..., None]
        return Bits(
            (hits * mask[..., None]).sum(), (velocities * struck).sum(), (deviations * struck).sum(), struck.sum()
        )

    def surprises(self, heads: Heads, velocity: Tensor, deviation: Tensor, echoes: Tensor) -> tuple[Tensor, ...]:
        """Bits of each drum at each step: of hit or rest; of the velocity and the deviation if it were hit."""
        hit = (velocity > 0).float()
        logits = heads.hit + (heads.pair * hit[..., None, :]).sum(-1)
        hits = nn.functional.binary_cross_entropy_with_logits(logits, hit, reduction="none")
        loud, late = drawn_before(velocity, velocity), drawn_before(velocity, deviation + 1)
        louder = heads.velocity + torch.einsum("...i,ijk->...jk", hit, self.velocity_with) + self.velocity_after[loud]
        later = heads.deviation + torch.einsum("...i,ijk->...jk", hit, self.deviation_with) + self.deviation_after[late]
        drums = torch.arange(KIT)
        for each in range(2):
            louder = louder + self.velocity_echo[each, drums, echoes[..., each]]
            later = later + self.deviation_echo[each, drums, echoes[..., 2 + each]]
        known = (velocity - 1).clamp(min=0)[..., None]
        velocities = -torch.log_softmax(louder, -1).gather(-1, known)[..., 0]
        deviations = -torch.log_softmax(later, -1).gather(-1, deviation[..., None])[..., 0]
        return hits / math.log(2), velocities / math.log(2), deviations / math.log(2)


def drawn_before(velocity: Tensor, value: Tensor) -> Tensor:
    """For each drum the ``value`` of the last drum before it that is hit; 0 for the first."""
    latest = torch.zeros_like(value[..., 0])
    before = []
    for drum in range(KIT):
        before.append(latest)
        latest = torch.where(velocity[..., drum] > 0, value[..., drum], latest)
    return torch.stack(before, -1)
