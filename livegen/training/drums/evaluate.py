"""Measures a drummer's model on takes that it was not trained on, beside the last bar repeated, a Markov chain,
n-grams, and the same network told nothing. No torch is needed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from livegen.errors import FileError, SettingsError
from livegen.predictors.drums import DrumNetworkFile
from livegen.training.drums import baselines, dataset, takes
from livegen.training.drums.dataset import Heard
from livegen.training.drums.scores import TakeBits, take_bits
from livegen.training.drums.takes import TRAIN, VALIDATION, Take, Takes
from livegen.training.evaluation.bootstrap import Difference, difference

Say = Callable[[str], None]
Scored = Iterator[tuple[str, list[TakeBits]]]
_SEED = 0


class Row(NamedTuple):
    """One model's bits: a hit (with all rests), a velocity, a deviation, and all three together, with the 95 %
    interval of that; and how much it needs more than the drummer, with its interval (None: it is the drummer)."""

    name: str
    hit: float
    velocity: float
    deviation: float
    whole: Difference
    more: Difference | None


@dataclass
class DrumReport:
    """The rows, the best model's first; ``label`` says what they were measured on."""

    label: str
    rows: list[Row] = field(default_factory=list)

    def table(self) -> str:
        """As Markdown."""
        lines = [
            f"{self.label}\n",
            "| model | bits a hit | a velocity | a deviation | all three | more than the drummer |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for row in self.rows:
            more = "–" if row.more is None else f"{row.more.mean:+.2f} ({row.more.low:+.2f} to {row.more.high:+.2f})"
            whole = f"{row.whole.mean:.2f} ({row.whole.low:.2f} to {row.whole.high:.2f})"
            lines.append(
                f"| {row.name} | {row.hit:.3f} | {row.velocity:.3f} | {row.deviation:.3f} | {whole} | {more} |"
            )
        return "\n".join([*lines, "", "Intervals: 95 %, by a bootstrap over takes. A hit's bits include all rests."])

    def to_dict(self) -> dict[str, Any]:
        """As numbers."""
        rows = [
            {
                **row._asdict(),
                "whole": row.whole._asdict(),
                "more": None if row.more is None else row.more._asdict(),
            }
            for row in self.rows
        ]
        return {"data": self.label, "rows": rows}

    def draw(self, path: Path) -> None:
        """Raise SettingsError: there is no picture of drums."""
        raise SettingsError(f"There is no picture of drums for {path.name}; leave out --plot.")


def evaluate(model: Path, data: Path, trained_on: Path | None = None, say: Say = lambda _: None) -> DrumReport:
    """Measure a drummer on the takes in ``data``: those of its validation part if it holds the training part too.

    The baselines count the training takes of the folder ``trained_on``; None: those that came with the model. Raises
    FileError if there are no takes, ModelError for a file that is no drummer's.
    """
    say("reading the takes")
    drummer = DrumNetworkFile(model)
    found = takes.read(data)
    held_out = _held_out(found)
    label = f"{len(held_out)} takes of {data.name} with {sum(take.hits for take in held_out):,} hits"
    if found.left_out:
        label += f"; {len(found.left_out)} files left out ({found.left_out[0]})"
    scores = dict(_of_networks(drummer, model, held_out, say))
    training = takes.read(trained_on).takes if trained_on else takes.load(model.parent / model.stem / "training.npz")
    if trained_on and any(take.part == TRAIN for take in training):
        training = [take for take in training if take.part == TRAIN]
    say("counting the training takes")
    for baseline in baselines.all_of(training):
        say(baseline.name)
        scores[baseline.name] = [baseline.bits(take) for take in held_out]
    own = next(iter(scores.values()))
    return DrumReport(label, [_row(name, each, own) for name, each in scores.items()])


def _held_out(found: Takes) -> list[Take]:
    """The takes to measure on."""
    if found.part(TRAIN):
        if not found.part(VALIDATION):
            raise FileError("The folder holds training takes only; give one with takes that were not trained on.")
        return found.part(VALIDATION)
    return found.takes


def _of_networks(drummer: DrumNetworkFile, path: Path, held_out: Sequence[Take], say: Say) -> Scored:
    """The drummer as it is told what the table says; also told a rhythm to play with; told nothing; and the network
    that was trained without being told anything, if it is there."""
    random = np.random.default_rng(_SEED)
    rhythms = [dataset.tapped(take, random) for take in held_out]
    ways = {
        path.stem: [Heard()] * len(held_out),
        f"{path.stem}, told a performer's rhythm": [Heard(rhythm=rhythm) for rhythm in rhythms],
        f"{path.stem}, not told style, tempo and part": [Heard(described=False)] * len(held_out),
    }
    for name, told in ways.items():
        say(name)
        heard = [dataset.excerpt(take, each) for take, each in zip(held_out, told, strict=True)]
        yield name, [take_bits(drummer, each) for each in heard]
    plain = path.parent / path.stem / "plain.onnx"
    if plain.is_file():
        say("an LSTM without conditioning")
        network = DrumNetworkFile(plain)
        unheard = [dataset.excerpt(take, Heard(described=False)) for take in held_out]
        yield "LSTM without conditioning", [take_bits(network, each) for each in unheard]


def _row(name: str, scores: Sequence[TakeBits], drummer: Sequence[TakeBits]) -> Row:
    hits = [each.hits for each in scores]
    count = sum(hits)
    whole = [each.whole for each in scores]
    return Row(
        name,
        sum(each.hit for each in scores) / count,
        sum(each.velocity for each in scores) / count,
        sum(each.deviation for each in scores) / count,
        difference(whole, [0.0] * len(whole), hits),
        None if scores is drummer else difference(whole, [each.whole for each in drummer], hits),
    )
