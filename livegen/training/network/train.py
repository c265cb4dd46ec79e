"""Trains a recipe: seeded, stoppable, resumable. Exports the epoch with the lowest held-out loss."""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from livegen.errors import FileError
from livegen.predictors.quotation import Quotations
from livegen.training.corpus import corpus as corpora
from livegen.training.corpus import sources
from livegen.training.corpus.cluster import over_workers
from livegen.training.corpus.corpus import Corpus, Divided
from livegen.training.corpus.held_out import HELD_OUT, HeldOut
from livegen.training.model_card import put
from livegen.training.network import dataset
from livegen.training.network.augmentation import varied
from livegen.training.network.dataset import Excerpt
from livegen.training.network.epoch import Share, batches, prepared
from livegen.training.network.export import export
from livegen.training.network.loop import Report, Schedule, TrainingLoop, TrainOptions
from livegen.training.network.loss import bits, loss
from livegen.training.network.network import Network, Shape
from livegen.training.network.processes import one_first, start
from livegen.training.recipe import Recipe, load
from livegen.tunes.tune import Tune

FEWEST_TUNES, FEWEST_NOTES = 3, 500
POLYPHONIC = 0.05  # the share of chord onsets from which a model counts as polyphonic
ENOUGH = 500_000  # held-out notes to choose the best epoch on; they are all in memory
TOUCHED = 0.5  # the share of notes with a recorded touch from which a model predicts it


def train(recipe: str, data: Path | None, out: Path, options: TrainOptions, report: Report) -> Path:
    """Train ``recipe`` on ``data`` (a folder; the books need none) and write ``<name>.onnx`` into the folder ``out``.

    After ctrl-C it continues from the last whole epoch with ``options.resume``. Raises SettingsError for a wrong
    recipe, FileError for data that cannot be used, ModelError if the training or the export's check fails.
    """
    chosen = load(recipe)
    try:
        out.mkdir(parents=True, exist_ok=True)  # before the training, which would otherwise be lost
    except OSError as error:
        raise FileError(f"The model cannot be written to {out} ({error.strerror}); choose another folder.") from None
    divided = one_first(start(options.processes), lambda: gather(chosen, data, options.exclude, options.scheduler))
    training = Training(chosen, divided, options, performances(chosen))
    training.run(report)
    if not training.fabric.is_global_zero:
        return out / f"{chosen.name}.onnx"  # the first process writes it
    path, difference = training.finish(out)
    put(out / "README.md", f"made {chosen.name}", training.story(path, difference))
    return path


def gather(recipe: Recipe, data: Path | None, exclude: Path | None = None, scheduler: str | None = None) -> Divided:
    """The recipe's data, divided; the workers of a Dask ``scheduler`` read a large folder.

    Raises FileError when it is missing or too little.
    """
    if recipe.data == "books":
        whole = corpora.joined(corpora.read_books().values())
    elif data is None:
        raise FileError(
            f"The recipe {recipe.name} needs music; give a folder of MIDI, MusicXML or ABC files with --data."
        )
    else:
        whole = sources.read(recipe, data, None if scheduler is None else over_workers(scheduler))
        usable = [tune for tune in whole.tunes if len(tune.notes) > 1]
        if len(usable) < FEWEST_TUNES or whole.notes < FEWEST_NOTES:
            raise FileError(
                f"{data} holds {len(usable)} usable tunes with {whole.notes} notes "
                f"({whole.broken} files or tunes left out); "
                f"training needs at least {FEWEST_TUNES} with {FEWEST_NOTES}, so add more files. "
                "(Drum takes are for `livegen train drums`.)"
            )
    held_out = HeldOut.load(HELD_OUT) if recipe.guard else HeldOut([])
    if exclude is not None:
        held_out += HeldOut.of(corpora.read(exclude).tunes)
    return corpora.divide(whole, held_out)


def performances(recipe: Recipe) -> dict[str, Tune]:
    """The recipe's tunes by name as they are performed, where the books write repeats."""
    if recipe.data != "books":
        return {}
    return {tune.name: tune for book in corpora.read_books("performed").values() for tune in book.tunes}


def touch_share(corpus: Corpus) -> float:
    """The share of notes (0 to 1) whose touch was recorded."""
    return sum(len(tune.notes) for tune in corpus.tunes if tune.touched) / max(1, corpus.notes)


