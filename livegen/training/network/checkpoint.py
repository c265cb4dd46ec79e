"""Checkpoints: the files of a training after each epoch, so that it can be stopped and resumed."""

from pathlib import Path
from typing import Any

import torch

from livegen.errors import SettingsError
from livegen.system.files import written_whole
from livegen.training.network.lock import hold


class Checkpoint:
    """Two files in a run directory: the last epoch with everything needed to resume, and the weights of the best.

    Of several processes of one training, only the first ``holds`` the directory and writes. Raises SettingsError if
    another training holds it.
    """

    def __init__(self, directory: Path, holds: bool = True) -> None:
        if holds:
            hold(directory)
        self.last = directory / "last.pt"
        self.best = directory / "best.pt"

    def save(self, kept: dict[str, Any], better: bool) -> None:
        """Write the last epoch, and the weights in its ``network`` as the best if it is ``better``."""
        self.last.parent.mkdir(parents=True, exist_ok=True)
        if better:
            _write(self.best, {"network": kept["network"]})
        _write(self.last, kept)

    def restore(self, made_of: dict[str, Any]) -> dict[str, Any] | None:
        """The content of the last epoch's file; None if there is no such file.

        Raises SettingsError if it is damaged or not ``made_of`` the same recipe, seed and data.
        """
        if not self.last.exists():
            return None
        kept = _read(self.last)
        if any(kept.get(name) != value for name, value in made_of.items()):
            raise SettingsError(
                f"{self.last} is from another recipe, seed or data; train without --resume, or into another folder."
            )
        return kept

    def restore_best(self, network: torch.nn.Module) -> None:
        """The weights of the best epoch."""
        network.load_state_dict(_read(self.best)["network"])


def _write(path: Path, content: dict[str, Any]) -> None:
    with written_whole(path) as part:
        torch.save(content, part)


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # torch raises many classes for a damaged file
        raise SettingsError(f"{path} cannot be read; train again without --resume.") from None
    return content
