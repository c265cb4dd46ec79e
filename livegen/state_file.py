"""A model's state with the session's memory, as bytes: to be kept, and gone on from another day."""

import io
import zipfile
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from livegen.encoding import CLASSES
from livegen.errors import ModelError
from livegen.memory import KEYS, SIZE, Memory
from livegen.predictor import Known, Predictor, State

VERSION = 1
_LARGEST = 4 * 2**20  # bytes
_KINDS = {"h": "float32", "c": "float32", "keys": "int16", "lengths": "int16", "onsets": "int32"}
_HIGHEST = np.array([CLASSES.interval * CLASSES.gap, CLASSES.gap, CLASSES.interval, CLASSES.pitch])


def save(predictor: Predictor, state: State) -> bytes:
    """The state as an .npz file's bytes, with the model's hash. Raises ModelError for a model that keeps no state."""
    if not isinstance(state, Known):
        raise ModelError(f"The model {predictor.name} keeps no state; choose another model to save it.")
    buffer = io.BytesIO()
    arrays = {"h": state.h, "c": state.c, **state.memory._asdict()}
    np.savez_compressed(buffer, version=np.array(VERSION), model=np.array(predictor.digest), **arrays)
    return buffer.getvalue()


def load(predictor: Predictor, content: bytes) -> Known:
    """The state that ``save`` wrote. Of another model's, only the memory: it is every model's.

    Raises ModelError if it is no such file, damaged, or made by another version.
    """
    damaged = ModelError("The saved state is damaged, or none; save it again.")
    blank = predictor.start()
    if not isinstance(blank, Known):
        raise ModelError(f"The model {predictor.name} keeps no state; choose another model to recall one.")
    if len(content) > _LARGEST:
        raise damaged
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            if any(entry.file_size > _LARGEST for entry in file.zip.infolist()):
                raise damaged
            version, model = int(file["version"]), str(file["model"])
            arrays: dict[str, npt.NDArray[Any]] = {name: file[name] for name in _KINDS}
    except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError):
        raise damaged from None
    if version != VERSION:
        raise ModelError(f"The saved state is of version {version}, livegen's is {VERSION}; save it again.")
    memory = Memory(*(arrays[name] for name in Memory._fields))
    if any(str(arrays[name].dtype) != kind for name, kind in _KINDS.items()) or not _is_whole(memory):
        raise damaged
    if model != predictor.digest:
        return blank._replace(memory=memory)
    h, c = arrays["h"], arrays["c"]
    if (h.shape, c.shape) != (blank.h.shape, blank.c.shape) or not (np.isfinite(h).all() and np.isfinite(c).all()):
        raise damaged
    return Known(h, c, memory)


def _is_whole(memory: Memory) -> bool:
    """Whether the arrays belong together and hold nothing but classes, lengths and times that run backwards."""
    keys, lengths, onsets = memory
    count = onsets.size
    if onsets.shape != (count,) or keys.shape != (KEYS, count) or lengths.shape != (KEYS, count) or count > SIZE:
        return False
    return bool(
        (keys >= 0).all()
        and (keys < _HIGHEST[:, None]).all()
        and (lengths >= 0).all()
        and (lengths <= SIZE).all()
        and (onsets >= 0).all()
        and (np.diff(onsets) <= 0).all()
    )
