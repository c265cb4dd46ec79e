"""The models and drummers that may be too slow, and what answers in their place.

Each change is one as if the musician had chosen it, in the journal and on the page.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

from livegen.live.stage import Stage
from livegen.predictors import models
from livegen.predictors.drums import DrumModel, Scene
from livegen.predictors.encoding import START
from livegen.predictors.models import Predictor
from livegen.predictors.session_chain import SessionChain
from livegen.predictors.session_drummer import SessionDrummer
from livegen.session.any_session import AnySession
from livegen.session.changes import FIRST, settings_of

ChangeModel = Callable[[str, str, Predictor], None]  # a voice, the name of its new model, and that
ChangeDrummer = Callable[[str, str], None]  # a voice, and the name of its new drummer

_BAR, _TEMPO = 16, 120.0  # of a step that a drummer is tried with


class StandIn(ABC):
    """One who may be replaced. ``name`` is what they are called for the musician, once they were replaced."""

    instead = ""  # what answers then, for the musician

    def __init__(self, stage: Stage, voice: str) -> None:
        self._stage = stage
        self._voice = voice
        self.name = ""

    @property
    def _session(self) -> AnySession:
        session = self._stage.session
        return session if self._voice == FIRST else session.voice(self._voice)

    @property
    @abstractmethod
    def has_nobody(self) -> bool:
        """Whether there is nobody to be replaced: the stand-in plays, by its name, or none is needed."""

    @property
    @abstractmethod
    def replaced(self) -> object:
        """The model or drum model that was replaced."""

    @property
    def is_busy(self) -> bool:
        """Whether it may not be tried now."""
        return False

    @property
    @abstractmethod
    def still(self) -> bool:
        """Whether the stand-in that was put there plays."""

    @abstractmethod
    def begin(self) -> None:
        """Have the stand-in play."""

    @abstractmethod
    def end(self) -> None:
        """Have them play who were replaced."""

    @abstractmethod
    def try_step(self) -> None:
        """Have them take a step, on any thread, of which nothing sounds."""


class ForModel(StandIn):
    """A chain of what was played, in the place of a model."""

    instead = "a chain of what was played answers"

    def __init__(self, stage: Stage, voice: str, change: ChangeModel) -> None:
        super().__init__(stage, voice)
        self._change = change
        self._asked_for = ""
        self._model: Predictor | None = None
        self._chain: SessionChain | None = None

    @property
    def has_nobody(self) -> bool:
        """Whether a chain plays, ours or one that was chosen."""
        return isinstance(self._session.predictor, SessionChain)

    @property
    def replaced(self) -> Predictor | None:
        """The model."""
        return self._model

    @property
    def is_busy(self) -> bool:
        """Whether another voice has the model, which is one's alone to step."""
        return any(one.predictor is self._model for one in self._stage.session.voices)

    def begin(self) -> None:
        """Have the chain answer."""
        self._model, self._asked_for = self._session.predictor, settings_of(self._stage.session, self._voice).model
        self.name, self._chain = f"The model {self._model.name}", SessionChain()
        self._change(self._voice, self._chain.name, self._chain)

    @property
    def still(self) -> bool:
        """Whether it is our chain that plays."""
        return self._session.predictor is self._chain

    def end(self) -> None:
        """Have the model answer, unless another was chosen meanwhile."""
        assert self._model is not None
        self._change(self._voice, self._asked_for, self._model)

    def try_step(self) -> None:
        """A step of the model."""
        assert self._model is not None
        self._model.step(self._model.start(), START)


class ForDrummer(StandIn):
    """The bar that was played, in the place of a drum model."""

    instead = "the bar that was played comes again"

    def __init__(self, stage: Stage, voice: str, change: ChangeDrummer) -> None:
        super().__init__(stage, voice)
        self._change = change
        self._asked_for = ""
        self._drummer: DrumModel | None = None

    @property
    def has_nobody(self) -> bool:
        """Whether the stand-in drums, or the voice plays bass or chords, or is itself a drum model."""
        session = self._session
        return self.still or session.player.plays_part or session.predictor.drummer is not None

    @property
    def replaced(self) -> DrumModel | None:
        """The drum model."""
        return self._drummer

    @property
    def still(self) -> bool:
        """Whether the stand-in drums."""
        return self._session.settings.drums == SessionDrummer.name

    def begin(self) -> None:
        """Have the bar before come again."""
        self.name = f"The drummer {self._session.settings.drums}"
        self._asked_for = self._session.settings.drums
        self._drummer = models.drummer(self._asked_for)
        self._change(self._voice, SessionDrummer.name)

    def end(self) -> None:
        """Have the drummer play."""
        self._change(self._voice, self._asked_for)

    def try_step(self) -> None:
        """A step of the drum model."""
        assert self._drummer is not None
        self._drummer.look_ahead(self._drummer.start(), Scene(0, _BAR, _TEMPO))