class Training(TrainingLoop[Network]):
    """One training run; ``run`` goes through the epochs, ``finish`` exports the best."""

    shared = True

    def __init__(
        self, recipe: Recipe, divided: Divided, options: TrainOptions, performed: dict[str, Tune] | None = None
    ) -> None:
        performed = performed or {}
        self.recipe = recipe
        self.divided = divided
        self.polyphonic = corpora.chord_share(divided.training) >= POLYPHONIC
        self.touched = touch_share(divided.training) >= TOUCHED
        torch.manual_seed(options.seed)
        plan = Schedule(recipe.name, recipe.epochs, recipe.rate, recipe.decay, "lower the recipe's rate")
        super().__init__(Network(shape(recipe, self.touched)), plan, options)
        self.seen = torch.zeros(len(self.network.known), dtype=torch.int64)
        self._fresh = self.seen.clone()  # of this epoch and this process
        self._offsets = self.network.offsets.cpu()
        self._part = Share(self.fabric.global_rank, self.fabric.world_size)
        self._tunes = [
            varied(tune, self.polyphonic, performed.get(tune.name), recipe.transpose, recipe.memory)
            for tune in divided.training.tunes
        ]
        self._held_out = list(self._measured())
        self._resume()

    @property
    def data(self) -> str:
        """SHA-256 of the training notes."""
        return self.divided.training.digest()

    def finish(self, out: Path) -> tuple[Path, float]:
        """Export the best epoch into the folder ``out``: the file, and how far (logits) it differs from the network."""
        out.mkdir(parents=True, exist_ok=True)
        self.network.cpu()
        self._checkpoint.restore_best(self.network)
        self.network.settle(self.seen)
        if not self.recipe.memory:
            self.network.disregard_memory()
        path = out / f"{self.recipe.name}.onnx"
        made = self.recipe.model_dump() | {"seed": self.options.seed, "trained_epochs": len(self.log)}
        about = {
            "name": self.recipe.name,
            "recipe": json.dumps(made),
            "data": self.data,
            "licence": self.recipe.licence,
            "polyphonic": "true" if self.polyphonic else "false",
            "touch": "true" if self.touched else "false",
            "register": self.divided.training.register(),
            "pace": self.divided.training.pace(),
            "runs": Quotations.of(dataset.heard(tune) for tune in self.divided.training.tunes).to_text(),
        }
        return path, export(self.network, path, about)

    def story(self, path: Path, difference: float) -> str:
        """A line for the model card: the file, its data and its training."""
        training, validation, test = self.divided.training, self.divided.validation, self.divided.test
        parameters = sum(each.numel() for each in self.network.parameters())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        left_out = f" {self.divided.left_out}" if self.divided.left_out else ""
        return (
            f"- `{path.name}` (SHA-256 `{digest[:16]}`): recipe `{self.recipe.name}`, seed {self.options.seed}, "
            f"{parameters:,} parameters. Trained on {len(training.tunes):,} tunes with {training.notes:,} notes "
            f"(SHA-256 `{self.data[:16]}`), chosen on {len(validation.tunes):,} held-out tunes with "
            f"{validation.notes:,} notes; {len(test.tunes):,} test tunes unseen; {self.divided.variants} variants of "
            f"the benchmark's tunes and {self.divided.duplicates} duplicates left out. {len(self.log)} epochs in "
            f"{self.spent / 60:.0f} minutes; the best was epoch {self.chosen + 1}, {self.best:.3f} bits a note on "
            f"the held-out tunes.{left_out} The file differs from the trained network by at most {difference:.1e} "
            "logits in 200 random steps."
        )

    def _epoch(self, report: Report) -> float:
        """One pass over the training tunes; its mean loss in bits per note."""
        random = np.random.default_rng([self.options.seed, len(self.log)])
        self._seed()
        self.network.train()
        self._fresh.zero_()
        expected = batches(self._tunes, self.recipe.batch, self._part)
        total = count = 0.0
        for number, batch in enumerate(prepared(self._tunes, self.recipe.batch, random, self._part)):
            self._begin_step(min(1.0, number / expected))
            found, notes = self._learn(batch)
            total, count = total + found, count + notes
            if self._end_step(number, total / count, report):
                break
        self.seen += self._summed(self._fresh)
        return self._mean(total, count)

    def _measured(self) -> Iterator[Excerpt]:
        """The held-out tunes, as many as tell one epoch from another."""
        notes = 0
        for tune in self.divided.validation.tunes:
            if notes > ENOUGH:
                return
            excerpt = replace(dataset.plain(tune), memory=self.recipe.memory)
            notes += len(excerpt)
            yield excerpt

    def _held_out_loss(self) -> float:
        if self._part.world == 1:
            return bits(self.network, self._held_out).total
        mine = self._held_out[self._part.rank :: self._part.world]
        notes = sum(len(each) - 1 for each in mine)
        return self._mean(bits(self.network, mine).total * notes, notes)

    def _mean(self, total: float, count: float) -> float:
        """The mean over all processes."""
        whole, counted = self._summed(torch.tensor([total, count], dtype=torch.float64)).tolist()
        return float(whole / counted)

    def _learn(self, batch: dataset.Batch) -> tuple[float, int]:
        """One step of the optimiser; the batch's bits and how many notes they are for."""
        steps = torch.as_tensor(batch.steps)
        self._fresh += torch.bincount((steps + self._offsets).flatten(), minlength=len(self.seen))
        lost = loss(self.fitted, batch)
        # Gradients are averaged over the processes, and each note of the whole batch must weigh as much.
        share = float(self._summed(torch.tensor(lost.notes))) / self._part.world
        whole = (lost.gap + lost.pitch) / share
        self._descend(whole + lost.touch / share)
        return float(whole.detach()) * share / math.log(2), lost.notes

    def _made_of(self) -> dict[str, Any]:
        return {"recipe": self.recipe.model_dump(), "data": self.data, "seed": self.options.seed}

    def _more(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def _take_up(self, kept: dict[str, Any]) -> None:
        self.seen = kept["seen"]


def shape(recipe: Recipe, touched: bool = False) -> Shape:
    """The sizes of the recipe's network."""
    return Shape(recipe.embedding, recipe.hidden, recipe.layers, recipe.width, recipe.dropout, touched)
