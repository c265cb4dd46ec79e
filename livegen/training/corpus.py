"""Where tunes come from (the public-domain books inside music21, a folder of ABC or MIDI files), and their division."""

import hashlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from livegen import midi
from livegen.encoding import CHORD
from livegen.errors import FileError
from livegen.events import Note, NoteOn
from livegen.training import abc
from livegen.training.families import fingerprint, split
from livegen.training.held_out import HeldOut
from livegen.training.tune import MAX_NOTES, Bar, Tune, metre_length

MIDI_ENDINGS = (".mid", ".midi")
DRUMS = 10  # the MIDI channel whose pitches are not pitches
_BOOKS = {
    "oneill": "oneills1850",  # O'Neill's Music of Ireland, 1903
    "ryan": "ryansMammoth",  # Ryan's Mammoth Collection, 1883
    "aird": "airdsAirs",  # Aird's Airs, 1782-1803
    "fife": "miscFolk/americanfifeopus.abc",
    "northumbrian": "miscFolk/northumbrianminstrelsyopus.abc",
}


@dataclass
class Corpus:
    """Tunes, and how many files or tunes were skipped as broken."""

    tunes: list[Tune] = field(default_factory=list)
    broken: int = 0

    @property
    def notes(self) -> int:
        """How many notes there are."""
        return sum(len(tune.notes) for tune in self.tunes)

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
    """A corpus by use. ``variants`` and ``duplicates`` count the tunes left out."""

    training: Corpus
    validation: Corpus
    test: Corpus
    variants: int = 0
    duplicates: int = 0


def books() -> dict[str, Path]:
    """The public-domain books inside the installed music21, by name. Raises FileError when it is not installed."""
    spec = importlib.util.find_spec("music21")
    if spec is None or spec.origin is None:
        raise FileError("The tune books come with music21, which is not installed; run: pip install livegen[train].")
    corpus = Path(spec.origin).parent / "corpus"
    return {name: corpus / where for name, where in _BOOKS.items()}


def read_books(playing: abc.Playing = "written") -> dict[str, Corpus]:
    """The tunes of each book."""
    return {name: read(path, playing) for name, path in books().items()}


def read(path: Path, playing: abc.Playing = "written") -> Corpus:
    """The tunes of an ABC or MIDI file, or of all such files in a folder and its folders; broken ones are counted.

    Raises FileError if there is no such folder or nothing in it is a tune.
    """
    if not path.exists():
        raise FileError(f"There is no folder {path}; give one with ABC or MIDI files.")
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    corpus = Corpus()
    seen = False
    for file in files:
        ending = file.suffix.lower()
        if ending not in (".abc", *MIDI_ENDINGS):
            continue
        seen = True
        try:
            book = _read_midi(file) if ending in MIDI_ENDINGS else abc.read_file(file, playing)
        except FileError:
            corpus.broken += 1
            continue
        corpus.tunes += book.tunes
        corpus.broken += book.broken
    if not seen:
        raise FileError(f"{path} holds no ABC or MIDI files; give a folder with .abc or .mid files.")
    return corpus


def joined(corpora: Iterable[Corpus]) -> Corpus:
    """Several corpora as one."""
    whole = Corpus()
    for corpus in corpora:
        whole.tunes += corpus.tunes
        whole.broken += corpus.broken
    return whole


def divide(corpus: Corpus, held_out: HeldOut | None = None) -> Divided:
    """Training, validation and test tunes, families together, variants of ``held_out`` and exact duplicates left out.

    A corpus too small for that holds out one tune, whatever its family.
    """
    unique: dict[str, Tune] = {}
    for tune in corpus.tunes:
        if len(tune.notes) > 1:
            unique.setdefault(fingerprint(tune), tune)
    tunes = [unique[each] for each in sorted(unique)]
    parts: dict[str, list[Tune]] = {"training": [], "validation": [], "test": []}
    for tune, part in zip(tunes, split(tunes), strict=True):
        parts[part].append(tune)
    if not parts["training"] or not parts["validation"]:
        parts = {"training": tunes[1:], "validation": tunes[:1], "test": []}
    variants = 0
    if held_out is not None:
        dropped = held_out.variant_of(parts["training"])
        parts["training"] = [tune for tune, drop in zip(parts["training"], dropped, strict=True) if not drop]
        variants = sum(dropped)
    used = {part: Corpus(chosen) for part, chosen in parts.items()}
    return Divided(**used, variants=variants, duplicates=len(corpus.tunes) - len(tunes))


def chord_share(corpus: Corpus) -> float:
    """The share of notes (0 to 1) that begin together with the note before them."""
    pairs = [(a, b) for tune in corpus.tunes for a, b in pairwise(tune.notes)]
    return sum(a.onset == b.onset for a, b in pairs) / max(1, len(pairs))


def _read_midi(path: Path) -> abc.Book:
    score = midi.read(path)
    notes = sorted((note for note in score.beats if note.channel != DRUMS), key=lambda note: (note.onset, note.pitch))
    if not notes or len(notes) > MAX_NOTES:
        return abc.Book(broken=1)
    ons = [event.at for event in score.events if isinstance(event, NoteOn)]
    length = max(note.onset for note in score.beats)
    beat = max(ons) / length if length > 0 and ons else 0.5
    tune = Tune(path.stem, _chords(notes, CHORD / max(beat, 0.05)), _bars(notes, score.metre), touched=True)
    return abc.Book([tune])


def _chords(notes: list[Note], within: float) -> tuple[Note, ...]:
    """Notes that begin less than ``within`` beats after one another begin together, as a live listener takes them."""
    placed: list[Note] = []
    before = -1e9
    for note in notes:
        together = note.onset - before < within
        before = note.onset
        placed.append(replace(note, onset=placed[-1].onset) if together else note)
    return tuple(sorted(placed, key=lambda note: (note.onset, note.pitch)))


def _bars(notes: list[Note], metre: str | None) -> tuple[Bar, ...]:
    length = metre_length(metre)
    if not length:
        return ()
    count = int(notes[-1].onset / float(length)) + 1
    return tuple(Bar(index * float(length), metre) for index in range(min(count, MAX_NOTES)))
