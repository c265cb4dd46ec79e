"""Collections that a user fetches from their owners, read as they are laid out and, where they say so, divided."""

import csv
import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from livegen.errors import FileError
from livegen.files import midi_tune, musicxml
from livegen.training.corpus import stored
from livegen.training.corpus.corpus import Corpus
from livegen.training.corpus.families import Split, fingerprint
from livegen.training.corpus.stored import Spread
from livegen.training.recipe import Recipe
from livegen.tunes.tune import Tune

# The notes of a Roland TD-11's pads -> the nine drums of the Groove paper, as General MIDI has them.
DRUMS = {
    **{36: 36, 38: 38, 40: 38, 37: 38},  # kick; snare: head, rim, stick across
    **{48: 50, 50: 50, 45: 47, 47: 47, 43: 43, 58: 43},  # high, middle and low tom, each head and rim
    **{46: 46, 26: 46, 42: 42, 22: 42, 44: 42},  # hi-hat open; closed, or by the pedal
    **{49: 49, 55: 49, 57: 49, 52: 49, 51: 51, 59: 51, 53: 51},  # crash; ride
}
_FREE = re.compile(r"CC[0O]\b|Creative Commons copyright waiver", re.IGNORECASE)  # some write the letter O
_SPLITS: dict[str, Split] = {"train": "training", "validation": "validation", "test": "test"}
_RANK: list[Split] = ["training", "validation", "test"]
Reader = Callable[[Path], Tune | None]


def read(recipe: Recipe, data: Path, spread: Spread | None = None) -> Corpus:
    """The music in the folder ``data`` as the recipe reads it, up to ``recipe.most`` notes; ``spread`` says where the
    parts of a large folder are read.

    Broken files are counted, and named in a warning. Raises FileError if the folder is not what the recipe expects.
    """
    if not data.is_dir() and recipe.data != "folder":
        raise FileError(f"There is no folder {data}; give the one that {recipe.name} was unpacked into.")
    if recipe.data == "lieder":
        scores = sorted(data.rglob("*.mxl"))
        return _gathered(recipe, _expected(scores, data, "OpenScore Lieder", "*.mxl"), _accompaniment)
    if recipe.data == "pop909":
        songs = sorted(path for path in data.rglob("*.mid") if path.stem == path.parent.name and path.stem.isdigit())
        return _gathered(recipe, _expected(songs, data, "POP909", "001/001.mid"), _song)
    if recipe.data == "maestro":
        listed = _listed(data, "maestro-v*.csv", "MAESTRO")
        return _gathered(recipe, listed, _recital, listed)
    if recipe.data == "groove":
        listed = _listed(data, "info.csv", "Groove")
        return _gathered(recipe, listed, _groove, listed)
    return stored.read(data, spread)


def _gathered(recipe: Recipe, files: Iterable[Path], reader: Reader, splits: dict[Path, Split] | None = None) -> Corpus:
    """The files in an order that is random and always the same, until there are notes enough."""
    corpus = Corpus()
    notes = 0
    for path in sorted(files, key=lambda path: hashlib.sha256(path.name.encode()).digest()):
        if recipe.most is not None and notes >= recipe.most:
            break
        try:
            tune = reader(path)
        except FileError as error:
            corpus.leave_out(path, error)
            continue
        if tune is None:
            continue
        corpus.tunes.append(tune)
        notes += len(tune.notes)
        if splits is not None:
            # The same piece on two sides belongs to the one that is not trained on.
            key = fingerprint(tune)
            corpus.given[key] = max(corpus.given.get(key, "training"), splits[path], key=_RANK.index)
    corpus.warn()
    return corpus


def _expected(files: list[Path], data: Path, collection: str, sought: str) -> list[Path]:
    if not files:
        raise FileError(f"{data} does not hold {collection}; give the folder that has {sought} in it.")
    return files


def _listed(data: Path, name: str, collection: str) -> dict[Path, Split]:
    """The MIDI files that a collection's table lists, and their part. Raises FileError if there is no such table."""
    table = _expected(sorted(data.rglob(name)), data, collection, name)[0]
    try:
        with table.open(newline="", encoding="utf-8") as source:
            rows = list(csv.DictReader(source))
        return {table.parent / row["midi_filename"]: _SPLITS[row["split"]] for row in rows}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, TypeError):
        raise FileError(f"{table} is not the table of {collection}; fetch the collection again.") from None


def _accompaniment(path: Path) -> Tune | None:
    """The piano part of a song whose file says that it is free; None if it has no piano part."""
    score = musicxml.MusicXml(path)
    if not _FREE.search(score.rights):
        raise FileError(f"{path.name} does not say that it is free (CC0); leave it out.")
    return score.tune(keyboard=True)


def _song(path: Path) -> Tune:
    """A song's three tracks, melody, bridge and piano, on one keyboard; the file's bars are not the song's."""
    return midi_tune.read(path, bars=False)


def _recital(path: Path) -> Tune:
    """A performance without a beat: what the file counts as beats are half seconds."""
    return midi_tune.read(path, bars=False)


def _groove(path: Path) -> Tune:
    """A drummer to a click."""
    return midi_tune.read(path, drums=DRUMS)
