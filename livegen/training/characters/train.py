"""Trains a character model: seeded, stoppable, resumable. Exports the epoch with the lowest held-out loss."""

import hashlib
import json
import math
import random
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from livegen.errors import FileError
from livegen.training.characters.export import export
from livegen.training.characters.network import CharacterNetwork, Sizes, bits, chunks, lost
from livegen.training.characters.texts import Texts, gather
from livegen.training.characters.transpose import moved
from livegen.training.model_card import put
from livegen.training.network.loop import Report, Schedule, TrainingLoop, TrainOptions
from livegen.tunes.character_model import FOLDER, encode

NAME = "abc"
BUDGET = 24_000_000  # characters read in one training
_STEPS = (-3, -2, -1, 1, 2, 3)  # note letters by which a tune is transposed


@dataclass(frozen=True)
class CharacterOptions:
    """The options of a training: ``lanes`` tunes at a time, gradients through ``length`` characters, tunes in other
    keys with the probability ``moved``."""

    sizes: Sizes = field(default_factory=Sizes)
    lanes: int = 32
    length: int = 96
    rate: float = 0.003
    decay: float = 0.01
    moved: float = 0.5


def train(
    data: Path | None, out: Path, options: TrainOptions, report: Report, manner: CharacterOptions | None = None
) -> Path:
    """Train on the ABC files in ``data`` (None: the books) and write ``characters/abc.onnx`` into the folder ``out``.

    Raises FileError for data or a folder that cannot be used, ModelError if training or export fail.
    """
    folder = out / FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"The model cannot be written to {out} ({error.strerror}); choose another folder.") from None
    training = CharacterTraining(gather(data), options, manner or CharacterOptions())
    training.run(report)
    path = folder / f"{NAME}.onnx"
    licence = "MIT (trained on public-domain music only)" if data is None else "as the training data's owner decides"
    difference = training.finish(path, licence)
    put(out / "README.md", f"made {NAME}", training.story(path, difference))
    return path


class CharacterTraining(TrainingLoop[CharacterNetwork]):
    """One training run; ``run`` goes through the epochs, ``finish`` exports the best."""

    def __init__(self, texts: Texts, options: TrainOptions, manner: CharacterOptions) -> None:
        self.texts, self.manner = texts, manner
        self.characters = sum(map(len, texts.training))
        self._held_out = [encode(text) for text in texts.validation]
        torch.set_num_threads(1)
        torch.manual_seed(options.seed)
        epochs = max(1, round(BUDGET / self.characters))
        plan = Schedule(NAME, epochs, manner.rate, manner.decay, "use another seed", "character")
        super().__init__(CharacterNetwork(manner.sizes), plan, options)
        self._resume()

    def finish(self, path: Path, licence: str) -> float:
        """Export the best epoch. Returns the largest difference (logits) between the file and the network."""
        self._checkpoint.restore_best(self.network)
        made = asdict(self.manner) | {"seed": self.options.seed, "trained_epochs": len(self.log)}
        about = {"name": NAME, "recipe": json.dumps(made), "data": self.texts.digest(), "licence": licence}
        difference = export(self.network, path, about)
        self.best = bits(self.network, self._held_out)  # after rounding
        return difference

    def story(self, path: Path, difference: float) -> str:
        """A line for the model card: the file, its data and its training."""
        texts = self.texts
        parameters = sum(each.numel() for each in self.network.parameters())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return (
            f"- `{FOLDER}/{path.name}` (SHA-256 `{digest[:16]}`): seed {self.options.seed}, {parameters:,} parameters. "
            f"Trained on {len(texts.training):,} tunes with {self.characters:,} characters (SHA-256 "
            f"`{texts.digest()[:16]}`), chosen on {len(texts.validation):,} held-out tunes with "
            f"{sum(map(len, texts.validation)):,}; {len(texts.test):,} test tunes unseen; {texts.variants} variants of "
            f"the benchmark's tunes, {texts.duplicates} duplicates and {texts.broken} unreadable tunes left out. "
            f"{len(self.log)} epochs in {self.worked / 60:.0f} minutes of one core; the best was epoch "
            f"{self.chosen + 1}, {self.best:.3f} bits a character on the held-out tunes. The file differs from the "
            f"trained network by at most {difference:.1e} logits in 400 random steps."
        )

    def _epoch(self, report: Report) -> float:
        """One pass over the training tunes; its loss in bits a character."""
        dice = random.Random(self._seed())
        self.network.train()
        tunes = [self._varied(text, dice) for text in dice.sample(self.texts.training, len(self.texts.training))]
        whole = sum(map(len, tunes))
        lanes, least = self.manner.lanes, min(self.manner.lanes, len(tunes)) // 2
        h, c = self.network.zero_state(lanes)
        total = count = 0.0
        for number, chunk in enumerate(chunks(tunes, lanes, self.manner.length, least)):
            self._begin_step(min(1.0, count / whole))
            loss, characters, h, c = lost(self.network, chunk, h, c)
            self._descend(loss / characters)
            total, count = total + float(loss.detach()), count + characters
            if self._end_step(number, total / count / math.log(2), report):
                break
        return total / count / math.log(2)

    def _held_out_loss(self) -> float:
        found: float = bits(self.network, self._held_out)
        return found

    def _varied(self, text: str, dice: random.Random) -> list[int]:
        """The tune, now and then in another key."""
        elsewhere = moved(text, dice.choice(_STEPS)) if dice.random() < self.manner.moved else None
        return encode(elsewhere or text)

    def _made_of(self) -> dict[str, Any]:
        return {"manner": json.dumps(asdict(self.manner)), "data": self.texts.digest(), "seed": self.options.seed}
