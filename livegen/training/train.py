"""Trains a recipe: seeded, stoppable, resumable; keeps the best of all epochs by held-out loss and exports it."""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from livegen.clock import now
from livegen.errors import FileError, ModelError
from livegen.quotation import Quotations
from livegen.training import corpus as corpora
from livegen.training import dataset, sources
from livegen.training.card import put
from livegen.training.checkpoint import Checkpoint
from livegen.training.corpus import Corpus, Divided
from livegen.training.export import export
from livegen.training.held_out import HELD_OUT, HeldOut
from livegen.training.loss import bits, loss
from livegen.training.network import Network, Shape
from livegen.training.plot import plot
from livegen.training.prepare import prepared
from livegen.training.recipe import Recipe, load
from livegen.training.tune import Tune
from livegen.training.variety import Variety

FEWEST_TUNES, FEWEST_NOTES = 3, 500
# Of torch. Networks this small gain a quarter from a second one, and lose all of it, many times over, where another
# program wants the processor too: the threads wait for each other at every step.
THREADS = 1
POLYPHONIC = 0.05  # the share of chord onsets from which a model foresees chords
TOUCHED = 0.5  # the share of notes with a recorded touch from which a model foresees it
WARM_UP = 0.03  # of all epochs, while the learning rate rises
FLOOR = 0.01  # of the highest learning rate, at the end


@dataclass(frozen=True)
class TrainOptions:
    """``minutes`` and ``epochs`` bound the training (None: the recipe's epochs); ``exclude`` is a folder of tunes whose
    variants must not be trained on, ``runs`` where a training keeps its checkpoint and its plot."""

    seed: int = 1
    minutes: float | None = None
    epochs: int | None = None
    resume: bool = False
    exclude: Path | None = None
    runs: Path = Path("runs")


@dataclass(frozen=True)
class Progress:
    """How far a training is. Losses are bits per note; ``left`` is seconds, a guess."""

    epoch: int
    epochs: int
    share: float  # of the whole training, 0 to 1
    training: float
    held_out: float
    best: float
    left: float


Report = Callable[[Progress], None]


def train(recipe: str, data: Path | None, out: Path, options: TrainOptions, report: Report) -> Path:
    """Train ``recipe`` on ``data`` (a folder; the books need none) and write ``<name>.onnx`` into the folder ``out``.

    Stopped by ctrl-C, it goes on from the last whole epoch with ``options.resume``. Raises SettingsError for a wrong
    recipe, FileError for data that cannot be used, ModelError if the training or the export's check fails.
    """
    chosen = load(recipe)
    try:
        out.mkdir(parents=True, exist_ok=True)  # before the training, which would else be lost
    except OSError as error:
        raise FileError(f"The model cannot be written to {out} ({error.strerror}); choose another folder.") from None
    torch.set_num_threads(THREADS)
    training = Training(chosen, gather(chosen, data, options.exclude), options, performances(chosen))
    training.run(report)
    path, difference = training.finish(out)
    put(out / "README.md", f"made {chosen.name}", training.story(path, difference))
    return path


