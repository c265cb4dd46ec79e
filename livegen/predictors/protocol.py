"""What a model is to a session: it turns its state and one step into a new state and a forecast. States are values."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from livegen.music import raga
from livegen.music.raga import Raga
from livegen.predictors import memory as memories
from livegen.predictors.encoding import Step
from livegen.predictors.quotation import Quotations
from livegen.predictors.sampling import Logits

State = Any  # opaque to all but the predictor that made it; never changed in place


class ByGap(Protocol):
    """Logits that hang on the gap (an index in GAPS). A model may make them when they are asked for; they stay the
    same. ``np.asarray`` gives those of all gaps."""

    def __getitem__(self, gap: int, /) -> Logits: ...

    def __array__(self, dtype: None = None, /, *, copy: bool | None = None) -> npt.NDArray[np.float32]: ...


class Forecast(NamedTuple):
    """Logits of what comes next: ``gap`` [len(GAPS)], and ``pitch``, [128] for each possible gap."""

    gap: Logits
    pitch: ByGap
    touch: "Touch | None" = None


class Touch(NamedTuple):
    """How the next note is played, by a model that learnt it from performances: logits for each possible gap of the
    encoding's classes (the unknown left out) of ``velocity`` [16], ``length`` [12], the note's share of the gap after
    it, and ``deviation`` [11], its microtiming."""

    velocity: ByGap
    length: ByGap
    deviation: ByGap


class Known(NamedTuple):
    """A model's state: hidden and cell state, float32 [layers, 1, units] each, and the session memory."""

    h: npt.NDArray[np.float32]
    c: npt.NDArray[np.float32]
    memory: memories.Memory


class Past(NamedTuple):
    """A Markov chain's state: the latest pairs of interval and gap, the latest last; the last pitch (None: nothing was
    heard yet); and the session memory."""

    pairs: tuple[int, ...]
    pitch: int | None
    memory: memories.Memory


class Predictor(Protocol):
    """What a session needs of a model."""

    name: str
    digest: str  # SHA-256 of the model file
    polyphonic: bool  # does it foresee chords?
    quotations: Quotations  # the runs of notes that it was trained on
    reach: int  # how many of the last steps it needs to be told, to go on where another model was
    metadata: Mapping[str, str] = {}  # what the model file says of itself
    knows_bars: bool = False  # is it to be told the place in the bar?
    knows_talas: bool = False  # is it to be told the place in the avartana?
    home: str = raga.OFF  # the raga that it is in while no other is chosen

    def start(self) -> State:
        """The state before anything was heard."""

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        """The state after one more event, and what is expected then; ``memory`` (0: not at all; 1: as
        trained) says how far what was heard before leads."""

    def forget(self, state: State) -> State:
        """The state without its memory of what was heard before."""

    def sung_in(self, scale: Raga, tonic: int) -> "Predictor":
        """The same model in this raga and on this middle Sa, if it knows of any."""
        return self


def repeats(state: State) -> bool:
    """Whether what was heard last was heard before, as far as the state has a memory."""
    return isinstance(state, Known | Past) and memories.repeats(state.memory)


def listening(state: State, share: float) -> State:
    """The state that listens so far to the performer's notes, and the rest to its own."""
    if isinstance(state, Known | Past) and state.memory.listening != share:
        return state._replace(memory=state.memory._replace(listening=share))
    return state


def apart(state: State) -> State:
    """The state for one who only tries what comes next: going on from it leaves no trace."""
    return state._replace(memory=memories.apart(state.memory)) if isinstance(state, Known | Past) else state


def with_memory_of(state: State, other: State) -> State:
    """The state ``other``, which may be another model's, with the memory of ``state``, if they have any."""
    if isinstance(state, Known | Past) and isinstance(other, Known | Past):
        return other._replace(memory=state.memory)
    return other
