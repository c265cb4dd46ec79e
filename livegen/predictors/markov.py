"""A Markov model as a file that can be played live: it foresees from its tables, and from what it heard in the session.

The file is an .npz without pickles: for each context length the sorted hashes (32 bits) of the contexts, how many
symbols followed each, the symbols and their counts; and the metadata that every model file has.
"""

import hashlib
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError
from livegen.predictors import memory as memories
from livegen.predictors.encoding import GAPS, INTERVAL, PITCHES, Encoding, Step
from livegen.predictors.markov_tables import NOTHING, Floats, Followed, MarkovTables, extend
from livegen.predictors.onnx_file import content
from livegen.predictors.protocol import Forecast, MarkovState, Predictor
from livegen.predictors.quotation import Quotations

ORDERS = range(1, 6)
_MOVES = 2 * PITCHES - 1  # -127 to 127
_UNPACKED = 256 * 2**20  # bytes of a model file's arrays
# How much what was learnt before counts, in notes, beside what followed the latest 1 to 5 pairs in this session.
# Chosen by halving and doubling on 70 training tunes of the books, for chains of all others but their variants.
# Four pairs tell no more than three: with an order of 4 or 5 the best weight of these is next to nothing.
_GAP_PRIOR = (8.0, 1.5, 0.75, 50.0, 50.0)
_MOVE_PRIOR = (60.0, 10.0, 1.5, 600.0, 600.0)


class Level(NamedTuple):
    """What followed the contexts of one length: ``contexts`` sorted; the rows of the i-th are starts[i] to
    starts[i + 1]."""

    contexts: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    symbols: npt.NDArray[np.uint8]
    counts: npt.NDArray[np.float32]
    discount: float

    @classmethod
    def of(cls, rows: Followed) -> "Level":
        """The same by the first 32 bits of the hashes."""
        contexts, starts = np.unique((rows.contexts >> np.uint64(32)).astype(np.uint32), return_index=True)
        bounds = np.append(starts, len(rows.symbols))
        return cls(contexts, bounds, rows.symbols.astype(np.uint8), rows.counts.astype(np.float32), rows.discount)

    def mix(self, context: int, row: Floats) -> None:
        """Put what followed ``context`` before what ``row`` foresees, in place."""
        at = int(self.contexts.searchsorted(np.uint32(context)))
        if at == len(self.contexts) or self.contexts[at] != context:
            return
        rows = slice(int(self.starts[at]), int(self.starts[at + 1]))
        counts = self.counts[rows]
        row *= self.discount * len(counts)
        row[self.symbols[rows]] += counts - self.discount
        row /= float(counts.sum())

    def known(self, contexts: npt.NDArray[np.uint32]) -> list[int]:
        """Which of ``contexts`` have rows."""
        if not len(self.contexts):
            return []
        at = np.minimum(self.contexts.searchsorted(contexts), len(self.contexts) - 1)
        found: list[int] = np.flatnonzero(self.contexts[at] == contexts).tolist()
        return found

    def arrays(self, name: str) -> dict[str, npt.NDArray[Any]]:
        """For a file; the hashes as the bytes of their differences, first all the lowest, which packs well."""
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
        """Raises KeyError or ValueError if they are not whole."""
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


