"""The sustain pedal of pianists: in how many beats it is down, and how long after a beat it is let go."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from livegen.training.touch.lines import Numbers
from livegen.training.touch.match_files import Performance

_DOWN = 64  # value of the pedal from which on it holds the strings
_IN_BEAT = 0.6  # of a beat: by then a pedal that was changed on the beat is down again
_BEFORE, _SOONEST, _LATEST = -0.25, -0.1, 0.4  # of a beat: when it was down, and within which it is let go for a beat


class Pedal(NamedTuple):
    """The share of beats in which the pedal is down, and the seconds after a beat at which it is let go."""

    down: float
    late: float


def pedal(performances: Sequence[Performance]) -> Pedal:
    """The pedal in all beats of the performances; never down where none has one."""
    downs: list[bool] = []
    lates: list[float] = []
    for each in performances:
        if not each.pedals:
            continue
        times = np.array([at for at, _ in each.pedals])
        values = np.array([value for _, value in each.pedals])
        beats = _beats(each)
        for at, after in pairwise(beats):
            beat = after - at
            downs.append(_value(times, values, at + _IN_BEAT * beat) >= _DOWN)
            if _value(times, values, at + _BEFORE * beat) >= _DOWN:
                soon = (times >= at + _SOONEST * beat) & (times <= at + _LATEST * beat) & (values < _DOWN)
                lates += [float(times[soon].min() - at)] if soon.any() else []
    if not downs:
        return Pedal(0.0, 0.0)
    return Pedal(float(np.mean(downs)), max(0.0, float(np.median(lates))) if lates else 0.0)


def _beats(performance: Performance) -> Numbers:
    """The times of the beats, between the onsets of their notes (seconds)."""
    struck: dict[float, list[float]] = {}
    for note in performance.notes:
        struck.setdefault(round(note.onset / performance.beat, 3), []).append(note.on)
    places = sorted(struck)
    found: Numbers = np.interp(
        np.arange(np.ceil(places[0]), np.floor(places[-1]) + 1), places, [float(np.mean(struck[at])) for at in places]
    )
    return found


def _value(times: Numbers, values: Numbers, at: float) -> float:
    """The pedal at a time."""
    before = int(np.searchsorted(times, at, side="right")) - 1
    return float(values[before]) if before >= 0 else 0.0
