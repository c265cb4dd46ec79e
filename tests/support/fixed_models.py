"""Forecasts and models that a test fixes in advance: given probabilities, chords of three, given gaps in turn."""

import math

import numpy as np

from livegen.predictors.encoding import GAPS, PLAYER, Encoding, Step
from livegen.predictors.models import Forecast, State, Untrained
from tests.support.spies import Spy

encoding = Encoding()


def forecast(gaps: dict[int, float], pitches: dict[int, float]) -> Forecast:
    """A forecast from plain probabilities of gaps, and of pitches for every gap."""
    gap, pitch = np.full(len(GAPS), -np.inf, np.float32), np.full((len(GAPS), 128), -np.inf, np.float32)
    for index, share in gaps.items():
        gap[index] = math.log(share) + 3.0  # logits, of which only the differences count
    for index, share in pitches.items():
        pitch[:, index] = math.log(share) - 7.0
    return Forecast(gap, pitch)


class Chords(Untrained):
    """Predicts only chords of three notes, a beat apart."""

    polyphonic = True

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        count = 1 if step.gap != 1 else (state or 1) + 1
        forecast = super().step(state, step)[1]
        gap = np.full_like(forecast.gap, -np.inf)
        gap[0 if count < 3 else encoding.gap_index(1.0)] = 0.0
        return count, Forecast(gap, forecast.pitch)


class Values(Spy):
    """Predicts these gaps (beats) one after another, again and again."""

    def __init__(self, *beats: float) -> None:
        super().__init__()
        self._rows = [np.full(len(encoding.beats), -np.inf, dtype=np.float32) for _ in beats]
        for row, each in zip(self._rows, beats, strict=True):
            row[encoding.gap_index(each)] = 0.0

    def start(self) -> State:
        return 0

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        forecast = super().step(None, step)[1]
        after = state + 1 if step.who == PLAYER else 0
        return after, Forecast(self._rows[after % len(self._rows)], forecast.pitch)
