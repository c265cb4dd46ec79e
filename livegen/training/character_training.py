"""Trains the model of characters: seeded, stoppable, resumable; keeps the best epoch by held-out loss, exports it."""

import hashlib
import json
import math
import random
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from livegen.characters import FOLDER, encode
from livegen.clock import cpu, now
from livegen.errors import FileError, ModelError, SettingsError
from livegen.training.card import put
from livegen.training.character_export import export
from livegen.training.character_network import CharacterNetwork, Sizes, bits, chunks, lost
from livegen.training.character_texts import Texts, gather
from livegen.training.lock import hold
from livegen.training.plain_keys import moved
from livegen.training.plot import plot
from livegen.training.train import Progress, Report, TrainOptions, schedule

NAME = "abc"
BUDGET = 12_000_000  # characters that a training reads
_STEPS = (-3, -2, -1, 1, 2, 3)  # letters that a tune is moved


@dataclass(frozen=True)
class Manner:
    """How a model is trained: ``lanes`` tunes at a time, gradients through ``length`` characters, tunes in other keys
    with the probability ``moved``."""

    sizes: Sizes = field(default_factory=Sizes)
    lanes: int = 32
    length: int = 96
    rate: float = 0.003
    decay: float = 0.01
    moved: float = 0.5


def train(data: Path | None, out: Path, options: TrainOptions, report: Report, manner: Manner | None = None) -> Path:
    """Train on the ABC files in ``data`` (None: the books) and write ``characters/abc.onnx`` into the folder ``out``.

    Raises FileError for data or a folder that cannot be used, ModelError if training or export fail.
    """
    folder = out / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"The model cannot be written to {out} ({error.strerror}); choose another folder.") from None
    training = CharacterTraining(gather(data), options, manner or Manner())
    training.run(report)
    path = folder / f"{NAME}.onnx"
    licence = "MIT (trained on public-domain music only)" if data is None else "as the training data's owner decides"
    difference = training.finish(path, licence)
    put(out / "README.md", f"made {NAME}", training.story(path, difference))
    return path


