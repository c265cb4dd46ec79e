"""Corpora kept as arrays in the user's cache, because reading the books' ABC takes longer than many things that need
them. What is kept is read only while neither the files nor the code that reads them have changed."""

import contextlib
import gc
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import platformdirs

import livegen
from livegen.events import Note
from livegen.files.passed_over import PassedOver
from livegen.system.files import written_whole
from livegen.tunes.tune import Bar, Tune

VERSION = 1  # of the arrays
_READERS = ("tunes", "files", "events.py")  # of the package: the code that makes tunes of files


class Read(NamedTuple):
    """Tunes, and what was ``lost`` and which ``parts`` were passed over when they were read."""

    tunes: list[Tune]
    lost: PassedOver
    parts: PassedOver


def kept(name: str, files: Sequence[Path], read: Callable[[], Read]) -> Read:
    """The tunes that ``read`` makes of these files: kept under that ``name`` from the first time on, if there is a
    cache."""
    folder = platformdirs.user_cache_path("livegen", appauthor=False) / "tunes"
    path = folder / f"{name}-{_digest(files)}.npz"
    try:
        with _without_collection():
            return _load(path)
    except (OSError, ValueError, KeyError, BadZipFile):
        found = read()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for older in folder.glob(f"{name}-*.npz"):
            older.unlink(missing_ok=True)
        _save(path, found)
    except OSError:  # a full disk or a folder that cannot be written: it is only slower
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
    return found


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Python's collector would look through the hundreds of thousands of new notes again and again: half the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def _digest(files: Sequence[Path]) -> str:
    """The files' and the readers' contents."""
    return _of_contents([*_sources(), *files])


def readers() -> str:
    """A digest of the code that makes tunes of files."""
    return _of_contents(_sources())


def _sources() -> list[Path]:
    package = Path(livegen.__file__).parent
    sources = [each for part in _READERS for each in ([package / part] if "." in part else (package / part).glob("*"))]
    return sorted(path for path in sources if path.suffix == ".py")


def _of_contents(paths: Sequence[Path]) -> str:
    whole = hashlib.sha256(str(VERSION).encode())
    for path in paths:
        content = path.read_bytes()
        whole.update(f"{path.name} {len(content)} ".encode())
        whole.update(content)
    return whole.hexdigest()[:24]


def _save(path: Path, found: Read) -> None:
    tunes = found.tunes
    notes = [note for tune in tunes for note in tune.notes]
    bars = [bar for tune in tunes for bar in tune.bars]
    metres = list(dict.fromkeys(bar.metre for bar in bars))
    number = {metre: index for index, metre in enumerate(metres)}
    told = {
        "names": [tune.name for tune in tunes],
        "kinds": [tune.kind for tune in tunes],
        "metres": metres,
        "lost": rows_of(found.lost),
        "parts": rows_of(found.parts),
    }
    arrays: dict[str, npt.NDArray[Any]] = {
        "told": np.frombuffer(json.dumps(told).encode(), dtype=np.uint8),
        "touched": np.array([tune.touched for tune in tunes], dtype=bool),
        "notes": np.array([len(tune.notes) for tune in tunes], dtype=np.int64),
        "bars": np.array([len(tune.bars) for tune in tunes], dtype=np.int64),
        "at": np.array([bar.at for bar in bars], dtype=np.float64),
        "metre": np.array([number[bar.metre] for bar in bars], dtype=np.int64),
        "times": np.array([(note.onset, note.duration) for note in notes], dtype=np.float64).reshape(-1, 2),
        "keys": np.array([(note.pitch, note.velocity, note.channel) for note in notes], dtype=np.uint8).reshape(-1, 3),
    }
    with written_whole(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type, unused-ignore]


def _load(path: Path) -> Read:
    """Raises OSError, ValueError, KeyError or BadZipFile if the file is not whole."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        told = json.loads(arrays["told"].tobytes())
        times, keys = arrays["times"].T.tolist(), arrays["keys"].T.tolist()
        notes = list(map(Note, *times, *keys))
        metres = told["metres"]
        bars = [
            Bar(at, metres[which]) for at, which in zip(arrays["at"].tolist(), arrays["metre"].tolist(), strict=True)
        ]
        counts = arrays["notes"].tolist(), arrays["bars"].tolist(), arrays["touched"].tolist()
    tunes: list[Tune] = []
    note = bar = 0
    for name, kind, many, in_bars, touched in zip(told["names"], told["kinds"], *counts, strict=True):
        tunes.append(Tune(name, tuple(notes[note : note + many]), tuple(bars[bar : bar + in_bars]), touched, kind))
        note, bar = note + many, bar + in_bars
    return Read(tunes, passed_over(told["lost"]), passed_over(told["parts"]))


def rows_of(found: PassedOver) -> list[tuple[str, str, int]]:
    """Rows that JSON holds of what was passed over."""
    return [(name, reason, count) for reason, names in found.reasons.items() for name, count in names.items()]


def passed_over(rows: Sequence[tuple[str, str, int]]) -> PassedOver:
    """The reverse of ``rows_of``."""
    found = PassedOver()
    for name, reason, count in rows:
        found.add(name, reason, count)
    return found
