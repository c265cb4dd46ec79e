"""Where tunes come from (the public-domain books inside music21, a folder of files), and their division."""

import hashlib
import importlib.util
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from livegen.errors import FileError
from livegen.training.corpus import midi_files, musicxml
from livegen.training.corpus.families import Split, fingerprint, split
from livegen.training.corpus.held_out import HeldOut
from livegen.tunes import abc_reader
from livegen.tunes.tune import Tune

MIDI_ENDINGS = (".mid", ".midi")
ENDINGS = (".abc", *MIDI_ENDINGS, *musicxml.ENDINGS)
NAMED = 5  # of the files left out, so many are named
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
    """Tunes, how many files or tunes were skipped as broken, and what the files with those are called.

    ``given`` says by fingerprint where a tune goes if its owners divided the collection; the rest goes by family.
    """

    tunes: list[Tune] = field(default_factory=list)
    broken: int = 0
    names: list[str] = field(default_factory=list)
    given: dict[str, Split] = field(default_factory=dict)

    @property
    def notes(self) -> int:
        """How many notes there are."""
        return sum(len(tune.notes) for tune in self.tunes)

    @property
    def left_out(self) -> str:
        """One sentence that names the first of the broken files; "" if there are none."""
        if not self.broken:
            return ""
        more = f" and {len(self.names) - NAMED} other files" if len(self.names) > NAMED else ""
        count = "1 file or tune was" if self.broken == 1 else f"{self.broken:,} files or tunes were"
        return f"{count} left out as unusable, in {', '.join(self.names[:NAMED])}{more}."

    def leave_out(self, name: str, broken: int = 1) -> None:
        """Count what is broken in the file ``name``."""
        self.broken += broken
        self.names.append(name)

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
        raise FileError("The tune books come with music21, which is not installed; run: pip install livegen[train].")
    corpus = Path(spec.origin).parent / "corpus"
    return {name: corpus / where for name, where in _BOOKS.items()}


def read_books(playing: abc_reader.Playing = "written") -> dict[str, Corpus]:
    """The tunes of each book."""
    return {name: read(path, playing) for name, path in books().items()}


def read(path: Path, playing: abc_reader.Playing = "written") -> Corpus:
    """The tunes of an ABC, MIDI or MusicXML file, or of all such files in a folder and its folders.

    Broken ones are counted, and named in a warning. Raises FileError if there is no such folder or nothing in it is a
    tune.
    """
    if not path.exists():
        raise FileError(f"There is no folder {path}; give one with MIDI, MusicXML or ABC files.")
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    files = [each for each in files if each.suffix.lower() in ENDINGS]
    if not files:
        raise FileError(f"{path} holds no MIDI, MusicXML or ABC files; give a folder with .mid, .mxl or .abc files.")
    corpus = Corpus()
    for file in files:
        try:
            book = _book(file, playing)
        except FileError:
            corpus.leave_out(file.name)
            continue
        corpus.tunes += book.tunes
        if book.broken:
            corpus.leave_out(file.name, book.broken)
    if corpus.broken:
        logger.warning("%s", corpus.left_out)
    return corpus


def _book(file: Path, playing: abc_reader.Playing) -> abc_reader.Book:
    ending = file.suffix.lower()
    if ending == ".abc":
        return abc_reader.read_file(file, playing)
    return abc_reader.Book([midi_files.read(file) if ending in MIDI_ENDINGS else musicxml.read(file)])


def joined(corpora: Iterable[Corpus]) -> Corpus:
    """Several corpora as one."""
    whole = Corpus()
    for corpus in corpora:
        whole.tunes += corpus.tunes
        whole.broken += corpus.broken
        whole.names += corpus.names
        whole.given |= corpus.given
    return whole


def divide(corpus: Corpus, held_out: HeldOut | None = None) -> Divided:
    """Training, validation and test tunes, variants of ``held_out`` and exact duplicates left out.

    What the corpus says of a tune's place holds; else families stand together. A corpus too small for that holds out
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
