"""The Markov chain, played live from a model file: it predicts from its tables and from what it heard in the session.

The file is an .npz without pickles: for each context length the sorted hashes (32 bits) of the contexts, how many
symbols followed each, the symbols and their counts; and the metadata that every model file has.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError
from livegen.predictors import memory as memories
from livegen.predictors.array_file import unpacked
from livegen.predictors.context_hash import NOTHING, Hashes, extend
from livegen.predictors.encoding import GAPS, INTERVAL, PITCHES, Encoding, Step
from livegen.predictors.onnx_file import content
from livegen.predictors.protocol import Forecast, MarkovState, Predictor
from livegen.predictors.quotation import Quotations

Floats = npt.NDArray[np.float64]

ORDERS = range(1, 6)
_MOVES = 2 * PITCHES - 1  # -127 to 127
_UNPACKED = 256 * 2**20  # bytes of a model file's arrays
# The weight of the training against this session's notes, after the latest 1 to 5 pairs: it counts as so many notes.
# Chosen by halving and doubling on 70 training tunes of the books, for chains of all others but their variants.
# Four pairs say no more than three: with an order of 4 or 5, the best weight of the session is next to nothing.
_GAP_PRIOR = (8.0, 1.5, 0.75, 50.0, 50.0)
_MOVE_PRIOR = (60.0, 10.0, 1.5, 600.0, 600.0)


class Level(NamedTuple):
    """The symbols that followed the contexts of one length: ``contexts`` are sorted hashes; the rows of the i-th are
    starts[i] to starts[i + 1]."""

    contexts: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    symbols: npt.NDArray[np.uint8]
    counts: npt.NDArray[np.float32]
    discount: float

    @classmethod
    def of(
        cls,
        contexts: Hashes,
        symbols: npt.NDArray[np.integer],
        counts: npt.NDArray[np.integer],
        discount: float,
    ) -> "Level":
        """The level of rows of context, symbol and count, sorted by context; the first 32 bits of a hash are kept."""
        unique, starts = np.unique(_first_bits(contexts), return_index=True)
        bounds = np.append(starts, len(symbols))
        return cls(unique, bounds, symbols.astype(np.uint8), counts.astype(np.float32), discount)

    def mix(self, context: int, row: Floats) -> None:
        """Interpolate: sharpen the probabilities in ``row`` by the symbols that followed ``context``, in place."""
        at = int(self.contexts.searchsorted(np.uint32(context)))
        if at == len(self.contexts) or self.contexts[at] != context:
            return
        rows = slice(int(self.starts[at]), int(self.starts[at + 1]))
        counts = self.counts[rows]
        row *= self.discount * len(counts)
        row[self.symbols[rows]] += counts - self.discount
        row /= float(counts.sum())

    def known(self, contexts: npt.NDArray[np.uint32]) -> list[int]:
        """The indices of the ``contexts`` that have rows."""
        if not len(self.contexts):
            return []
        at = np.minimum(self.contexts.searchsorted(contexts), len(self.contexts) - 1)
        found: list[int] = np.flatnonzero(self.contexts[at] == contexts).tolist()
        return found

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """The arrays for a file. Hashes are stored as the bytes of their differences, all the lowest bytes first, which
        compresses well."""
        steps = np.diff(self.contexts, prepend=np.uint32(0)).astype("<u4")
        counts = self.counts.astype(np.min_scalar_type(int(self.counts.max(initial=0))))
        return {
            f"{name} contexts": steps.view(np.uint8).reshape(-1, 4).T,
            f"{name} followers": np.diff(self.starts).astype(np.uint8),
            f"{name} symbols": self.symbols,
            f"{name} counts": counts,
            f"{name} discount": np.array(self.discount),
        }

    @classmethod
    def from_arrays(cls, arrays: Any, name: str, symbols: int) -> "Level":  # noqa: ANN401 (numpy's own mapping)
        """The level in a file's arrays. Raises KeyError or ValueError if they are not whole."""
        steps = np.ascontiguousarray(arrays[f"{name} contexts"].T).view("<u4").ravel()
        starts = np.append(0, arrays[f"{name} followers"].astype(np.int64).cumsum())
        found = cls(
            steps.cumsum(dtype=np.uint32),
            starts,
            arrays[f"{name} symbols"],
            arrays[f"{name} counts"].astype(np.float32),
            float(arrays[f"{name} discount"]),
        )
        rows = int(starts[-1])
        whole = len(found.contexts) == len(starts) - 1 and found.symbols.shape == found.counts.shape == (rows,)
        if not whole or found.symbols.max(initial=0) >= symbols or not 0.0 <= found.discount <= 1.0:
            raise ValueError(name)
        if found.counts.min(initial=1.0) < 1.0:
            raise ValueError(name)
        return found


