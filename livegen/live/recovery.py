"""Helps the session on when it lost its way: silence, one sentence, and it begins anew; no drone and no burst."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Protocol

from livegen.errors import LivegenError, ModelError
from livegen.journal.record import Journal
from livegen.live.model_loader import FIRST, ModelLoader
from livegen.live.output import Output
from livegen.live.voice_commands import VoiceCommands
from livegen.player import modes
from livegen.predictors.models import Untrained
from livegen.session import voices
from livegen.session.any_session import AnySession
from livegen.system import clock

logger = logging.getLogger(__name__)


class Stage(Protocol):
    """What a prompter needs of who directs."""

    session: AnySession
    out: Output
    journal: Journal
    voice_commands: VoiceCommands
    model_loader: ModelLoader

    def show(self, sentence: str) -> None:
        """Show the musician a sentence."""


class Recovery:
    """Sits below one stage. ``wake`` has the timer set again."""

    def __init__(self, stage: Stage, wake: Callable[[], None]) -> None:
        self._stage = stage
        self._wake = wake

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """A fault in a mode or a model ends in silence and one sentence; listening goes on."""
        try:
            yield
        except Exception as error:
            self.recover(error)

    def recover(self, error: Exception) -> None:
        """The session failed so: mend what is at fault, and go on."""
        logger.error("the session failed", exc_info=error)
        now = clock.now()
        self.silence(now)
        sentence = str(error) if isinstance(error, LivegenError) else f"Something failed inside: {error!r}."
        faulty = voices.at_fault(self._stage.session)
        if faulty is not None:
            self._stage.out.tell("/livegen/error", "session", sentence)
            self._stage.show(f"{sentence} {self._stage.voice_commands.mend(faulty, isinstance(error, ModelError))}")
        else:
            self._mend(sentence, isinstance(error, ModelError), now)
        self._begin_anew(now)

    def hold_up(self, now: float) -> None:
        """The machine slept, or stood still: what was missed is not played in a burst."""
        self._stage.show("livegen was held up; it goes on from here.")
        self.silence(now)
        self._begin_anew(now)

    def silence(self, now: float) -> None:
        """End all that sounds, whoever plays it."""
        self._stage.journal.noted(now, "panic")
        self._stage.out.send(self._stage.session.panic(now))
        self._stage.out.panic()

    def _begin_anew(self, now: float) -> None:
        """Ask every voice again whether to play."""
        mode = self._stage.session.settings.mode
        self._stage.journal.changed(now, "mode", mode)
        self._stage.out.send(self._stage.session.set_mode(modes.find(mode), now))
        self._stage.voice_commands.rouse()
        self._wake()

    def _mend(self, sentence: str, of_model: bool, now: float) -> None:
        """Take from the first voice what failed: its model, else its mode."""
        session, settings = self._stage.session, self._stage.session.settings
        if of_model:
            self._stage.model_loader.forget(FIRST)
            self._stage.journal.changed(now, "model", Untrained.name, Untrained.digest)
            session.set_predictor(Untrained(), now)
            settings.model = Untrained.name
            changed, after = "model", "livegen plays plain scales until you choose another model."
        else:
            settings.mode = modes.call_and_response.__name__
            changed, after = "mode", "livegen listens on in call and response."
        self._stage.show(f"{sentence} {after}")
        self._stage.out.tell("/livegen/error", "session", sentence)
        self._stage.out.tell(f"/livegen/{changed}", getattr(settings, changed))
