"""Trains the drummer on takes of drummers: seeded, stoppable, resumable; exports the best epoch."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from livegen.errors import FileError
from livegen.training.drums import dataset, takes
from livegen.training.drums.export import export
from livegen.training.drums.network import DrumNetwork
from livegen.training.drums.takes import TRAIN, VALIDATION, Take, Takes
from livegen.training.model_card import put
from livegen.training.network.loop import Report, Schedule, TrainingLoop, TrainOptions

NAME, PLAIN = "drums", "plain"  # the drummer, and the same without being told anything
LICENCE = "CC BY 4.0 (trained on the Groove MIDI Dataset, Gillick and others 2019, Google LLC)"
_EPOCHS, _BATCH, _RATE, _DECAY = 20, 48, 0.004, 0.01
_FEWEST = 3  # takes


@dataclass(frozen=True)
class Divided:
    """The takes to learn from, and those on which the best epoch is chosen."""

    training: list[Take]
    validation: list[Take]
    digest: str

    @classmethod
    def of(cls, found: Takes) -> "Divided":
        """As the folder's table divides them; without one, every eighth take is not trained on."""
        training, validation = found.part(TRAIN), found.part(VALIDATION)
        if not training or not validation:
            training = [take for number, take in enumerate(found.takes) if number % 8]
            validation = found.takes[::8]
        if len(training) < _FEWEST or not validation:
            raise FileError(f"A drummer needs more than {_FEWEST} takes to learn from; add MIDI files with drums.")
        return cls(training, validation, Takes(training).digest())


class Training(TrainingLoop[DrumNetwork]):
    """One training run; ``plain``: the network is told nothing but the place in the bar and what it played."""

    def __init__(self, divided: Divided, options: TrainOptions, plain: bool = False) -> None:
        self.divided, self.plain = divided, plain
        torch.manual_seed(options.seed)
        name = f"{NAME}-{PLAIN}" if plain else NAME
        plan = Schedule(name, _EPOCHS, _RATE, _DECAY, "add takes", "hit")
        super().__init__(DrumNetwork(), plan, options)
        self._variation = dataset.Variation(divided.training, plain)
        self._held_out = [self._excerpt(take) for take in divided.validation]
        self._resume()

    def _excerpt(self, take: Take) -> dataset.Excerpt:
        return dataset.excerpt(take, dataset.Heard(described=not self.plain))

    def _epoch(self, report: Report) -> float:
        random = np.random.default_rng([self.options.seed, len(self.log)])
        self._seed()
        self.network.train()
        batches = dataset.epoch(self.divided.training, _BATCH, random)
        total = hits = 0.0
        for number, chosen in enumerate(batches):
            self._begin_step(number / len(batches))
            learnt = dataset.batch([self._variation.draw(take, random) for take in chosen])
            velocity, deviation, echoes, mask = (torch.from_numpy(each) for each in learnt[1:])
            heads, _ = self.network(torch.from_numpy(learnt.inputs))
            bits = self.network.bits(heads, velocity, deviation, echoes, mask)
            count = bits.hits.clamp(min=1.0)
            self._descend((bits.hit + 0.5 * (bits.velocity + bits.deviation)) / count)
            total += float((bits.hit + bits.velocity + bits.deviation).detach())
            hits += float(count)
            if self._end_step(number, total / hits, report):
                break
        return total / hits

    def _held_out_loss(self) -> float:
        self.network.eval()
        total = hits = 0.0
        with torch.no_grad():
            for each in self._held_out:
                heads, _ = self.network(torch.from_numpy(each.inputs)[None])
                velocity, deviation, echoes = (torch.from_numpy(part)[None] for part in each[1:])
                bits = self.network.bits(heads, velocity, deviation, echoes, torch.ones(velocity.shape[:2]))
                total += float(bits.hit + bits.velocity + bits.deviation)
                hits += float(bits.hits)
        return total / hits

    def _made_of(self) -> dict[str, Any]:
        return {"recipe": NAME, "plain": self.plain, "data": self.divided.digest, "seed": self.options.seed}

    def finish(self, path: Path) -> float:
        """Export the best epoch to ``path``; how far (logits) it differs from the network."""
        self._checkpoint.restore_best(self.network)
        made = {"name": NAME, "data": "drums", "plain": self.plain, "hidden": self.network.hidden}
        about = {
            "recipe": json.dumps(made | {"seed": self.options.seed, "trained_epochs": len(self.log)}),
            "data": self.divided.digest,
            "licence": LICENCE,
        }
        return export(self.network, path, about)

    def story(self, path: Path, difference: float) -> str:
        """A line for the model card: the file, its data and its training."""
        training, validation = self.divided.training, self.divided.validation
        parameters = sum(each.numel() for each in self.network.parameters())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return (
            f"- `{path.name}` (SHA-256 `{digest[:16]}`): recipe `{NAME}`{', told nothing' if self.plain else ''}, seed "
            f"{self.options.seed}, {parameters:,} parameters. Trained on {len(training):,} takes with "
            f"{sum(take.hits for take in training):,} hits (SHA-256 `{self.divided.digest[:16]}`), chosen on "
            f"{len(validation):,} takes with {sum(take.hits for take in validation):,}. {len(self.log)} epochs in "
            f"{self.spent / 60:.0f} minutes; the best was epoch {self.chosen + 1}, {self.best:.3f} bits a hit (with "
            f"velocity and deviation) on the held-out takes. The file differs from the trained network by at most "
            f"{difference:.1e} logits in 200 random steps."
        )


def train(data: Path, out: Path, options: TrainOptions, report: Report, plain: bool = True) -> Path:
    """Train on the takes in ``data``; write ``drums.onnx`` into ``out``, and what `livegen evaluate drums` measures it
    beside into its folder ``drums``: with ``plain`` also the network that is told nothing.

    Raises FileError for data that cannot be used, ModelError if the training or the export's check fails.
    """
    beside = out / NAME
    try:
        beside.mkdir(parents=True, exist_ok=True)  # before the training, which would otherwise be lost
    except OSError as error:
        raise FileError(f"The model cannot be written to {out} ({error.strerror}); choose another folder.") from None
    torch.set_num_threads(1)
    divided = Divided.of(takes.read(data))
    takes.save(beside / "training.npz", divided.training)
    runs = [(False, out / f"{NAME}.onnx"), *([(True, beside / f"{PLAIN}.onnx")] if plain else [])]
    for told_nothing, path in runs:
        training = Training(divided, options, told_nothing)
        training.run(report)
        put(out / "README.md", f"made {path.stem}", training.story(path, training.finish(path)))
    return out / f"{NAME}.onnx"
