"""Models that play scales and record what they were given, or fail when a test wants it."""

from livegen.errors import ModelError
from livegen.predictors.encoding import START, Step
from livegen.predictors.models import Forecast, State, Untrained


class Spy(Untrained):
    """Records the steps that it gets."""

    def __init__(self, knows_bars: bool = False) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.knows_bars = knows_bars

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        self.steps.append(step)
        return super().step(state, step)


class Failing(Untrained):
    """Fails once it is broken, but not at START: a session begins with it, and then with the notes played before."""

    broken = False

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        if self.broken and step != START:
            raise ModelError("The model broke (for this test).")
        return super().step(state, step)
