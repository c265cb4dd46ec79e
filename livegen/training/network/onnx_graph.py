"""The network's step as two ONNX graphs, written node by node: a third of the nodes that an exporter makes of it.

The first makes the step and predicts the gap; the second has the gap as an input and predicts what depends on it. Their
inputs are indices, which the run time has at hand: ``fields`` (the event's ten, then thirteen of the memory), the
places of the memory's continuations among the logits (``gap_values``, ``pitch_values``), and the rows of a table of
lengths and distances for which they are offered (``gap_offers``, ``pitch_offers``); ``shift`` is 127 less the last
pitch, ``memory`` is the trust in the memory.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from livegen.predictors.encoding import INTERVAL, PITCHES
from livegen.predictors.memory import DISTANCES, LENGTHS
from livegen.predictors.network import TOUCH_OUTPUTS, step_shapes, tail_shapes
from livegen.training.network.network import TOUCH, TRUST, Network

OPSET = 20
IR_VERSION = 10
_GATES = (0, 3, 1, 2)  # torch keeps input, forget, cell, output; ONNX input, output, forget, cell
# The linear layers that are one in each graph, in their order.
STEP_HEADS, TAIL_HEADS = ("squeeze", "gap", "trust_gap.ask"), ("pitch", "move", "trust_pitch.ask")
TOUCH_HEADS = ("touch",)  # of the second, where the network learnt it
_OUT = {"squeeze": "state"}  # passed from the first graph to the second


def graph(network: Network) -> onnx.ModelProto:
    """The settled network's step, up to the gap."""
    return _Step(network).model()


def tail(network: Network) -> onnx.ModelProto:
    """The graph of what the settled network predicts after a gap."""
    return _Tail(network).model()


class _Graph:
    """Collects nodes and weights; each method adds some and returns the name of the output."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._weights: dict[str, npt.NDArray[np.generic]] = {}
        self._nodes: list[onnx.NodeProto] = []

    def _made(self, name: str, inputs: Mapping[str, list[int]], outputs: Mapping[str, list[int]]) -> onnx.ModelProto:
        """The graph of all that was added."""
        floats = {"memory", "state", "h", "c"}
        given = [
            helper.make_tensor_value_info(each, TensorProto.FLOAT if each in floats else TensorProto.INT64, size)
            for each, size in inputs.items()
        ]
        told = [helper.make_tensor_value_info(each, TensorProto.FLOAT, size) for each, size in outputs.items()]
        weights = [numpy_helper.from_array(array, each) for each, array in self._weights.items()]
        whole = helper.make_graph(self._nodes, name, given, told, weights)
        return helper.make_model(whole, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)

    def _point(self, head: str, logits: str, asked: str, out: str) -> None:
        """Raise the ``logits`` of the memory's continuations by the trust in each, computed from ``asked``."""
        trust = getattr(self._network, f"trust_{head}")
        length = _array(trust.length).reshape(trust.rows, LENGTHS, 1, TRUST)
        distance = _array(trust.distance).reshape(trust.rows, 1, DISTANCES, TRUST)
        table = self._constant(f"trust_{head}.offers", (length + distance).reshape(-1, TRUST))
        size = self._constant(f"{head}_trust", np.array([1, trust.rows, TRUST]))
        offers = self._add("Gather", [table, f"{head}_offers"])
        both = self._add("Mul", [offers, self._add("Reshape", [asked, size])])
        found = self._add("ReduceSum", [both, self._constant("last", np.array([-1]))], keepdims=0)
        weighed = self._add("Mul", [found, "memory"])
        self._nodes.append(
            helper.make_node("ScatterElements", [logits, f"{head}_values", weighed], [out], axis=1, reduction="add")
        )

    def _heads(self, inputs: str, out: Mapping[str, str]) -> None:
        """Several linear layers as one; ``out`` names them, and what comes out of each."""
        weights = [self._of(name, "weight") for name in out]
        sizes = self._constant("sizes", np.array([len(each) for each in weights]))
        weight = self._constant("heads.weight", np.concatenate(weights))
        bias = self._constant("heads.bias", np.concatenate([self._of(name, "bias") for name in out]))
        whole = self._add("Gemm", [inputs, weight, bias], transB=1)
        self._nodes.append(helper.make_node("Split", [whole, sizes], list(out.values()), axis=1))

    def _of(self, name: str, kind: str) -> npt.NDArray[np.float32]:
        return _array(self._network.get_parameter(f"{name}.{kind}"))

    def _constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        self._weights[name] = values
        return name

    def _add(self, kind: str, inputs: Sequence[str], **attributes: int) -> str:
        out = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out


class _Step(_Graph):
    """The graph that takes a note and predicts the gap to the next."""

    def model(self) -> onnx.ModelProto:
        """The whole graph."""
        shape = self._network.shape
        self._heads(self._lstm(self._embedded()), {name: _OUT.get(name, name) for name in STEP_HEADS})
        self._point("gap", "gap", "trust_gap.ask", "gap_logits")
        return self._made("step", *step_shapes([shape.layers, 1, shape.hidden], shape.width))

    def _embedded(self) -> str:
        network = self._network
        table = np.concatenate((_array(network.table), _array(network.recalled)))
        offsets = np.concatenate((_array(network.offsets), len(network.table) + _array(network.recalled_offsets)))
        rows = self._add("Add", ["fields", self._constant("offsets", offsets)])
        found = self._add("Gather", [self._constant("table", table), rows])
        # Their sum; ONNX Runtime is quicker at a product with ones than at summing along an axis.
        ones = self._constant("ones", np.ones((1, 1, len(offsets)), dtype=np.float32))
        return self._add("MatMul", [ones, found])

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


class _Tail(_Graph):
    """The graph that predicts the pitch after a gap, and the touch where the network learnt it."""

    def model(self) -> onnx.ModelProto:
        """The whole graph."""
        network = self._network
        after = self._add("Gather", [self._constant("after", _array(network.get_parameter("after"))), "gap"])
        hidden = self._add("Relu", [self._add("Add", ["state", after])])
        touch = TOUCH_HEADS if network.touch is not None else ()
        self._heads(hidden, {name: name for name in (*TAIL_HEADS, *touch)})
        self._point("pitch", self._add("Add", ["pitch", self._shifted("move")]), "trust_pitch.ask", "pitch_logits")
        if touch:
            sizes = self._constant("touch_sizes", np.array(TOUCH))
            self._nodes.append(helper.make_node("Split", [*touch, sizes], list(TOUCH_OUTPUTS), axis=1))
        return self._made("tail", *tail_shapes(network.shape.width, bool(touch)))

    def _shifted(self, moves: str) -> str:
        """The logits of intervals from the last pitch as those of pitches, 0 where an interval is too wide."""
        wide = self._constant("wide", np.zeros((1, PITCHES - 1 - INTERVAL), dtype=np.float32))
        all_moves = self._add("Concat", [wide, moves, wide], axis=1)
        end = self._add("Add", ["shift", self._constant("pitches", np.array([PITCHES]))])
        return self._add("Slice", [all_moves, "shift", end, self._constant("along_pitches", np.array([1]))])


def _array(tensor: Tensor) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = tensor.detach().numpy()
    return array