class CharacterTraining:
    """One training run; ``run`` goes through the epochs, ``finish`` exports the best."""

    def __init__(self, texts: Texts, options: TrainOptions, manner: Manner) -> None:
        self.texts, self.options, self.manner = texts, options, manner
        self.characters = sum(map(len, texts.training))
        self.epochs = options.epochs or max(1, round(BUDGET / self.characters))
        self.log: list[tuple[float, float]] = []  # bits a character: training, held out
        self.spent = self.worked = 0.0  # seconds: of the clock, of the processor
        self.best = math.inf
        self._within = 0.0
        self._held_out = [encode(text) for text in texts.validation]
        self._directory = options.runs / NAME
        hold(self._directory)
        torch.set_num_threads(1)
        torch.manual_seed(options.seed)
        self.network = CharacterNetwork(manner.sizes)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), lr=manner.rate, weight_decay=manner.decay)
        if options.resume:
            self._restore()

    def run(self, report: Report) -> None:
        """Train until the epochs or the minutes are over."""
        began, worked = now() - self.spent, cpu() - self.worked
        while len(self.log) < self.epochs and not self._time_is_up():
            trained = self._epoch(began, report)
            held_out = bits(self.network, self._held_out)
            if not math.isfinite(trained + held_out):
                raise ModelError("The training went astray (its loss is not finite); use another seed.")
            self.log.append((trained, held_out))
            self._within = 0.0
            self.spent, self.worked = now() - began, cpu() - worked
            better = held_out < self.best
            self.best = min(self.best, held_out)
            self._save(better)
            plot(self.log, self._directory / "loss.png", NAME, "character")
            self._report(report, trained)

    def finish(self, path: Path, licence: str) -> float:
        """Export the best epoch; how far (logits) the file differs from the network."""
        self.network.load_state_dict(_read(self._directory / "best.pt")["network"])
        made = asdict(self.manner) | {"seed": self.options.seed, "trained_epochs": len(self.log)}
        about = {"name": NAME, "recipe": json.dumps(made), "data": self.texts.digest(), "licence": licence}
        difference = export(self.network, path, about)
        self.best = bits(self.network, self._held_out)  # as rounded
        return difference

    def story(self, path: Path, difference: float) -> str:
        """A line for the model card: what the file is and how it was made."""
        texts, chosen = self.texts, min(range(len(self.log)), key=lambda epoch: self.log[epoch][1])
        parameters = sum(each.numel() for each in self.network.parameters())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return (
            f"- `{FOLDER}/{path.name}` (SHA-256 `{digest[:16]}`): seed {self.options.seed}, {parameters:,} parameters. "
            f"Trained on {len(texts.training):,} tunes with {self.characters:,} characters (SHA-256 "
            f"`{texts.digest()[:16]}`), chosen on {len(texts.validation):,} held-out tunes with "
            f"{sum(map(len, texts.validation)):,}; {len(texts.test):,} test tunes unseen; {texts.variants} variants of "
            f"the benchmark's tunes, {texts.duplicates} duplicates and {texts.broken} unreadable tunes left out. "
            f"{len(self.log)} epochs in {self.worked / 60:.0f} minutes of one core; the best was epoch {chosen + 1}, "
            f"{self.best:.3f} bits a character on the held-out tunes. The file differs from the trained network by at "
            f"most {difference:.1e} logits in 400 random steps."
        )

    def _epoch(self, began: float, report: Report) -> float:
        """One pass over the training tunes; its loss in bits a character."""
        # Seeded by the epoch's number, so that a resumed training draws what an unbroken one would have drawn.
        dice = random.Random(self.options.seed * 1_000_003 + len(self.log))
        torch.manual_seed(self.options.seed * 1_000_003 + len(self.log))
        self.network.train()
        tunes = [self._varied(text, dice) for text in dice.sample(self.texts.training, len(self.texts.training))]
        whole = sum(map(len, tunes))
        lanes, least = self.manner.lanes, min(self.manner.lanes, len(tunes)) // 2
        h, c = self.network.zero_state(lanes)
        total = count = 0.0
        for number, chunk in enumerate(chunks(tunes, lanes, self.manner.length, least)):
            self.spent = now() - began
            self._within = min(1.0, count / whole)
            for group in self.optimiser.param_groups:
                group["lr"] = self.manner.rate * schedule(self._share())
            self.optimiser.zero_grad(set_to_none=True)
            loss, characters, h, c = lost(self.network, chunk, h, c)
            (loss / characters).backward()
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
            self.optimiser.step()
            total, count = total + float(loss.detach()), count + characters
            if number % 20 == 0:
                self._report(report, total / count / math.log(2))
            if self._time_is_up():
                break
        return total / count / math.log(2)

    def _varied(self, text: str, dice: random.Random) -> list[int]:
        """The tune, now and then in another key."""
        elsewhere = moved(text, dice.choice(_STEPS)) if dice.random() < self.manner.moved else None
        return encode(elsewhere or text)

    def _share(self) -> float:
        """How much of the training is over (0 to 1), by epochs or by time, whichever is further."""
        share = (len(self.log) + self._within) / self.epochs
        if self.options.minutes is not None:
            share = max(share, self.spent / (60 * self.options.minutes))
        return min(1.0, share)

    def _time_is_up(self) -> bool:
        return self.options.minutes is not None and self.spent >= 60 * self.options.minutes

    def _report(self, report: Report, trained: float) -> None:
        share = self._share()
        left = self.spent * (1 - share) / share if share else math.inf
        held_out = self.log[-1][1] if self.log else math.nan
        report(Progress(len(self.log), self.epochs, share, trained, held_out, self.best, left))

    def _made_of(self) -> dict[str, Any]:
        return {"manner": json.dumps(asdict(self.manner)), "data": self.texts.digest(), "seed": self.options.seed}

    def _save(self, better: bool) -> None:
        """Write the last epoch with all it takes to go on, and the best one's weights if this is it."""
        kept = self._made_of() | {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "log": self.log,
            "spent": (self.spent, self.worked),
            "best": self.best,
        }
        for name in ("last.pt", "best.pt") if better else ("last.pt",):
            partial = self._directory / f"{name}.partial"
            torch.save(kept, partial)
            partial.replace(self._directory / name)

    def _restore(self) -> None:
        """Go on after the last whole epoch, if there was one. Raises SettingsError if it was another training's."""
        path = self._directory / "last.pt"
        if not path.exists():
            return
        kept = _read(path)
        if any(kept.get(name) != value for name, value in self._made_of().items()):
            raise SettingsError(f"{path} is from another recipe, seed or data; train without --resume.")
        self.network.load_state_dict(kept["network"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.log = [(trained, held_out) for trained, held_out in kept["log"]]
        (self.spent, self.worked), self.best = kept["spent"], kept["best"]


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = torch.load(path, weights_only=True)
    except Exception:  # torch raises many classes for a damaged file
        raise SettingsError(f"{path} cannot be read; train again without --resume.") from None
    return content
