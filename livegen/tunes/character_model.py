"""The model of characters: a network that writes ABC notation letter by letter. It plays no part on a stage.

**File.** ONNX. Inputs: ``symbol`` [1] (int64: 0 is the end of a tune, the others are places in ``SYMBOLS``, from 1),
``h`` and ``c`` [layers, 1, units] (float32, zeros before a tune). Outputs: ``logits`` [SIZE] of the next symbol,
``h_out``, ``c_out``. Metadata: ``symbols``, ``recipe`` (JSON), ``data`` (SHA-256 of the training text), ``licence``.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError
from livegen.predictors.onnx_file import content

END = 0  # before the first character of a tune, and after its last
SYMBOLS = "\n" + "".join(map(chr, range(32, 127)))
SIZE = len(SYMBOLS) + 1
PRODUCER = "livegen characters"  # as the model file says of itself
FOLDER = "characters"  # where these models stand, beside those that play
_INDEX = {symbol: index for index, symbol in enumerate(SYMBOLS, 1)}

Logits = npt.NDArray[np.float32]


class CharacterState(NamedTuple):
    """The recurrent state: [layers, 1, units] each."""

    h: npt.NDArray[np.float32]
    c: npt.NDArray[np.float32]


def encode(text: str) -> list[int]:
    """The numbers of its characters; what is neither printable ASCII nor the end of a line is left out.

    >>> decode(encode("dB|A"))
    'dB|A'
    """
    return [_INDEX[symbol] for symbol in text if symbol in _INDEX]


def decode(indices: list[int]) -> str:
    """The text that the numbers stand for, END for nothing."""
    return "".join(SYMBOLS[index - 1] for index in indices if index != END)


def is_one(path: Path) -> bool:
    """Whether the file says that it is a model of characters."""
    return path.suffix == ".onnx" and PRODUCER.encode() in content(path)[:256]


class CharacterModel:
    """A model file, run by ONNX Runtime on one thread. Raises ModelError when it is not what it should be."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        whole = content(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 4
        try:
            self._model = onnxruntime.InferenceSession(whole, options, providers=["CPUExecutionProvider"])
        except Exception:  # onnxruntime raises many kinds, all of which mean one thing here
            raise ModelError(f"{path.name} is not a model that can be run; train or copy it again.") from None
        self.name = path.stem
        self.metadata: dict[str, str] = dict(self._model.get_modelmeta().custom_metadata_map)
        inputs = {node.name: node.shape for node in self._model.get_inputs()}
        shape = inputs.get("h", [])
        if self.metadata.get("symbols") != SYMBOLS or inputs != {"symbol": [1], "h": shape, "c": shape}:
            raise ModelError(f"{path.name} is no model of characters that this livegen can read; train it again.")
        self._shape = tuple(shape)

    def start(self) -> CharacterState:
        """Nothing was written."""
        return CharacterState(np.zeros(self._shape, np.float32), np.zeros(self._shape, np.float32))

    def step(self, memory: CharacterState, symbol: int) -> tuple[CharacterState, Logits]:
        """After one more symbol: the memory, and logits [SIZE] of the next. The memory given stays as it was."""
        given = {"symbol": np.array([symbol], dtype=np.int64), "h": memory.h, "c": memory.c}
        logits, h, c = self._model.run(["logits", "h_out", "c_out"], given)
        if not np.isfinite(logits).all():
            raise ModelError(f"The model {self.name} answered with numbers that are not finite; train it again.")
        return CharacterState(h, c), logits
