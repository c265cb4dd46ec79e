"""Exports the drummer's network as an ONNX file with its metadata, and checks the file against the network."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from livegen import __version__
from livegen.predictors import drum_encoding
from livegen.predictors.drum_encoding import DEVIATIONS, KIT, VELOCITIES, WIDTH, Floats
from livegen.predictors.drums import DrumNetworkFile
from livegen.training.drums.network import DrumNetwork
from livegen.training.network.export import TOLERANCE, write

_OPSET, _IR = 17, 8
_GATES = (0, 3, 1, 2)  # torch has input, forget, cell, output; ONNX input, output, forget, cell


def export(network: DrumNetwork, path: Path, about: Mapping[str, str]) -> float:
    """Write the network to ``path`` with ``about`` as metadata; the largest difference from torch, in logits.

    Raises ModelError, and writes nothing, if the difference is beyond ``TOLERANCE``.
    """
    model = graph(network.eval())
    helper.set_model_props(model, {"livegen": __version__, "encoding": drum_encoding.to_json(), **about})
    model.producer_name = "livegen"
    return write(model, path, lambda written: largest_difference(network, written), TOLERANCE)


def graph(network: DrumNetwork) -> onnx.ModelProto:
    """One step of the network: ``x``, ``h`` and ``c`` in; the heads and the next ``h`` and ``c`` out, with the four
    tables that do not depend on the step."""
    size = network.hidden
    weights = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    held = {
        "embed_w": weights["embed.weight"].T,
        "embed_b": weights["embed.bias"],
        "lstm_w": _reordered(weights["lstm.weight_ih_l0"], size)[None],
        "lstm_r": _reordered(weights["lstm.weight_hh_l0"], size)[None],
        "lstm_b": np.concatenate([_reordered(weights[f"lstm.bias_{each}_l0"], size) for each in ("ih", "hh")])[None],
        "tables": np.concatenate([weights[name].ravel() for name in TABLES]),
        "flat": np.array([1, size], np.int64),
    }
    nodes = [
        helper.make_node("Gemm", ["x", "embed_w", "embed_b"], ["embedded"]),
        helper.make_node("Relu", ["embedded"], ["positive"]),
        helper.make_node("Unsqueeze", ["positive", "first"], ["sequence"]),
        helper.make_node(
            "LSTM", ["sequence", "lstm_w", "lstm_r", "lstm_b", "", "h", "c"], ["", "h_out", "c_out"], hidden_size=size
        ),
        helper.make_node("Reshape", ["h_out", "flat"], ["hidden"]),
        helper.make_node("Identity", ["tables"], ["after"]),
    ]
    held["first"] = np.array([0], np.int64)
    for number, name in enumerate(HEADS):
        held[f"{name}_w"] = weights[f"heads.{number}.weight"].T
        held[f"{name}_b"] = weights[f"heads.{number}.bias"]
        nodes.append(helper.make_node("Gemm", ["hidden", f"{name}_w", f"{name}_b"], [name]))
    state = [1, 1, size]
    inputs = [_value("x", [1, WIDTH]), _value("h", state), _value("c", state)]
    outputs = [_value(name, [1, width]) for name, width in HEADS.items()]
    outputs += [_value("h_out", state), _value("c_out", state), _value("after", [len(held["tables"])])]
    initialisers = [numpy_helper.from_array(np.ascontiguousarray(value), name) for name, value in held.items()]
    made = helper.make_graph(nodes, "drums", inputs, outputs, initialisers)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)


HEADS = {"hit": KIT, "pair": KIT * KIT, "velocity": KIT * VELOCITIES, "deviation": KIT * DEVIATIONS}
TABLES = ("velocity_with", "deviation_with", "velocity_after", "deviation_after", "velocity_echo", "deviation_echo")


def _reordered(weight: Floats, size: int) -> Floats:
    return np.concatenate([weight[gate * size : (gate + 1) * size] for gate in _GATES])


def _value(name: str, shape: list[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def largest_difference(network: DrumNetwork, path: Path, steps: int = 200, seed: int = 0) -> float:
    """The largest difference of any output between the network and the file, run as in a session, over ``steps`` random
    input vectors in a row."""
    file = DrumNetworkFile(path)
    random = np.random.default_rng(seed)
    h, c = file.zeros()
    state = (torch.zeros(1, 1, network.hidden), torch.zeros(1, 1, network.hidden))
    largest = 0.0
    with torch.no_grad():
        for _ in range(steps):
            vector = random.random(WIDTH).astype(np.float32)
            wanted, state = network(torch.from_numpy(vector)[None, None], state)
            got, h, c = file.step(vector, h, c)
            for a, b in zip(wanted, got, strict=True):
                largest = float(np.max([largest, np.abs(a[0, 0].numpy() - b).max()]))
            largest = float(np.max([largest, np.abs(state[0].numpy() - h).max()]))
    tables = zip(TABLES, file.tables, strict=True)
    apart = [np.abs(getattr(network, name).detach().numpy() - got).max() for name, got in tables]
    return float(np.max([largest, *apart]))
