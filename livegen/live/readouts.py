"""Sends read-outs (surprise, likely notes, decided notes) when the notes themselves are out and nothing is urgent."""

import asyncio

from livegen.live.output import Output
from livegen.player.line import Plan
from livegen.player.surprise import Surprise
from livegen.session.any_session import AnySession
from livegen.settings import Settings
from livegen.system import clock

_QUIET = 0.002  # seconds without a note, after which there is time
_LATEST = 0.03  # seconds that it is put off at most; then it is about the latest note alone


class Readouts:
    """Sends read-outs through the output, never on the path of a note."""

    def __init__(self, output: Output, settings: Settings) -> None:
        self._output = output
        self._settings = settings
        self._told: list[Plan] = []
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._asked = 0.0  # when it was last asked
        self._latest = 0.0  # when it sends, whatever comes

    def tell_soon(self, session: AnySession) -> None:
        """Send what is new since the last time, when all notes that came together are answered.

        Otherwise, in a chord, each note's answer would wait for the read-outs of the note before it.
        """
        self._asked = clock.now()
        if self._timer is None:
            self._latest = self._asked + _LATEST
            self._timer = self._loop.call_later(_QUIET, self._tell, session)

    def close(self) -> None:
        """Send nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _tell(self, session: AnySession) -> None:
        now = clock.now()
        if now < min(self._asked + _QUIET, self._latest):
            self._timer = self._loop.call_later(_QUIET, self._tell, session)
            return
        self._timer = None
        if now < self._asked + _QUIET:  # in a flood of notes
            while len(session.surprises) > 1:
                session.surprises.popleft()
        while session.surprises:
            self._tell_surprise(session.surprises.popleft())
        self._output.tell_chord(session.player.changes.harmony(now))
        if len(self._output.listeners):
            decided = session.decided()
            for plan in decided:
                if not any(plan is told for told in self._told):
                    self._tell_plan(plan)
            self._told = decided

    def _tell_surprise(self, surprise: Surprise) -> None:
        self._output.tell("/livegen/out/surprise", *surprise.bits())
        if self._settings.likely:
            pairs = surprise.likely(self._settings.likely)
            self._output.tell("/livegen/out/likely", *(value for pair in pairs for value in pair))

    def _tell_plan(self, plan: Plan) -> None:
        wait = max(0.0, plan.due - clock.now())
        for pitch, velocity in plan.notes:
            told = (0, pitch, velocity, wait, plan.duration, plan.channel or self._settings.channel_out)
            self._output.listeners.hear_message("/livegen/out/plan", told)
