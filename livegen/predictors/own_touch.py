"""A touch of livegen's own: how loud, how late and how long a note of a line is played, as pianists do.

It was learnt from pianists whose notes are aligned to the score (livegen/training/touch; ``livegen train touch``). Each
of three small networks says how likely each class of a value is; a draw then chooses. Pure, and seeded by the draws;
docs/touch.md explains it.
"""

import math
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError

Table = npt.NDArray[np.float32]

SHIPPED = Path(__file__).resolve().parent / "own_touch.npz"
HEADS = ("velocity", "late", "share")
TEXTURES = ("melody", "chords")
_FEATURES = {"velocity": 8, "late": 3, "share": 4}
_HEIGHT = 8  # notes over which the pitches' mean is taken
_STYLE = 6  # notes over which the shares' mean is taken
_LEAP = 12  # semitones, from which a leap is as large as any
_LATEST, _LONGEST = 0.25, 1.3  # bounds of what the next note knows of the last one's values
_NEAR = 0.02  # beats: so near to a beat is on it
_LEAST = 4.0  # velocities: the smallest spread
_QUIET = 4.0  # standard deviations from a mean down to silence, at least: the pianists played nothing so soft
_FINE = 4096.0  # steps of one uniform number, below which it is a further one


class Head(NamedTuple):
    """One network: ``values`` are the classes' middles, evenly spaced; without hidden units it is linear."""

    values: Table
    hidden: Table  # [units, features], [0, features] where it is linear
    hidden_bias: Table
    out: Table  # [classes, units or features]
    bias: Table

    def draw(self, features: tuple[float, ...], uniform: float) -> float:
        """A value, by a uniform number from 0 to 1; within its class all values are as likely."""
        x = np.array(features, dtype=np.float32)
        if len(self.hidden):
            x = np.tanh(self.hidden @ x + self.hidden_bias)
        total = np.exp(self.out @ x + self.bias).cumsum()
        sought = uniform * float(total[-1])
        at = min(len(total) - 1, int(total.searchsorted(sought, side="right")))
        below = float(total[at - 1]) if at else 0.0
        within = (sought - below) / max(1e-9, float(total[at]) - below)
        return float(self.values[at]) + (within - 0.5) * float(self.values[1] - self.values[0])


class Place(NamedTuple):
    """A note that is to be played: the gap before it, its place in the beats, its pitch."""

    beats: float
    place: float
    pitch: int


class Manner(NamedTuple):
    """The playing of a line's next note, where it is drawn, and of the one before it: the draws depend on both."""

    loud: float = 0.0  # standard deviations of velocity above the level
    before: float = 0.0  # the same, of the note before
    late: float = 0.0  # of the gap before it, of a beat at most: the note before
    uniform: float = 0.5  # a draw, for how late the note is and how long
    share: float = 0.9  # of its gap that the note before sounded
    style: float = 0.9  # the same, in the mean of the last notes
    pitch: int | None = None
    height: float = 60.0  # mean of the last pitches
    beats: float = 1.0  # the gap before the note
    longer: float = 0.0  # octaves by which that gap is longer than the one before it
    on_beat: bool = True
    foot: float = 0.5  # a draw of the last beat that had an onset: the pedal is down in it if this is small enough

    def then(self, note: Place, loud: float = 0.0, uniform: float = 0.5) -> "Manner":
        """The next note, so loud. How late and how long this one was is told with ``was``."""
        height = float(note.pitch) if self.pitch is None else self.height + (note.pitch - self.height) / _HEIGHT
        beats, longer = note.beats or self.beats, _longer(note.beats, self.beats)
        on_beat = abs(note.place - round(note.place)) < _NEAR
        foot = uniform * _FINE * _FINE % 1.0 if on_beat else self.foot
        style = self.share, self.style
        return Manner(loud, self.loud, self.late, uniform, *style, note.pitch, height, beats, longer, on_beat, foot)

    def came(self, late: float) -> "Manner":
        """The note came so late, of the gap before it."""
        return self._replace(late=max(-_LATEST, min(_LATEST, late)))

    def lasted(self, share: float) -> "Manner":
        """The note before sounded for this share of its gap."""
        share = min(_LONGEST, share)
        return self._replace(share=share, style=self.style + (share - self.style) / _STYLE)


