"""The network's step as an ONNX graph, written node by node: a third of the nodes that an exporter makes of it.

Its inputs are indices, which the run time has at hand: ``fields`` (the event's ten, then thirteen of the memory), where
the memory's continuations stand among the logits (``gap_values``, ``pitch_values``), and their classes of length and
distance; ``shift`` is 127 less the last pitch, ``memory`` how far the memory is trusted.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from livegen.encoding import GAPS, INTERVAL, PITCHES
from livegen.memory import BY_GAP, DISTANCES, LENGTHS
from livegen.predictor import FIELDS, TOUCH_OUTPUTS
from livegen.training.network import TOUCH, TRUST, Network

OPSET = 20
IR_VERSION = 10
_GATES = (0, 3, 1, 2)  # torch keeps input, forget, cell, output; ONNX input, output, forget, cell
_ROWS = {"gap": (1, 4), "pitch": (len(GAPS), 4 + BY_GAP)}


def graph(network: Network) -> onnx.ModelProto:
    """The settled network's step."""
    return _Graph(network).model()


class _Graph:
    """Collects nodes and weights; each method adds some and returns the name of what comes out."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._weights: dict[str, npt.NDArray[np.generic]] = {}
        self._nodes: list[onnx.NodeProto] = []

    def model(self) -> onnx.ModelProto:
        network, shape = self._network, self._network.shape
        state = self._lstm(self._embedded())
        hidden = self._add("Relu", [self._add("Add", [self._linear("squeeze", state), self._kept("after")])])
        gap = self._linear("gap", state)
        self._point("gap", gap, state, "gap_logits")
        self._point("pitch", self._pitches(hidden), hidden, "pitch_logits")
        outputs = {"gap_logits": (1, len(GAPS)), "pitch_logits": (len(GAPS), PITCHES)}
        if network.touch is not None:
            sizes = self._constant("touch_sizes", np.array(TOUCH))
            self._nodes.append(
                helper.make_node("Split", [self._linear("touch", hidden), sizes], list(TOUCH_OUTPUTS), axis=1)
            )
            outputs |= {name: (len(GAPS), size) for name, size in zip(TOUCH_OUTPUTS, TOUCH, strict=True)}
        states = (shape.layers, 1, shape.hidden)
        floats = {"memory": (1,), "h": states, "c": states}
        whole = {"fields": (1, FIELDS), "shift": (1,)}
        for head, rows in _ROWS.items():
            whole |= {f"{head}_{what}": rows for what in ("values", "lengths", "distances")}
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, size) for name, size in whole.items()]
        inputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in floats.items()]
        told = outputs | {"h_out": states, "c_out": states}
        return helper.make_model(
            helper.make_graph(
                self._nodes,
                "step",
                inputs,
                [helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in told.items()],
                [numpy_helper.from_array(array, name) for name, array in self._weights.items()],
            ),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )

    def _embedded(self) -> str:
        network = self._network
        table = np.concatenate((_array(network.table), _array(network.recalled)))
        offsets = np.concatenate((_array(network.offsets), len(network.table) + _array(network.recalled_offsets)))
        rows = self._add("Add", ["fields", self._constant("offsets", offsets)])
        found = self._add("Gather", [self._constant("table", table), rows])
        return self._add("ReduceSum", [found, self._constant("along_fields", np.array([1]))])

    def _lstm(self, inputs: str) -> str:
        layers = self._network.shape.layers
        before = {"h": ["h"], "c": ["c"]}
        after: dict[str, list[str]] = {"h": [], "c": []}
        if layers > 1:
            for name, parts in before.items():
                parts[:] = [f"{name}_{layer}" for layer in range(layers)]
                self._nodes.append(helper.make_node("Split", [name], parts, axis=0, num_outputs=layers))
        for layer in range(layers):
            weights = [self._gates(f"{kind}_l{layer}") for kind in ("weight_ih", "weight_hh")]
            biases = [self._reordered(f"{kind}_l{layer}") for kind in ("bias_ih", "bias_hh")]
            bias = self._constant(f"lstm.bias_l{layer}", np.concatenate(biases)[None])
            last = layers == 1
            out = ["", "h_out" if last else f"h_out_{layer}", "c_out" if last else f"c_out_{layer}"]
            given = [inputs, *weights, bias, "", before["h"][layer], before["c"][layer]]
            self._nodes.append(helper.make_node("LSTM", given, out, hidden_size=self._network.shape.hidden))
            inputs = out[1]
            after["h"].append(out[1])
            after["c"].append(out[2])
        if layers > 1:
            for name, parts in after.items():
                self._nodes.append(helper.make_node("Concat", parts, [f"{name}_out"], axis=0))
        flat = self._constant("flat", np.array([1, self._network.shape.hidden]))
        return self._add("Reshape", [inputs, flat])

    def _gates(self, name: str) -> str:
        return self._constant(f"lstm.{name}", self._reordered(name)[None])

    def _reordered(self, name: str) -> npt.NDArray[np.float32]:
        blocks = np.split(_array(getattr(self._network.lstm, name)), 4)
        return np.concatenate([blocks[gate] for gate in _GATES])

    def _pitches(self, hidden: str) -> str:
        """The pitch logits before the memory: the interval's weights, shifted to the last pitch, join the pitch's."""
        side = PITCHES - 1 - INTERVAL
        end = self._add("Add", ["shift", self._constant("pitches", np.array([PITCHES]))])
        parts = []
        for kind, padding in (("weight", ((side, side), (0, 0))), ("bias", ((side, side),))):
            moves = np.pad(_array(getattr(self._network.move, kind)), padding)
            shifted = self._add("Slice", [self._constant(f"move.{kind}", moves), "shift", end])
            parts.append(self._add("Add", [self._constant(f"pitch.{kind}", self._of("pitch", kind)), shifted]))
        return self._add("Gemm", [hidden, *parts], transB=1)

    def _point(self, head: str, logits: str, state: str, out: str) -> None:
        rows, continuations = _ROWS[head]
        trust = getattr(self._network, f"trust_{head}")
        first = _array(trust.first)
        offers = []
        for kind, classes in (("length", LENGTHS), ("distance", DISTANCES)):
            places = self._constant(f"{head}_{kind}_offsets", first * classes)
            index = self._add("Add", [f"{head}_{kind}s", places])
            table = self._constant(f"trust_{head}.{kind}", _array(getattr(trust, kind)))
            offers.append(self._add("Gather", [table, index]))
        size = self._constant(f"{head}_trust", np.array([rows, continuations, TRUST]))
        asked = self._add("Reshape", [self._linear(f"trust_{head}.ask", state), size])
        both = self._add("Mul", [self._add("Add", offers), asked])
        found = self._add("ReduceSum", [both, self._constant("last", np.array([-1]))], keepdims=0)
        weighed = self._add("Mul", [found, "memory"])
        self._nodes.append(
            helper.make_node("ScatterElements", [logits, f"{head}_values", weighed], [out], axis=1, reduction="add")
        )

    def _linear(self, name: str, inputs: str) -> str:
        weights = [self._constant(f"{name}.{kind}", self._of(name, kind)) for kind in ("weight", "bias")]
        return self._add("Gemm", [inputs, *weights], transB=1)

    def _of(self, name: str, kind: str) -> npt.NDArray[np.float32]:
        return _array(self._network.get_parameter(f"{name}.{kind}"))

    def _kept(self, name: str) -> str:
        return self._constant(name, _array(self._network.get_parameter(name)))

    def _constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        self._weights[name] = values
        return name

    def _add(self, kind: str, inputs: Sequence[str], **attributes: int) -> str:
        out = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out


def _array(tensor: Tensor) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = tensor.detach().numpy()
    return array
