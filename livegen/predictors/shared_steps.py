"""The latest steps of a model, so that voices that have heard the same make one step together. Pure.

States are values, and voices that began alike and hear the same notes with the same settings hold the very same arrays:
then a voice's step is the one that another has just made, to the last bit, because it is that one. A state whose memory
is detached is for a trial, or for keeping the caches warm, and makes its own steps.
"""

from typing import NamedTuple

from livegen.predictors.encoding import Step
from livegen.predictors.memory import EMPTY
from livegen.predictors.protocol import Forecast, NetworkState

_KEPT = 64  # steps: of so many groups of voices at most

_Found = tuple[NetworkState, Forecast]
_Key = tuple[int, float, float, int]  # of the hidden state; trust in the memory, whom it follows, where it is found


class _Made(NamedTuple):
    state: NetworkState
    step: Step
    found: _Found


class SharedSteps:
    """Keeps the latest steps of one model."""

    def __init__(self) -> None:
        self._made: dict[_Key, _Made] = {}  # the state is kept too, so that no other gets its number

    def find(self, state: NetworkState, step: Step, trust: float) -> _Found | None:
        """The state and forecast of this very step, if it was among the latest."""
        memory = state.memory
        made = self._made.get((id(state.h), trust, memory.listening, memory.found))
        if made is None or made.step != step or made.state.c is not state.c:
            return None
        other = made.state.memory
        same = memory.lengths is other.lengths and memory.keys is other.keys and memory.who is other.who
        return made.found if same and memory.buffer is other.buffer else None

    def keep(self, state: NetworkState, step: Step, trust: float, found: _Found) -> None:
        """Keep a step and its outcome."""
        memory = state.memory
        if memory.buffer is not None or memory is EMPTY:
            if len(self._made) >= _KEPT:
                del self._made[next(iter(self._made))]
            self._made[id(state.h), trust, memory.listening, memory.found] = _Made(state, step, found)