class OwnTouch(NamedTuple):
    """The three heads, and what a line needs beside them. ``level`` and ``slope``: the standard deviation of the
    velocities in a performance of mean velocity 0, and how much less it is for each step of the mean."""

    velocity: Head
    late: Head
    share: Head
    level: float
    slope: float
    balance: float  # standard deviations by which the other notes of a chord are softer than its top
    pedal: float = 0.0  # share of the beats in which the sustain pedal is down
    lifted: float = 0.0  # seconds after the beat at which it is changed

    def spread(self, mean: float) -> float:
        """The standard deviation of velocities about this mean."""
        return min(mean / _QUIET, max(_LEAST, self.level - self.slope * mean))

    def next(self, manner: Manner, note: Place, uniform: float) -> Manner:
        """The next note of a line drawn. One uniform number serves all its draws: one by its first digits, the others
        by those after them."""
        following = manner.then(note, uniform=uniform * _FINE % 1.0)
        return following._replace(loud=self.velocity.draw(velocity_features(manner, following), uniform))

    def lateness(self, manner: Manner) -> float:
        """The lateness of the drawn note, of the gap before it, of a beat at most."""
        return self.late.draw(late_features(manner), manner.uniform)

    def rings(self, manner: Manner, place: float, beat: float, far: float) -> float:
        """The seconds for which the pedal holds a note at this place in the beats: until it is changed on the next one;
        0.0 if it is up. ``far``: how much of the pianists' pedal there is, 0 to 1."""
        if manner.foot >= far * self.pedal:
            return 0.0
        return (math.floor(place + _NEAR) + 1.0 - place) * beat + self.lifted

    def length(self, manner: Manner, beats: float, again: bool) -> float:
        """The share of a gap of so many beats that the drawn note sounds; ``again``: the next has its pitch."""
        return self.share.draw(share_features(manner, beats, again), manner.uniform * _FINE % 1.0)


def velocity_features(manner: Manner, following: Manner) -> tuple[float, ...]:
    """The network's inputs for the loudness of the note that follows."""
    assert following.pitch is not None
    leap = 0 if manner.pitch is None else following.pitch - manner.pitch
    leap = max(-_LEAP, min(_LEAP, leap))
    return (
        manner.loud,
        manner.before,
        float(following.on_beat),
        leap / 6.0,
        abs(leap) / 6.0,
        max(-_LEAP, min(_LEAP, following.pitch - following.height)) / 6.0,
        following.longer,
        float(leap == 0),
    )


def late_features(manner: Manner) -> tuple[float, ...]:
    """The network's inputs for how late the drawn note is."""
    return 10.0 * manner.late, manner.longer, float(manner.on_beat)


def share_features(manner: Manner, beats: float, again: bool) -> tuple[float, ...]:
    """The network's inputs for the share of its gap that a note sounds."""
    return manner.share, manner.style, _longer(beats, manner.beats), float(again)


def _longer(beats: float, before: float) -> float:
    """The octaves by which one gap is longer than another."""
    return max(-2.0, min(2.0, math.log2(beats / before))) if beats > 0.0 and before > 0.0 else 0.0


class Touches(NamedTuple):
    """The touch of a line of melody, and that of the highest notes of chords and broken chords."""

    melody: OwnTouch
    chords: OwnTouch


def load(path: Path) -> Touches:
    """The touches in a file. Raises ModelError if there are none."""
    try:
        with np.load(path, allow_pickle=False) as found:
            return Touches(*(_touch(texture, found) for texture in TEXTURES))
    except (OSError, ValueError, KeyError, EOFError, IndexError) as error:
        raise ModelError(f"{path.name} holds no touch ({error}); make one with livegen train touch.") from None


def _touch(texture: str, found: Any) -> OwnTouch:  # noqa: ANN401
    velocity, late, share = (_head(f"{texture}_{name}", _FEATURES[name], found) for name in HEADS)
    level, slope, balance = (float(each) for each in found[f"{texture}_dynamics"])
    pedal, lifted = (float(each) for each in found[f"{texture}_pedal"])
    return OwnTouch(velocity, late, share, level, slope, balance, pedal, lifted)


def _head(name: str, features: int, found: Any) -> Head:  # noqa: ANN401
    """Raises ValueError for arrays of other shapes."""
    head = Head(*(np.asarray(found[f"{name}_{field}"], dtype=np.float32) for field in Head._fields))
    width = len(head.hidden) or features
    shapes = (len(head.hidden), features), (len(head.hidden),), (len(head.values), width), (len(head.values),)
    if len(head.values) < 2 or any(table.shape != shape for table, shape in zip(head[1:], shapes, strict=True)):
        raise ValueError(f"{name} has another shape")
    if not all(np.isfinite(table).all() for table in head):
        raise ValueError(f"{name} is not finite")
    return head


@cache
def shipped() -> Touches:
    """The touches that come with livegen."""
    return load(SHIPPED)