def pack(
    gaps: Sequence[Level], moves: Sequence[Level], firsts: npt.NDArray[np.integer], about: dict[str, str]
) -> bytes:
    """A model file's bytes, from the levels of gaps (after 0 pairs and more) and of intervals (after nothing, the gap,
    and the gap with 1 pair and more). ``firsts`` [128]: how many tunes begin with each pitch; ``about``: metadata."""
    arrays: dict[str, npt.NDArray[Any]] = {"firsts": firsts.astype(np.uint32)}
    for kind, levels in (("gap", gaps), ("move", moves)):
        for length, level in enumerate(levels):
            arrays |= level.arrays(f"{kind} {length}")
    metadata = {"encoding": Encoding().to_json(), "order": str(len(gaps) - 1), **about}
    arrays["metadata"] = np.frombuffer(json.dumps(metadata).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)  # type: ignore[arg-type, unused-ignore]
    return buffer.getvalue()


class MarkovPredictor(Predictor):
    """A Markov chain that also learns from the notes it hears.

    Raises ModelError (EncodingError where the encoding differs) when the file is not valid.
    """

    gap_prior, move_prior = _GAP_PRIOR, _MOVE_PRIOR

    def __init__(self, path: Path) -> None:
        whole = content(path)
        self.digest = hashlib.sha256(whole).hexdigest()
        damaged = ModelError(f"{path.name} is not a Markov model of livegen's; train or copy it again.")
        try:
            arrays = unpacked(whole, _UNPACKED)
            metadata: dict[str, str] = {
                str(key): str(value) for key, value in json.loads(bytes(arrays["metadata"])).items()
            }
            self.order = int(metadata["order"])
            if self.order not in ORDERS:
                raise damaged
            self._gaps = [Level.from_arrays(arrays, f"gap {n}", len(GAPS)) for n in range(self.order + 1)]
            self._moves = [Level.from_arrays(arrays, f"move {n}", _MOVES) for n in range(self.order + 2)]
            firsts = arrays["firsts"].astype(np.float64) + 0.01
            if firsts.shape != (PITCHES,):
                raise damaged
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError, MemoryError):
            raise damaged from None
        Encoding.from_json(metadata.get("encoding", ""))
        self.name = path.stem
        self.polyphonic = metadata.get("polyphonic") == "true"
        self.reach = self.order + 2  # earlier notes only count in the memory, which is handed over
        self.quotations = Quotations.from_text(metadata.pop("runs", ""))
        self.metadata = metadata
        self._finish(firsts)

    def _finish(self, firsts: Floats) -> None:
        """Compute what follows from the tables; ``firsts`` [128]: how many tunes begin with each pitch."""
        self._firsts = np.broadcast_to(np.log(firsts / firsts.sum()).astype(np.float32), (len(GAPS), PITCHES))
        self._after_gap = self._rows_after_gaps()

    def _rows_after_gaps(self) -> Floats:
        """The probabilities of the intervals, [len(GAPS), 255], if only the gap is known."""
        row = np.full(_MOVES, 1.0 / PITCHES)
        self._moves[0].mix(int(NOTHING) >> 32, row)
        rows = np.tile(row, (len(GAPS), 1))
        for gap, context in enumerate(_first_bits(extend(np.full(len(GAPS), NOTHING), np.arange(len(GAPS))))):
            self._moves[1].mix(int(context), rows[gap])
        return rows

    def start(self) -> MarkovState:
        """The state before the first note."""
        return MarkovState((), None, memories.EMPTY)

    def forget(self, state: MarkovState) -> MarkovState:
        """The state with an empty session memory."""
        return state._replace(memory=memories.EMPTY)

    def step(self, state: MarkovState, step: Step, memory: float = 1.0) -> tuple[MarkovState, Forecast]:
        """The prediction of the tables, sharpened by what followed the same notes in this session, as far as ``memory``
        says."""
        heard = memories.hear_step(state.memory, step)
        if not step.pitch:
            return MarkovState((), None, heard), Forecast(_logs(self._gap_row(())), self._firsts)
        pitch, pairs = step.pitch - 1, state.pairs
        if state.pitch is not None:
            pairs = (*pairs, (pitch - state.pitch + PITCHES) * 64 + step.gap)[-self.order :]
        gaps, moves = self._gap_row(pairs), self._move_rows(pairs)
        if memory:
            self._recall(heard, memory, gaps, moves)
        there = moves[:, PITCHES - 1 - pitch : 2 * PITCHES - 1 - pitch]
        return MarkovState(pairs, pitch, heard), Forecast(_logs(gaps), _logs(there / there.sum(axis=1, keepdims=True)))

    def _contexts(self, pairs: tuple[int, ...]) -> npt.NDArray[np.uint64]:
        """The hashes of the latest 0 to ``order`` pairs; a missing pair counts as 0."""
        hashes = [np.full(1, NOTHING)]
        for lag in range(self.order):
            token = pairs[-1 - lag] if lag < len(pairs) else 0
            hashes.append(extend(hashes[-1], np.array([token])))
        return np.concatenate(hashes)

    def _gap_row(self, pairs: tuple[int, ...]) -> Floats:
        row = np.full(len(GAPS), 1.0 / len(GAPS))
        for level, context in zip(self._gaps, _first_bits(self._contexts(pairs)), strict=True):
            level.mix(int(context), row)
        return row

    def _move_rows(self, pairs: tuple[int, ...]) -> Floats:
        """The probabilities of the intervals after each gap, [len(GAPS), 255]."""
        rows = self._after_gap.copy()
        contexts = _first_bits(extend(self._contexts(pairs)[1:, None], np.arange(len(GAPS))[None]))
        for level, of_gaps in zip(self._moves[2:], contexts, strict=True):
            for gap in level.known(of_gaps):
                level.mix(int(of_gaps[gap]), rows[gap])
        return rows

    def _recall(self, heard: memories.Memory, strength: float, gaps: Floats, moves: Floats) -> None:
        """Sharpen the probabilities by what followed the latest pairs earlier in this session, in place."""
        strength = min(strength, strength**4)  # a little trust must weigh little even against hundreds of notes
        lengths = memories.weigh_listening(heard).lengths[memories.PAIR]
        places = lengths.nonzero()[0]  # also the places of the notes that followed
        known = (heard.keys[memories.GAP, places] > 0) & (heard.keys[memories.INTERVAL, places] > 0)
        places = places[known]
        lengths = np.minimum(lengths[places], self.order)
        followed = heard.keys[memories.GAP, places].astype(np.int64) - 1
        moved = heard.keys[memories.INTERVAL, places].astype(np.int64) - 1 - INTERVAL + PITCHES - 1
        for length in range(1, int(lengths.max(initial=0)) + 1):
            long = lengths >= length
            _learn(gaps, followed[long], self.gap_prior[length - 1] / strength)
            prior = self.move_prior[length - 1] / strength
            _learn(moves, moved[long], prior)
            for gap in sorted(set(followed[long].tolist())):  # np.unique would load numpy.ma, in mid-phrase
                _learn(moves[gap], moved[long & (followed == gap)], prior)


def _learn(rows: Floats, symbols: npt.NDArray[np.int64], prior: float) -> None:
    """Move each row towards how often ``symbols`` came; the row counts as ``prior`` of them."""
    rows *= prior
    rows += np.bincount(symbols, minlength=rows.shape[-1])
    rows /= prior + len(symbols)


def _first_bits(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint32]:
    return (hashes >> np.uint64(32)).astype(np.uint32)


def _logs(probabilities: Floats) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = np.log(np.maximum(probabilities, 1e-30)).astype(np.float32)
    return found
