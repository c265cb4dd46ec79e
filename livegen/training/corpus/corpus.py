"""Reads tunes (the public-domain books inside music21, a folder of files) and divides them by use."""

import hashlib
import importlib.util
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from livegen.errors import FileError
from livegen.files import music_file
from livegen.files.passed_over import PassedOver, reason_of
from livegen.training.corpus import kept
from livegen.training.corpus.families import Split, fingerprint, split
from livegen.training.corpus.held_out import HeldOut
from livegen.tunes import abc_reader
from livegen.tunes.tune import Tune

ENDINGS = tuple(music_file.ENDINGS)
logger = logging.getLogger(__name__)
_BOOKS = {
    "oneill": "oneills1850",  # O'Neill's Music of Ireland, 1903
    "ryan": "ryansMammoth",  # Ryan's Mammoth Collection, 1883
    "aird": "airdsAirs",  # Aird's Airs, 1782-1803
    "fife": "miscFolk/americanfifeopus.abc",
    "northumbrian": "miscFolk/northumbrianminstrelsyopus.abc",
}


@dataclass
class Corpus:
    """Tunes; the files and tunes that were ``lost`` as unusable; and ``parts`` of others that were passed over.

    ``given`` says by fingerprint where a tune goes if its owners divided the collection; the rest goes by family.
    """

    tunes: list[Tune] = field(default_factory=list)
    lost: PassedOver = field(default_factory=PassedOver)
    parts: PassedOver = field(default_factory=PassedOver)
    given: dict[str, Split] = field(default_factory=dict)

    @property
    def notes(self) -> int:
        """The number of notes."""
        return sum(len(tune.notes) for tune in self.tunes)

    @property
    def broken(self) -> int:
        """The number of files or tunes that were left out as unusable."""
        return len(self.lost)

    @property
    def left_out(self) -> str:
        """A sentence that names the first of what was left out and why, and one for parts; "" if there is nothing."""
        sentences: list[str] = []
        if self.lost:
            count = "1 file or tune was" if len(self.lost) == 1 else f"{len(self.lost):,} files or tunes were"
            sentences.append(f"{count} left out: {self.lost}.")
        if self.parts:
            sentences.append(f"Within files that were read, parts were passed over: {self.parts}.")
        return " ".join(sentences)

    def leave_out(self, path: Path, error: FileError) -> None:
        """Count a file that cannot be used."""
        self.lost.add(path.name, reason_of(error, path))

    def add_file(self, path: Path, playing: abc_reader.Playing = "written") -> None:
        """Read the tunes of a file; what cannot be used is counted."""
        try:
            found = music_file.read_tunes(path, playing)
        except FileError as error:
            self.leave_out(path, error)
            return
        self.tunes += found.tunes
        for reason in found.broken:
            self.lost.add(path.name, reason)
        for what in found.passed_over:
            self.parts.add(path.name, what)

    def warn(self) -> None:
        """Say what was left out, if anything was."""
        if sentences := self.left_out:
            logger.warning("%s", sentences)

    def register(self) -> str:
        """The middle of the pitches and how far they spread (one standard deviation), in semitones, for a model file:
        "72 6"."""
        pitches = np.array([note.pitch for tune in self.tunes for note in tune.notes] or [60])
        return f"{round(float(pitches.mean()))} {round(float(pitches.std()))}"

    def pace(self) -> str:
        """Mean and spread of the logarithm of the beats between onsets, and notes an onset, for a model file:
        "-0.73 0.46 1.02"."""
        onsets = [np.unique([round(note.onset, 3) for note in tune.notes]) for tune in self.tunes]
        gaps = np.concatenate([np.array([1.0]), *(np.diff(each) for each in onsets)])
        logs = np.log(gaps[(gaps > 0.05) & (gaps < 16.0)])
        size = self.notes / max(1, sum(len(each) for each in onsets))
        return f"{logs.mean():.2f} {max(0.1, logs.std()):.2f} {max(1.0, size):.2f}"

    def digest(self) -> str:
        """SHA-256 of all notes, in order: the name of the data a model was trained on."""
        sha = hashlib.sha256()
        for tune in self.tunes:
            for note in tune.notes:
                sha.update(f"{note.onset:.4f} {note.duration:.4f} {note.pitch} {note.velocity};".encode())
            sha.update(b"\n")
        return sha.hexdigest()


@dataclass
class Divided:
    """A corpus by use. ``variants`` and ``duplicates`` count the tunes left out; ``left_out`` names broken files."""

    training: Corpus
    validation: Corpus
    test: Corpus
    variants: int = 0
    duplicates: int = 0
    left_out: str = ""


