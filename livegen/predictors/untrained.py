"""The model that needs no file: steps of a major scale. It plays when no other model can."""

import numpy as np

from livegen.predictors.encoding import GAPS, PITCHES, Encoding, Step
from livegen.predictors.protocol import Forecast, Predictor, State
from livegen.predictors.quotation import Quotations

# A gap in beats, and its logit.
_GAPS = ((0.5, 1.0), (1.0, 0.0), (1.5, -1.0), (2.0, -1.5))
_BLACK_KEYS = (1, 3, 6, 8, 10)


class Untrained(Predictor):
    """Predicts a note of C major near the last one. It replaces a model that is broken."""

    name = "untrained"
    digest = ""
    polyphonic = False
    reach = 1
    quotations = Quotations()

    def __init__(self) -> None:
        self._gap = np.full(len(GAPS), -np.inf, dtype=np.float32)
        encoding = Encoding()
        for beats, logit in _GAPS:
            self._gap[encoding.gap_index(beats)] = logit

    def start(self) -> State:
        """The state before the first note. This model needs none."""
        return None

    def forget(self, state: State) -> State:
        """The same state: there is no memory to forget."""
        return state

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        """The forecast after a note: pitches near it, in C major."""
        centre = step.pitch - 1 if step.pitch else 60
        distance = np.abs(np.arange(PITCHES) - centre)
        pitch = (-0.5 * distance).astype(np.float32)
        pitch[distance == 0] = -2.0
        pitch[np.isin(np.arange(PITCHES) % 12, _BLACK_KEYS)] -= 8.0
        return None, Forecast(self._gap, np.broadcast_to(pitch, (len(GAPS), PITCHES)))
