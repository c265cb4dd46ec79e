"""Models that predict what a test wants: chords of three notes, or given gaps one after another."""

import numpy as np

from livegen.predictors.encoding import PLAYER, Encoding, Step
from livegen.predictors.models import Forecast, State, Untrained
from tests.support.spies import Spy

encoding = Encoding()


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
