"""The models that can be played, and the one place that says which kinds there are.

``KINDS`` is the table: a row is a file ending, the kind's name and how such a file is read. Everything else (``find``,
``names``, ``load``, ``cards``, the commands and the messages) follows from it. ``protocol.py`` says how to add a kind.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from livegen.errors import LivegenError, ModelError, NoSuchModelError, unknown
from livegen.predictors import varisai_network
from livegen.predictors.drum_predictor import DrumPredictor, is_drummer
from livegen.predictors.drums import DrumModel
from livegen.predictors.markov import MarkovPredictor
from livegen.predictors.network import NetworkPredictor
from livegen.predictors.onnx_file import content
from livegen.predictors.protocol import (
    Forecast,
    MarkovState,
    NetworkState,
    Predictor,
    State,
    Touch,
    listening,
    with_memory_of,
)
from livegen.predictors.session_chain import SessionChain
from livegen.predictors.session_drummer import SessionDrummer
from livegen.predictors.untrained import Untrained
from livegen.predictors.varisai import VarisaiPredictor

__all__ = [
    "Forecast",
    "MarkovState",
    "NetworkPredictor",
    "NetworkState",
    "Predictor",
    "State",
    "Touch",
    "Untrained",
    "listening",
    "with_memory_of",
]


class ModelKind(NamedTuple):
    """A kind of model file. ``read`` raises ModelError or EncodingError; ``trains_on``: whether `livegen train mine`
    can train such a model further."""

    ending: str
    name: str
    read: Callable[[Path], Predictor]
    trains_on: bool = False


def _network(path: Path) -> Predictor:
    """A network of notes, or a drummer, as the file says."""
    return DrumPredictor(path) if is_drummer(path) else NetworkPredictor(path)


# Where one name has files of several kinds, the first row wins.
KINDS = (
    ModelKind(".onnx", "network of notes, or drummer", _network, trains_on=True),
    ModelKind(".npz", "Markov chain", MarkovPredictor),
    ModelKind(varisai_network.ENDING, "varisai network", VarisaiPredictor),
)
ENDINGS = tuple(kind.ending for kind in KINDS)
# The models that need no file, by name.
BUILT_IN: dict[str, Callable[[], Predictor]] = {Untrained.name: Untrained, SessionChain.name: SessionChain}


def kind_of(path: Path) -> ModelKind:
    """The kind of a model file, by its ending; a file with another ending is read as a network, which refuses it."""
    return next((kind for kind in KINDS if kind.ending == path.suffix), KINDS[0])


def folders(extra: Path | None = None) -> list[Path]:
    """The folders where models are looked for: the user's first, then the ones that come with livegen."""
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
    more = "" if there else " `livegen train folk` makes one."
    raise NoSuchModelError(unknown("model", name, [*there, *BUILT_IN] if there else ()) + more)


def names(extra: Path | None = None) -> list[str]:
    """The names of the models there are, whether they can be played or not: no file is read."""
    found = (path.stem for folder in folders(extra) for path in _files(folder))
    return [*dict.fromkeys(found), *BUILT_IN]


def _files(folder: Path) -> list[Path]:
    """The model files of a folder, in the order of ``KINDS``."""
    return [path for ending in ENDINGS for path in sorted(folder.glob(f"*{ending}"))]


def load(name: str, extra: Path | None = None, playing: Predictor | None = None) -> Predictor:
    """The model of that name (``playing`` itself, if it is that model). Raises ModelError or EncodingError."""
    if name in BUILT_IN:
        return BUILT_IN[name]()
    path = find(name, extra)
    if playing and (playing.name, playing.digest) == (path.stem, hashlib.sha256(content(path)).hexdigest()):
        return playing
    return read(path)


def read(path: Path) -> Predictor:
    """The model in a file. Raises ModelError or EncodingError."""
    return kind_of(path).read(path)


# The drummers that were read, by name, and the one that needs no file.
_drummers: dict[str, DrumModel] = {SessionDrummer.name: SessionDrummer()}


def drummer(name: str) -> DrumModel:
    """The drummer of that name that came with livegen, or in that file; read once. Raises ModelError."""
    if name not in _drummers:
        found = read(find(name)).drummer
        if found is None:
            raise ModelError(f"The model {name} is not a drummer; choose drums, or train one: livegen train drums.")
        _drummers[name] = found
    return _drummers[name]


def is_drummer_read(name: str) -> bool:
    """Whether ``drummer`` returns at once, for the drummer of that name was read before."""
    return name in _drummers


def card(predictor: Predictor) -> dict[str, Any]:
    """A model's description from its file, for lists and journals."""
    metadata = dict(predictor.metadata)
    recipe = json.loads(metadata["recipe"]) if metadata.get("recipe", "").startswith("{") else {}
    return {
        "name": predictor.name,
        "sha256": predictor.digest,
        "polyphonic": predictor.polyphonic,
        **({"drums": True} if predictor.drummer is not None else {}),
        "licence": metadata.get("licence", ""),
        "recipe": recipe,
    }


def card_line(card: dict[str, Any]) -> str:
    """A card as one line of the list of models."""
    plays = "drums" if card.get("drums") else "melody and chords" if card["polyphonic"] else "melody"
    whose = "yours; it hides the one of that name that comes with livegen" if card.get("hides") else "yours"
    licence = card["licence"] or "licence not stated"
    return f"{card['name']:16} {plays:18} {licence}{f' ({whose})' if card.get('yours') else ''}"


def cards(extra: Path | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """The cards of all models that can be played, and a sentence for each file that cannot."""
    good: dict[str, dict[str, Any]] = {}
    broken, shipped = [], names()
    for path in (path for folder in folders(extra) for path in _files(folder)):
        if path.stem not in good:
            try:
                yours = path.parent == extra
                good[path.stem] = card(read(path)) | {"yours": yours, "hides": yours and path.stem in shipped}
            except LivegenError as error:
                broken.append(str(error))
    return list(good.values()), broken
