"""The encoding of drums, shared by training and playing: steps of a sixteenth, nine drums, velocity, microtiming.

A step is what the kit does within a sixteenth: of each drum whether it is hit, how hard (16 classes), and how far from
the sixteenth (15 classes, from half a step early to half a step late). A network is told one vector a step
(``features``): what the kit did just before, and one and two bars before; where the step is in the bar; the tempo, the
style, fill or groove, intensity and density; and the performer's rhythm. Whatever is unknown has a sign of its own.
"""

import json
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import EncodingError
from livegen.music.drums import DRUMS, STYLES

VERSION = 2
KIT = len(DRUMS)
STEPS = 4  # a beat
VELOCITIES, DEVIATIONS = 16, 15  # classes
UNKNOWN, GROOVE, FILL = range(3)
_BEATS = 8  # of a bar that are told apart
_BARS = (8, 12, 16, 20, 24)  # steps of a bar that are told apart

Floats = npt.NDArray[np.float32]


class Step(NamedTuple):
    """One step of the kit: of each drum the velocity's class from 1 (0: no hit), and the deviation's class."""

    velocity: tuple[int, ...]
    deviation: tuple[int, ...]

    @property
    def drums(self) -> list[int]:
        """The drums that are hit."""
        return [drum for drum, velocity in enumerate(self.velocity) if velocity]


REST = Step((0,) * KIT, (DEVIATIONS // 2,) * KIT)


class Told(NamedTuple):
    """All that a network is told of a step beside the kit's own past; arrays of one shape, ``rhythm`` with three more.

    ``place`` is the step in the bar and ``steps`` the bar's; ``tempo`` beats a minute; ``style`` 1 + its place in
    STYLES, 0 if it is unknown; ``fill`` UNKNOWN, GROOVE or FILL; ``intensity`` the mean velocity around (0 to 1) and
    ``density`` the hits a step, NaN if unknown; ``rhythm`` the performer's loudest velocity (0 to 1) in the step
    before, and a bar before this step and the next, NaN if nobody plays.
    """

    place: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int64]
    tempo: Floats
    style: npt.NDArray[np.int64]
    fill: npt.NDArray[np.int64]
    intensity: Floats
    density: Floats
    rhythm: Floats


class Past(NamedTuple):
    """The kit's own past at a step, arrays [..., KIT, 3] of hit (0 or 1), velocity (0 to 1) and deviation (-1 to 1):
    the step ``before``; a bar before this step and the ``next``; ``two`` bars before. NaN where there was nothing."""

    before: Floats
    bar: Floats
    next: Floats
    two: Floats


def velocity_class(velocity: float) -> int:
    """The class, 0 to 15, of a MIDI velocity.

    >>> [velocity_class(each) for each in (1, 8, 127)]
    [0, 1, 15]
    """
    return min(VELOCITIES - 1, int(velocity) * VELOCITIES // 128)


def velocity_of(number: int, within: float = 0.5) -> int:
    """The MIDI velocity of a class; ``within`` says where in it (0 to 1)."""
    return max(1, min(127, int((number + within) * 128 / VELOCITIES)))


def deviation_class(steps: float) -> int:
    """The class, 0 to 14, of a deviation in steps, -0.5 to 0.5."""
    return max(0, min(DEVIATIONS - 1, round(steps * DEVIATIONS + DEVIATIONS // 2)))


def deviation_of(number: int) -> float:
    """The deviation in steps of a class."""
    return (number - DEVIATIONS // 2) / DEVIATIONS


def as_played(velocity: npt.NDArray[Any], deviation: npt.NDArray[Any]) -> Floats:
    """Steps as a network hears them, from classes [..., KIT] (velocities from 1, 0: no hit) to [..., KIT, 3]."""
    hit = (velocity > 0).astype(np.float32)
    loud = velocity.astype(np.float32) / VELOCITIES
    late = (deviation.astype(np.float32) - DEVIATIONS // 2) / (DEVIATIONS // 2) * hit
    return np.stack([hit, loud, late], axis=-1)


def features(told: Told, past: Past) -> Floats:
    """The input vectors of a network, [..., WIDTH]."""
    shape = told.place.shape
    angle = 2 * np.pi * told.place / told.steps
    bar = np.searchsorted(_BARS, told.steps)
    bar = np.where(np.isin(told.steps, _BARS), bar, len(_BARS))
    parts = [
        *(_flat(each, shape) for each in (past.before, past.bar, past.next[..., :1], past.two[..., :2])),
        *(~np.isnan(each[..., 0, :1]) for each in (past.bar, past.two)),
        np.stack([np.sin(angle), np.cos(angle)], axis=-1),
        *(np.eye(STEPS)[told.place % STEPS], np.eye(_BEATS)[np.minimum(told.place // STEPS, _BEATS - 1)]),
        np.eye(len(_BARS) + 1)[bar],
        np.log2(told.tempo / 120.0)[..., None],
        *(np.eye(len(STYLES) + 1)[told.style], np.eye(3)[told.fill]),
        *(_or_unknown(each[..., None]) for each in (told.intensity, told.density)),
        *(_or_unknown(told.rhythm[..., :1]), np.nan_to_num(told.rhythm[..., 1:]), np.nan_to_num(told.rhythm) > 0),
    ]
    return np.concatenate(parts, axis=-1).astype(np.float32)


def _flat(past: Floats, shape: tuple[int, ...]) -> Floats:
    return np.nan_to_num(past).reshape(*shape, -1)


def _or_unknown(value: Floats) -> Floats:
    """The value, 0 where it is unknown, and a sign that it is known."""
    return np.concatenate([np.nan_to_num(value), ~np.isnan(value)], axis=-1, dtype=np.float32)


WIDTH = KIT * (3 + 3 + 1 + 2) + 2 + 2 + STEPS + _BEATS + len(_BARS) + 1 + 1 + len(STYLES) + 1 + 3 + 4 + 2 + 2 + 3


def echoes(velocity: npt.NDArray[Any], deviation: npt.NDArray[Any], bar: int) -> npt.NDArray[np.int64]:
    """All that a hit of each drum may echo, [steps, KIT, 4]: the velocity a bar before and of the drum's last hit
    (classes from 1, 0: none), and the deviations of the same (from 1)."""
    found = np.zeros((len(velocity), KIT, 4), np.int64)
    late = np.where(velocity > 0, deviation.astype(np.int64) + 1, 0)
    found[bar:, :, 0], found[bar:, :, 2] = velocity[:-bar], late[:-bar]
    steps = np.arange(len(velocity))[:, None]
    latest = np.maximum.accumulate(np.where(velocity > 0, steps, -1), axis=0)[:-1]
    drums, known = np.arange(KIT), latest >= 0
    found[1:, :, 1] = np.where(known, velocity[latest, drums], 0)
    found[1:, :, 3] = np.where(known, late[latest, drums], 0)
    return found


def to_json() -> str:
    """The encoding as a model file holds it."""
    kit = {"drums": list(DRUMS), "styles": list(STYLES), "velocities": VELOCITIES, "deviations": DEVIATIONS}
    return json.dumps({"kind": "drums", "version": VERSION, "width": WIDTH, **kit})


def check(text: str, name: str) -> None:
    """Raises EncodingError if a model file's encoding is another."""
    if text != to_json():
        raise EncodingError(f"{name} was made by another version of livegen; train it again: livegen train drums.")
