"""The protocol of a model: it turns its state and one step into a new state and a forecast. States are values.

A session hears a note, encodes it as a ``Step`` (``encoding.py``) and calls ``step``. The model answers with a state,
which the session keeps, and a ``Forecast``: logits of the gap to the next note and, for each possible gap, of its
pitch. The session draws from them (``sampling.py``); a model never plays, and never looks at a clock. A state is never
changed in place, so that a session can keep one, return to it, or try something and throw it away.

To add a kind of model:

1. Write a class that is a ``Predictor`` in a file of its own, such as ``markov.py``; its constructor takes the path of
   a model file and raises ModelError, or EncodingError, for a file that is not valid.
2. Add a row to ``KINDS`` in ``models.py``: the file ending, the kind's name, the class. It is then found, loaded by
   name, listed by `livegen models`, and refused in a sentence where its file is broken.
3. Test that its forecasts are probabilities and its states are values, as ``tests/predictors/test_markov.py`` does.

A state that has the session memory is a ``NetworkState`` or a ``MarkovState``. Slots, rewind and state files know these
two, and the functions at the end of this file read the memory in them.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from livegen.music import raga
from livegen.music.raga import Raga
from livegen.predictors import memory as memories
from livegen.predictors.drums import DrumModel
from livegen.predictors.encoding import Step
from livegen.predictors.quotation import Quotations
from livegen.predictors.sampling import Logits

State = Any  # opaque to all but the predictor that made it; never changed in place


class ByGap(Protocol):
    """Logits for each gap (an index in GAPS). A model may compute them only when they are asked for; they never change.
    ``np.asarray`` gives those of all gaps."""

    def __getitem__(self, gap: int, /) -> Logits: ...

    def __array__(self, dtype: None = None, /, *, copy: bool | None = None) -> npt.NDArray[np.float32]: ...


class Forecast(NamedTuple):
    """Logits of the next note: ``gap`` [len(GAPS)], and ``pitch``, [128] for each possible gap."""

    gap: Logits
    pitch: ByGap
    touch: "Touch | None" = None


class Touch(NamedTuple):
    """The touch of the next note, from a model that learnt it from performances: for each possible gap, logits over the
    encoding's classes (without the unknown) of ``velocity`` [16], ``length`` [12], the note's share of the gap after
    it, and ``deviation`` [11], its microtiming."""

    velocity: ByGap
    length: ByGap
    deviation: ByGap


class NetworkState(NamedTuple):
    """A network's state: hidden and cell state, float32 [layers, 1, units] each, and the session memory."""

    h: npt.NDArray[np.float32]
    c: npt.NDArray[np.float32]
    memory: memories.Memory


class MarkovState(NamedTuple):
    """A Markov chain's state: the latest pairs of interval and gap, the latest last; the last pitch (None before the
    first note); and the session memory."""

    pairs: tuple[int, ...]
    pitch: int | None
    memory: memories.Memory


class Stopwatch(Protocol):
    """Whoever wants to know how long a predictor's steps take; a player has no clock of its own."""

    def begin(self) -> float:
        """A step begins. Returns the time, in seconds."""

    def end(self, began: float) -> None:
        """The step that began then has ended."""


class Predictor(Protocol):
    """The attributes and methods that a session needs of a model."""

    name: str
    digest: str  # SHA-256 of the model file
    polyphonic: bool  # whether it predicts chords
    quotations: Quotations  # the runs of notes that it was trained on
    reach: int  # how many of the latest steps it must be given to continue from another model
    metadata: Mapping[str, str] = {}  # from the model file
    knows_bars: bool = False  # whether its steps should hold the place in the bar
    knows_talas: bool = False  # whether its steps should hold the place in the avartana
    default_raga: str = raga.OFF  # the raga to play in while no other is chosen
    drummer: DrumModel | None = None  # a model of drums plays by this, and by no forecast

    def start(self) -> State:
        """The state before the first note."""

    def step(self, state: State, step: Step, memory: float = 1.0) -> tuple[State, Forecast]:
        """The state after one more note, and the forecast of the next. ``memory`` says how far to trust the session
        memory: 0 not at all, 1 as in training."""

    def forget(self, state: State) -> State:
        """The state with an empty session memory."""

    def in_raga(self, scale: Raga, tonic: int) -> "Predictor":
        """The same model in this raga and on this middle Sa; itself if it knows no ragas."""
        return self


def repeats(state: State) -> bool:
    """Whether the latest notes were heard before. False for a state without a memory."""
    return isinstance(state, NetworkState | MarkovState) and memories.repeats(state.memory)


def listening(state: State, share: float) -> State:
    """The state whose memory follows the performer's notes by ``share`` (0 to 1), and the player's by the rest."""
    if isinstance(state, NetworkState | MarkovState) and state.memory.listening != share:
        return state._replace(memory=state.memory._replace(listening=share))
    return state


def begun_again(state: State, notes: int) -> State:
    """The state whose next note is to match the one that was ``notes`` notes before it, whatever that was, so that the
    memory goes on from there."""
    if isinstance(state, NetworkState | MarkovState):
        return state._replace(memory=state.memory._replace(found=notes))
    return state


def pitches(state: State, notes: int) -> list[int]:
    """The pitches of the latest notes in the session memory, so many at most, the oldest first."""
    if not isinstance(state, NetworkState | MarkovState):
        return []
    found: list[int] = state.memory.keys[memories.PITCH, :notes][::-1].tolist()
    return [pitch - 1 for pitch in found if pitch]


def detached(state: State) -> State:
    """The state for a trial: stepping from it writes nothing into the buffer that the session's own memory uses."""
    return (
        state._replace(memory=memories.detached(state.memory))
        if isinstance(state, NetworkState | MarkovState)
        else state
    )


def with_memory_of(state: State, other: State) -> State:
    """``other``, which may be another model's state, with the memory of ``state``, if both have one."""
    if isinstance(state, NetworkState | MarkovState) and isinstance(other, NetworkState | MarkovState):
        return other._replace(memory=state.memory)
    return other
