"""The drummer's network, played live from a model file: a step of the kit at a time, drawn drum by drum.

A state is a value: the network's hidden and cell state, and the latest steps. ``step`` first says what the next step
may be (``Chances``), from what is told of it; the caller draws with its own random numbers, and ``hear`` keeps what was
drawn. The file's contract is in ``models/README.md``.
"""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError
from livegen.predictors import drum_encoding
from livegen.predictors.drum_encoding import DEVIATIONS, KIT, VELOCITIES, WIDTH, Floats, Past, Step, Told
from livegen.predictors.onnx_file import content, open_session, parted

_KEPT = 2 * 48  # steps: two of the longest bars
Outputs = tuple[Floats, Floats, Floats, Floats]
_SHAPES = ((KIT,), (KIT, KIT), (KIT, VELOCITIES), (KIT, DEVIATIONS))
_NAMES = ("hit", "pair", "velocity", "deviation", "h_out", "c_out", "after")
_TABLES = (
    *((KIT, KIT, VELOCITIES), (KIT, KIT, DEVIATIONS), (VELOCITIES + 1, VELOCITIES), (DEVIATIONS + 1, DEVIATIONS)),
    *((2, KIT, VELOCITIES + 1, VELOCITIES), (2, KIT, DEVIATIONS + 1, DEVIATIONS)),
)
_LOWER = np.tril(np.ones((KIT, KIT), np.float32), -1)


class DrumNetworkFile:
    """A drummer's model file, run by ONNX Runtime on one thread. Raises ModelError, EncodingError for another's."""

    def __init__(self, path: Path) -> None:
        whole = content(path)
        self.digest = hashlib.sha256(whole).hexdigest()
        self.name = path.stem
        try:
            model, self.metadata = parted(whole)
            drum_encoding.check(self.metadata.get("encoding", ""), path.name)
            self._session = open_session(model)
            shape = next(each.shape for each in self._session.get_inputs() if each.name == "h")
            self._shape = tuple(int(each) for each in shape)
            h, c = self.zeros()
            *_, after = self._run(np.zeros(WIDTH, np.float32), h, c)
        except ModelError:
            raise
        except Exception as error:  # ONNX Runtime raises classes of its own
            raise ModelError(f"{path.name} cannot be used as a drummer ({str(error)[:80]}); train it again.") from None
        ends = np.cumsum([math.prod(shape) for shape in _TABLES])
        if len(after) != ends[-1]:
            raise ModelError(f"{path.name} is not a drummer that livegen trained; train it again.")
        self.tables = [part.reshape(shape) for part, shape in zip(np.split(after, ends[:-1]), _TABLES, strict=True)]

    def zeros(self) -> tuple[Floats, Floats]:
        """Hidden and cell state before the first step."""
        return np.zeros(self._shape, np.float32), np.zeros(self._shape, np.float32)

    def step(self, vector: Floats, h: Floats, c: Floats) -> tuple[Outputs, Floats, Floats]:
        """The heads for an input vector [WIDTH], and the states after it."""
        *heads, h_out, c_out, _ = self._run(vector, h, c)
        hit, pair, velocity, deviation = (each.reshape(shape) for each, shape in zip(heads, _SHAPES, strict=True))
        return (hit, pair * _LOWER, velocity, deviation), h_out, c_out

    def _run(self, vector: Floats, h: Floats, c: Floats) -> list[npt.NDArray[Any]]:
        found: list[npt.NDArray[Any]] = self._session.run(_NAMES, {"x": vector[None], "h": h, "c": c})
        return found


class DrumState(NamedTuple):
    """The place that a drummer has reached: the network's states, and the latest steps of the kit, the last the
    latest."""

    h: Floats
    c: Floats
    steps: tuple[Step, ...] = ()


class Chances(NamedTuple):
    """All that a step may be: logits of the hits [KIT], and how one drum changes the next [KIT, KIT]; of velocity and
    deviation of each, [KIT, classes]; the state after the step, but for what is drawn."""

    hit: Floats
    pair: Floats
    velocity: Floats
    deviation: Floats
    echoes: npt.NDArray[np.int64]
    after: DrumState


