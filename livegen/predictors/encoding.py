"""The event encoding of training and of playing: one step per note-on, ten small integers, 0 = unknown.

A model file carries ``Encoding().to_json()`` in its metadata; ``Encoding.from_json`` refuses any other version.
"""

import json
import math
from bisect import bisect_right
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, TypeVar

from livegen.errors import EncodingError

VERSION = 1

# Time since the last onset, in beats (a quarter note, or an akshara). 0 is a chord.
GAPS = tuple(
    Fraction(value)
    for value in (
        "0 1/24 1/16 1/12 1/8 1/6 3/16 1/4 1/3 3/8 5/12 1/2 5/8 2/3 3/4 5/6 7/8 1 7/6 5/4 4/3 3/2 5/3 7/4 "
        "2 9/4 7/3 5/2 8/3 3 10/3 7/2 4 9/2 5 6 7 8 10 12 16"
    ).split()
)
METRES = ("2/4", "3/4", "4/4", "6/8", "9/8", "12/8", "3/2")
_CLASS_OF_METRE = {metre: 1 + index for index, metre in enumerate(METRES)}
CHORD = 0.030  # seconds: onsets closer than this are one chord
PITCHES = 128
INTERVAL = 32  # the widest interval with a class of its own
DEVIATION = 0.25  # the widest microtiming with a class of its own, as a share of the gap
PERFORMER, PLAYER = 1, 2  # the classes of `who`

_Number = TypeVar("_Number", int, float)


class Onset(NamedTuple):
    """One note-on in musical terms. None is unknown.

    ``gap`` and ``phase`` are beats; ``released`` is the length of the previous note as a share of this note's gap
    (1 or more: still sounding); ``held`` counts the notes sounding before this one.
    """

    pitch: int
    gap: float | None = None
    previous: int | None = None
    velocity: int | None = None
    released: float | None = None
    held: int | None = None
    phase: float | None = None
    metre: str | None = None
    who: int = PERFORMER


class Step(NamedTuple):
    """One model input: a class number per field, 0 = unknown."""

    pitch: int = 0
    interval: int = 0
    gap: int = 0
    deviation: int = 0
    velocity: int = 0
    released: int = 0
    held: int = 0
    phase: int = 0
    metre: int = 0
    who: int = 0


START = Step()  # fed before the first note
CLASSES = Step(
    pitch=1 + PITCHES,
    interval=1 + 2 * INTERVAL + 1,
    gap=1 + len(GAPS),
    deviation=1 + 11,
    velocity=1 + 16,
    released=1 + 12,
    held=1 + 8,
    phase=1 + 48,
    metre=1 + len(METRES),
    who=1 + 2,
)


class Encoding:
    """Onsets to steps and back.

    >>> encoding = Encoding()
    >>> step = encoding.encode(Onset(pitch=62, gap=0.5, previous=60))
    >>> (step.pitch, step.interval, float(GAPS[step.gap - 1]))
    (63, 35, 0.5)
    >>> encoding.decode(step).pitch
    62
    """

    version = VERSION

    def __init__(self) -> None:
        self.beats = tuple(float(gap) for gap in GAPS)
        sounding = self.beats[1:]
        # A gap belongs to the note value nearest on a logarithmic scale; less than half the smallest is a chord.
        self._edges = [sounding[0] / 2] + [math.sqrt(a * b) for a, b in pairwise(sounding)]

    def gap_index(self, beats: float) -> int:
        """The index in ``GAPS`` of the note value nearest to ``beats`` (≥ 0)."""
        return bisect_right(self._edges, beats)

    def encode(self, onset: Onset) -> Step:
        """One onset as class numbers. Values out of range are clipped to the nearest class."""
        gap = deviation = interval = 0
        pitch, beats, previous, velocity, released, held, phase, metre, who = onset
        if beats is not None:
            index = self.gap_index(beats)
            gap = index + 1
            if index:
                share = (beats - self.beats[index]) / self.beats[index]
                deviation = 6 + round(_clip(share / DEVIATION, -1.0, 1.0) * 5)
        if previous is not None:
            away = pitch - previous
            interval = 1 + INTERVAL + (away if -INTERVAL <= away <= INTERVAL else _clip(away, -INTERVAL, INTERVAL))
        return Step(
            1 + (pitch if 0 <= pitch < PITCHES else _clip(pitch, 0, PITCHES - 1)),
            interval,
            gap,
            deviation,
            0 if velocity is None else 1 + (velocity if 0 <= velocity <= 127 else _clip(velocity, 0, 127)) // 8,
            0 if released is None else 1 + int(_clip(released, 0.0, 1.0) * 11),
            0 if held is None else 1 + (held if 0 <= held <= 7 else _clip(held, 0, 7)),
            0 if phase is None else 1 + int(phase * 4 + 1e-6) % 48,
            0 if metre is None else _CLASS_OF_METRE.get(metre, 0),
            who,
        )

    def decode(self, step: Step) -> Onset:
        """The onset of a step: each class becomes its middle value, unknown becomes None."""
        gap: float | None = None
        if step.gap:
            gap = self.beats[step.gap - 1]
            if step.deviation:
                gap += gap * DEVIATION * (step.deviation - 6) / 5
                gap = self._inside(step.gap - 1, gap)
        pitch = step.pitch - 1
        return Onset(
            pitch=pitch,
            gap=gap,
            previous=pitch - (step.interval - 1 - INTERVAL) if step.interval else None,
            velocity=(step.velocity - 1) * 8 + 4 if step.velocity else None,
            released=(step.released - 1) / 11 if step.released else None,
            held=step.held - 1 if step.held else None,
            phase=(step.phase - 1) / 4 if step.phase else None,
            metre=METRES[step.metre - 1] if step.metre else None,
            who=step.who,
        )

    def _inside(self, index: int, gap: float) -> float:
        """The gap, kept within its class: the classes of deviation are wide enough to reach the next note value."""
        if index > 0:
            gap = max(gap, self._edges[index - 1] * (1 + 1e-9))
        if index < len(self._edges):
            gap = min(gap, self._edges[index] * (1 - 1e-9))
        return gap

    def to_json(self) -> str:
        """The encoding's version and parameters, for a model file's metadata."""
        return json.dumps(
            {
                "version": VERSION,
                "fields": CLASSES._asdict(),
                "gaps": [str(gap) for gap in GAPS],
                "metres": list(METRES),
                "chord": CHORD,
                "interval": INTERVAL,
                "deviation": DEVIATION,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Encoding":
        """The encoding a model was trained with. Raises EncodingError unless it is exactly this one."""
        try:
            theirs = json.loads(text)
            version = theirs["version"]
        except (ValueError, TypeError, KeyError):
            raise EncodingError(
                "The model does not name its event encoding; export it again with livegen train."
            ) from None
        if version != VERSION:
            raise EncodingError(f"The model uses event encoding {version}, livegen {VERSION}; train the model again.")
        if theirs != json.loads(cls().to_json()):
            raise EncodingError("The model's event encoding has other classes than livegen's; train the model again.")
        return cls()


def _clip(value: _Number, low: _Number, high: _Number) -> _Number:
    return low if value < low else high if value > high else value
