"""The loop of a training: epoch after epoch, until they or the minutes are over. It can be stopped and resumed."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch

from livegen.errors import ModelError, SettingsError
from livegen.system.clock import cpu, now
from livegen.system.run_log import RunLog
from livegen.training.network.checkpoint import Checkpoint
from livegen.training.network.processes import Processes, start, summed

WARM_UP = 0.03  # of all epochs, while the learning rate rises
FLOOR = 0.01  # of the highest learning rate, at the end
_TOLD = 20  # steps from one report to the next

Net = TypeVar("Net", bound=torch.nn.Module)


@dataclass(frozen=True)
class TrainOptions:
    """``minutes`` and ``epochs`` bound the training (None: the recipe's epochs); ``exclude`` is a folder of tunes whose
    variants must not be trained on, ``runs`` where a training keeps its checkpoint and its plot, ``processes`` what it
    runs on, ``scheduler`` the address of a Dask scheduler whose workers read the music."""

    seed: int = 1
    minutes: float | None = None
    epochs: int | None = None
    resume: bool = False
    exclude: Path | None = None
    runs: Path = Path("runs")
    processes: Processes = field(default_factory=Processes)
    scheduler: str | None = None


@dataclass(frozen=True)
class Progress:
    """The progress of a training. Losses are bits per note or character; ``left`` is an estimate in seconds."""

    epoch: int
    epochs: int
    share: float  # of the whole training, 0 to 1
    training: float
    held_out: float
    best: float
    left: float


Report = Callable[[Progress], None]


@dataclass(frozen=True)
class Schedule:
    """A training's name, its epochs, the highest learning rate and the weight decay;
    losses are bits per ``unit``, and ``remedy`` is the advice for a loss that is not finite."""

    name: str
    epochs: int
    rate: float
    decay: float
    remedy: str
    unit: str = "note"


class TrainingLoop(ABC, Generic[Net]):
    """One training run of a network. ``log`` has the losses of each epoch, training and held out; ``spent`` seconds of
    the clock and ``worked`` of the processor, with those before it was resumed.

    Several processes may run it together: each has the same network (``fitted`` is it as they share it) and learns from
    its own part of the music, and the first alone reports and writes.

    Raises SettingsError if another process trains under that name, or several are to train what one trains alone.
    """

    shared = False  # whether several processes can run it

    def __init__(self, network: Net, plan: Schedule, options: TrainOptions) -> None:
        self.network, self.options = network, options
        self.fabric = start(options.processes)
        if self.fabric.world_size > 1 and not self.shared:
            raise SettingsError(f"{plan.name} is trained by one process; start it without torchrun or srun.")
        self.optimiser = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=plan.decay)
        self.fitted, self._descent = self.fabric.setup(network, self.optimiser)
        self.epochs = options.epochs or plan.epochs
        self.log: list[tuple[float, float]] = []
        self.spent = self.worked = 0.0
        self.best = math.inf
        self._plan = plan
        self._directory = options.runs / plan.name
        self._checkpoint = Checkpoint(self._directory, self._first)
        self._run_log = RunLog(self._directory if self._first else None, plan.name, plan.unit)
        self._within = 0.0  # of the epoch, 0 to 1
        self._began = self._idle = 0.0  # the clock and the processor's, had the training begun at 0

    @property
    def _first(self) -> bool:
        return bool(self.fabric.is_global_zero)

    @property
    def chosen(self) -> int:
        """The best epoch, from 0."""
        return min(range(len(self.log)), key=lambda epoch: self.log[epoch][1])

    def run(self, report: Report) -> None:
        """Train until the epochs or the minutes are over. Raises ModelError if the loss is not finite."""
        with self._run_log.told():
            self._run_log.tell(losses=self.log, share=self._share())
            self._run(report)
            told = (
                f"Epoch {self.chosen + 1} was the best: {self.best:.3f} bits a {self._plan.unit} on what was held out."
            )
            self._run_log.tell(state="kept", share=1.0, sentence=told if self.log else "")

    def _run(self, report: Report) -> None:
        self._began, self._idle = now() - self.spent, cpu() - self.worked
        while len(self.log) < self.epochs and not self._time_is_up():
            trained = self._epoch(report)
            held_out = self._held_out_loss()
            if not math.isfinite(trained + held_out):
                raise ModelError(f"Training diverged (the loss is not finite); {self._plan.remedy}.")
            self.log.append((trained, held_out))
            self._within = 0.0
            self.spent, self.worked = self._clock(), cpu() - self._idle
            better = held_out < self.best
            self.best = min(self.best, held_out)
            self._save(better)
            self._run_log.tell(losses=self.log, share=self._share())
            if self._first:
                plot(self.log, self._directory / "loss.png", self._plan.name, self._plan.unit)
            self._report(report, trained)

    @abstractmethod
    def _epoch(self, report: Report) -> float:
        """One pass over the training data; its loss."""

    @abstractmethod
    def _held_out_loss(self) -> float:
        """The loss of the held-out data."""

    @abstractmethod
    def _made_of(self) -> dict[str, Any]:
        """The values that must be the same for a training to be resumed."""

    def _seed(self) -> int:
        """Seed the epoch by its number and the process's, so that a resumed training draws what an unbroken one would
        have drawn."""
        seed = self.options.seed * 1_000_003 + len(self.log) + (int(self.fabric.global_rank) << 40)
        torch.manual_seed(seed)
        return seed

    def _begin_step(self, within: float) -> None:
        """Before a step of the optimiser: how far the epoch is (0 to 1) gives the learning rate."""
        self.spent, self._within = self._clock(), within
        for group in self.optimiser.param_groups:
            group["lr"] = self._plan.rate * schedule(self._share())

    def _descend(self, loss: torch.Tensor) -> None:
        """One step of the optimiser."""
        self.optimiser.zero_grad(set_to_none=True)
        self.fabric.backward(loss)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._descent.step()

    def _clock(self) -> float:
        """The seconds since the training began: the first process's, where they decide how fast the weights move."""
        seconds = now() - self._began
        if self.options.minutes is None:
            return seconds
        return float(self._summed(torch.tensor(seconds if self._first else 0.0, dtype=torch.float64)))

    def _summed(self, values: torch.Tensor) -> torch.Tensor:
        """The sum over all processes."""
        return summed(self.fabric, values)

    def _end_step(self, number: int, trained: float, report: Report) -> bool:
        """After a step, counted from 0: report the progress now and then. Returns whether the time is up."""
        if number % _TOLD == 0:
            self._report(report, trained)
        return self._time_is_up()

    def _share(self) -> float:
        """The share of the training that is over (0 to 1), by epochs or by time, whichever is more."""
        share = (len(self.log) + self._within) / self.epochs
        if self.options.minutes is not None:
            share = max(share, self.spent / (60 * self.options.minutes))
        return min(1.0, share)

    def _time_is_up(self) -> bool:
        return self.options.minutes is not None and self.spent >= 60 * self.options.minutes

    def _report(self, report: Report, trained: float) -> None:
        if not self._first:
            return
        share = self._share()
        self._run_log.advance(share)
        left = self.spent * (1 - share) / share if share else math.inf
        held_out = self.log[-1][1] if self.log else math.nan
        report(Progress(len(self.log), self.epochs, share, trained, held_out, self.best, left))

    def _save(self, better: bool) -> None:
        """Save the epoch with everything needed to resume, and its weights if it is the best."""
        if not self._first:
            return
        kept = self._made_of() | self._more() | {"network": self.network.state_dict()}
        kept |= {"optimiser": self.optimiser.state_dict(), "log": self.log, "best": self.best}
        self._checkpoint.save(kept | {"spent": self.spent, "worked": self.worked}, better)

    def _resume(self) -> None:
        """Resume after the last whole epoch, if that is wanted and there was one. Raises SettingsError if it was
        another training's."""
        kept = self._checkpoint.restore(self._made_of()) if self.options.resume else None
        if kept is None:
            return
        self.network.load_state_dict(kept["network"])
        self.optimiser.load_state_dict(kept["optimiser"])
        self.log = [(trained, held_out) for trained, held_out in kept["log"]]
        self.spent, self.worked, self.best = kept["spent"], kept["worked"], kept["best"]
        self._take_up(kept)

    def _more(self) -> dict[str, Any]:
        """Further values to save with an epoch; ``_take_up`` receives them."""
        return {}

    def _take_up(self, kept: dict[str, Any]) -> None:
        """Resume with the values that ``_more`` saved."""


def schedule(share: float) -> float:
    """The learning rate as a share of its highest: it rises for a while, then falls along a cosine.

    >>> schedule(0.0) < schedule(WARM_UP) > schedule(0.9) > schedule(1.0)
    True
    """
    if share < WARM_UP:
        return max(FLOOR, share / WARM_UP)
    return FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * (share - WARM_UP) / (1 - WARM_UP)))


def plot(log: Sequence[tuple[float, float]], path: Path, name: str, unit: str = "note") -> None:
    """Bits per ``unit`` against epochs, training and held out, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    epochs = range(1, len(log) + 1)
    axes.plot(epochs, [trained for trained, _ in log], label="training (dropout, varied)")
    axes.plot(epochs, [held_out for _, held_out in log], label="held out")
    axes.set(title=name, xlabel="epoch", ylabel=f"bits per {unit}")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=100)
