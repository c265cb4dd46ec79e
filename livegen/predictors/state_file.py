"""A model's state with the session memory, as the bytes of a file, so that a session can continue another day."""

import io

import numpy as np

from livegen.errors import ModelError
from livegen.predictors.array_file import Arrays, unpacked
from livegen.predictors.encoding import CLASSES
from livegen.predictors.memory import KEYS, LONGEST, SIZE, Memory
from livegen.predictors.protocol import MarkovState, NetworkState, State

VERSION = 1
_LARGEST, _UNPACKED = 4 * 2**20, 16 * 2**20  # bytes of a file, and of its arrays
_KINDS = {"keys": "int16", "lengths": "int16", "onsets": "int32", "who": "int8"}
_HIGHEST = np.array([CLASSES.interval * CLASSES.gap, CLASSES.gap, CLASSES.interval, CLASSES.pitch])
_LONGEST_PAST = 16  # pairs in a Markov chain's state
DAMAGED = "The saved state is damaged, or none; save it again."


def arrays(digest: str, state: NetworkState | MarkovState) -> Arrays:
    """The state as named arrays, with the model's hash."""
    memory = {name: getattr(state.memory, name).astype(kind) for name, kind in _KINDS.items()}
    # A file also has a length for the latest note, which matches nothing.
    memory["lengths"] = np.pad(memory["lengths"], ((0, 0), (1, 0)))[:, : memory["onsets"].size]
    about = {"version": np.array(VERSION), "model": np.array(digest)}
    if isinstance(state, NetworkState):
        return {**about, **memory, "h": state.h, "c": state.c}
    pitch = np.array(-1 if state.pitch is None else state.pitch)
    return {**about, **memory, "pairs": np.array(state.pairs, dtype=np.int64), "pitch": pitch}


def pack(arrays: Arrays) -> bytes:
    """The arrays as the bytes of a file."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type, unused-ignore]
    return buffer.getvalue()


def unpack(content: bytes) -> Arrays:
    """The arrays of a file's bytes. Raises ModelError if it is no such file, or made by another version."""
    if len(content) > _LARGEST:
        raise ModelError(DAMAGED)
    try:
        found = unpacked(content, _UNPACKED)
        version = int(found["version"])
    except (ValueError, TypeError, KeyError, OverflowError):
        raise ModelError(DAMAGED) from None
    if version != VERSION:
        raise ModelError(f"The saved state is of version {version}, livegen's is {VERSION}; save it again.")
    return found


def read(arrays: Arrays) -> NetworkState | MarkovState:
    """The state in named arrays, of whichever model. Raises ModelError if they are not whole."""
    try:
        who = arrays["who"] if "who" in arrays else np.zeros(arrays["onsets"].shape, np.int8)  # absent from older files
        memory = Memory(arrays["keys"], arrays["lengths"], arrays["onsets"], who)
        if _is_whole(memory) and str(arrays["model"]):
            memory = memory._replace(lengths=np.minimum(memory.lengths[:, 1:], LONGEST).astype(np.uint8))
            return _past(arrays, memory) if "pairs" in arrays else _known(arrays, memory)
    except (KeyError, ValueError, TypeError, OverflowError):
        pass
    raise ModelError(DAMAGED)


def alike(one: State, other: State) -> bool:
    """Whether both may be states of one model."""
    if isinstance(one, NetworkState) and isinstance(other, NetworkState):
        return one.h.shape == other.h.shape and one.c.shape == other.c.shape
    return type(one) is type(other)


def _known(arrays: Arrays, memory: Memory) -> NetworkState:
    h, c = arrays["h"], arrays["c"]
    if not str(h.dtype) == str(c.dtype) == "float32" or not (np.isfinite(h).all() and np.isfinite(c).all()):
        raise ValueError("no state")
    return NetworkState(h, c, memory)


def _past(arrays: Arrays, memory: Memory) -> MarkovState:
    pairs, pitch = arrays["pairs"], int(arrays["pitch"])
    whole = str(pairs.dtype) == "int64" and pairs.ndim == 1 and pairs.size <= _LONGEST_PAST
    if not whole or (pairs < 0).any() or (pairs >= 2**14).any() or not -1 <= pitch <= 127:
        raise ValueError("no state")
    return MarkovState(tuple(pairs.tolist()), None if pitch < 0 else pitch, memory)


def _is_whole(memory: Memory) -> bool:
    """Whether the arrays fit together and hold valid classes, lengths, and onsets that run backwards."""
    keys, lengths, onsets, who = memory[:4]
    count = onsets.size
    if any(str(getattr(memory, name).dtype) != kind for name, kind in _KINDS.items()) or count > SIZE:
        return False
    if onsets.shape != (count,) or keys.shape != lengths.shape or keys.shape != (KEYS, count) or who.shape != (count,):
        return False
    return bool(
        (keys >= 0).all()
        and (keys < _HIGHEST[:, None]).all()
        and (lengths >= 0).all()
        and (lengths <= SIZE).all()
        and (onsets >= 0).all()
        and (np.diff(onsets) <= 0).all()
        and (who >= 0).all()
        and (who < CLASSES.who).all()
    )
