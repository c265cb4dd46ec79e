"""A model whose forecasts are known beforehand."""

import math

import numpy as np

from livegen.predictors.encoding import GAPS, PITCHES, Step
from livegen.predictors.models import Forecast, Predictor
from livegen.predictors.quotation import Quotations
from livegen.training.network import dataset

HALF = dataset.ENCODING.gap_index(0.5)


class Upwards(Predictor):
    """Expects half a beat with probability 3/4 and a semitone up with probability 1/2; in one key alone if told so.

    With its memory it expects a semitone up with probability 3/4; told the place in the bar, half a beat for certain.
    """

    name = "upwards"
    digest = ""
    polyphonic = False
    reach = 1
    quotations = Quotations()

    def __init__(self, home: int | None = None, data: str = "") -> None:
        self._home = home
        self.metadata = {"data": data}

    def start(self) -> None:
        return None

    def forget(self, state: None) -> None:
        """Nothing is remembered."""

    def step(self, state: None, step: Step, memory: float = 0.0) -> tuple[None, Forecast]:
        up = 0.5 + 0.25 * memory
        gap = np.full(len(GAPS), -30.0 if step.phase else math.log(0.25 / (len(GAPS) - 1)), dtype=np.float32)
        gap[HALF] = 0.0 if step.phase else math.log(0.75)
        pitch = np.full((len(GAPS), PITCHES), math.log((1 - up) / (PITCHES - 1)), dtype=np.float32)
        if self._home is None or step.pitch - 1 >= self._home:
            pitch[:, step.pitch % PITCHES] = math.log(up)
        return None, Forecast(gap + 3.0, pitch - 2.0)  # logits need not be normalised
