"""The beat over a whole phrase: its onsets against their places in the beat, by regression lines of several memories.

Theory of operation. The pulse's hypotheses turn with every note, as they must to follow one who slows down; what they
know of the tempo, to a hundredth, is too little for an answer of sixteen beats. So straight lines, time against beats,
are fitted to all onsets of the believed beat. Each is a Kalman filter, which is such a line with a memory: the less its
tempo may drift, the longer. The rules:
- Each line is weighed by how well it foretold the latest onsets; the beat is what they say together.
- An onset that is far from where a line has it moves it no more than one that is a little so.
- Where another level of the same tempo is believed, the lines are stretched and kept; after a silence, when the place
  in the beat may be another, only their tempo is.
"""

import math
from itertools import product

_DRIFTS = (0.001, 0.003, 0.01, 0.03)  # of the beat's length, a beat
_JITTERS = (0.008, 0.02)  # seconds: standard deviation of an onset from its place
_FIRST = 0.1  # of the beat's length: how exactly it is known at first
_SILENT = 0.02  # and how much less so after a silence
_CLIPPED = 2.0  # standard deviations that an onset counts at most
_RECENT = 0.97  # how much of the evidence for a line is kept from one onset to the next
_TAIL = 4.0  # an onset far off says little against a line (Student's t)
_RATIOS = (1.0, 2.0, 0.5, 1.5, 2 / 3, 3.0, 1 / 3, 0.75, 4 / 3)  # of levels of one tempo

# One line: the logarithm of its evidence, the time of the last place and the length of a beat (seconds), the variance
# of the time, its covariance with the length, the variance of the length, that of an onset, and the drift.
Line = tuple[float, float, float, float, float, float, float, float]
Lines = tuple[Line, ...]


def begun(at: float, length: float) -> Lines:
    """The lines after a first onset, with a beat of about this length (seconds)."""
    spread = (_FIRST * length) ** 2
    return tuple(
        (0.0, at, length, jitter**2, 0.0, spread, jitter**2, drift) for drift, jitter in product(_DRIFTS, _JITTERS)
    )


def resumed(lines: Lines, at: float) -> Lines:
    """The lines after a silence, at an onset whose place in the beat says nothing of the time."""
    return tuple(
        (log, at, length, noise, 0.0, tt + (_SILENT * length) ** 2, noise, drift)
        for log, _, length, _, _, tt, noise, drift in lines
    )


def stretched(lines: Lines, length: float) -> Lines:
    """The lines with beats of about this length (seconds), if that is another level of their tempo."""
    exact = length / told(lines)[1]
    ratio = min(_RATIOS, key=lambda each: abs(math.log(exact / each)))
    return tuple(
        (log, at, ratio * beat, gg, ratio * gt, ratio * ratio * tt, noise, drift)
        for log, at, beat, gg, gt, tt, noise, drift in lines
    )


def heard(lines: Lines, onset: float, beats: float) -> Lines:
    """The lines after an onset (seconds), whose place comes so many beats after the last one's."""
    found = []
    for log, at, length, gg, gt, tt, noise, drift in lines:
        wander = (drift * length) ** 2 * beats
        turn = gt + beats * (tt + wander / 2)
        ahead = gg + beats * (2 * gt + beats * (tt + wander / 3))
        spread = ahead + noise
        expected = at + beats * length
        off = onset - expected
        log = _RECENT * log - _TAIL * math.log(1.0 + off * off / (2 * _TAIL * spread)) - 0.5 * math.log(spread)
        bound = _CLIPPED * math.sqrt(spread)
        off = max(-bound, min(bound, off))
        gain, tilt = ahead / spread, turn / spread
        left = ahead * (1 - gain), turn * (1 - gain), tt + wander - tilt * turn
        found.append((log, expected + gain * off, length + tilt * off, *left, noise, drift))
    return tuple(found)


def told(lines: Lines) -> tuple[float, float]:
    """The time of the last place and the length of a beat (seconds), as the lines say together."""
    best = max([line[0] for line in lines])
    whole = at = length = 0.0
    for line in lines:
        share = math.exp(line[0] - best)
        whole, at, length = whole + share, at + share * line[1], length + share * line[2]
    return at / whole, length / whole
