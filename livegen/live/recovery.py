"""Recovers from a failure of the session: silence everything, say what failed in one sentence, begin again.

A mode or a model that fails is replaced by one that cannot. No note is left sounding, and none comes in a burst.
"""

import contextlib
import logging
from collections.abc import Iterator

from livegen.errors import LivegenError, ModelError
from livegen.live.model_loader import ModelLoader
from livegen.live.stage import Stage
from livegen.player import modes
from livegen.predictors.models import Untrained
from livegen.session import changes
from livegen.session.changes import FIRST, MODE, MODEL, Change
from livegen.system import clock

logger = logging.getLogger(__name__)


class Recovery:
    """Catches the faults of one session, whichever voice they come from."""

    def __init__(self, stage: Stage, model_loader: ModelLoader) -> None:
        self._stage = stage
        self._model_loader = model_loader

    @contextlib.contextmanager
    def guarded(self) -> Iterator[None]:
        """Within it, a fault in a mode or a model ends in silence and one sentence; the session listens on."""
        try:
            yield
        except Exception as error:
            self.recover(error)

    def recover(self, error: Exception) -> None:
        """Replace the part that failed, and begin again."""
        logger.error("the session failed", exc_info=error)
        now = clock.now()
        self.silence(now)
        self._replace(self._stage.session.at_fault or FIRST, error, now)
        self._begin_again(now)

    def hold_up(self, now: float) -> None:
        """The machine slept, or stood still. What was missed is not played in a burst."""
        self._stage.say("livegen was held up; it goes on from here.")
        self.silence(now)
        self._begin_again(now)

    def silence(self, now: float) -> None:
        """End all that sounds, whoever plays it."""
        self._stage.carry_out(Change("panic"), now)
        self._stage.output.panic()

    def _replace(self, voice: str, error: Exception, now: float) -> None:
        """Replace the model of a voice if the error is one of a model, otherwise its mode; and report it."""
        stage = self._stage
        sentence = str(error) if isinstance(error, LivegenError) else f"Something failed inside: {error!r}."
        stage.output.tell("/livegen/error", "session", sentence)
        who = f"The voice {voice}" if voice else "livegen"
        if isinstance(error, ModelError):
            self._model_loader.forget(voice)
            plain = Untrained()
            stage.carry_out(changes.of_model(voice, plain.name, plain), now, lambda name, digest: plain)
            stage.tell_setting(MODEL, voice)
            stage.say(f"{sentence} {who} plays plain scales until you choose another model.")
        else:
            settings = changes.settings_of(stage.session, voice)
            settings.mode = modes.call_and_response.__name__  # ``_begin_again`` has it taken up
            stage.tell_setting(MODE, voice)
            stage.say(f"{sentence} {who} listens on in call and response.")

    def _begin_again(self, now: float) -> None:
        """Ask the mode of every voice again whether to play."""
        for voice in (FIRST, *self._stage.session.names[1:]):
            try:
                self._ask(voice, now)
            except Exception as error:
                logger.error("the voice %s failed", voice or "of the session", exc_info=error)
                self._replace(voice, error, now)
                self._ask(voice, now)
        self._stage.wake()

    def _ask(self, voice: str, now: float) -> None:
        mode = changes.settings_of(self._stage.session, voice).mode
        self._stage.carry_out(changes.of_voice(voice, MODE, mode), now)
