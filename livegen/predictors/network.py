"""The network of notes, played live from a model file. The contract of the file is in ``models/README.md``.

The file holds two graphs. The first makes one step and predicts the gap to the next note. The second, which is in the
first one's metadata, predicts what depends on that gap (pitch and touch); it runs only for the gaps that are asked for.
"""

import base64
import binascii
import hashlib
import math
import struct
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError
from livegen.predictors import memory as memories
from livegen.predictors.encoding import CLASSES, GAPS, INTERVAL, PITCHES, START, Encoding, Step
from livegen.predictors.memory import BY_GAP, DISTANCES, OFFERS, Row, Rows
from livegen.predictors.onnx_file import content, open_session, parted
from livegen.predictors.protocol import Forecast, NetworkState, Predictor, Touch
from livegen.predictors.quotation import Quotations
from livegen.predictors.sampling import Logits
from livegen.predictors.shared_steps import SharedSteps

FIELDS = len(CLASSES) + 13  # of the input `fields`: the event's own, and those of the memory's rows
TOUCH_OUTPUTS = {
    "velocity_logits": CLASSES.velocity - 1,
    "length_logits": CLASSES.released - 1,
    "deviation_logits": CLASSES.deviation - 1,
}
TAIL = "tail"  # the metadata's key to the second graph
GAP_ROWS, PITCH_ROWS = 4, BY_GAP + 4  # rows of the memory for the gap, and for the pitch
_NONE_GIVEN = [memories.NO_ROW] * BY_GAP
_NO_OFFERS = [rank * OFFERS for rank in range(PITCH_ROWS)]  # the start of each row's part of the table of offers

Shapes = Mapping[str, list[int]]


def step_shapes(state: list[int], width: int) -> tuple[Shapes, Shapes]:
    """The inputs and outputs of the first graph, for states h and c of that shape. Integers come first."""
    whole = {"fields": [1, FIELDS], "gap_offers": [1, GAP_ROWS], "gap_values": [1, GAP_ROWS]}
    inputs = {**whole, "memory": [1], "h": state, "c": state}
    return inputs, {"gap_logits": [1, len(GAPS)], "state": [1, width], "h_out": state, "c_out": state}


def tail_shapes(width: int, touch: bool) -> tuple[Shapes, Shapes]:
    """The inputs and outputs of the second graph. Integers come first."""
    whole = {"gap": [1], "shift": [1], "pitch_offers": [1, PITCH_ROWS], "pitch_values": [1, PITCH_ROWS]}
    heads = {name: [1, classes] for name, classes in TOUCH_OUTPUTS.items()} if touch else {}
    return {**whole, "memory": [1], "state": [1, width]}, {"pitch_logits": [1, PITCHES], **heads}


