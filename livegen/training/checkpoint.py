"""What a training leaves on disk after each epoch, so that it can be stopped and gone on with."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from livegen.errors import SettingsError
from livegen.training.lock import hold
from livegen.training.network import Network

if TYPE_CHECKING:
    from livegen.training.train import Training


class Checkpoint:
    """Two files in a run directory: the last epoch with all it takes to go on, and the weights of the best.

    Raises SettingsError if another process trains in that directory.
    """

    def __init__(self, directory: Path) -> None:
        hold(directory)
        self.last = directory / "last.pt"
        self.best = directory / "best.pt"

    def save(self, training: "Training", better: bool) -> None:
        """Write the last epoch, and the best if it is ``better``."""
        self.last.parent.mkdir(parents=True, exist_ok=True)
        if better:
            _write(self.best, {"network": training.network.state_dict()})
        _write(
            self.last,
            {
                "recipe": training.recipe.model_dump(),
                "data": training.data,
                "seed": training.options.seed,
                "network": training.network.state_dict(),
                "optimiser": training.optimiser.state_dict(),
                "log": training.log,
                "spent": training.spent,
                "best": training.best,
                "seen": training.seen,
            },
        )

    def restore(self, training: "Training") -> None:
        """Go on where the last epoch ended; from the start if there was none.

        Raises SettingsError if it belongs to another recipe, seed or data.
        """
        if not self.last.exists():
            return
        kept = _read(self.last)
        same = (training.recipe.model_dump(), training.data, training.options.seed)
        if (kept["recipe"], kept["data"], kept["seed"]) != same:
            raise SettingsError(
                f"{self.last} is from another recipe, seed or data; train without --resume, or into another folder."
            )
        training.network.load_state_dict(kept["network"])
        training.optimiser.load_state_dict(kept["optimiser"])
        training.log = [(trained, held_out) for trained, held_out in kept["log"]]
        training.spent, training.best, training.seen = kept["spent"], kept["best"], kept["seen"]

    def restore_best(self, network: Network) -> None:
        """The weights of the best epoch."""
        network.load_state_dict(_read(self.best)["network"])


def _write(path: Path, content: dict[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    torch.save(content, partial)
    partial.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = torch.load(path, weights_only=True)
    except Exception:  # torch raises many classes for a damaged file
        raise SettingsError(f"{path} cannot be read; train again without --resume.") from None
    return content
