"""Tunes in a folder of arrays that many processes map into memory and share, instead of each holding its own.

``times.npy`` [notes, 2] has onsets and durations (beats), ``keys.npy`` [notes, 3] pitch, velocity and channel,
``bars.npy`` [bars, 2] where each bar begins (beats) and the number of its metre, ``tunes.npy`` [tunes, 3] how many
notes and bars each tune has and whether its touch was recorded; ``index.json`` has the rest, and says of what the store
was made.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livegen.errors import FileError
from livegen.events import Note
from livegen.system.files import written_whole
from livegen.training.corpus.kept import Read, passed_over, rows_of
from livegen.tunes.tune import Bar, Tune

VERSION = 1  # of the arrays
INDEX = "index.json"
Array = npt.NDArray[Any]
_COLUMNS = {"times": 2, "keys": 3, "bars": 2, "tunes": 3}
_TYPES = {"times": np.float64, "keys": np.uint8, "bars": np.float64, "tunes": np.int64}
_AT_HAND = 256  # tunes that were read last are kept as objects


class StoredTune(Tune):
    """A tune whose notes are read from the store whenever they are asked for; ``size`` is how many there are."""

    def __init__(self, store: "Store", number: int) -> None:
        self.__dict__.update(store=store, number=number)

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401 (whatever a tune has)
        if name in _OF_A_TUNE:
            return getattr(self.store.tune(self.number), name)
        return super().__getattribute__(name)

    def __reduce__(self) -> tuple[Any, ...]:
        return Tune, (self.name, self.notes, self.bars, self.touched, self.kind)

    @property
    def size(self) -> int:
        """The number of notes, without reading them."""
        return int(self.store.sizes[self.number])


_OF_A_TUNE = frozenset(("name", "notes", "bars", "touched", "kind", "_starts"))


class Store:
    """An open store. Raises FileError if the folder is not a whole store ``made_of`` that."""

    def __init__(self, folder: Path, made_of: str) -> None:
        try:
            self._index = json.loads((folder / INDEX).read_text("utf-8"))
            if self._index["version"] != VERSION or self._index["made_of"] != made_of:
                raise FileError(f"The store {folder} is of other music or another livegen.")
            arrays = {name: _mapped(folder / f"{name}.npy", self._index["rows"][name]) for name in _COLUMNS}
            whole = all(array.shape == (self._index["rows"][name], _COLUMNS[name]) for name, array in arrays.items())
            starts = np.concatenate(([[0, 0]], np.cumsum(arrays["tunes"][:, :2], axis=0)))
            if not whole or starts[-1].tolist() != [len(arrays["times"]), len(arrays["bars"])]:
                raise ValueError
            self._lost, self._parts = passed_over(self._index["lost"]), passed_over(self._index["parts"])
        except (OSError, ValueError, KeyError, TypeError):
            raise FileError(f"The store {folder} is broken.") from None
        self._arrays, self._starts = arrays, starts
        self.sizes = arrays["tunes"][:, 0]
        self.tune = lru_cache(_AT_HAND)(self._tune)

    def read(self) -> Read:
        """All that it holds; the tunes read their notes when they are asked for them."""
        return Read([StoredTune(self, number) for number in range(len(self.sizes))], self._lost, self._parts)

    def _tune(self, number: int) -> Tune:
        (note, bar), (notes, bars) = self._starts[number].tolist(), self._starts[number + 1].tolist()
        times, keys = self._arrays["times"][note:notes].T.tolist(), self._arrays["keys"][note:notes].T.tolist()
        places = self._arrays["bars"][bar:bars].tolist()
        metres, touched = self._index["metres"], bool(self._arrays["tunes"][number, 2])
        return Tune(
            self._index["names"][number],
            tuple(map(Note, *times, *keys)),
            tuple(Bar(at, metres[int(metre)]) for at, metre in places),
            touched,
            self._index["kinds"][number],
        )


def write(folder: Path, read: Read, made_of: str) -> None:
    """Write a store of these tunes. Raises OSError."""
    metres = {metre: index for index, metre in enumerate(dict.fromkeys(b.metre for t in read.tunes for b in t.bars))}
    notes = [note for tune in read.tunes for note in tune.notes]
    rows = {
        "times": [(note.onset, note.duration) for note in notes],
        "keys": [(note.pitch, note.velocity, note.channel) for note in notes],
        "bars": [(bar.at, metres[bar.metre]) for tune in read.tunes for bar in tune.bars],
        "tunes": [(len(tune.notes), len(tune.bars), tune.touched) for tune in read.tunes],
    }
    arrays = {name: np.array(each, dtype=_TYPES[name]).reshape(-1, _COLUMNS[name]) for name, each in rows.items()}
    told = {"names": [tune.name for tune in read.tunes], "kinds": [tune.kind for tune in read.tunes]}
    index = told | {"metres": list(metres), "lost": rows_of(read.lost), "parts": rows_of(read.parts)}
    _put(folder, arrays, index, made_of)


def join(parts: Sequence[Path], folder: Path, made_of: str) -> None:
    """Write one store of several, one after another, without holding more than one of them in memory, and remove them.

    Raises OSError, and FileError if one is broken.
    """
    indices: list[dict[str, Any]] = [json.loads((part / INDEX).read_text("utf-8")) for part in parts]
    metres = {metre: n for n, metre in enumerate(dict.fromkeys(chain.from_iterable(i["metres"] for i in indices)))}
    arrays: dict[str, Array] = {}
    folder.mkdir(parents=True)
    for name, width in _COLUMNS.items():
        whole = sum(index["rows"][name] for index in indices)
        arrays[name] = _made(folder / f"{name}.npy", (whole, width), _TYPES[name])
        at = 0
        for part, index in zip(parts, indices, strict=True):
            rows = np.array(_mapped(part / f"{name}.npy", index["rows"][name]))
            if name == "bars" and len(rows):
                rows[:, 1] = np.array([metres[metre] for metre in index["metres"]])[rows[:, 1].astype(int)]
            arrays[name][at : at + len(rows)] = rows
            at += len(rows)
    index = {name: list(chain.from_iterable(each[name] for each in indices)) for name in _LISTED}
    _put(folder, arrays, index | {"metres": list(metres)}, made_of)
    for part in parts:
        shutil.rmtree(part)


_LISTED = ("names", "kinds", "lost", "parts")


def _put(folder: Path, arrays: Mapping[str, Array], index: dict[str, Any], made_of: str) -> None:
    """Write what is not written yet; the index comes last, and makes a folder of arrays a store."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        if isinstance(array, np.memmap):
            array.flush()
        else:
            np.save(folder / f"{name}.npy", array)
    rows = {name: len(array) for name, array in arrays.items()}
    told = {"version": VERSION, "made_of": made_of, "rows": rows} | index
    with written_whole(folder / INDEX) as part:
        part.write_text(json.dumps(told), "utf-8")


def _mapped(path: Path, rows: int) -> Array:
    """An array on the disk; nothing can be mapped of one that is empty."""
    found: Array = np.load(path, mmap_mode="r" if rows else None, allow_pickle=False)
    return found


def _made(path: Path, shape: tuple[int, int], kind: Any) -> Array:  # noqa: ANN401 (a type of numpy's)
    if not shape[0]:
        np.save(path, np.empty(shape, dtype=kind))
        return np.empty(shape, dtype=kind)
    return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