class NetworkPredictor(Predictor):
    """A network's file, run by ONNX Runtime on one thread.

    Raises ModelError (EncodingError where the encoding differs) when the file is not valid.
    """

    reach = 64

    def __init__(self, path: Path) -> None:
        whole = content(path)
        self.path = path
        self.digest = hashlib.sha256(whole).hexdigest()
        try:
            graph, metadata = parted(whole)
        except ValueError as error:
            raise ModelError(_unusable(path.name, error)) from None
        del whole
        self._step = _Graph(graph, path.name)
        Encoding.from_json(metadata.get("encoding", ""))
        self.name = path.stem  # the file's name counts, whatever the model was called when it was trained
        self.polyphonic = metadata.get("polyphonic") == "true"
        self.knows_bars = metadata.get("touch") == "false"  # then it learnt from written music
        try:
            self._tail = _Graph(base64.b64decode(metadata.pop(TAIL), validate=True), path.name)
        except (KeyError, binascii.Error):
            raise ModelError(_unfit(path.name)) from None
        self.quotations = Quotations.from_text(metadata.pop("runs", ""))
        self.metadata = metadata
        shape = self._bind(path.name)
        self._blank = NetworkState(np.zeros(shape, np.float32), np.zeros(shape, np.float32), memories.EMPTY)
        self._shared = SharedSteps()
        _, forecast = self.step(self.start(), START)
        if not np.isfinite(np.asarray(forecast.pitch)).all():
            raise ModelError(f"{path.name} answers with numbers that are not finite; train it again.")

    def _bind(self, name: str) -> list[int]:
        """Bind both graphs. Returns the shape of the states h and c."""
        state, (_, width) = self._step.shape("h", 3), self._step.shape("state", 2)
        touch = self._tail.has("velocity_logits")
        self._step.bind(*step_shapes(state, width))
        self._tail.bind(*tail_shapes(width, touch))
        self._touch = touch
        self._outputs = [self._tail.arrays[each] for each in ("pitch_logits", *(TOUCH_OUTPUTS if touch else ()))]
        arrays = self._step.arrays
        self._memory, self._h, self._c = (arrays[each] for each in ("memory", "h", "c"))
        self._gap, self._state, self._h_out, self._c_out = (
            arrays[each] for each in ("gap_logits", "state", "h_out", "c_out")
        )
        self._trust, self._from = self._tail.arrays["memory"], self._tail.arrays["state"]
        self._ones = np.ones(len(GAPS), np.float32)
        return state

    def start(self) -> NetworkState:
        """Hidden and cell state of zeros, and an empty memory."""
        return self._blank

    def forget(self, state: NetworkState) -> NetworkState:
        """The same hidden and cell state, and an empty memory."""
        return state._replace(memory=memories.EMPTY)

    def step(self, state: NetworkState, step: Step, memory: float = 1.0) -> tuple[NetworkState, Forecast]:
        """One run of the first graph, unless this very step was made before; all is copied, so that states and
        forecasts stay as they are."""
        shared = self._shared.find(state, step, memory)
        if shared is not None:
            return shared
        heard = memories.hear_step(state.memory, step)
        rows = memories.look_up(heard) if memory else memories.NOTHING
        self._write_inputs(step, rows.common)
        self._memory[0], self._h[...], self._c[...] = memory, state.h, state.c
        self._step.run(self.name)
        gap = self._gap[0].copy()
        if not math.isfinite(gap.dot(self._ones)):
            raise ModelError(f"The model {self.name} answered with numbers that are not finite.")
        heads = _Heads(self, rows, max(0, step.pitch - 1), memory, self._state.copy())
        touch = Touch(*(_Head(heads, 1 + which) for which in range(len(TOUCH_OUTPUTS)))) if self._touch else None
        found = NetworkState(self._h_out.copy(), self._c_out.copy(), heard), Forecast(gap, _Head(heads, 0), touch)
        self._shared.keep(state, step, memory, found)
        return found

    def _write_inputs(self, step: Step, common: list[Row]) -> None:
        """Write the event and the memory's rows as the indices that the first graph takes."""
        one, one_more, two, two_more, three, _, four, _, moved = common
        self._step.write(
            *step,
            *(one[0], two[0], three[0], four[0], moved[0]),
            *(one[1], two[1], three[1], four[1]),
            *(one[2], two[2], three[2], four[2]),
            # The places of the rows' lengths and distances in the table of offers.
            *(one[1] * DISTANCES + one[2], OFFERS + one_more[1] * DISTANCES + one_more[2]),
            *(2 * OFFERS + two[1] * DISTANCES + two[2], 3 * OFFERS + two_more[1] * DISTANCES + two_more[2]),
            *(one[0] and one[0] - 1, one_more[0] and one_more[0] - 1),
            *(two[0] and two[0] - 1, two_more[0] and two_more[0] - 1),
        )

    def follow(self, heads: "_Heads", gap: int) -> tuple[Logits, ...]:
        """One run of the second graph: the logits of each of its outputs after that gap."""
        given = heads.rows.given(gap + 1)
        rows = *given, *_NONE_GIVEN[len(given) :], *heads.rows.common[4:8]
        away = heads.last - 1 - INTERVAL
        offers, values = [*_NO_OFFERS], [0] * PITCH_ROWS
        for rank, (interval, length, distance) in enumerate(rows):
            pitch = interval + away
            if length and 0 <= pitch < PITCHES:
                offers[rank] += length * DISTANCES + distance
                values[rank] = pitch
        self._tail.write(gap, PITCHES - 1 - heads.last, *offers, *values)
        self._trust[0], self._from[...] = heads.memory, heads.state
        self._tail.run(self.name)
        return tuple([output[0].copy() for output in self._outputs])


