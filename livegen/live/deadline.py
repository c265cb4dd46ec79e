"""Times the steps of the models, and has a chain of what was played answer where a model is too slow.

The loop waits for a model's step, for what it would play meanwhile depends on it. So a model that is late ``IN_A_ROW``
times, or once by so much that nobody plays on, is not asked again: a ``SessionChain`` takes its place, with the memory
of the session. The change is one as if the musician had chosen it, in the journal and on the page. From then on a
thread tries the model now and then; once it is quick again it comes back.

``LIVEGEN_SLOW_STEP`` provokes it: every step of every model takes so many seconds longer; "0.2:10" says that of ten.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Mapping
from functools import partial

from livegen.errors import ModelError, SettingsError
from livegen.live.stage import Stage
from livegen.predictors.encoding import START
from livegen.predictors.models import Predictor
from livegen.predictors.session_chain import SessionChain
from livegen.session.changes import FIRST, settings_of
from livegen.system import clock

IN_A_ROW = 3  # late steps
HOPELESS = 25.0  # deadlines: one such step is enough
TRY_EVERY = 2.0  # seconds between tries of a model that was too slow
_TRIES = 3  # steps of a try, of which the quickest counts: a busy machine is no slow model
_SLOW_STEP = "LIVEGEN_SLOW_STEP"

ChangeModel = Callable[[str, str, Predictor], None]  # a voice, the name of its new model, and that


class SlowStep:
    """Makes steps slow, as the environment says. Raises SettingsError if it says nothing that can be."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        seconds, _, steps = environment.get(_SLOW_STEP, "").partition(":")
        try:
            self.seconds, self.left = float(seconds or 0.0), float(steps or "inf")
        except ValueError:
            self.seconds = -1.0
        if not 0.0 <= self.seconds <= 60.0:
            raise SettingsError(f"{_SLOW_STEP} is to be seconds, and if need be a number of steps, such as 0.2:10.")

    def wait(self) -> None:
        """A step begins."""
        if self.seconds and self.left > 0:
            self.left -= 1
            clock.rest(self.seconds)


class _Stopwatch:
    """Times the steps of one voice."""

    def __init__(self, deadline: "Deadline", voice: str) -> None:
        self._deadline = deadline
        self._voice = voice
        self.late = 0  # steps in a row

    def begin(self) -> float:
        """A step begins."""
        began = clock.now()
        self._deadline.provoke(self._voice)
        return began

    def end(self, began: float) -> None:
        """It has ended."""
        took = clock.now() - began
        if took <= self._deadline.seconds:
            self.late = 0
            return
        self.late += 1
        self._deadline.hear_late(self._voice, took, self.late)


class Deadline:
    """Watches the models of all voices. ``change_model`` has a voice play with another one."""

    def __init__(self, stage: Stage, change_model: ChangeModel) -> None:
        self._stage = stage
        self._change_model = change_model
        self._loop = asyncio.get_running_loop()
        self._slow = SlowStep()
        self._chains: dict[str, SessionChain] = {}  # by voice, those that answer in a model's place
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tried_now: list[Predictor] = []
        session = stage.session
        for name, voice in zip([FIRST, *session.names[1:]], session.voices, strict=True):
            voice.player.time_model(_Stopwatch(self, name))

    @property
    def seconds(self) -> float:
        """The longest that a step may take."""
        return self._stage.settings.deadline

    def provoke(self, voice: str) -> None:
        """Make a step slow, if that is wished and no chain answers."""
        if self._slow.seconds and not self._is_stood_in(voice):
            self._slow.wait()

    def hear_late(self, voice: str, took: float, in_a_row: int) -> None:
        """A step was late."""
        self._stage.output.health.hear_late_step()
        if (in_a_row >= IN_A_ROW or took >= HOPELESS * self.seconds) and not self._is_stood_in(voice):
            if voice in self._timers:
                self._timers[voice].cancel()
            self._timers[voice] = self._loop.call_later(0.0, self._stand_in, voice, took)

    def close(self) -> None:
        """Try no more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _model(self, voice: str) -> Predictor:
        session = self._stage.session
        return (session if voice == FIRST else session.voice(voice)).predictor

    def _is_stood_in(self, voice: str) -> bool:
        return isinstance(self._model(voice), SessionChain)

    def _stand_in(self, voice: str, took: float) -> None:
        """Have a chain answer, and the model tried later."""
        model, name = self._model(voice), settings_of(self._stage.session, voice).model
        chain = self._chains[voice] = SessionChain()
        self._change_model(voice, chain.name, chain)
        self._stage.output.tell_error(
            ModelError(
                f"The model {model.name} takes {took * 1e3:.0f} ms for a note, and `deadline` is"
                f" {self.seconds * 1e3:.0f}; a chain of what was played answers until it is quick again."
            )
        )
        self._try_later(voice, name, model)

    def _try_later(self, voice: str, name: str, model: Predictor) -> None:
        def begin() -> None:
            if model in self._tried_now or any(one.predictor is model for one in self._stage.session.voices):
                self._try_later(voice, name, model)  # another voice has it, and it is one's alone to step
                return
            self._tried_now.append(model)
            # A thread that the program does not wait for at its end, as it would for one of the loop's own.
            threading.Thread(target=self._try, args=(voice, name, model), daemon=True).start()

        self._timers[voice] = self._loop.call_later(TRY_EVERY, begin)

    def _try(self, voice: str, name: str, model: Predictor) -> None:
        """Try the model, on a thread of its own: nothing else uses it now."""
        quickest = float("inf")
        with contextlib.suppress(Exception):  # one that fails is not quick
            for _ in range(_TRIES):
                began = clock.now()
                self._slow.wait()
                model.step(model.start(), START)
                quickest = min(quickest, clock.now() - began)
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(partial(self._tried, voice, name, model, quickest))

    def _tried(self, voice: str, name: str, model: Predictor, took: float) -> None:
        self._tried_now.remove(model)
        if self._timers.pop(voice, None) is None or self._model(voice) is not self._chains[voice]:
            return  # it is over, or another model was chosen
        if took > self.seconds:
            self._try_later(voice, name, model)
            return
        self._change_model(voice, name, model)
        self._stage.say(f"The model {model.name} is quick again, and plays.")
