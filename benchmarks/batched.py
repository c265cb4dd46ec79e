"""The shipped network's step for several voices at once: the same graph with a row for each, built from its weights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from livegen.encoding import GAPS, PITCHES
from livegen.memory import BY_GAP
from livegen.predictor import FIELDS

_GAPS = len(GAPS)
_TO_GAP, _TO_PITCH = 4, 4 + BY_GAP  # continuations that the memory offers for each


class Batched:
    """Builds the graph node by node; each method returns the name of what comes out."""

    def __init__(self, path: Path, voices: int) -> None:
        model = onnx.load(path)
        self._opsets = model.opset_import
        self._version = model.ir_version
        self._voices = voices
        self._nodes: list[onnx.NodeProto] = []
        self._weights = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
        self._units = self._weights["lstm.weight_hh_l0"].shape[2]

    def inputs(self) -> dict[str, tuple[tuple[int, ...], type]]:
        """The shape and kind of each input."""
        n = self._voices
        whole: dict[str, tuple[int, ...]] = {"fields": (n, FIELDS), "shift": (n, 1)}
        for what in ("values", "lengths", "distances"):
            whole |= {f"gap_{what}": (n, _TO_GAP), f"pitch_{what}": (n * _GAPS, _TO_PITCH)}
        floats = {"memory": (1,), "h": (1, n, self._units), "c": (1, n, self._units)}
        return {name: (shape, np.int64) for name, shape in whole.items()} | {
            name: (shape, np.float32) for name, shape in floats.items()
        }

    def outputs(self) -> dict[str, tuple[int, ...]]:
        """The shape of each output."""
        n = self._voices
        state = (1, n, self._units)
        return {"gap_logits": (n, _GAPS), "pitch_logits": (n * _GAPS, PITCHES), "h_out": state, "c_out": state}

    def model(self) -> bytes:
        """The graph, serialised."""
        n = self._voices
        rows = self._add("Add", "fields", "offsets")
        found = self._add("Gather", "table", rows)
        summed = self._reshape(self._add("ReduceSum", found, "along_fields"), (1, n, -1))
        lstm = [summed, "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_l0", "", "h", "c"]
        self._nodes.append(helper.make_node("LSTM", lstm, ["", "h_out", "c_out"], hidden_size=self._units))
        state = self._reshape("h_out", (n, self._units))
        squeezed = self._reshape(self._linear("squeeze", state), (n, 1, -1))
        hidden = self._add("Relu", self._add("Add", squeezed, "after"))
        flat = self._reshape(hidden, (n * _GAPS, -1))
        self._point("gap", self._linear("gap", state), state, _TO_GAP)
        self._point("pitch", self._pitches(hidden), flat, _TO_PITCH)
        kinds: dict[type, int] = {np.int64: TensorProto.INT64, np.float32: TensorProto.FLOAT}
        given = [
            helper.make_tensor_value_info(name, kinds[kind], shape) for name, (shape, kind) in self.inputs().items()
        ]
        told = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in self.outputs().items()]
        weights = [numpy_helper.from_array(array, name) for name, array in self._weights.items()]
        graph = helper.make_graph(self._nodes, "step", given, told, weights)
        made: bytes = helper.make_model(graph, opset_imports=self._opsets, ir_version=self._version).SerializeToString()
        return made

    def _pitches(self, hidden: str) -> str:
        """Each voice's pitch logits: its own shift of the interval's weights joins the pitch's."""
        index = self._add("Add", "shift", self._constant("every_pitch", np.arange(PITCHES)[None]))
        weight = self._add("Add", self._add("Gather", "move.weight", index), "pitch.weight")
        bias = self._add("Add", self._add("Gather", "move.bias", index), "pitch.bias")
        turned = self._add("Transpose", weight, perm=[0, 2, 1])
        logits = self._add("Add", self._add("MatMul", hidden, turned), self._reshape(bias, (self._voices, 1, -1)))
        return self._reshape(logits, (self._voices * _GAPS, PITCHES))

    def _point(self, head: str, logits: str, state: str, continuations: int) -> None:
        offers = [
            self._add("Gather", f"trust_{head}.{kind}", self._add("Add", f"{head}_{kind}s", f"{head}_{kind}_offsets"))
            for kind in ("length", "distance")
        ]
        asked = self._reshape(self._linear(f"trust_{head}.ask", state), (-1, continuations, 9))
        both = self._add("Mul", self._add("Add", *offers), asked)
        found = self._add("ReduceSum", both, "last", keepdims=0)
        weighed = self._add("Mul", found, "memory")
        scatter = [logits, f"{head}_values", weighed]
        self._nodes.append(helper.make_node("ScatterElements", scatter, [f"{head}_logits"], axis=1, reduction="add"))

    def _linear(self, name: str, given: str) -> str:
        return self._add("Gemm", given, f"{name}.weight", f"{name}.bias", transB=1)

    def _reshape(self, given: str, shape: Sequence[int]) -> str:
        return self._add("Reshape", given, self._constant(f"shape_{len(self._nodes)}", np.array(shape, np.int64)))

    def _constant(self, name: str, values: npt.NDArray[Any]) -> str:
        self._weights[name] = values
        return name

    def _add(self, kind: str, *given: str, **attributes: Any) -> str:  # noqa: ANN401 (onnx's own type)
        out = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(given), [out], **attributes))
        return out
