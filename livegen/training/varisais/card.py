"""Measures the varisais that networks write: `python -m livegen.training.varisais.card` puts the figures into the
card."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

import numpy as np

from livegen.predictors import sampling, varisai_network
from livegen.predictors.varisai_network import (
    AVARTANA,
    AVARTANAS,
    BAR,
    END,
    LENGTH,
    SVARAS,
    Network,
    Request,
    training_tokens,
)
from livegen.training.model_card import put
from livegen.training.varisais.train import EPOCHS, SHOWN, STEPS, Tokens, held_out, reproduce

SEEDS = range(1, 21)  # of the reproduction; the experiment names none
TEMPERATURES = (0.5, 0.8, 1.0, 1.2, 1.5)
PAUSES = [20, 30, 40, 50, 60, 70, 80, 100, 120]  # epochs after which held-out varisais are measured
HELD_OUT_SEEDS = range(1, 4)
_LEAP = 4  # degrees
_SA = (0, 7)  # the tokens s and S
_LINES = {4: BAR, 7: BAR, AVARTANA - 1: END}  # where adi tala has bar lines


@dataclass(frozen=True)
class Figures:
    """The figures of some token rows; shares 0 to 1.

    ``tala``: the bars are adi tala's from beat 1; ``turned``: from some beat. ``on_sa``: the last svara is Sa. ``new``:
    no rotation of a training varisai. ``copied``: of the avartanas of a row (begun where its bars fit, if they do), how
    many are in the training varisais; the median. ``run``: the longest run of tokens out of one of those, read in a
    circle; the median. ``leaps``: of all moves, those of four degrees or more.
    """

    tala: float
    turned: float
    on_sa: float
    new: float
    copied: float
    run: float
    leaps: float


def measure(rows: Sequence[Tokens]) -> Figures:
    """The figures of rows of 44 tokens."""
    copied = [_copied(turned) for turned in map(_turned, rows) if turned is not None]
    leaps = [leap for row in rows for leap in _leaps(row)]
    return Figures(
        tala=mean(_fits(row) for row in rows),
        turned=mean(_turned(row) is not None for row in rows),
        on_sa=mean(_on_sa(row) for row in rows),
        new=mean(not varisai_network.is_rotation(row) for row in rows),
        copied=median(copied) if copied else 0.0,
        run=median(_longest(row) for row in rows),
        leaps=mean(leaps) if leaps else 0.0,
    )


def _fits(row: Tokens) -> bool:
    """A bar line wherever adi tala has one, and nowhere else."""
    for place, token in enumerate(row):
        line = _LINES.get(place % AVARTANA)
        if (token != line) if line is not None else (token in (BAR, END)):
            return False
    return True


def _turned(row: Tokens) -> Tokens | None:
    """The row begun where its bars fit; None if they fit nowhere."""
    starts = (np.roll(row, -start) for start in range(LENGTH))
    return next((turned for turned in starts if _fits(turned)), None)


def _on_sa(row: Tokens) -> bool:
    svaras = [token for token in row if token < SVARAS]
    return bool(svaras) and svaras[-1] in _SA


def _copied(row: Tokens) -> float:
    return mean(tuple(avartana) in _avartanas() for avartana in row.reshape(AVARTANAS, AVARTANA).tolist())


@cache
def _avartanas() -> frozenset[tuple[int, ...]]:
    return frozenset(map(tuple, training_tokens().reshape(-1, AVARTANA).tolist()))


@cache
def _runs(length: int) -> frozenset[tuple[int, ...]]:
    """All runs of that many tokens in the training varisais, each read in a circle."""
    rows = [row + row for row in training_tokens().tolist()]
    return frozenset(tuple(row[start : start + length]) for row in rows for start in range(LENGTH))


def _longest(row: Tokens) -> int:
    circle = row.tolist() * 2
    longest = 0
    for start in range(LENGTH):
        while longest < LENGTH and tuple(circle[start : start + longest + 1]) in _runs(longest + 1):
            longest += 1
    return longest


def _leaps(row: Tokens) -> Iterator[bool]:
    svaras = [int(token) for token in row if token < SVARAS]
    return (abs(to - come) >= _LEAP for come, to in pairwise(svaras))


def random_start(network: Network, random: np.random.Generator, temperature: float | None) -> Tokens:
    """The tokens that the experiment's network writes from a random input and state; temperature None: the likeliest
    ones."""
    units, inputs = network.kept.shape[1], network.given.shape[1]
    given, h, c = (random.random((1, size)).astype(np.float32)[0] for size in (inputs, units, units))
    state = (h, c)
    row = np.zeros(LENGTH, np.int64)
    for place in range(LENGTH):
        logits, state = network.step(given, state)
        row[place] = logits.argmax() if temperature is None else sampling.choose(logits, random.random(), temperature)
        given = network.input(int(row[place]), place)
    return row


def card(network: Network, number: int) -> str:
    """The figures of ``number`` rows of each kind, as Markdown."""
    trained = [reproduce(seed) for seed in SEEDS]
    curves = np.array([each.curve for each in trained])  # [seed, epoch, (loss, accuracy)]
    lines = [row("the 13 training varisais", measure(list(training_tokens())))]
    for name, temperature in (("the experiment, likeliest token", None), ("the experiment, temperature 1.0", 1.0)):
        random = np.random.default_rng(1)
        rows = [random_start(trained[each % len(trained)].network, random, temperature) for each in range(number)]
        lines.append(row(name, measure(rows)))
        if temperature is None:
            single = [measure(rows[first :: len(trained)]) for first in range(min(number, len(trained)))]
    for degree in TEMPERATURES:
        rows = [
            varisai_network.draw(network, np.random.default_rng([1, each]), Request(degree)) for each in range(number)
        ]
        lines.append(row(f"livegen, temperature {degree}{' (default)' if degree == 1.0 else ''}", measure(rows)))
    said = f"{number:,} of each (of the experiment, from all its seeds in turn); none was drawn again for being a copy:"
    return "\n\n".join([_curve(curves), _held_out(), said, table(lines), _spread(single)])


def _curve(curves: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> str:
    headings = "| epoch | " + " | ".join(map(str, SHOWN)) + " |\n|---|" + "---:|" * len(SHOWN)
    lines = []
    for title, values, shape in (("loss", curves[..., 0], "{:.2f}"), ("tokens predicted", curves[..., 1], "{:.1%}")):
        cells = []
        for epoch in SHOWN:
            found = values[:, epoch - 1]
            middle, low, high = (shape.format(each) for each in (np.median(found), found.min(), found.max()))
            cells.append(f"{middle} [{low}, {high}]")
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    said = (
        f"The experiment over {len(SEEDS)} seeds, {EPOCHS} epochs, median [least, most]; loss in nats, summed over the "
        f"{LENGTH} tokens:"
    )
    return f"{said}\n\n{headings}\n" + "\n".join(lines)


def _held_out() -> str:
    found = np.mean([held_out(PAUSES, seed) for seed in HELD_OUT_SEEDS], axis=0)
    headings = "| epochs | " + " | ".join(map(str, PAUSES)) + " |\n|---|" + "---:|" * len(PAUSES)
    said = (
        f"livegen's network, which stops after {STEPS}, on each varisai when it was shown the twelve others "
        f"({len(HELD_OUT_SEEDS)} seeds):"
    )
    return f"{said}\n\n{headings}\n| bits a token | " + " | ".join(f"{each:.2f}" for each in found) + " |"


def _spread(single: Sequence[Figures]) -> str:
    turned, straight = [each.turned for each in single], [each.tala for each in single]
    return (
        f"The {len(single)} networks of the experiment differ: choosing the likeliest, each by itself fits the tala "
        f"from some beat {min(turned):.0%} to {max(turned):.0%} of the time, from beat 1 {min(straight):.0%} to "
        f"{max(straight):.0%}."
    )


def row(name: str, of: Figures) -> str:
    """The figures as a row of ``table``."""
    shares = [f"{share:.1%}" for share in (of.tala, of.turned, of.on_sa, of.new, of.copied)]
    return "| " + " | ".join([name, *shares, f"{of.run:g}", f"{of.leaps:.1%}"]) + " |"


def table(lines: Sequence[str]) -> str:
    """Rows of figures as a table."""
    headings = ["written by", "tala from beat 1", "tala from some beat", "ends on Sa", "new"]
    headings += ["avartanas copied", "longest run copied", "leaps"]
    rule = "|---|" + "---:|" * (len(headings) - 1)
    return f"| {' | '.join(headings)} |\n{rule}\n" + "\n".join(lines)


def main() -> None:
    """Measure a varisai network and the experiment, and write the figures into the card."""
    options = argparse.ArgumentParser(prog="python -m livegen.training.varisais.card", description=main.__doc__)
    options.add_argument("model", type=Path, nargs="?", default=Path("models/carnatic.sargam"))
    options.add_argument("--number", type=int, default=1000, help="how many of each")
    options.add_argument("--card", type=Path, help="default: README.md next to the model")
    given = options.parse_args()
    network, _ = varisai_network.load(given.model)
    text = card(network, given.number)
    put(given.card or given.model.parent / "README.md", "figures carnatic", text)


if __name__ == "__main__":
    main()