def save(markov: MarkovTables, firsts: npt.NDArray[np.integer], path: Path, about: dict[str, str]) -> None:
    """Write a model file. ``firsts`` [128]: how many tunes begin with each pitch; ``about``: its metadata."""
    gaps, moves = markov.tables()
    arrays: dict[str, npt.NDArray[Any]] = {"firsts": firsts.astype(np.uint32)}
    for kind, tables in (("gap", gaps), ("move", moves)):
        for length, rows in enumerate(tables):
            arrays |= Level.of(rows).arrays(f"{kind} {length}")
    metadata = {"encoding": Encoding().to_json(), "order": str(markov.order), **about}
    arrays["metadata"] = np.frombuffer(json.dumps(metadata).encode(), dtype=np.uint8)
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type, unused-ignore]
        partial.replace(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be written ({error.strerror}); choose another folder.") from None
    finally:
        partial.unlink(missing_ok=True)


class MarkovPredictor(Predictor):
    """A Markov chain that also learns from what is played to it.

    Raises ModelError (EncodingError where the encoding differs) when the file is not what it should be.
    """

    def __init__(self, path: Path) -> None:
        whole = content(path)
        self.digest = hashlib.sha256(whole).hexdigest()
        damaged = ModelError(f"{path.name} is not a Markov model of livegen's; train or copy it again.")
        try:
            with np.load(io.BytesIO(whole), allow_pickle=False) as file:
                if sum(entry.file_size for entry in file.zip.infolist()) > _UNPACKED:
                    raise damaged
                metadata: dict[str, str] = {
                    str(key): str(value) for key, value in json.loads(bytes(file["metadata"])).items()
                }
                self.order = int(metadata["order"])
                if self.order not in ORDERS:
                    raise damaged
                self._gaps = [Level.from_arrays(file, f"gap {n}", len(GAPS)) for n in range(self.order + 1)]
                self._moves = [Level.from_arrays(file, f"move {n}", _MOVES) for n in range(self.order + 2)]
                firsts = file["firsts"].astype(np.float64) + 0.01
                if firsts.shape != (PITCHES,):
                    raise damaged
        except (
            *(OSError, ValueError, TypeError, KeyError, EOFError, AttributeError),
            *(zipfile.BadZipFile, zlib.error, NotImplementedError, MemoryError),
        ):
            raise damaged from None
        Encoding.from_json(metadata.get("encoding", ""))
        self.name = path.stem
        self.polyphonic = metadata.get("polyphonic") == "true"
        self.reach = self.order + 2  # what was before them only its memory knows, which is handed on
        self.quotations = Quotations.from_text(metadata.pop("runs", ""))
        self.metadata = metadata
        self._firsts = np.broadcast_to(np.log(firsts / firsts.sum()).astype(np.float32), (len(GAPS), PITCHES))
        self._after_gap = self._rows_after_gaps()

    def _rows_after_gaps(self) -> Floats:
        """What is foreseen of intervals, [len(GAPS), 255], if nothing is known but the gap."""
        row = np.full(_MOVES, 1.0 / PITCHES)
        self._moves[0].mix(int(NOTHING) >> 32, row)
        rows = np.tile(row, (len(GAPS), 1))
        for gap, context in enumerate(_first_bits(extend(np.full(len(GAPS), NOTHING), np.arange(len(GAPS))))):
            self._moves[1].mix(int(context), rows[gap])
        return rows

    def start(self) -> MarkovState:
        """Nothing was heard."""
        return MarkovState((), None, memories.EMPTY)

    def forget(self, state: MarkovState) -> MarkovState:
        """The same without the memory."""
        return state._replace(memory=memories.EMPTY)

    def step(self, state: MarkovState, step: Step, memory: float = 1.0) -> tuple[MarkovState, Forecast]:
        """What the chain foresees, and before it, as far as ``memory`` says, what came of the same in this session."""
        heard = memories.hear_step(state.memory, step)
        if not step.pitch:
            return MarkovState((), None, heard), Forecast(_logs(self._foreseen_gap(())), self._firsts)
        pitch, pairs = step.pitch - 1, state.pairs
        if state.pitch is not None:
            pairs = (*pairs, (pitch - state.pitch + PITCHES) * 64 + step.gap)[-self.order :]
        gaps, moves = self._foreseen_gap(pairs), self._foreseen_moves(pairs)
        if memory:
            self._recall(heard, memory, gaps, moves)
        there = moves[:, PITCHES - 1 - pitch : 2 * PITCHES - 1 - pitch]
        return MarkovState(pairs, pitch, heard), Forecast(_logs(gaps), _logs(there / there.sum(axis=1, keepdims=True)))

    def _contexts(self, pairs: tuple[int, ...]) -> npt.NDArray[np.uint64]:
        """The hashes of the latest 0 to ``order`` pairs; before the first there is nothing, 0."""
        hashes = [np.full(1, NOTHING)]
        for lag in range(self.order):
            token = pairs[-1 - lag] if lag < len(pairs) else 0
            hashes.append(extend(hashes[-1], np.array([token])))
        return np.concatenate(hashes)

    def _foreseen_gap(self, pairs: tuple[int, ...]) -> Floats:
        row = np.full(len(GAPS), 1.0 / len(GAPS))
        for level, context in zip(self._gaps, _first_bits(self._contexts(pairs)), strict=True):
            level.mix(int(context), row)
        return row

    def _foreseen_moves(self, pairs: tuple[int, ...]) -> Floats:
        """For each gap, [len(GAPS), 255]."""
        rows = self._after_gap.copy()
        contexts = _first_bits(extend(self._contexts(pairs)[1:, None], np.arange(len(GAPS))[None]))
        for level, of_gaps in zip(self._moves[2:], contexts, strict=True):
            for gap in level.known(of_gaps):
                level.mix(int(of_gaps[gap]), rows[gap])
        return rows

    def _recall(self, heard: memories.Memory, strength: float, gaps: Floats, moves: Floats) -> None:
        """Put what followed the latest pairs earlier in this session before what is foreseen, in place."""
        strength = min(strength, strength**4)  # what little is trusted is to weigh little beside hundreds of notes
        lengths = memories.weigh_listening(heard).lengths[memories.PAIR]
        places = lengths.nonzero()[0]  # of what followed, too
        known = (heard.keys[memories.GAP, places] > 0) & (heard.keys[memories.INTERVAL, places] > 0)
        places = places[known]
        lengths = np.minimum(lengths[places], self.order)
        followed = heard.keys[memories.GAP, places].astype(np.int64) - 1
        moved = heard.keys[memories.INTERVAL, places].astype(np.int64) - 1 - INTERVAL + PITCHES - 1
        for length in range(1, int(lengths.max(initial=0)) + 1):
            long = lengths >= length
            _learn(gaps, followed[long], _GAP_PRIOR[length - 1] / strength)
            prior = _MOVE_PRIOR[length - 1] / strength
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
