"""The network of a character model: an embedding, LSTM layers, a softmax. It is trained by truncated back-propagation
through time (Williams & Peng 1990), with the state carried over within a tune."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from livegen.tunes.character_model import END, SIZE

IGNORED = -100  # a target where a lane has no character
# Processors that multiply in 16 bits train nearly twice as fast with it; others would be slower.
HALVES = bool(getattr(torch.cpu, "_is_avx512_bf16_supported", bool)())


class Sizes(NamedTuple):
    """The network's sizes; dropout is applied between all layers."""

    embedding: int = 64
    hidden: int = 256
    layers: int = 2
    dropout: float = 0.3


class CharacterNetwork(nn.Module):  # type: ignore[misc]
    """Predicts the next character from all before it."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.embedding = nn.Embedding(SIZE, sizes.embedding)
        between = sizes.dropout if sizes.layers > 1 else 0.0
        self.lstm = nn.LSTM(sizes.embedding, sizes.hidden, sizes.layers, dropout=between)
        self.drop = nn.Dropout(sizes.dropout)
        self.out = nn.Linear(sizes.hidden, SIZE)
        for name, weights in self.lstm.named_parameters():
            if name.startswith("bias_ih"):  # forget little at first (Jozefowicz et al. 2015)
                nn.init.ones_(weights.data[sizes.hidden : 2 * sizes.hidden])

    def forward(self, symbols: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits [time, lanes, SIZE] of what follows each of ``symbols`` [time, lanes]; the state [layers, lanes,
        units] afterwards."""
        found, (h, c) = self.lstm(self.embedding(symbols), (h, c))
        return self.out(self.drop(found)), h, c

    def zero_state(self, lanes: int = 1) -> tuple[Tensor, Tensor]:
        """The state before the first character."""
        shape = self.sizes.layers, lanes, self.sizes.hidden
        return torch.zeros(shape), torch.zeros(shape)


class Chunk(NamedTuple):
    """``length`` characters of each lane: inputs and targets [time, lanes]; ``kept`` [lanes]: 1 where the lane
    continues its tune, 0 where a tune begins."""

    inputs: Tensor
    targets: Tensor
    kept: Tensor


def chunks(tunes: Sequence[Sequence[int]], lanes: int, length: int, least: int = 1) -> Iterator[Chunk]:
    """All tunes in their order, ``lanes`` at a time; each continues in its lane from chunk to chunk until it ends.

    The rest is dropped when fewer than ``least`` lanes have something: a step on one long tune alone would mislead the
    training.
    """
    waiting = iter(tunes)
    places: list[tuple[Sequence[int], int]] = [((), 0)] * lanes
    while True:
        inputs = np.zeros((length, lanes), dtype=np.int64)
        targets = np.full((length, lanes), IGNORED, dtype=np.int64)
        kept = np.ones(lanes, dtype=np.float32)
        for lane, (tune, at) in enumerate(places):
            if at > len(tune) or not tune:
                tune, at = next(waiting, ()), 0
                kept[lane] = 0.0
            if tune:
                whole = [END, *tune, END]
                piece = whole[at : at + length + 1]
                inputs[: len(piece) - 1, lane] = piece[:-1]
                targets[: len(piece) - 1, lane] = piece[1:]
                at += length
            places[lane] = (tune, at)
        if sum(bool(tune) for tune, _ in places) < least:
            return
        yield Chunk(torch.from_numpy(inputs), torch.from_numpy(targets), torch.from_numpy(kept))


def lost(network: CharacterNetwork, chunk: Chunk, h: Tensor, c: Tensor) -> tuple[Tensor, int, Tensor, Tensor]:
    """The summed loss (nats) of a chunk, its number of characters, and the state, passed on without its history."""
    h, c = h * chunk.kept[None, :, None], c * chunk.kept[None, :, None]
    with torch.autocast("cpu", torch.bfloat16, enabled=network.training and HALVES):
        logits, h, c = network(chunk.inputs, h, c)
    whole = nn.functional.cross_entropy(
        logits.float().flatten(0, 1), chunk.targets.flatten(), ignore_index=IGNORED, reduction="sum"
    )
    return whole, int((chunk.targets != IGNORED).sum()), h.detach().float(), c.detach().float()


@torch.no_grad()  # type: ignore[untyped-decorator]
def bits(network: CharacterNetwork, tunes: Sequence[Sequence[int]], lanes: int = 32, length: int = 256) -> float:
    """Bits a character, ends included; each tune is read from the zero state."""
    network.eval()
    total = count = 0.0
    h, c = network.zero_state(lanes)
    for chunk in chunks(sorted(tunes, key=len), lanes, length):
        loss, number, h, c = lost(network, chunk, h, c)
        total, count = total + float(loss), count + number
    return total / max(1, count) / math.log(2)
