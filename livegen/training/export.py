"""Writes a trained network as one ONNX file that says what it is, once it is seen to answer as the network does."""

import logging
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from livegen import __version__
from livegen.encoding import CLASSES, Encoding
from livegen.errors import ModelError
from livegen.memory import DISTANCES, LENGTHS, NOTHING, Rows
from livegen.training.network import Network

OPSET = 20
INPUTS = ["event", "common", "by_gap", "memory", "h", "c"]
OUTPUTS = ["gap_logits", "pitch_logits", "h_out", "c_out"]
TOUCH_OUTPUTS = ["velocity_logits", "length_logits", "deviation_logits"]
TOLERANCE = 1e-4  # logits


class _Live(nn.Module):  # type: ignore[misc]
    """The network's step as a module of its own, which is what the exporter takes."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(  # noqa: PLR0913 (one parameter for each input of the graph)
        self, event: Tensor, common: Tensor, by_gap: Tensor, memory: Tensor, h: Tensor, c: Tensor
    ) -> tuple[Tensor, ...]:
        return self.network.step(event, (common, by_gap), memory, h, c)


def export(network: Network, path: Path, about: dict[str, str]) -> float:
    """Write the settled network to ``path`` with ``about`` as metadata; the largest difference from torch, in logits.

    Raises ModelError, and writes nothing, if it answers otherwise than the network.
    """
    network = network.eval()
    partial = path.with_suffix(".onnx.partial")
    example = torch.tensor([[1] * len(CLASSES)]), *(torch.from_numpy(rows) for rows in NOTHING), torch.ones(1)
    outputs = OUTPUTS + (TOUCH_OUTPUTS if network.touch is not None else [])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter speaks of versions and batch sizes that are fixed here
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        torch.onnx.export(
            _Live(network).eval(),
            (*example, *network.zero_state()),
            str(partial),
            input_names=INPUTS,
            output_names=outputs,
            opset_version=OPSET,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    model = onnx.load(str(partial))
    onnx.helper.set_model_props(model, {"livegen": __version__, "encoding": Encoding().to_json(), **about})
    model.producer_name, model.doc_string = "livegen", ""
    for node in model.graph.node:  # where the exporter stood in our source is nobody's business
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, str(partial))
    try:
        difference = largest_difference(network, partial)
        if not difference <= TOLERANCE:
            raise ModelError(f"The exported model differs from the trained one by {difference:.2g}: it is not written.")
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return difference


def largest_difference(network: Network, path: Path, steps: int = 200, seed: int = 0) -> float:
    """The largest difference of any output between the network and the file over ``steps`` random steps in a row."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(seed)
    outputs = [node.name for node in session.get_outputs()]
    h, c = network.zero_state()
    state = [h.numpy(), c.numpy()]
    largest = 0.0
    with torch.no_grad():
        for _ in range(steps):
            event = random.integers(0, np.array(CLASSES), size=(1, len(CLASSES)), dtype=np.int64)
            common, by_gap = _random_rows(random)
            memory = random.random(1, dtype=np.float32)
            rows = torch.from_numpy(common), torch.from_numpy(by_gap)
            wanted = network.step(torch.from_numpy(event), rows, torch.from_numpy(memory), h, c)
            told = {"event": event, "common": common, "by_gap": by_gap, "memory": memory, "h": state[0], "c": state[1]}
            got = session.run(outputs, told)
            differences = [np.abs(a.numpy() - b).max() for a, b in zip(wanted, got, strict=True)]
            largest = float(np.max([largest, *differences]))  # unlike max(), this lets NaN through
            h, c = wanted[2], wanted[3]
            state = [got[2], got[3]]
    return largest


def _random_rows(random: np.random.Generator) -> Rows:
    """Rows such as a memory may hold, at random."""
    common = random.integers(0, (CLASSES.gap, LENGTHS, DISTANCES), size=NOTHING.common.shape, dtype=np.int64)
    common[4:, 0] = random.integers(0, CLASSES.interval, size=len(common) - 4)
    highest = CLASSES.interval, LENGTHS, DISTANCES
    return Rows(common, random.integers(0, highest, size=NOTHING.by_gap.shape, dtype=np.int64))
