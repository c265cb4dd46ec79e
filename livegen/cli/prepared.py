"""Prepares the parts of a session: settings from flags and a TOML file, show, voices, seed and model."""

import secrets
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from livegen.control import show
from livegen.control.show import Show
from livegen.errors import EncodingError, ModelError, NoSuchModelError, SettingsError
from livegen.predictors import models
from livegen.session import voices
from livegen.session.voices import Declared
from livegen.settings import Settings
from livegen.system import paths

_LONGEST_CONFIG = 64 * 1024  # bytes


class Prepared(NamedTuple):
    """The settings, the show and the voices that the flags and the settings file give."""

    settings: Settings
    show: Show
    voices: list[Declared]


def prepare(config: Path | None, flags: dict[str, str | None]) -> Prepared:
    """Defaults, then the TOML file, then the flags; and the show and the voices that the file declares.

    Raises SettingsError, or NoSuchModelError for a model that is not there.
    """
    table, played = show.split(read_config(config), str(config)) if config else ({}, Show())
    table, tables = voices.split(table)
    settings = Settings.from_table(table, str(config))
    given = [name for name, value in flags.items() if value is not None]
    for name in given:
        settings.set(name, flags[name])
    try:
        declared = voices.declared(tables, settings, given)
    except SettingsError as error:
        raise SettingsError(f"In {config}: {error}") from None
    for chosen in (settings, *(voice.settings for voice in declared)):
        _check_model(chosen.model)
    return Prepared(settings, played, declared)


def _check_model(name: str) -> None:
    """Raises NoSuchModelError if there is no such model. One that is there and broken is told when it plays."""
    if name in models.BUILT_IN:
        return
    path = models.find(name, paths.models())
    if not path.exists():
        raise NoSuchModelError(f"There is no model file {path}; `livegen models` lists the models that there are.")


def read_config(path: Path) -> dict[str, Any]:
    """The table of a settings file. Raises SettingsError."""
    try:
        text = path.read_bytes()
        if len(text) > _LONGEST_CONFIG:
            raise SettingsError(f"{path} is longer than 64 KiB, which no settings file is; give another.")
        return tomllib.loads(text.decode())
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"The settings file {path} is not TOML: {error}.") from None


def choose_seed(settings: Settings) -> int:
    """The seed that was asked for, otherwise a new one."""
    return settings.seed or secrets.randbelow(2**31 - 1) + 1


def load_model(name: str, say: Callable[[str], None]) -> models.Predictor:
    """The model of that name; if it cannot be loaded, ``say`` says so, and the model plays plain scales."""
    try:
        return models.load(name, paths.models())
    except (ModelError, EncodingError) as error:
        say(f"{error} Meanwhile livegen plays plain scales.")
        return models.Untrained()