def books() -> dict[str, Path]:
    """The public-domain books inside the installed music21, by name. Raises FileError when it is not installed."""
    spec = importlib.util.find_spec("music21")
    if spec is None or spec.origin is None:
        raise FileError('The tune books come with music21, which is not installed; run: pip install "livegen[train]".')
    corpus = Path(spec.origin).parent / "corpus"
    return {name: corpus / where for name, where in _BOOKS.items()}


def read_books(
    playing: abc_reader.Playing = "written", reading: Callable[[float], None] = lambda _: None
) -> dict[str, Corpus]:
    """The tunes of each book. ``reading`` is called with the share that was read (0 to 1) where they are not kept from
    another time."""
    where = books()
    files = {name: music_file.music_files(path)[0] for name, path in where.items()}
    whole, found, done = sum(map(len, files.values())), {}, 0
    for name, path in where.items():

        def read_book(path: Path = path, done: int = done) -> kept.Read:
            book = read(path, playing, silent=True, reading=lambda count: reading((done + count) / whole))
            return kept.Read(book.tunes, book.lost, book.parts)

        found[name] = Corpus(*kept.kept(f"{name}-{playing}", files[name], read_book))
        found[name].warn()
        done += len(files[name])
    return found


def read(
    path: Path,
    playing: abc_reader.Playing = "written",
    silent: bool = False,
    reading: Callable[[int], None] = lambda _: None,
) -> Corpus:
    """The tunes of an ABC, MIDI or MusicXML file, or of all such files in a folder and its folders.

    Broken ones are counted, and named in a warning unless ``silent``. ``reading`` is called with the number of files
    that were read. Raises FileError if there is no such folder or nothing in it is a tune.
    """
    if not path.exists():
        raise FileError(f"There is no folder {path}; give one with MIDI, MusicXML or ABC files.")
    files, foreign = music_file.music_files(path)
    if not files or (files == [path] and music_file.kind_of(path) is None):
        raise FileError(f"{path} holds no MIDI, MusicXML or ABC files; give a folder with .mid, .mxl or .abc files.")
    corpus = Corpus()
    for count, file in enumerate(files):
        reading(count)
        corpus.add_file(file, playing)
    for file in foreign:
        corpus.lost.add(file.name, "is not MIDI, MusicXML or ABC")
    if not silent:
        corpus.warn()
    return corpus


def joined(corpora: Iterable[Corpus]) -> Corpus:
    """Several corpora as one."""
    whole = Corpus()
    for corpus in corpora:
        whole.tunes += corpus.tunes
        whole.lost.extend(corpus.lost)
        whole.parts.extend(corpus.parts)
        whole.given |= corpus.given
    return whole


def divide(corpus: Corpus, held_out: HeldOut | None = None) -> Divided:
    """Training, validation and test tunes, variants of ``held_out`` and exact duplicates left out.

    The corpus may say where a tune belongs; otherwise families stay together. A corpus too small for that holds out
    one tune, whatever its family.
    """
    unique: dict[str, Tune] = {}
    for tune in corpus.tunes:
        if len(tune.notes) > 1:
            unique.setdefault(fingerprint(tune), tune)
    prints = sorted(unique)
    tunes = [unique[each] for each in prints]
    free = [each for each in prints if each not in corpus.given]
    places = corpus.given | dict(zip(free, split([unique[each] for each in free]), strict=True))
    parts: dict[str, list[Tune]] = {"training": [], "validation": [], "test": []}
    for each in prints:
        parts[places[each]].append(unique[each])
    if not parts["training"] or not parts["validation"]:
        parts = {"training": tunes[1:], "validation": tunes[:1], "test": []}
    variants = 0
    if held_out is not None:
        dropped = held_out.variant_of(parts["training"])
        parts["training"] = [tune for tune, drop in zip(parts["training"], dropped, strict=True) if not drop]
        variants = sum(dropped)
    used = {part: Corpus(chosen) for part, chosen in parts.items()}
    duplicates = len(corpus.tunes) - len(tunes)
    return Divided(**used, variants=variants, duplicates=duplicates, left_out=corpus.left_out)


def chord_share(corpus: Corpus) -> float:
    """The share of notes (0 to 1) that begin together with the note before them."""
    pairs = [(a, b) for tune in corpus.tunes for a, b in pairwise(tune.notes)]
    return sum(a.onset == b.onset for a, b in pairs) / max(1, len(pairs))
