"""Takes as a network learns from them: its input vectors, varied where a drummer may play to anybody."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors.drum_encoding import (
    DEVIATIONS,
    FILL,
    GROOVE,
    KIT,
    STEPS,
    UNKNOWN,
    VELOCITIES,
    Floats,
    Past,
    Told,
    as_played,
    echoes,
    features,
)
from livegen.training.drums.takes import Take

AROUND = 16  # steps to either side, over which intensity and density are taken
_LENGTH = 96  # steps of an excerpt
_DROPPED, _UNTOLD = 0.5, 0.3  # how often a thing that may be unknown is; whether it is a fill
_REBARRED = 0.15  # how often a bar of four beats is cut to three or two
_LOUDER = 3  # classes by which a take may be played louder or softer


class Excerpt(NamedTuple):
    """Input vectors [steps, WIDTH], what was played there, classes [steps, KIT], and what it may echo."""

    inputs: Floats
    velocity: npt.NDArray[np.int64]
    deviation: npt.NDArray[np.int64]
    echoes: npt.NDArray[np.int64]


class Heard(NamedTuple):
    """All that a network is told of a take: whether of style, tempo and part, of intensity and density, and the
    performer's rhythm (velocities 0 to 1 a step; None: nobody plays). ``fills``: the part of each step, if they
    differ."""

    described: bool = True
    measured: bool = False
    rhythm: Floats | None = None
    fills: npt.NDArray[np.int64] | None = None


def excerpt(take: Take, heard: Heard | None = None) -> Excerpt:
    """The whole take."""
    heard = heard or Heard()
    played = as_played(take.velocity, take.deviation)
    steps = np.arange(len(played))
    nothing = np.full(len(played), np.nan, np.float32)
    intensity, density = measured(take) if heard.measured else (nothing, nothing)
    rhythm = np.full((len(played), 3), np.nan, np.float32)
    if heard.rhythm is not None:
        rhythm = np.stack([later(heard.rhythm, each, 0.0) for each in (1, take.bar, take.bar - 1)], axis=-1)
    told = Told(
        place=steps % take.bar,
        steps=np.full(len(played), take.bar),
        tempo=np.full(len(played), take.tempo if heard.described else 120.0, np.float32),
        style=np.full(len(played), take.style if heard.described else 0),
        fill=np.full(len(played), take.fill if heard.described else UNKNOWN) if heard.fills is None else heard.fills,
        intensity=intensity,
        density=density,
        rhythm=rhythm,
    )
    past = Past(*(later(played, each, np.nan) for each in (1, take.bar, take.bar - 1, 2 * take.bar)))
    velocity, deviation = take.velocity.astype(np.int64), take.deviation.astype(np.int64)
    return Excerpt(features(told, past), velocity, deviation, echoes(velocity, deviation, take.bar))


def later(played: Floats, steps: int, missing: float) -> Floats:
    """The same, so many steps later."""
    moved = np.full_like(played, missing)
    moved[steps:] = played[: max(0, len(played) - steps)]
    return moved


def measured(take: Take) -> tuple[Floats, Floats]:
    """The intensity and the density around each step."""
    hits = (take.velocity > 0).sum(axis=1).astype(np.float32)
    loud = take.velocity.sum(axis=1).astype(np.float32) / VELOCITIES
    window = np.ones(2 * AROUND + 1, np.float32)
    many = np.convolve(np.pad(hits, AROUND), window, "valid")
    sums = np.convolve(np.pad(loud, AROUND), window, "valid")
    count = np.convolve(np.pad(np.ones_like(hits), AROUND), window, "valid")
    return (sums / np.maximum(1.0, many)).astype(np.float32), (many / count).astype(np.float32)


def tapped(take: Take, random: np.random.Generator) -> Floats:
    """A performer's rhythm made of the drums themselves: some of the drums, thinned, as loud as the loudest hit.

    So a drummer learns to answer the rhythm that it hears (as in Gillick and others 2019, "tap to drum").
    """
    chosen = random.random(KIT) < random.uniform(0.25, 0.9)
    rhythm = (take.velocity * chosen).max(axis=1).astype(np.float32) / VELOCITIES
    keep = random.random(len(rhythm)) < random.uniform(0.5, 1.0)
    return np.where(keep, rhythm, np.float32(0.0))


class Variation:
    """Draws excerpts to learn from: some of what may be unknown is, bars may be cut, all may be louder or softer, and a
    fill that was recorded alone may stand in a groove. ``plain``: all that may be unknown is."""

    def __init__(self, takes: Sequence[Take], plain: bool = False) -> None:
        self._plain = plain
        self._grooves: dict[int, list[Take]] = {}
        for take in takes:
            if take.fill == GROOVE and take.bar == 4 * STEPS and len(take.velocity) >= 8 * take.bar:
                self._grooves.setdefault(take.style, []).append(take)

    def draw(self, take: Take, random: np.random.Generator) -> Excerpt:
        """An excerpt of the take, or all of it."""
        fills = None
        if len(take.velocity) > _LENGTH:
            first = int(random.integers(0, len(take.velocity) - _LENGTH // 2) // take.bar) * take.bar
            take = _part(take, first, first + _LENGTH)
        if take.fill == FILL and take.bar == 4 * STEPS and take.style in self._grooves and random.random() < _DROPPED:
            take, fills = self._in_groove(take, random)
        elif take.bar == 4 * STEPS and take.fill != FILL and random.random() < _REBARRED:
            take = _cut(take, int(random.choice([2, 3, 3])) * STEPS)
        if random.random() < _DROPPED:
            louder = int(random.integers(-_LOUDER, _LOUDER + 1))
            moved = np.clip(take.velocity.astype(np.int64) + louder, 1, VELOCITIES).astype(np.uint8)
            take = replace(take, velocity=np.where(take.velocity > 0, moved, take.velocity))
        take = replace(
            take,
            style=0 if random.random() < _DROPPED else take.style,
            fill=UNKNOWN if random.random() < _UNTOLD else take.fill,
        )
        rhythm = tapped(take, random) if random.random() < _DROPPED else None
        if self._plain:
            return excerpt(take, Heard(described=False))
        return excerpt(take, Heard(True, bool(random.random() < _DROPPED), rhythm, fills))

    def _in_groove(self, take: Take, random: np.random.Generator) -> tuple[Take, npt.NDArray[np.int64]]:
        """A fill between bars of a groove of its style; and the part of each step."""
        grooves = self._grooves[take.style]
        groove = grooves[int(random.integers(len(grooves)))]
        bars = len(groove.velocity) // take.bar
        first = int(random.integers(0, bars - 3)) * take.bar
        on = first + len(take.velocity) % take.bar  # a fill begins on a bar line, and the groove goes on where it ends
        before, after = _part(groove, first, first + 2 * take.bar), _part(groove, on, first + 2 * take.bar)
        whole = [before, take, after]
        fills = np.repeat([GROOVE, FILL, GROOVE], [len(each.velocity) for each in whole])
        velocity, deviation = (
            np.concatenate([getattr(each, name) for each in whole]) for name in ("velocity", "deviation")
        )
        return replace(take, velocity=velocity, deviation=deviation), fills


def _part(take: Take, first: int, end: int) -> Take:
    return replace(take, velocity=take.velocity[first:end], deviation=take.deviation[first:end])


def _cut(take: Take, bar: int) -> Take:
    """The take in a shorter bar, each of its bars cut off there."""
    kept = np.arange(len(take.velocity)) % take.bar < bar
    return replace(take, velocity=take.velocity[kept], deviation=take.deviation[kept], bar=bar)


class Batch(NamedTuple):
    """Excerpts side by side, [excerpts, steps, ...]; ``mask`` is 1 where there is a step."""

    inputs: Floats
    velocity: npt.NDArray[np.int64]
    deviation: npt.NDArray[np.int64]
    echoes: npt.NDArray[np.int64]
    mask: Floats


def batch(excerpts: Sequence[Excerpt]) -> Batch:
    """The excerpts as one batch."""
    longest = max(len(each.inputs) for each in excerpts)
    inputs = np.zeros((len(excerpts), longest, excerpts[0].inputs.shape[1]), np.float32)
    velocity = np.zeros((len(excerpts), longest, KIT), np.int64)
    deviation = np.full((len(excerpts), longest, KIT), DEVIATIONS // 2, np.int64)
    echoed = np.zeros((len(excerpts), longest, KIT, 4), np.int64)
    mask = np.zeros((len(excerpts), longest), np.float32)
    for row, each in enumerate(excerpts):
        count = len(each.inputs)
        inputs[row, :count], velocity[row, :count], deviation[row, :count], echoed[row, :count] = each
        mask[row, :count] = 1.0
    return Batch(inputs, velocity, deviation, echoed, mask)


def epoch(takes: Sequence[Take], size: int, random: np.random.Generator) -> list[Sequence[Take]]:
    """The batches of an epoch: as many excerpts of each take as it is long, those of a length together."""
    often = [take for take in takes for _ in range(max(1, round(len(take.velocity) / _LENGTH)))]
    often = [often[index] for index in random.permutation(len(often))]
    often.sort(key=lambda take: min(_LENGTH, len(take.velocity)) // 32)
    batches = [often[first : first + size] for first in range(0, len(often), size)]
    return [batches[index] for index in random.permutation(len(batches))]
