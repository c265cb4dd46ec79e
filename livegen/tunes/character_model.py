"""A character model: a network that writes ABC notation one character at a time. It is not used live.

**File.** ONNX. Inputs: ``symbol`` [1] (int64: 0 is the end of a tune, the others are places in ``SYMBOLS``, from 1),
``h`` and ``c`` [layers, 1, units] (float32, zeros before a tune). Outputs: ``logits`` [SIZE] of the next symbol,
``h_out``, ``c_out``. Metadata: ``symbols``, ``recipe`` (JSON), ``data`` (SHA-256 of the training text), ``licence``.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError
from livegen.predictors.onnx_file import content, open_session

END = 0  # before the first character of a tune, and after its last
SYMBOLS = "\n" + "".join(map(chr, range(32, 127)))
SIZE = len(SYMBOLS) + 1
PRODUCER = "livegen characters"  # in the model file
FOLDER = "characters"  # the folder of these models, inside the folder of the models that play
_INDEX = {symbol: index for index, symbol in enumerate(SYMBOLS, 1)}

Logits = npt.NDArray[np.float32]


class CharacterState(NamedTuple):
    """The recurrent state: hidden and cell state, [layers, 1, units] each."""

    h: npt.NDArray[np.float32]
    c: npt.NDArray[np.float32]


def encode(text: str) -> list[int]:
    """The numbers of the text's characters; one that is neither printable ASCII nor a line end is left out.

    >>> decode(encode("dB|A"))
    'dB|A'
    """
    return [_INDEX[symbol] for symbol in text if symbol in _INDEX]


def decode(indices: list[int]) -> str:
    """The text of these numbers; END adds nothing to it."""
    return "".join(SYMBOLS[index - 1] for index in indices if index != END)


def is_character_model(path: Path) -> bool:
    """Whether the file says that it is a character model."""
    return path.suffix == ".onnx" and PRODUCER.encode() in content(path)[:256]


class CharacterModel:
    """A model file, run by ONNX Runtime on one thread. Raises ModelError when the file is not valid."""

    def __init__(self, path: Path) -> None:
        whole = content(path)
        try:
            self._model = open_session(whole)
        except Exception:  # onnxruntime raises many kinds, all of which mean one thing here
            raise ModelError(f"{path.name} is not a model that can be run; train or copy it again.") from None
        self.name = path.stem
        self.metadata: dict[str, str] = dict(self._model.get_modelmeta().custom_metadata_map)
        inputs = {node.name: node.shape for node in self._model.get_inputs()}
        shape = inputs.get("h", [])
        if self.metadata.get("symbols") != SYMBOLS or inputs != {"symbol": [1], "h": shape, "c": shape}:
            raise ModelError(f"{path.name} is not a character model that this livegen can read; train it again.")
        self._shape = tuple(shape)

    def start(self) -> CharacterState:
        """The state before the first character."""
        return CharacterState(np.zeros(self._shape, np.float32), np.zeros(self._shape, np.float32))

    def step(self, state: CharacterState, symbol: int) -> tuple[CharacterState, Logits]:
        """The state after one more symbol, and the logits [SIZE] of the next. The state given is not changed."""
        given = {"symbol": np.array([symbol], dtype=np.int64), "h": state.h, "c": state.c}
        logits, h, c = self._model.run(["logits", "h_out", "c_out"], given)
        if not np.isfinite(logits).all():
            raise ModelError(f"The model {self.name} answered with numbers that are not finite; train it again.")
        return CharacterState(h, c), logits
