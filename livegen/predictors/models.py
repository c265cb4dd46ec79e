"""The models that can be played, found and loaded by name: networks, Markov chains, and scales where there is none."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from livegen.errors import LivegenError, ModelError
from livegen.predictors import varisai_network
from livegen.predictors.encoding import GAPS, PITCHES, Encoding, Step
from livegen.predictors.markov import MarkovPredictor
from livegen.predictors.network import NetworkPredictor
from livegen.predictors.onnx_file import ENDINGS, content
from livegen.predictors.protocol import Forecast, Known, Past, Predictor, State, Touch, listening, with_memory_of
from livegen.predictors.quotation import Quotations
from livegen.predictors.varisai import VarisaiPredictor

__all__ = [
    "Forecast",
    "Known",
    "NetworkPredictor",
    "Past",
    "Predictor",
    "State",
    "Touch",
    "Untrained",
    "listening",
    "with_memory_of",
]


class Untrained(Predictor):
    """A predictor that needs no model file: steps of a major scale. It steps in when a model is broken."""

    name = "untrained"
    digest = ""
    polyphonic = False
    reach = 1
    quotations = Quotations()

    def __init__(self) -> None:
        self._gap = np.full(len(GAPS), -np.inf, dtype=np.float32)
        encoding = Encoding()
        for beats, logit in ((0.5, 1.0), (1.0, 0.0), (1.5, -1.0), (2.0, -1.5)):
            self._gap[encoding.gap_index(beats)] = logit

    def start(self) -> State:
        """Nothing was heard."""
        return None

    def forget(self, state: State) -> State:
        """There is nothing to forget."""
        return state

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        """Near the last pitch, in C major."""
        centre = step.pitch - 1 if step.pitch else 60
        distance = np.abs(np.arange(PITCHES) - centre)
        pitch = (-0.5 * distance).astype(np.float32)
        pitch[distance == 0] = -2.0
        pitch[np.isin(np.arange(PITCHES) % 12, (1, 3, 6, 8, 10))] -= 8.0
        return None, Forecast(self._gap, np.broadcast_to(pitch, (len(GAPS), PITCHES)))


def folders(extra: Path | None = None) -> list[Path]:
    """Where models are looked for: the user's folder, then the ones that come with livegen."""
    here = Path(__file__).resolve().parent.parent
    return [folder for folder in (extra, here / "models", here.parent / "models") if folder is not None]


def find(name: str, extra: Path | None = None) -> Path:
    """The model file of that name, or at that path if it is one. Raises ModelError that lists what there is."""
    if name.endswith(ENDINGS):
        return Path(name)
    there: list[str] = []
    for folder in folders(extra):
        for path in _files(folder):
            if path.stem == name:
                return path
            there.append(path.stem)
    listed = (
        f"there are {', '.join(dict.fromkeys(there))}" if there else "there is none; `livegen train folk` makes one"
    )
    raise ModelError(f"There is no model {name!r}: {listed}.")


def names(extra: Path | None = None) -> list[str]:
    """The names of the models there are, whether they can be played or not: no file is read."""
    found = (path.stem for folder in folders(extra) for path in _files(folder))
    return [*dict.fromkeys(found), Untrained.name]


def _files(folder: Path) -> list[Path]:
    """The model files of a folder; of two with one name, the network first."""
    return [path for ending in ENDINGS for path in sorted(folder.glob(f"*{ending}"))]


def load(name: str, extra: Path | None = None, playing: Predictor | None = None) -> Predictor:
    """The predictor of that name (``playing``, if that is it, unchanged). Raises ModelError or EncodingError."""
    path = None if name == Untrained.name else find(name, extra)
    if path and playing and (playing.name, playing.digest) == (path.stem, hashlib.sha256(content(path)).hexdigest()):
        return playing
    return Untrained() if path is None else read(path)


def read(path: Path) -> NetworkPredictor | MarkovPredictor | VarisaiPredictor:
    """The model in a file. Raises ModelError or EncodingError."""
    if path.suffix == varisai_network.ENDING:
        return VarisaiPredictor(path)
    return MarkovPredictor(path) if path.suffix == ".npz" else NetworkPredictor(path)


def card(predictor: Predictor) -> dict[str, Any]:
    """What a model file says of itself, for lists and journals."""
    metadata = dict(predictor.metadata)
    recipe = json.loads(metadata["recipe"]) if metadata.get("recipe", "").startswith("{") else {}
    return {
        "name": predictor.name,
        "sha256": predictor.digest,
        "polyphonic": predictor.polyphonic,
        "licence": metadata.get("licence", ""),
        "recipe": recipe,
    }


def cards(extra: Path | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """The cards of all models that can be played, and a sentence for each file that cannot."""
    good: dict[str, dict[str, Any]] = {}
    broken = []
    for path in (path for folder in folders(extra) for path in _files(folder)):
        if path.stem not in good:
            try:
                good[path.stem] = card(read(path))
            except LivegenError as error:
                broken.append(str(error))
    return list(good.values()), broken
