"""Times the steps of the models, and has what was played answer where a model is too slow.

The loop waits for a model's step, for what it would play meanwhile depends on it. So a model is not asked again that is
late: once, if it needs more processor time than ``deadline`` or so long that nobody plays on, or ``IN_A_ROW`` times,
for a busy machine is no slow model. A stand-in takes its place (``stand_ins``): for a model a chain of what was played,
with the memory of the session, for a drummer the bar before. From then on a thread tries the model now and then; once
it is quick again it comes back. Of bass and chords late steps are only counted: they have no model.

``LIVEGEN_SLOW_STEP`` provokes it: every step of every model takes so many seconds longer; "0.2:10" says that of ten.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Mapping
from functools import partial

from livegen.errors import ModelError, SettingsError
from livegen.live.stage import Stage
from livegen.live.stand_ins import ChangeDrummer, ChangeModel, ForDrummer, ForModel, StandIn
from livegen.session.changes import FIRST
from livegen.system import clock

IN_A_ROW = 3  # late steps
HOPELESS = 25.0  # deadlines: one such step is enough
TRY_EVERY = 2.0  # seconds between tries of a model that was too slow
_TRIES = 3  # steps of a try, of which the quickest counts: a busy machine is no slow model
_SLOW_STEP = "LIVEGEN_SLOW_STEP"


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

    def wait(self) -> float:
        """A step begins. Returns the seconds by which it was made slower."""
        if not self.seconds or self.left <= 0:
            return 0.0
        self.left -= 1
        clock.rest(self.seconds)
        return self.seconds


class Took:
    """The steps of one model, one after another, and how long they took."""

    def __init__(self) -> None:
        self.late = 0  # steps in a row

    def is_hopeless(self, took: float, worked: float, deadline: float) -> bool:
        """Whether a model is not to be asked again that took a step so long, and so much processor time (seconds)."""
        self.late = self.late + 1 if took > deadline else 0
        return self.late >= IN_A_ROW or took >= HOPELESS * deadline or (self.late > 0 and worked > deadline)


class _Stopwatch:
    """Times the steps of one who may be too slow."""

    def __init__(self, deadline: "Deadline", stand_in: StandIn) -> None:
        self._deadline = deadline
        self._stand_in = stand_in
        self._took = Took()
        self._worked = 0.0

    def begin(self) -> float:
        """A step begins."""
        began, self._worked = clock.now(), clock.worked()
        self._worked -= self._deadline.provoke(self._stand_in)
        return began

    def end(self, began: float) -> None:
        """It has ended."""
        took = clock.now() - began
        if took <= self._deadline.seconds:
            self._took.late = 0
            return
        hopeless = self._took.is_hopeless(took, clock.worked() - self._worked, self._deadline.seconds)
        self._deadline.hear_late(self._stand_in, took, hopeless)


class Deadline:
    """Watches the models and drummers of all voices. The callbacks have a voice play with another one."""

    def __init__(self, stage: Stage, change_model: ChangeModel, change_drummer: ChangeDrummer) -> None:
        self._stage = stage
        self._loop = asyncio.get_running_loop()
        self._slow = SlowStep()
        self._timers: dict[StandIn, asyncio.TimerHandle] = {}
        self._tried_now: list[object] = []
        session = stage.session
        for name, voice in zip([FIRST, *session.names[1:]], session.voices, strict=True):
            model, drummer = ForModel(stage, name, change_model), ForDrummer(stage, name, change_drummer)
            voice.player.time_model(_Stopwatch(self, model), _Stopwatch(self, drummer))

    @property
    def seconds(self) -> float:
        """The longest that a step may take."""
        return self._stage.settings.deadline

    def provoke(self, stand_in: StandIn) -> float:
        """Make a step slow, if that is wished and no stand-in plays. Returns by how many seconds."""
        return self._slow.wait() if self._slow.seconds and not stand_in.has_nobody else 0.0

    def hear_late(self, stand_in: StandIn, took: float, hopeless: bool) -> None:
        """A step was late."""
        self._stage.output.health.hear_late_step()
        if hopeless and not stand_in.has_nobody:
            if stand_in in self._timers:
                self._timers[stand_in].cancel()
            self._timers[stand_in] = self._loop.call_later(0.0, self._begin, stand_in, took)

    def close(self) -> None:
        """Try no more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _begin(self, stand_in: StandIn, took: float) -> None:
        """Have a stand-in play, and whom it stands in for tried later."""
        stand_in.begin()
        self._stage.output.tell_error(
            ModelError(
                f"{stand_in.name} takes {took * 1e3:.0f} ms for a note, and `deadline` is"
                f" {self.seconds * 1e3:.0f}; {stand_in.instead} until it is quick again."
            )
        )
        self._try_later(stand_in)

    def _try_later(self, stand_in: StandIn) -> None:
        def begin() -> None:
            if stand_in.replaced in self._tried_now or stand_in.is_busy:
                self._try_later(stand_in)  # another voice has it, and it is one's alone to step
                return
            self._tried_now.append(stand_in.replaced)
            # A thread that the program does not wait for at its end, as it would for one of the loop's own.
            threading.Thread(target=self._try, args=(stand_in, stand_in.replaced), daemon=True).start()

        self._timers[stand_in] = self._loop.call_later(TRY_EVERY, begin)

    def _try(self, stand_in: StandIn, who: object) -> None:
        """Try a model, on a thread of its own: nothing else uses it now."""
        quickest = float("inf")
        with contextlib.suppress(Exception):  # one that fails is not quick
            for _ in range(_TRIES):
                began = clock.now()
                self._slow.wait()
                stand_in.try_step()
                quickest = min(quickest, clock.now() - began)
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(partial(self._tried, stand_in, who, quickest))

    def _tried(self, stand_in: StandIn, who: object, took: float) -> None:
        self._tried_now.remove(who)
        if self._timers.pop(stand_in, None) is None or not stand_in.still:
            return  # it is over, or another model was chosen
        if took > self.seconds:
            self._try_later(stand_in)
            return
        stand_in.end()
        self._stage.say(f"{stand_in.name} is quick again, and plays.")
