"""The folders of a musician's own things on this machine: models, journals, slots, learned controls."""

from pathlib import Path

import platformdirs


def data() -> Path:
    """The folder of everything that livegen keeps."""
    return platformdirs.user_data_path("livegen", appauthor=False)


def models() -> Path:
    """The folder of the models that a user trains, where they are found by name."""
    return data() / "models"


def journals() -> Path:
    """The folder of the journals of `livegen jam`."""
    return data() / "journals"


def slots() -> Path:
    """The folder of saved slots, which last from one evening to the next."""
    return data() / "slots"


def settings() -> Path:
    """The folder of what livegen learned, such as the controls that were bound."""
    return platformdirs.user_config_path("livegen", appauthor=False)


def runs() -> Path:
    """The folder of the checkpoints, logs and plots of trainings."""
    return platformdirs.user_cache_path("livegen", appauthor=False) / "training"


def model_name(path: Path) -> str:
    """The name or path that `--model` takes for a model's file."""
    return path.stem if path.parent == models() else str(path.resolve())
