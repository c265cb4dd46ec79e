"""Quotations: the runs of notes that a model was trained on, as a hash for each in any key.

The player asks for them, so that it does not quote its training music.
"""

import base64
import binascii
import zlib
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError
from livegen.predictors.encoding import CLASSES, Step

RUN = 16  # notes: the shortest run that counts as quoted
_MOVES = RUN - 1  # pairs of interval and gap between them
_PRIME = 0x9E3779B97F4A7C15
_WHOLE = (1 << 64) - 1
_FALLS_OUT = pow(_PRIME, _MOVES, 1 << 64)
_INTERVAL, _GAP = (Step._fields.index(name) for name in ("interval", "gap"))

Hashes = npt.NDArray[np.uint32]


class Run(NamedTuple):
    """The latest moves of a line, and their hash (a polynomial of the moves, so that one more is cheap)."""

    moves: tuple[int, ...] = ()
    hash: int = 0

    def then(self, step: Step) -> "Run":
        """The run after one more note; an unknown interval or gap starts a new run."""
        return self.moved(step.interval, step.gap)

    def moved(self, interval: int, gap: int) -> "Run":
        """The run after a note of these classes of interval and gap."""
        if not (interval and gap):
            return Run()
        move, moves = interval * CLASSES.gap + gap, self.moves
        mixed = self.hash * _PRIME + move
        if len(moves) == _MOVES:
            mixed -= moves[0] * _FALLS_OUT
            moves = moves[1:]
        return Run((*moves, move), mixed & _WHOLE)

    @property
    def is_near(self) -> bool:
        """Whether one more note may make a run of RUN."""
        return len(self.moves) >= _MOVES - 1

    @property
    def key(self) -> int | None:
        """The hash (32 bits) of a run of RUN notes; None while it is shorter."""
        return (self.hash * _PRIME & _WHOLE) >> 32 if len(self.moves) == _MOVES else None


class Quotations:
    """The runs of RUN notes in the training music, as ``hashes``. One other run in 10,000 has the hash of one of
    them."""

    def __init__(self, hashes: Hashes | None = None) -> None:
        self.hashes = np.zeros(0, dtype=np.uint32) if hashes is None else hashes
        self._sorted = memoryview(self.hashes.data)

    def __len__(self) -> int:
        return len(self.hashes)

    def __contains__(self, run: Run) -> bool:
        key = run.key
        if key is None:
            return False
        at = bisect_left(self._sorted, key)
        return at < len(self._sorted) and self._sorted[at] == key

    def __or__(self, other: "Quotations") -> "Quotations":
        """The runs of both."""
        return Quotations(np.union1d(self.hashes, other.hashes))

    @classmethod
    def of(cls, tunes: Iterable[npt.NDArray[np.integer]]) -> "Quotations":
        """All runs of ``tunes``, int64 [n, 10] steps each, without the START step."""
        found = [np.zeros(0, dtype=np.uint64)]
        powers = np.array([pow(_PRIME, _MOVES - at, 1 << 64) for at in range(_MOVES)], dtype=np.uint64)
        for steps in tunes:
            moves = (steps[:, _INTERVAL] * CLASSES.gap + steps[:, _GAP]).astype(np.uint64)
            moves[(steps[:, _INTERVAL] == 0) | (steps[:, _GAP] == 0)] = 0
            if len(moves) >= _MOVES:
                windows = np.lib.stride_tricks.sliding_window_view(moves, _MOVES)
                found.append((windows * powers).sum(axis=1, dtype=np.uint64)[windows.all(axis=1)])
        return cls(np.unique((np.concatenate(found) >> np.uint64(32)).astype(np.uint32)))

    def to_text(self) -> str:
        """For a model file's metadata."""
        gaps = np.diff(self.hashes, prepend=np.uint32(0)).astype("<u4")
        return base64.b64encode(zlib.compress(gaps.tobytes(), 9)).decode("ascii")

    @classmethod
    def from_text(cls, text: str) -> "Quotations":
        """The runs that ``to_text`` wrote; none for "". Raises ModelError if the text is damaged."""
        try:
            unpacker = zlib.decompressobj()
            packed = unpacker.decompress(base64.b64decode(text, validate=True), 1 << 26) if text else b""
            gaps = np.frombuffer(packed, dtype="<u4")
        except (binascii.Error, zlib.error, ValueError):
            raise ModelError("The model's list of training runs is damaged; copy or train it again.") from None
        return cls(gaps.cumsum(dtype=np.uint32))
