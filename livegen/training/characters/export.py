"""Writes a character model as one ONNX file, weights in half precision, and checks it against the trained network."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from livegen import __version__
from livegen.training.characters.network import CharacterNetwork
from livegen.training.network.export import write
from livegen.training.network.onnx_graph import IR_VERSION, OPSET
from livegen.tunes.character_model import PRODUCER, SIZE, SYMBOLS, CharacterModel

TOLERANCE = 1e-3  # logits
_GATES = (0, 3, 1, 2)  # torch keeps input, forget, cell, output; ONNX input, output, forget, cell


def export(network: CharacterNetwork, path: Path, about: dict[str, str]) -> float:
    """Write the network to ``path``, its weights rounded to 16 bits there and here; the largest difference from torch,
    in logits. Raises ModelError, and writes nothing, if the difference is beyond ``TOLERANCE``."""
    network = network.eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights.copy_(weights.half().float())
    model = _graph(network)
    helper.set_model_props(model, {"livegen": __version__, "symbols": SYMBOLS, **about})
    return write(model, path, lambda written: largest_difference(network, CharacterModel(written)), TOLERANCE)


@torch.no_grad()  # type: ignore[untyped-decorator]
def largest_difference(network: CharacterNetwork, model: CharacterModel, steps: int = 400, seed: int = 0) -> float:
    """The largest difference of a logit between network and file over random symbols in a row."""
    random = np.random.default_rng(seed)
    memory = model.start()
    h, c = network.zero_state()
    largest = 0.0
    for symbol in random.integers(0, SIZE, steps).tolist():
        wanted, h, c = network(torch.tensor([[symbol]]), h, c)
        memory, logits = model.step(memory, symbol)
        largest = float(np.maximum(largest, np.abs(wanted[0, 0].numpy() - logits).max()))
    return largest


def _graph(network: CharacterNetwork) -> onnx.ModelProto:
    """One step as a graph."""
    sizes = network.sizes
    weights: dict[str, npt.NDArray[np.generic]] = {}
    nodes: list[onnx.NodeProto] = []

    def kept(name: str, values: npt.NDArray[np.generic]) -> str:
        weights[f"{name}_16"] = values.astype(np.float16)
        nodes.append(helper.make_node("Cast", [f"{name}_16"], [name], to=TensorProto.FLOAT))
        return name

    weights["axes"] = np.array([0])
    nodes.append(helper.make_node("Gather", [kept("embedding", _array(network.embedding.weight)), "symbol"], ["given"]))
    nodes.append(helper.make_node("Unsqueeze", ["given", "axes"], ["below_0"]))
    for state in ("h", "c"):
        rows = [f"{state}_{layer}" for layer in range(sizes.layers)]
        nodes.append(helper.make_node("Split", [state], rows, axis=0, num_outputs=sizes.layers))
    for layer in range(sizes.layers):
        found = {
            name: _array(getattr(network.lstm, f"{name}_l{layer}"))
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        w = kept(f"w_{layer}", _gates(found["weight_ih"])[None])
        r = kept(f"r_{layer}", _gates(found["weight_hh"])[None])
        b = kept(f"b_{layer}", np.concatenate([_gates(found["bias_ih"]), _gates(found["bias_hh"])])[None])
        inputs = [f"below_{layer}", w, r, b, "", f"h_{layer}", f"c_{layer}"]
        outputs = [f"all_{layer}", f"h_out_{layer}", f"c_out_{layer}"]
        nodes.append(helper.make_node("LSTM", inputs, outputs, hidden_size=sizes.hidden))
        nodes.append(helper.make_node("Squeeze", [f"all_{layer}", "axes"], [f"below_{layer + 1}"]))
    for state in ("h", "c"):
        rows = [f"{state}_out_{layer}" for layer in range(sizes.layers)]
        nodes.append(helper.make_node("Concat", rows, [f"{state}_out"], axis=0))
    weights["flat"] = np.array([sizes.hidden])
    nodes.append(helper.make_node("Reshape", [f"below_{sizes.layers}", "flat"], ["last"]))
    out = kept("out", _array(network.out.weight).T)
    nodes.append(helper.make_node("MatMul", ["last", out], ["product"]))
    nodes.append(helper.make_node("Add", ["product", kept("out_bias", _array(network.out.bias))], ["logits"]))
    shape = (sizes.layers, 1, sizes.hidden)
    floats = {"h": shape, "c": shape}
    graph = helper.make_graph(
        nodes,
        "characters",
        [
            helper.make_tensor_value_info("symbol", TensorProto.INT64, (1,)),
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, size) for name, size in floats.items()),
        ],
        [
            helper.make_tensor_value_info("logits", TensorProto.FLOAT, (SIZE,)),
            *(helper.make_tensor_value_info(f"{name}_out", TensorProto.FLOAT, size) for name, size in floats.items()),
        ],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name=PRODUCER)
    model.ir_version = IR_VERSION
    return model


def _array(weights: Tensor) -> npt.NDArray[np.float32]:
    found: npt.NDArray[np.float32] = weights.detach().numpy()
    return found


def _gates(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Torch's rows in ONNX's order of gates."""
    parts = np.split(rows, 4)
    return np.concatenate([parts[gate] for gate in _GATES])
