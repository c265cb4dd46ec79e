"""Warm start: a network restored from a model file, so that its training can continue where it ended."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch

from livegen.errors import ModelError
from livegen.predictors.encoding import CLASSES
from livegen.predictors.memory import DISTANCES, LENGTHS
from livegen.predictors.network import TAIL
from livegen.training.network.export import TOLERANCE, largest_difference
from livegen.training.network.network import TRUST, Network, Shape
from livegen.training.network.onnx_graph import STEP_HEADS, TAIL_HEADS, TOUCH_HEADS

_DROPOUT = 0.15  # where the file does not say with how much it was trained
Floats = npt.NDArray[np.float32]


def network_of(path: Path, metadata: Mapping[str, Any]) -> Network:
    """The network that the model file ``path`` was exported from; ``metadata`` is the file's.

    Raises ModelError if its weights are not those of such a network, or do not answer as the file does.
    """
    unfit = ModelError(f"{path.name} is not built as livegen's networks are; choose another model to begin from.")
    try:
        step = onnx.load(str(path))
        (told,) = (each.value for each in step.metadata_props if each.key == TAIL)
        weights = _weights(_kept(step), _kept(onnx.load_model_from_string(base64.b64decode(told))))
        network = Network(_shape(weights, metadata))
        names = dict(network.named_parameters())  # the graph has further constants
        network.load_state_dict({name: torch.from_numpy(weights[name].copy()) for name in names}, strict=False)
    except (KeyError, IndexError, ValueError, RuntimeError):
        raise unfit from None
    if not largest_difference(network.eval(), path) <= TOLERANCE:
        raise unfit
    network.train()
    return network


def held_rows(network: Network) -> torch.Tensor:
    """For each row of a settled network's table, 1 if the training ever used it: these rows are not 0."""
    return (network.table.detach().abs().sum(dim=1) > 0).long()


def _shape(weights: dict[str, Floats], metadata: Mapping[str, Any]) -> Shape:
    """The sizes, as the weights have them."""
    recipe = metadata.get("recipe", "")
    made = json.loads(recipe) if recipe.startswith("{") else {}
    return Shape(
        embedding=weights["table"].shape[1],
        hidden=weights["lstm.weight_hh_l0"].shape[1],
        layers=sum(name.startswith("lstm.weight_ih") for name in weights),
        width=weights["squeeze.weight"].shape[0],
        dropout=float(made.get("dropout", _DROPOUT)),
        touch="touch.weight" in weights,
    )


def _kept(model: onnx.ModelProto) -> dict[str, Floats]:
    return {each.name: onnx.numpy_helper.to_array(each) for each in model.graph.initializer}


def _weights(step: dict[str, Floats], tail: dict[str, Floats]) -> dict[str, Floats]:
    """The weights in torch's form from those in a file's two graphs, which ``graph`` writes: the two tables are one
    there, the linear layers of each graph too, the biases of the LSTM, and the trust's weights of lengths and of
    distances; and its gates are in another order. Raises KeyError."""
    table, recalled = np.split(step["table"], [sum(CLASSES)])
    weights = {"table": table, "recalled": recalled, "after": tail["after"]}
    touch = TOUCH_HEADS if len(tail["sizes"]) > len(TAIL_HEADS) else ()
    for kept, names in ((step, STEP_HEADS), (tail, (*TAIL_HEADS, *touch))):
        for kind in ("weight", "bias"):
            parts = np.split(kept[f"heads.{kind}"], kept["sizes"].cumsum()[:-1])
            weights |= {f"{name}.{kind}": part for name, part in zip(names, parts, strict=True)}
    for name, kept in (("trust_gap", step), ("trust_pitch", tail)):
        # The offer for an empty row is 0: where one part of a sum is empty, the sum is the other part alone.
        offers = kept[f"{name}.offers"].reshape(-1, LENGTHS, DISTANCES, TRUST)
        weights |= {
            f"{name}.length": offers[:, :, 0].reshape(-1, TRUST),
            f"{name}.distance": offers[:, 0].reshape(-1, TRUST),
        }
    layers = sum(name.startswith("lstm.weight_ih") for name in step)
    for layer in range(layers):
        biases = np.split(step[f"lstm.bias_l{layer}"][0], 2)
        weights |= {
            f"lstm.weight_ih_l{layer}": _gates(step[f"lstm.weight_ih_l{layer}"][0]),
            f"lstm.weight_hh_l{layer}": _gates(step[f"lstm.weight_hh_l{layer}"][0]),
            f"lstm.bias_ih_l{layer}": _gates(biases[0]),
            f"lstm.bias_hh_l{layer}": _gates(biases[1]),
        }
    return weights


def _gates(values: Floats) -> Floats:
    """From ONNX's order of the gates (input, output, forget, cell) to torch's (input, forget, cell, output)."""
    i, o, f, c = np.split(values, 4)
    return np.concatenate([i, f, c, o])