class _Heads:
    """The logits after one step that depend on the gap: computed when they are asked for, and kept."""

    __slots__ = "_made", "_predictor", "last", "memory", "rows", "state"

    def __init__(self, predictor: NetworkPredictor, rows: Rows, last: int, memory: float, state: Logits) -> None:
        self._predictor = predictor
        self._made: dict[int, tuple[Logits, ...]] = {}
        self.rows = rows
        self.last = last  # pitch
        self.memory = memory  # the trust in the memory
        self.state = state

    def after(self, gap: int) -> tuple[Logits, ...]:
        """The logits of each output after that gap."""
        made = self._made.get(gap)
        if made is None:
            made = self._made[gap] = self._predictor.follow(self, gap)
        return made


class _Head:
    """One output's logits by gap (an index in GAPS)."""

    __slots__ = "_heads", "_which"

    def __init__(self, heads: _Heads, which: int) -> None:
        self._heads = heads
        self._which = which

    def __getitem__(self, gap: int, /) -> Logits:
        return self._heads.after(gap)[self._which]

    def __array__(self, dtype: None = None, /, *, copy: bool | None = None) -> Logits:
        return np.array([self[gap] for gap in range(len(GAPS))])


class _Graph:
    """One graph, its inputs and outputs bound to arrays in which they are written and read."""

    def __init__(self, model: bytes, name: str) -> None:
        import onnxruntime

        self._runtime: Any = onnxruntime
        self._name = name
        try:
            self._model = open_session(model)
        except Exception as error:  # onnxruntime raises many kinds, all of which mean one thing here
            raise ModelError(_unusable(name, error)) from None
        self._inputs: dict[str, list[Any]] = {node.name: node.shape for node in self._model.get_inputs()}
        self._outputs: dict[str, list[Any]] = {node.name: node.shape for node in self._model.get_outputs()}
        self.arrays: dict[str, npt.NDArray[Any]] = {}
        self.write: Callable[..., None]  # all inputs of integers

    def has(self, name: str) -> bool:
        """Whether there is an output of that name."""
        return name in self._outputs

    def shape(self, name: str, dimensions: int) -> list[int]:
        """The shape of an input or output. Raises ModelError unless it is whole."""
        shape = self._inputs.get(name) or self._outputs.get(name) or []
        if len(shape) != dimensions or not all(isinstance(size, int) for size in shape):
            raise ModelError(_unfit(self._name))
        return shape

    def bind(self, inputs: Shapes, outputs: Shapes) -> None:
        """Make the arrays. The integers, which come first, are in one array, which ``write`` fills at once. Raises
        ModelError if the graph has other inputs and outputs."""
        if (self._inputs, self._outputs) != (inputs, outputs):
            raise ModelError(_unfit(self._name))
        whole = {node.name: math.prod(node.shape) for node in self._model.get_inputs() if node.type == "tensor(int64)"}
        numbers = np.zeros(sum(whole.values()), dtype=np.int64)
        at = 0
        for name, size in whole.items():
            self.arrays[name] = numbers[at : at + size].reshape(inputs[name])
            at += size
        self.write = partial(struct.Struct(f"={numbers.size}q").pack_into, numbers.data, 0)
        self._binding = self._model.io_binding()
        for name, shape in {**inputs, **outputs}.items():
            array = self.arrays.setdefault(name, np.zeros(shape, dtype=np.float32))
            value = self._runtime.OrtValue.ortvalue_from_numpy(array)
            bind = self._binding.bind_ortvalue_input if name in inputs else self._binding.bind_ortvalue_output
            bind(name, value)
            # On the CPU an OrtValue shares the array's memory; were it a copy, what we write would never be read.
            if value.data_ptr() != array.ctypes.data:
                raise ModelError("This build of ONNX Runtime copies its inputs; install another version of it.")

    def run(self, model: str) -> None:
        """Run it once. Raises ModelError."""
        try:
            self._model.run_with_iobinding(self._binding)
        except Exception as error:  # as above
            raise ModelError(f"The model {model} failed ({_first_line(error)}).") from None


def _unusable(name: str, error: Exception) -> str:
    return f"{name} is not a model that can be run ({_first_line(error)}); train or copy it again."


def _unfit(name: str) -> str:
    return f"{name} has other inputs and outputs than a livegen model; export it again."


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:120]
