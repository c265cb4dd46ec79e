"""Where a musician's own things are kept on this machine: models, journals, slots, what was learned."""

from pathlib import Path

import platformdirs


def data() -> Path:
    """The folder of all that livegen keeps."""
    return platformdirs.user_data_path("livegen", appauthor=False)


def models() -> Path:
    """Where the models that a user trains are kept, and found by name."""
    return data() / "models"


def journals() -> Path:
    """Where `livegen jam` keeps its journals."""
    return data() / "journals"


def slots() -> Path:
    """Where saved slots wait for another evening."""
    return data() / "slots"


def settings() -> Path:
    """Where what livegen learned of a musician's wishes is kept."""
    return platformdirs.user_config_path("livegen", appauthor=False)


def runs() -> Path:
    """Where trainings keep their checkpoints, logs and plots."""
    return platformdirs.user_cache_path("livegen", appauthor=False) / "training"


def model_name(path: Path) -> str:
    """What `--model` takes for a model's file."""
    return path.stem if path.parent == models() else str(path.resolve())
