"""The readers of model files and of saved slots."""

from collections.abc import Callable, Sequence
from pathlib import Path

from livegen.errors import LivegenError
from livegen.player import slots
from livegen.predictors import models
from livegen.predictors.models import Predictor
from livegen.session import verbs
from livegen.session.session import Session
from livegen.settings import Settings
from tests.support.performances import drive, perform
from tools.fuzz.mutation import Draw, mutated, repacked
from tools.fuzz.target import Target, outcome, simple, written

_LARGEST = 1 << 23  # bytes
_NEAR = 4096  # bytes
_SAID = (b"tail", b"encoding", b"recipe")  # of a network, in its file
_ARRAYS = (b"<f4", b"|O", b"(2,)", b"null", b"1e99", b"True")


def _model(ending: str) -> Callable[[bytes, Path], str]:
    """All that livegen does with a model file."""

    def feed(data: bytes, folder: Path) -> str:
        try:
            found = models.read(written(f"model{ending}", data, folder))
            models.card(found)
            return f"{type(found).__name__} {_played(found)}"
        except LivegenError as error:
            return outcome(error)

    return feed


def _played(model: Predictor) -> str:
    """What comes of a phrase with it: one that fails while it plays is replaced live (`live/recovery.py`)."""
    try:
        drive(Session(model, Settings(mode="continuation", candidates=1, drums="off"), 1), perform(1, 5), 1.0)
    except AssertionError:
        raise
    except Exception as error:
        return type(error).__name__
    return "plays"


def _damaged(seeds: Sequence[bytes], draw: Draw, words: Sequence[bytes]) -> bytes:
    """A network, two times of three damaged near one of its ``words``, where its description lies."""
    data = draw.choice(seeds)
    at = max(0, data.find(draw.choice(words)) - _NEAR // 4)
    if draw.random() < 0.33:
        return mutated([data], draw, words, _LARGEST)
    return data[:at] + mutated([data[at : at + _NEAR]], draw, words) + data[at + _NEAR :]


def _seeds(*names: str) -> Callable[[], list[bytes]]:
    return lambda: [models.find(name).read_bytes() for name in names]


def _slot(data: bytes) -> str:
    try:
        slot = slots.unpack(data)
    except LivegenError as error:
        return outcome(error)
    session = Session(models.Untrained(), Settings(drums="off"), 1)
    session.slots[1] = slot
    return "slot"


def _slot_seeds() -> list[bytes]:
    seeds = []
    for name in ("markov", "folk"):
        session = Session(models.load(name), Settings(mode="continuation", candidates=1, drums="off"), 1)
        drive(session, perform(1, 12), 1.0)
        verbs.do(session, "save", session.now, (1,))
        seeds.append(slots.pack(session.slots[1]))
    return seeds


TARGETS = (
    Target("network", _seeds("folk"), simple(_model(".onnx")), _SAID, _damaged, 20.0, 20_000),
    Target("drummer", _seeds("drums"), simple(_model(".onnx")), _SAID, _damaged, 20.0, 20_000),
    Target("markov", _seeds("markov"), simple(_model(".npz")), _ARRAYS, repacked, 20.0, 20_000),
    Target("varisais", _seeds("carnatic"), simple(_model(".sargam")), _ARRAYS, repacked, 20.0, 50_000),
    Target("slot", _slot_seeds, simple(lambda data, _: _slot(data)), _ARRAYS, repacked),
)
