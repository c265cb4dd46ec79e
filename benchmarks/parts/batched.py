"""The shipped network's first graph for several voices at once, with a row for each, built from its weights."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from livegen.predictors.encoding import GAPS
from livegen.predictors.network import FIELDS, GAP_ROWS


class Batched:
    """Builds the graph node by node; each method returns the name of its output."""

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
        whole = {"fields": (n, FIELDS), "gap_offers": (n, GAP_ROWS), "gap_values": (n, GAP_ROWS)}
        floats = {"memory": (1,), "h": (1, n, self._units), "c": (1, n, self._units)}
        return {name: (shape, np.int64) for name, shape in whole.items()} | {
            name: (shape, np.float32) for name, shape in floats.items()
        }

    def outputs(self) -> dict[str, tuple[int, ...]]:
        """The shape of each output."""
        n = self._voices
        states = (1, n, self._units)
        width = int(self._weights["sizes"][0])
        return {"gap_logits": (n, len(GAPS)), "state": (n, width), "h_out": states, "c_out": states}

    def model(self) -> bytes:
        """The graph, serialised."""
        n = self._voices
        rows = self._add("Add", "fields", "offsets")
        found = self._add("Gather", "table", rows)
        summed = self._reshape(self._add("ReduceSum", found, "along_fields"), (1, n, -1))
        lstm = [summed, "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_l0", "", "h", "c"]
        self._nodes.append(helper.make_node("LSTM", lstm, ["", "h_out", "c_out"], hidden_size=self._units))
        heads = self._add("Gemm", self._reshape("h_out", (n, self._units)), "heads.weight", "heads.bias", transB=1)
        self._nodes.append(helper.make_node("Split", [heads, "sizes"], ["state", "gap", "asked"], axis=1))
        offers = self._add("Gather", "trust_gap.offers", "gap_offers")
        both = self._add("Mul", offers, self._reshape("asked", (n, GAP_ROWS, -1)))
        weighed = self._add("Mul", self._add("ReduceSum", both, "last", keepdims=0), "memory")
        scatter = ["gap", "gap_values", weighed]
        self._nodes.append(helper.make_node("ScatterElements", scatter, ["gap_logits"], axis=1, reduction="add"))
        kinds: dict[type, int] = {np.int64: TensorProto.INT64, np.float32: TensorProto.FLOAT}
        given = [
            helper.make_tensor_value_info(name, kinds[kind], shape) for name, (shape, kind) in self.inputs().items()
        ]
        told = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in self.outputs().items()]
        weights = [numpy_helper.from_array(array, name) for name, array in self._weights.items()]
        graph = helper.make_graph(self._nodes, "step", given, told, weights)
        made: bytes = helper.make_model(graph, opset_imports=self._opsets, ir_version=self._version).SerializeToString()
        return made

    def _reshape(self, given: str, shape: Sequence[int]) -> str:
        return self._add("Reshape", given, self._constant(f"shape_{len(self._nodes)}", np.array(shape, np.int64)))

    def _constant(self, name: str, values: npt.NDArray[Any]) -> str:
        self._weights[name] = values
        return name

    def _add(self, kind: str, *given: str, **attributes: Any) -> str:  # noqa: ANN401 (onnx's own type)
        out = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(given), [out], **attributes))
        return out
