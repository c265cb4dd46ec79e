"""A network made again from a model file, so that its training can go on where it ended."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch

from livegen.encoding import CLASSES, INTERVAL, PITCHES
from livegen.errors import ModelError
from livegen.training.export import TOLERANCE, largest_difference
from livegen.training.network import Network, Shape

_SIDE = PITCHES - 1 - INTERVAL  # rows that pad the interval head on either side
_DROPOUT = 0.15  # where the file does not say with how much it was trained
Floats = npt.NDArray[np.float32]


def network_of(path: Path, metadata: Mapping[str, Any]) -> Network:
    """The network that the model file ``path`` was exported from; ``metadata`` is the file's.

    Raises ModelError if its weights are not those of such a network, or do not answer as the file does.
    """
    unfit = ModelError(f"{path.name} is not built as livegen's networks are; choose another model to begin from.")
    try:
        kept = onnx.load(str(path)).graph.initializer
        weights = _weights({each.name: onnx.numpy_helper.to_array(each) for each in kept})
        network = Network(_shape(weights, metadata))
        names = dict(network.named_parameters())  # the graph has other constants beside
        network.load_state_dict({name: torch.from_numpy(weights[name].copy()) for name in names}, strict=False)
    except (KeyError, IndexError, ValueError, RuntimeError):
        raise unfit from None
    if not largest_difference(network.eval(), path) <= TOLERANCE:
        raise unfit
    network.train()
    return network


def held_rows(network: Network) -> torch.Tensor:
    """How often (0 or 1) the training of a settled network held each row of its table: the rows that are not 0."""
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


def _weights(kept: dict[str, Floats]) -> dict[str, Floats]:
    """The weights in torch's form from those in a file's, which ``graph`` writes: the two tables are one there, the
    biases of the LSTM too, its gates stand in another order, and the interval head is padded. Raises KeyError."""
    table, recalled = np.split(kept["table"], [sum(CLASSES)])
    weights = kept | {"table": table, "recalled": recalled}
    weights |= {name: kept[name][_SIDE : len(kept[name]) - _SIDE] for name in ("move.weight", "move.bias")}
    layers = sum(name.startswith("lstm.weight_ih") for name in kept)
    for layer in range(layers):
        biases = np.split(kept[f"lstm.bias_l{layer}"][0], 2)
        weights |= {
            f"lstm.weight_ih_l{layer}": _gates(kept[f"lstm.weight_ih_l{layer}"][0]),
            f"lstm.weight_hh_l{layer}": _gates(kept[f"lstm.weight_hh_l{layer}"][0]),
            f"lstm.bias_ih_l{layer}": _gates(biases[0]),
            f"lstm.bias_hh_l{layer}": _gates(biases[1]),
        }
    return weights


def _gates(values: Floats) -> Floats:
    """From ONNX's order of the gates (input, output, forget, cell) to torch's (input, forget, cell, output)."""
    i, o, f, c = np.split(values, 4)
    return np.concatenate([i, f, c, o])
