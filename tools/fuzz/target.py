"""A reader that is given damaged input, and what it may do with it."""

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple

from tools.fuzz.mutation import mutated

Feed = Callable[[bytes], str]
KEPT = Path(__file__).parents[2] / "tests" / "data" / "fuzz"  # inputs that once found a fault, by target

_SMALL = 4096  # bytes


class Target(NamedTuple):
    """``seeds`` are good inputs, which ``mutate`` damages, with ``words`` that mean something to the reader.

    ``open`` gives the function that is fed, for as long as the context lasts. It returns in a word what became of the
    input; what the reader may raise is caught there, so whatever it raises is a fault. ``slow`` is the seconds of
    processor time that an input may take, of so many ``inputs`` by default.
    """

    name: str
    seeds: Callable[[], list[bytes]]
    open: Callable[[Path], AbstractContextManager[Feed]]
    words: tuple[bytes, ...] = ()
    mutate: Callable[..., bytes] = mutated
    slow: float = 2.0
    inputs: int = 10**6


def simple(feed: Callable[[bytes, Path], str]) -> Callable[[Path], AbstractContextManager[Feed]]:
    """``open`` of a reader that needs nothing but a folder to write to."""

    def opened(folder: Path) -> AbstractContextManager[Feed]:
        return nullcontext(lambda data: feed(data, folder))

    return opened


def kept(name: str) -> list[bytes]:
    """The inputs that once found a fault in this target."""
    folder = KEPT / name
    return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.is_dir() else []


def small(folder: Path, *endings: str) -> list[bytes]:
    """The small files of a folder: what is small is damaged where it matters."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in endings and KEPT not in path.parents]
    return [data for path in paths if len(data := path.read_bytes()) <= _SMALL]


def written(name: str, data: bytes, folder: Path) -> Path:
    """A file with these bytes."""
    path = folder / name
    path.write_bytes(data)
    return path


def outcome(error: Exception) -> str:
    """A refusal in a word: its kind, and its sentence without numbers, names and quotations."""
    words = "".join(letter for letter in str(error) if letter.isalpha() or letter == " ").split()
    return f"{type(error).__name__} {' '.join(words[-6:])}"


def first_of(words: Collection[object]) -> str:
    """How many there are, as far as it matters: none, one, more."""
    return f"{min(len(words), 2)}"
