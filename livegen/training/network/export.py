"""Exports a trained network as one ONNX file with its metadata, and checks the file against the network."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnx
import torch

from livegen import __version__
from livegen.errors import ModelError
from livegen.predictors import memory
from livegen.predictors.encoding import CLASSES, INTERVAL, Encoding, Step
from livegen.predictors.network import TAIL, NetworkPredictor
from livegen.system.files import written_whole
from livegen.training.network.network import Network
from livegen.training.network.onnx_graph import graph, tail

TOLERANCE = 1e-4  # logits


def export(network: Network, path: Path, about: Mapping[str, str]) -> float:
    """Write the settled network to ``path`` with ``about`` as metadata; the largest difference from torch, in logits.

    Raises ModelError, and writes nothing, if the difference is beyond ``TOLERANCE``.
    """
    network = network.eval()
    model, after = graph(network), tail(network)
    onnx.checker.check_model(after)
    held = {TAIL: base64.b64encode(after.SerializeToString()).decode("ascii")}
    onnx.helper.set_model_props(model, {"livegen": __version__, "encoding": Encoding().to_json(), **about, **held})
    model.producer_name = "livegen"
    return write(model, path, lambda written: largest_difference(network, written), TOLERANCE)


def write(model: onnx.ModelProto, path: Path, difference: Callable[[Path], float], tolerance: float) -> float:
    """Write the model to ``path`` unless the file's ``difference`` from what it was made of is beyond ``tolerance``;
    that difference. Raises ModelError, and writes nothing, if it is."""
    onnx.checker.check_model(model)
    with written_whole(path) as part:
        onnx.save(model, str(part))
        found = difference(part)
        if not found <= tolerance:
            raise ModelError(f"The exported model differs from the trained one by {found:.2g}: it is not written.")
    return found


def largest_difference(network: Network, path: Path, steps: int = 200, seed: int = 0) -> float:
    """The largest difference of any output between the network and the file, run as in a session, over ``steps`` random
    notes in a row, few enough different ones that the memory finds many matches. For a value beyond 1 it is relative:
    cell states grow without bound, and their rounding errors grow too."""
    model = NetworkPredictor(path)
    random = np.random.default_rng(seed)
    highest = np.minimum(CLASSES, 4)
    start = np.array(Step(pitch=60, interval=INTERVAL, gap=11, deviation=5, who=1)) * (np.array(CLASSES) > 4)
    h, c = network.zero_state()
    state = model.start()
    heard = memory.EMPTY
    largest = 0.0
    with torch.no_grad():
        for _ in range(steps):
            step = Step(*(start + random.integers(0, highest)).tolist())
            step = step._replace(pitch=step.pitch + int(random.choice([0, 0, 65])))  # up to the highest
            heard = memory.hear_step(heard, step)
            rows = [torch.from_numpy(each) for each in memory.look_up(heard).arrays()]
            strength = float(random.choice([1.0, 0.5, 0.25]))
            event = torch.tensor([step])
            wanted = network.step(event, (rows[0], rows[1]), torch.tensor([strength]), h, c)
            state, forecast = model.step(state, step, strength)
            got = forecast.gap[None], forecast.pitch, state.h, state.c, *(forecast.touch or ())
            pairs = zip(wanted, map(np.asarray, got), strict=True)
            differences = [(np.abs(a.numpy() - b) / np.maximum(1.0, np.abs(b))).max() for a, b in pairs]
            largest = float(np.max([largest, *differences]))  # unlike max(), this lets NaN through
            h, c = wanted[2], wanted[3]
    return largest