def gather(recipe: Recipe, data: Path | None, exclude: Path | None = None) -> Divided:
    """The recipe's data, divided. Raises FileError when it is missing or too little."""
    if recipe.data == "books":
        whole = corpora.joined(corpora.read_books().values())
    elif data is None:
        raise FileError(
            f"The recipe {recipe.name} needs music; give a folder of MIDI, MusicXML or ABC files with --data."
        )
    else:
        whole = sources.read(recipe, data)
        usable = [tune for tune in whole.tunes if len(tune.notes) > 1]
        if len(usable) < FEWEST_TUNES or whole.notes < FEWEST_NOTES:
            raise FileError(
                f"{data} holds {len(usable)} usable tunes with {whole.notes} notes "
                f"({whole.broken} files or tunes could not be read); "
                f"training needs at least {FEWEST_TUNES} with {FEWEST_NOTES}, so add more files."
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


class Training:
    """One training run; ``run`` goes through the epochs, ``finish`` exports the best."""

    def __init__(
        self, recipe: Recipe, divided: Divided, options: TrainOptions, performed: dict[str, Tune] | None = None
    ) -> None:
        performed = performed or {}
        self.recipe = recipe
        self.divided = divided
        self.options = options
        self.directory = options.runs / recipe.name
        self.epochs = options.epochs or recipe.epochs
        self.polyphonic = corpora.chord_share(divided.training) >= POLYPHONIC
        self.touched = touch_share(divided.training) >= TOUCHED
        torch.manual_seed(options.seed)
        self.network = Network(shape(recipe, self.touched))
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
        self.log: list[tuple[float, float]] = []  # bits per note: training, held out
        self.spent = 0.0  # seconds
        self.best = math.inf
        self._within = 0.0  # of the epoch, 0 to 1
        self.seen = torch.zeros_like(self.network.known[:, 0], dtype=torch.int64)
        self._tunes = [
            Variety(tune, self.polyphonic, performed.get(tune.name), recipe.transpose, recipe.memory)
            for tune in divided.training.tunes
        ]
        self._held_out = [replace(dataset.plain(tune), memory=recipe.memory) for tune in divided.validation.tunes]
        self._checkpoint = Checkpoint(self.directory)
        if options.resume:
            self._checkpoint.restore(self)

    @property
    def data(self) -> str:
        """SHA-256 of the training notes."""
        return self.divided.training.digest()

    def run(self, report: Report) -> None:
        """Train until the epochs or the minutes are over."""
        began = now() - self.spent
        while len(self.log) < self.epochs and not self._time_is_up():
            trained = self._epoch(began, report)
            held_out = bits(self.network, self._held_out).total
            if not math.isfinite(trained + held_out):
                raise ModelError("The training went astray (its loss is not finite); lower the recipe's rate.")
            self.log.append((trained, held_out))
            self._within = 0.0
            self.spent = now() - began
            better = held_out < self.best
            self.best = min(self.best, held_out)
            self._checkpoint.save(self, better)
            plot(self.log, self.directory / "loss.png", self.recipe.name)
            self._report(report, trained)

    def finish(self, out: Path) -> tuple[Path, float]:
        """Export the best epoch into the folder ``out``: the file, and how far (logits) it differs from the network."""
        out.mkdir(parents=True, exist_ok=True)
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
        """A line for the model card: what the file is and how it was made."""
        training, validation, test = self.divided.training, self.divided.validation, self.divided.test
        chosen = min(range(len(self.log)), key=lambda epoch: self.log[epoch][1])
        parameters = sum(each.numel() for each in self.network.parameters())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        left_out = f" {self.divided.left_out}" if self.divided.left_out else ""
        return (
            f"- `{path.name}` (SHA-256 `{digest[:16]}`): recipe `{self.recipe.name}`, seed {self.options.seed}, "
            f"{parameters:,} parameters. Trained on {len(training.tunes):,} tunes with {training.notes:,} notes "
            f"(SHA-256 `{self.data[:16]}`), chosen on {len(validation.tunes):,} held-out tunes with "
            f"{validation.notes:,} notes; {len(test.tunes):,} test tunes unseen; {self.divided.variants} variants of "
            f"the benchmark's tunes and {self.divided.duplicates} duplicates left out. {len(self.log)} epochs in "
            f"{self.spent / 60:.0f} minutes; the best was epoch {chosen + 1}, {self.log[chosen][1]:.3f} bits a note on "
            f"the held-out tunes.{left_out} The file differs from the trained network by at most {difference:.1e} "
            "logits in 200 random steps."
        )

    def _share(self) -> float:
        """How much of the training is over (0 to 1), by epochs or by time, whichever is further."""
        share = (len(self.log) + self._within) / self.epochs
        if self.options.minutes is not None:
            share = max(share, self.spent / (60 * self.options.minutes))
        return min(1.0, share)

    def _time_is_up(self) -> bool:
        return self.options.minutes is not None and self.spent >= 60 * self.options.minutes

    def _epoch(self, began: float, report: Report) -> float:
        """One pass over the training tunes; its mean loss in bits per note."""
        # Seeded by the epoch's number, so that a resumed training draws what an unbroken one would have drawn.
        random = np.random.default_rng([self.options.seed, len(self.log)])
        torch.manual_seed(self.options.seed * 1_000_003 + len(self.log))
        self.network.train()
        batches = math.ceil(sum(len(tune.form(np.random.default_rng(0))) for tune in self._tunes) / self.recipe.batch)
        total = count = 0.0
        for number, batch in enumerate(prepared(self._tunes, self.recipe.batch, random)):
            self.spent = now() - began
            self._within = number / batches
            rate = self.recipe.rate * schedule(self._share())
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            found, notes = self._learn(batch)
            total, count = total + found, count + notes
            if number % 20 == 0:
                self._report(report, total / count)
            if self._time_is_up():
                break
        return total / count

    def _learn(self, batch: dataset.Batch) -> tuple[float, int]:
        """One step of the optimiser; the batch's bits and how many notes they are for."""
        steps = torch.as_tensor(batch.steps)
        self.seen += torch.bincount((steps + self.network.offsets).flatten(), minlength=len(self.seen))
        self.optimiser.zero_grad(set_to_none=True)
        lost = loss(self.network, batch)
        notes, whole = lost.notes, (lost.gap + lost.pitch) / lost.notes
        (whole + lost.touch / notes).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        return float(whole.detach()) * notes / math.log(2), notes

    def _report(self, report: Report, trained: float) -> None:
        share = self._share()
        left = self.spent * (1 - share) / share if share else math.inf
        held_out = self.log[-1][1] if self.log else math.nan
        report(Progress(len(self.log), self.epochs, share, trained, held_out, self.best, left))


def shape(recipe: Recipe, touched: bool = False) -> Shape:
    """The sizes of the recipe's network."""
    return Shape(recipe.embedding, recipe.hidden, recipe.layers, recipe.width, recipe.dropout, touched)


def schedule(share: float) -> float:
    """The learning rate as a share of its highest: it rises for a while, then falls along a cosine.

    >>> schedule(0.0) < schedule(WARM_UP) > schedule(0.9) > schedule(1.0)
    True
    """
    if share < WARM_UP:
        return max(FLOOR, share / WARM_UP)
    return FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * (share - WARM_UP) / (1 - WARM_UP)))
