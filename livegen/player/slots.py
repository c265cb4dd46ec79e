"""Slots: saved places in the music, to which a session can return, and places between two of them. All are values."""

import json
import math
from typing import Any, NamedTuple

import numpy as np

from livegen.errors import ModelError
from livegen.player import drum_place
from livegen.player.drum_place import DrumPlace
from livegen.player.expression import Stance
from livegen.player.line import ComposerState, Line, Repetition
from livegen.player.seeded_random import BATCH
from livegen.predictors import state_file
from livegen.predictors.encoding import GAPS
from livegen.predictors.models import MarkovState, NetworkState, Predictor, with_memory_of
from livegen.predictors.own_touch import Manner
from livegen.predictors.quotation import Run

_PACKED = 7  # values of a stance, without livegen's own manner


class Place(NamedTuple):
    """A place in the music: the line there, the composer's state, and the number of steps that led there."""

    line: Line
    composer: ComposerState
    steps: int


class Slot(NamedTuple):
    """A saved place: the line with its next note, the composer's state, and the model it belongs to."""

    line: Line
    composer: ComposerState
    digest: str  # SHA-256 of the model file
    drummer: DrumPlace | None = None

    def is_of(self, predictor: Predictor) -> bool:
        """Whether it was saved with this model."""
        return self.digest == predictor.digest and state_file.alike(self.line.state, predictor.start())

    def seen_by(self, predictor: Predictor, here: Line) -> "Slot":
        """The slot for another model than its own: the line ``here``, with the slot's memory."""
        if self.is_of(predictor):
            return self
        return Slot(
            here._replace(state=with_memory_of(self.line.state, here.state)),
            self.composer,
            predictor.digest,
            self.drummer,
        )

    def place(self, here: Place) -> Place:
        """The place to continue from now. The last onset keeps its time and its place in the beats."""
        line, stance = here.line, here.line.stance
        stance = self.line.stance._replace(place=stance.place, late=stance.late, swung=stance.swung)
        return Place(self.line._replace(onset=line.onset, stance=stance, loop=Repetition()), self.composer, here.steps)


def between(one: Slot, other: Slot, share: float) -> Slot:
    """The slot between two slots of one model: at 0 it is ``one``, at 1 the ``other``, unchanged.

    The hidden and cell states are mixed, as in a crossfade. A memory is a history: two of them have
    no mean, and joined they would report matches that never were. So the memory, the expected note and the random state
    are those of the nearer slot.
    """
    near = one if share < 0.5 else other
    if share in (0.0, 1.0) or not (
        isinstance(one.line.state, NetworkState) and isinstance(other.line.state, NetworkState)
    ):
        return near
    first, second = one.line.state, other.line.state
    weight = np.float32(share)
    h, c = ((1 - weight) * a + weight * b for a, b in ((first.h, second.h), (first.c, second.c)))
    return near._replace(line=near.line._replace(state=near.line.state._replace(h=h, c=c)))


def pack(slot: Slot) -> bytes:
    """The slot as a file's bytes. Raises ModelError if it holds no state that can be written."""
    line, stance, state = slot.line, slot.line.stance, slot.line.state
    if not isinstance(state, NetworkState | MarkovState):
        raise ModelError("This model's places cannot be kept for another day; until livegen ends it is kept.")
    plain = {
        "expects": [line.next_gap, line.next_pitch, line.next_velocity],
        "pitch": line.pitch,
        "length": line.length,
        "run": [list(line.run.moves), line.run.hash],
        "stance": list(stance[:_PACKED]),
        "own": None if stance.own is None else list(stance.own),
        "dice": dict(slot.composer.state),
        "drawn": slot.composer.drawn,
        "performed": [list(slot.composer.performed.moves), slot.composer.performed.hash],
        "borrowed": sorted(slot.composer.borrowed),
        "key": slot.composer.key,
        "drummer": None if slot.drummer is None else slot.drummer.plain(),
    }
    arrays = state_file.arrays(slot.digest, state) | ({} if slot.drummer is None else slot.drummer.arrays())
    return state_file.pack({**arrays, "slot": np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8)})


def unpack(content: bytes) -> Slot:
    """The slot that ``pack`` wrote. Raises ModelError if it is damaged."""
    arrays = state_file.unpack(content)
    damaged = ModelError("The slot is damaged; save it again.")
    state = state_file.read(arrays)
    try:
        plain = json.loads(bytes(arrays["slot"]))
        gap, pitch, velocity = (int(value) for value in plain["expects"])
        last, length = plain["pitch"], plain["length"]
        line = Line(
            state=state,
            next_gap=gap,
            next_pitch=pitch,
            next_velocity=velocity,
            pitch=None if last is None else int(last),
            length=None if length is None else float(length),
            run=_run(plain["run"]),
            stance=_stance(plain["stance"])._replace(own=_manner(plain.get("own"))),
        )
        np.random.default_rng().bit_generator.state = plain["dice"]  # refuses what is not valid
        borrowed = frozenset(int(key) for key in plain["borrowed"])
        drawn = max(0, min(BATCH, int(plain.get("drawn", 0))))
        composer = ComposerState(plain["dice"], drawn, _run(plain["performed"]), borrowed, int(plain["key"]) % 12)
        in_range = 0 <= gap < len(GAPS) and 0 <= pitch <= 127 and 1 <= velocity <= 127
        if not in_range or (line.pitch is not None and not 0 <= line.pitch <= 127):
            raise damaged
        return Slot(line, composer, str(arrays["model"]), drum_place.read(plain.get("drummer"), arrays))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise damaged from None


def _run(values: list[Any]) -> Run:
    moves, mixed = values
    return Run(tuple(int(move) for move in moves), int(mixed))


def _stance(values: list[Any]) -> Stance:
    *floats, deviation, levels = values
    place, late, swung, lean, share = (None if value is None else float(value) for value in floats)
    return Stance(
        place or 0.0,
        late or 0.0,
        swung or 0.0,
        lean or 0.0,
        share,
        None if deviation is None else max(0, min(10, int(deviation))),
        None if levels is None else (float(levels[0]), float(levels[1])),
    )


def _manner(values: list[Any] | None) -> Manner | None:
    """Livegen's own manner; a slot that was saved before there was one has none."""
    if values is None:
        return None
    *numbers, pitch, height, beats, longer, on_beat, foot = values
    loud, before, late, uniform, share, style = (float(value) for value in numbers)
    height, beats, longer = float(height), float(beats), float(longer)
    if not all(math.isfinite(value) for value in (loud, before, late, uniform, share, style, height, beats, longer)):
        raise ValueError("the manner is not finite")
    last = None if pitch is None else int(pitch)
    return Manner(loud, before, late, uniform, share, style, last, height, beats, longer, bool(on_beat), float(foot))
