"""Recipes: a model's data, its network and its training. Some are built in; others are TOML files."""

import tomllib
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from livegen.errors import SettingsError, unknown

Collection = Literal["lieder", "pop909", "maestro", "groove"]
COLLECTIONS: tuple[str, ...] = get_args(Collection)


class Recipe(BaseModel):
    """The recipe of one model. The defaults are those of the recipe `my`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")
    about: str = ""
    data: Literal["books", "folder", Collection] = "folder"
    licence: str = "as the training data's owner decides"
    guard: bool = Field(default=False, description="leave out variants of the benchmark's held-out tunes")
    most: int | None = Field(
        default=None, ge=1000, description="notes to read at most, from a collection that has more"
    )
    transpose: bool = Field(default=True, description="learn the music in every key; not for drums")
    memory: bool = Field(default=True, description="learn to use what was heard before; without, a plain LSTM")
    embedding: int = Field(default=128, ge=8, le=1024)
    hidden: int = Field(default=256, ge=8, le=1024)
    layers: int = Field(default=1, ge=1, le=4)
    width: int = Field(default=128, ge=8, le=1024)
    dropout: float = Field(default=0.3, ge=0.0, le=0.9)
    epochs: int = Field(default=60, ge=1, le=10_000)
    batch: int = Field(default=16, ge=1, le=512)
    rate: float = Field(default=0.004, gt=0.0, le=0.1, description="the highest learning rate")
    decay: float = Field(default=0.01, ge=0.0, le=1.0, description="weight decay")


RECIPES = {
    "folk": Recipe(
        name="folk",
        about="dance tunes and airs of Ireland, Scotland, Northumbria and New England, from books of 1782-1903",
        data="books",
        licence="MIT (trained on public-domain music only)",
        guard=True,
        epochs=75,
        dropout=0.15,
    ),
    "my": Recipe(name="my", about="the performer's own music, from a folder of MIDI, MusicXML or ABC files"),
    "piano": Recipe(
        name="piano",
        about="chords and figures: the piano parts of songs of the 19th century (OpenScore Lieder)",
        data="lieder",
        licence="MIT (trained on scores under CC0 only)",
        most=500_000,
        epochs=25,
        dropout=0.15,
    ),
    "pop909": Recipe(
        name="pop909",
        about="pop songs for piano: melody and accompaniment, as played (POP909)",
        data="pop909",
        licence="for your own use: the songs of POP909 are under copyright",
        most=500_000,
        epochs=25,
        dropout=0.15,
    ),
    "maestro": Recipe(
        name="maestro",
        about="the piano in concert: recitals as played, without a beat (MAESTRO v3)",
        data="maestro",
        licence="CC BY-NC-SA 4.0, as MAESTRO is",
        most=500_000,
        epochs=25,
        dropout=0.15,
    ),
    "groove": Recipe(
        name="groove",
        about="a drummer: nine drums with touch and timing (Groove MIDI Dataset)",
        data="groove",
        licence="CC BY 4.0 (Groove MIDI Dataset, Google LLC)",
        most=500_000,
        epochs=25,
        transpose=False,
    ),
}

# Trained by programs of their own; the command line knows them.
OF_THEIR_OWN = ("mine", "songs", "drums", "carnatic", "abc", "markov", "changes", "over-chords", "comping", "touch")

# The model that folk is measured against must differ in the memory alone.
RECIPES["plain"] = RECIPES["folk"].model_copy(
    update={"name": "plain", "about": "as folk, without the session memory: a plain LSTM", "memory": False}
)


def load(name: str) -> Recipe:
    """A built-in recipe, or one from a TOML file. Raises SettingsError if there is neither, or the file is wrong."""
    if name in RECIPES:
        return RECIPES[name]
    path = Path(name)
    if path.suffix != ".toml":
        raise SettingsError(unknown("recipe", name, [*RECIPES, *OF_THEIR_OWN], ", or a recipe's .toml file"))
    try:
        return Recipe.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise SettingsError(f"The recipe {name} cannot be read ({error.strerror}); check the path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"The recipe {name} is not TOML ({error}); mend that line.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"The recipe {name} is wrong at {where}: {first['msg']}.") from None
