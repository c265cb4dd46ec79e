"""The tunes that a character model learns from, as plain ABC text, divided by family."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from livegen.errors import FileError
from livegen.files import music_file
from livegen.files.passed_over import PassedOver, reason_of
from livegen.training.characters import plain_abc
from livegen.training.corpus import corpus
from livegen.training.corpus.families import fingerprint, split
from livegen.training.corpus.held_out import HELD_OUT, HeldOut
from livegen.tunes import abc_reader
from livegen.tunes.abc_fields import AbcError
from livegen.tunes.tune import Tune

FEWEST = 20  # tunes
LONGEST = 4000  # characters of a tune


@dataclass
class Texts:
    """Plain tunes by use, and how many were left out: ``broken``, ``duplicates``, ``variants`` of the benchmark's."""

    training: list[str] = field(default_factory=list)
    validation: list[str] = field(default_factory=list)
    test: list[str] = field(default_factory=list)
    broken: int = 0
    duplicates: int = 0
    variants: int = 0

    def digest(self) -> str:
        """SHA-256 of the training text."""
        return hashlib.sha256("\n".join(self.training).encode()).hexdigest()


def gather(data: Path | None) -> Texts:
    """The tunes of the ABC files in ``data``, or of the books; a folder with the folders ``train`` and ``validation``
    is divided so, any other by family. Raises FileError if there is too little."""
    if data is None:
        return _divided(_read(list(corpus.books().values())), HeldOut.load(HELD_OUT))
    if (data / "train").is_dir() and (data / "validation").is_dir():
        trained, held_out = _read([data / "train"]), _read([data / "validation"])
        found = Texts(list(trained.texts), list(held_out.texts), broken=trained.broken + held_out.broken)
    else:
        found = _divided(_read([data]), HeldOut([]))
    if len(found.training) < FEWEST or not found.validation:
        raise FileError(
            f"{data} holds {len(found.training)} tunes in ABC to train on; a character model needs at least "
            f"{FEWEST}, and more than a hundred to write well: add more .abc files."
        )
    return found


@dataclass
class _Read:
    """The content of files: plain texts with their tunes."""

    texts: dict[str, Tune] = field(default_factory=dict)
    broken: int = 0
    count: int = 0
    lost: PassedOver = field(default_factory=PassedOver)


def _read(paths: list[Path]) -> _Read:
    found = _Read()
    for path in paths:
        if not path.exists():
            raise FileError(f"There is no folder {path}; give one with ABC files.")
        for file in _abc_files(path, found.lost):
            for text in _texts(file, found.lost):
                try:
                    tune, written = abc_reader.read_tune(text), plain_abc.plain(text, file.stem)
                except AbcError as error:
                    found.lost.add(file.name, str(error))
                    found.broken += 1
                    continue
                if len(tune.notes) > 1 and len(written) <= LONGEST:
                    found.count += 1
                    found.texts.setdefault(written, tune)
    if found.lost:
        corpus.logger.warning("%d files or tunes were left out: %s.", len(found.lost), found.lost)
    return found


def _abc_files(path: Path, lost: PassedOver) -> list[Path]:
    """The ABC files of a folder, or the file; other music files are named."""
    if not path.is_dir():
        return [path]
    read, foreign = music_file.music_files(path)
    for each in [file for file in read if not _is_abc(file)] + foreign:
        lost.add(each.name, "is not ABC")
    return [file for file in read if _is_abc(file)]


def _is_abc(path: Path) -> bool:
    try:
        return music_file.kind_of(path) == "ABC"
    except FileError:
        return False


def _texts(file: Path, lost: PassedOver) -> list[str]:
    """The tunes of a file; one that cannot be read, or holds none, is named."""
    try:
        texts = plain_abc.texts(file)
    except FileError as error:
        lost.add(file.name, reason_of(error, file))
        return []
    if not texts:
        lost.add(file.name, "holds no tunes")
    return texts


def _divided(read: _Read, guarded: HeldOut) -> Texts:
    """The texts, each family on one side; a duplicate of another tune, or a variant of a guarded one, is left out."""
    unique: dict[str, str] = {}
    for text, tune in read.texts.items():
        unique.setdefault(fingerprint(tune), text)
    texts = list(unique.values())
    tunes = [read.texts[text] for text in texts]
    found = Texts(broken=read.broken, duplicates=read.count - len(texts))
    parts = {"training": found.training, "validation": found.validation, "test": found.test}
    places = split(tunes)
    for text, place, varies in zip(texts, places, guarded.variant_of(tunes), strict=True):
        if place == "training" and varies:
            found.variants += 1
        else:
            parts[place].append(text)
    return found
