"""Training on the Sarali Varisais: the published experiment reproduced, and the model that livegen plays.

The experiment (an article with a notebook, Keras): one LSTM of 64 units reads 13 varisais of 44 tokens, one-hot, from a
zero state, and learns each next token, after the last the first; Adam from 0.1, decaying; 200 epochs of one batch. It
writes from a random input and state, taking the likeliest token each time.

Ours has the same size and the same data (their four slips mended), has the place in the tala as an input, and is
stopped where held-out varisais are predicted best.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from livegen import __version__
from livegen.predictors.varisai_network import (
    ALPHABET,
    AVARTANA,
    AVARTANAS,
    END,
    ENDING,
    LENGTH,
    PLACED,
    Network,
    save,
    training_tokens,
)

UNITS = 64
EPOCHS = 200  # of the experiment
STEPS = 60  # of ours
RATE, DECAY = 0.1, 0.01  # of the experiment: the rate is 0.1 / (1 + 0.01 step)
OUR_RATE = 0.01
SLIPS = {3: (25, 30), 4: (20,)}  # varisai: the tokens, counted from 0, where the article prints s for S

SHOWN = (1, 10, 25, 50, 100, 200)  # epochs of the experiment that are reported
LICENCE = "MIT; trained on traditional exercises, in the public domain"

Tokens = npt.NDArray[np.int64]


class Epoch(NamedTuple):
    """``loss``: nats summed over the 44 tokens, the mean of the varisais; ``accuracy``: share of tokens predicted."""

    loss: float
    accuracy: float


class Trained(NamedTuple):
    """A network, and how its training went."""

    network: Network
    curve: list[Epoch]


class _Lstm(nn.Module):  # type: ignore[misc]
    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(inputs, UNITS, batch_first=True)
        self.out = nn.Linear(UNITS, len(ALPHABET))
        # Begun as Keras begins; of torch's two biases, which are added, one is enough.
        nn.init.xavier_uniform_(self.lstm.weight_ih_l0)
        nn.init.orthogonal_(self.lstm.weight_hh_l0)
        nn.init.xavier_uniform_(self.out.weight)
        for bias in (self.lstm.bias_ih_l0, self.lstm.bias_hh_l0, self.out.bias):
            nn.init.zeros_(bias)
        self.lstm.bias_hh_l0.requires_grad_(False)
        with torch.no_grad():
            self.lstm.bias_ih_l0[UNITS : 2 * UNITS] = 1.0

    def forward(self, given: Tensor) -> Tensor:
        seen: Tensor = self.lstm(given)[0]
        logits: Tensor = self.out(seen)
        return logits

    def settled(self) -> Network:
        arrays = (self.lstm.weight_ih_l0, self.lstm.weight_hh_l0, self.lstm.bias_ih_l0, self.out.weight, self.out.bias)
        return Network(*(array.detach().numpy().copy() for array in arrays))


def article_tokens() -> Tokens:
    """The 13 varisais as the article prints them, slips and all, [13, 44]."""
    tokens = training_tokens().copy()
    for number, places in SLIPS.items():
        tokens[number - 2, list(places)] = ALPHABET.index("s")  # the first row is varisai 2
    return tokens


def reproduce(seed: int) -> Trained:
    """The experiment: the target of each token is the next, that of the last the first."""
    tokens = article_tokens()
    model = _seeded(seed, len(ALPHABET))
    given = _one_hot(tokens, len(ALPHABET))
    optimiser = torch.optim.Adam(model.parameters(), RATE, eps=1e-7)
    slower = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 / (1 + DECAY * step))
    curve = []
    for _ in range(EPOCHS):
        curve.append(_learn(model, optimiser, given, np.roll(tokens, -1, axis=1)))
        slower.step()
    return Trained(model.settled(), curve)


def train(seed: int, steps: int = STEPS, tokens: Tokens | None = None) -> Trained:
    """Ours: each token from those before, ``||`` before the first, with its place in the tala."""
    tokens = training_tokens() if tokens is None else tokens
    model = _seeded(seed, PLACED)
    given = _placed(tokens)
    optimiser = torch.optim.Adam(model.parameters(), OUR_RATE)
    curve = [_learn(model, optimiser, given, tokens) for _ in range(steps)]
    return Trained(model.settled(), curve)


def write(folder: Path, seed: int, say: Callable[[str], None]) -> Path:
    """Reproduce the experiment, train ours, and write it to ``carnatic.sargam`` in the folder. Reports both trainings.

    Raises FileError if the file cannot be written.
    """
    say("The published experiment, reproduced:")
    _tell(reproduce(seed).curve, SHOWN, say)
    say(f"livegen's model, {STEPS} epochs:")
    network, curve = train(seed)
    _tell(curve, (1, 10, 25, STEPS), say)
    path = folder / f"carnatic{ENDING}"
    save(path, network, {"livegen": __version__, "name": "carnatic", "seed": seed, "steps": STEPS, "licence": LICENCE})
    return path


def _tell(curve: list[Epoch], shown: tuple[int, ...], say: Callable[[str], None]) -> None:
    for number in shown:
        loss, accuracy = curve[number - 1]
        say(f"  epoch {number:3}: loss {loss:7.3f} nats over {LENGTH} tokens, {accuracy:6.1%} of the tokens predicted")


def held_out(steps: list[int], seed: int) -> list[float]:
    """Bits a token of each varisai to a network that was shown the other twelve, after so many steps; their mean."""
    tokens = training_tokens()
    found = np.zeros((len(tokens), len(steps)))
    for row in range(len(tokens)):
        others = np.delete(tokens, row, axis=0)
        for column, count in enumerate(steps):
            network = train(seed, count, others).network
            found[row, column] = bits(network, tokens[row])
    return [float(mean) for mean in found.mean(axis=0)]


def bits(network: Network, tokens: Tokens) -> float:
    """Bits a token of one varisai."""
    state, before, spent = network.silence(), END, 0.0
    for place, token in enumerate(tokens):
        logits, state = network.step(network.input(before, place), state)
        spent += float(np.logaddexp.reduce(logits) - logits[token])
        before = int(token)
    return spent / len(tokens) / math.log(2)


def _seeded(seed: int, inputs: int) -> _Lstm:
    torch.manual_seed(seed)
    return _Lstm(inputs)


def _learn(model: _Lstm, optimiser: torch.optim.Optimizer, given: Tensor, targets: Tokens) -> Epoch:
    """One step over all varisais."""
    logits = model(given)
    wanted = torch.from_numpy(targets)
    loss = functional.cross_entropy(logits.transpose(1, 2), wanted, reduction="sum") / len(targets)
    accuracy = float((logits.argmax(-1) == wanted).float().mean())
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return Epoch(float(loss.detach()), accuracy)


def _placed(tokens: Tokens) -> Tensor:
    """[varisais, 44, 26]: the token before, the place in the avartana, the avartana."""
    before = np.concatenate([np.full((len(tokens), 1), END), tokens[:, :-1]], axis=1)
    places = np.broadcast_to(np.arange(LENGTH), tokens.shape)
    told = (
        _one_hot(before, len(ALPHABET)),
        _one_hot(places % AVARTANA, AVARTANA),
        _one_hot(places // AVARTANA, AVARTANAS),
    )
    return torch.cat(told, dim=-1)


def _one_hot(values: Tokens, classes: int) -> Tensor:
    return functional.one_hot(torch.from_numpy(np.ascontiguousarray(values)), classes).float()