class Scene(NamedTuple):
    """All that a drummer is told of a step. ``place`` is the step in the bar of ``steps`` steps; ``style`` 1 + its
    place in STYLES, 0 if it is unknown; ``rhythm`` as in ``Told``; None is unknown."""

    place: int
    steps: int
    tempo: float
    style: int = 0
    fill: int = drum_encoding.UNKNOWN
    intensity: float | None = None
    density: float | None = None
    rhythm: tuple[float, float, float] | None = None


class DrumModel(DrumNetworkFile):
    """A drummer: ``look_ahead`` says what the next step may be, ``hear`` keeps what it was. ``goes_on``: it begins
    after the steps of the drummer before it."""

    goes_on = False

    def start(self) -> DrumState:
        """The state before the first step."""
        return DrumState(*self.zeros())

    def look_ahead(self, state: DrumState, scene: Scene) -> Chances:
        """Say what the next step may be."""
        vector = drum_encoding.features(_told(scene), _past(state.steps, scene.steps))
        (hit, pair, velocity, deviation), h, c = self.step(vector[0], state.h, state.c)
        return Chances(hit, pair, velocity, deviation, _echoes(state.steps, scene.steps), DrumState(h, c, state.steps))

    def hear(self, after: DrumState, step: Step) -> DrumState:
        """The state once the step is known."""
        return after._replace(steps=(*after.steps, step)[-_KEPT:])

    def velocities(self, chances: Chances, hits: Sequence[int], drum: int, before: int | None) -> Floats:
        """Logits of a drum's velocity, given the drums that are hit and the class drawn ``before`` (None: none)."""
        with_, _, after, _, echo, _ = self.tables
        bar, last, _, _ = chances.echoes[drum]
        found: Floats = chances.velocity[drum] + with_[hits, drum].sum(0) + after[0 if before is None else before + 1]
        found += echo[0, drum, bar] + echo[1, drum, last]
        return found

    def deviations(self, chances: Chances, hits: Sequence[int], drum: int, before: int | None) -> Floats:
        """Logits of a drum's deviation, given the same."""
        _, with_, _, after, _, echo = self.tables
        _, _, bar, last = chances.echoes[drum]
        found: Floats = chances.deviation[drum] + with_[hits, drum].sum(0) + after[0 if before is None else before + 1]
        found += echo[0, drum, bar] + echo[1, drum, last]
        return found


def _told(scene: Scene) -> Told:
    unknown = float("nan")
    return Told(
        place=np.array([scene.place]),
        steps=np.array([scene.steps]),
        tempo=np.array([scene.tempo], np.float32),
        style=np.array([scene.style]),
        fill=np.array([scene.fill]),
        intensity=np.array([unknown if scene.intensity is None else scene.intensity], np.float32),
        density=np.array([unknown if scene.density is None else scene.density], np.float32),
        rhythm=np.array([[unknown] * 3 if scene.rhythm is None else scene.rhythm], np.float32),
    )


def _echoes(steps: Sequence[Step], bar: int) -> npt.NDArray[np.int64]:
    """All that the hits of the next step may echo, [KIT, 4]."""
    velocity = np.array([*(each.velocity for each in steps), (0,) * KIT])
    deviation = np.array([*(each.deviation for each in steps), (0,) * KIT])
    found: npt.NDArray[np.int64] = drum_encoding.echoes(velocity, deviation, bar)[-1]
    return found


def _past(steps: Sequence[Step], bar: int) -> Past:
    count = len(steps)
    places = [count - each for each in (1, bar, bar - 1, 2 * bar)]
    known = [steps[place] if 0 <= place < count else None for place in places]
    played = drum_encoding.as_played(
        np.array([drum_encoding.REST.velocity if each is None else each.velocity for each in known]),
        np.array([drum_encoding.REST.deviation if each is None else each.deviation for each in known]),
    )
    for place, each in enumerate(known):
        if each is None:
            played[place] = np.nan
    return Past(*(played[place : place + 1] for place in range(4)))
