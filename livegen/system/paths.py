"""The folders of a musician's own things on this machine: models, journals, slots, charts, learned controls."""

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


def charts() -> Path:
    """The folder of a musician's own charts, where they are found by name."""
    return data() / "charts"


def runs() -> Path:
    """The folder of the checkpoints, logs and plots of trainings."""
    return platformdirs.user_cache_path("livegen", appauthor=False) / "training"


def evaluations() -> Path:
    """The folder of what `livegen evaluate` measured, which the page shows."""
    return data() / "evaluations"


def shared() -> Path:
    """The folder of the examples and documents that come with livegen: in the package, or around it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    return package / "shared" if (package / "shared").is_dir() else package.parent


def model_name(path: Path) -> str:
    """The name or path that `--model` takes for a model's file."""
    return path.stem if path.parent == models() else str(path.resolve())
