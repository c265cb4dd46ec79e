"""Judges the pulse note by note: is the beat that it tells the true one, half or twice of it, and how sure is it?"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from benchmarks.pulse.performances import Played
from livegen.beat.pulse import Pulse
from livegen.beat.rhythm import Rhythms

WARM = 5.0  # seconds, as in benchmarks.beats
CHORD = 0.035  # seconds: as livegen.listening.performer
TEMPO, PHASE = 0.12, 0.15  # share of the beat's length, and beats: this near is the same
LEVELS = 0.5, 1.0, 2.0
BINS = 10


class Told(NamedTuple):
    """The pulse after an onset: its confidence, whether the level is right, whether the beats are in their places too,
    and the cues that the confidence is worked out from."""

    sure: float
    level: bool
    placed: bool
    cues: tuple[float, ...]


def hear(played: Played, rhythms: Rhythms) -> list[Told]:
    """What the pulse tells after each onset of a performance, from the fifth second on."""
    pulse, told, latest = Pulse(rhythms=rhythms), [], -1.0
    for note in played.notes:
        at = note.onset
        if at - latest < CHORD:
            continue
        latest = at
        pulse.hear_onset(at)
        pulse.settle()
        if at - played.notes[0].onset > WARM:
            told.append(_told(played, pulse, at))
    return told


def _told(played: Played, pulse: Pulse, at: float) -> Told:
    grid, felt = played.grid, pulse.felt
    true = grid.length(at)
    level = next((each for each in LEVELS if abs(felt.length / true / each - 1.0) < TEMPO), None)
    if level is None:
        return Told(pulse.confidence, False, False, pulse.cues)
    # The heard beat nearest to the onset, in true beats; of beats that are half as long in halves.
    near = felt.at + round((at - felt.at) / felt.length) * felt.length
    place = grid.beat(near) * max(1.0, 1.0 / level)
    return Told(pulse.confidence, True, abs(place - round(place)) < PHASE, pulse.cues)


def right(told: Sequence[Told]) -> float:
    """The share at the right level."""
    return float(np.mean([each.level for each in told])) if told else float("nan")


def placed(told: Sequence[Told]) -> float:
    """The share with the beats in their places too."""
    return float(np.mean([each.placed for each in told])) if told else float("nan")


def bins(told: Sequence[Told]) -> list[tuple[float, float, int]]:
    """Reliability: of beats told with about the same confidence, the mean confidence, the share that is right,
    level and places, and how many they are."""
    found = []
    for number in range(BINS):
        inside = [each for each in told if number == min(BINS - 1, int(each.sure * BINS))]
        if inside:
            found.append((float(np.mean([each.sure for each in inside])), placed(inside), len(inside)))
    return found


def calibration_error(told: Sequence[Told]) -> float:
    """The expected calibration error: the mean distance of confidence from the share that is right."""
    return sum(abs(sure - share) * count for sure, share, count in bins(told)) / max(1, len(told))
