"""Fine-tuning: trains a network further with a performer's own tunes, gently, so that it keeps what it knew."""

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from livegen.errors import ModelError
from livegen.system.clock import now
from livegen.system.run_log import RunLog
from livegen.training.network import dataset
from livegen.training.network.augmentation import Augmentation
from livegen.training.network.dataset import Excerpt
from livegen.training.network.epoch import epoch
from livegen.training.network.loss import bits, loss
from livegen.training.network.network import Network

Report = Callable[[int, float, float], None]  # round, bits a note on the held-out tunes, the least so far


@dataclass(frozen=True)
class FineTuneOptions:
    """The options of a fine-tuning. ``share``: how many notes of the base's own music are mixed in for each of the
    performer's; ``pull`` draws the weights towards the base's (L2-SP, Li et al. 2018); its progress is told
    in the folder ``run`` (None: nowhere)."""

    rate: float = 0.0003
    share: float = 2.0
    pull: float = 0.0
    batch: int = 8
    notes: int = 2000  # of the performer's in a round; few tunes are gone through several times
    rounds: int = 100
    patience: int = 8  # rounds without a lower loss, after which it ends
    minutes: float = 5.0
    seed: int = 1
    run: Path | None = None


@dataclass(frozen=True)
class Music:
    """The performer's tunes, those of them that say when to stop, and what the base was trained on ([] if unknown)."""

    own: Sequence[Augmentation]
    held_out: Sequence[Excerpt]
    base: Sequence[Augmentation]


class FineTuning:
    """One fine-tuning of ``network``. At its end the weights are those that predicted the held-out tunes best."""

    def __init__(self, network: Network, music: Music, manner: FineTuneOptions) -> None:
        self.network = network
        self.manner = manner
        self.run_log = RunLog(manner.run, "" if manner.run is None else manner.run.name)
        self.log: list[float] = [bits(network, music.held_out).total]  # of the base, then after each round
        self.seen = torch.zeros(len(network.table), dtype=torch.int64)
        self._music = music
        self._began = now()
        self._start = [each.detach().clone() for each in network.parameters()]
        self._optimiser = torch.optim.AdamW(network.parameters(), lr=manner.rate, weight_decay=0.0)

    @property
    def best(self) -> int:
        """The round after which it was best; 0 is the base."""
        return int(np.argmin(self.log))

    def run(self, report: Report) -> None:
        """Train until it gets no better, or the time is over. Raises ModelError if the loss is not finite."""
        with self.run_log.told():
            self._tell()
            self._run(report)

    def _tell(self) -> None:
        self.run_log.tell(losses=[(None, held_out) for held_out in self.log])

    def _run(self, report: Report) -> None:
        kept = copy.deepcopy(self.network.state_dict())
        for number in range(1, self.manner.rounds + 1):
            self._round(number)
            held_out = bits(self.network, self._music.held_out).total
            if not math.isfinite(held_out):
                raise ModelError("Training diverged (the loss is not finite); begin from another base.")
            self.log.append(held_out)
            if self.best == number:
                kept = copy.deepcopy(self.network.state_dict())
            self._tell()
            report(number, held_out, self.log[self.best])
            if number - self.best >= self.manner.patience or self._time_is_up():
                break
        self.network.load_state_dict(kept)
        self.network.eval()

    def _time_is_up(self) -> bool:
        return now() - self._began >= 60 * self.manner.minutes

    def _round(self, number: int) -> None:
        """One round: once through the performer's tunes, or several times if they are few, mixed with the base's
        music."""
        random = np.random.default_rng([self.manner.seed, number])
        torch.manual_seed(self.manner.seed * 1_000_003 + number)
        own = self._music.own
        tunes = list(own) * max(1, round(self.manner.notes / max(1, _notes(own))))
        tunes += _drawn(self._music.base, self.manner.share * _notes(tunes), random)
        self.network.train()
        for batch in epoch(tunes, self.manner.batch, random):
            self._learn(batch)
            if self._time_is_up():
                break

    def _learn(self, batch: dataset.Batch) -> None:
        steps = torch.as_tensor(batch.steps)
        self.seen += torch.bincount((steps + self.network.offsets).flatten(), minlength=len(self.seen))
        self._optimiser.zero_grad(set_to_none=True)
        lost = loss(self.network, batch)
        whole = (lost.gap + lost.pitch + lost.touch) / lost.notes
        if self.manner.pull:
            pairs = zip(self.network.parameters(), self._start, strict=True)
            whole = whole + self.manner.pull / 2 * torch.stack([(a - b).square().sum() for a, b in pairs]).sum()
        whole.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimiser.step()


def _notes(tunes: Sequence[Augmentation]) -> int:
    """The number of notes in one pass over the tunes as written."""
    return sum(tune.length(piece) for tune in tunes for piece in tune.form(np.random.default_rng(0)))


def _drawn(tunes: Sequence[Augmentation], notes: float, random: np.random.Generator) -> list[Augmentation]:
    """Tunes at random until they have that many notes."""
    found: list[Augmentation] = []
    for index in random.permutation(len(tunes)).tolist():
        if notes <= 0:
            break
        found.append(tunes[index])
        notes -= _notes([tunes[index]])
    return found
