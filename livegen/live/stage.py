"""The session and everything else that the parts of the live server share: made first, and passed to each."""

import asyncio
from collections.abc import Callable

from livegen.control.addresses import VOICE
from livegen.errors import ModelError
from livegen.events import Event
from livegen.journal.record import Journal
from livegen.live.output import Output
from livegen.predictors.models import Predictor
from livegen.session import changes
from livegen.session.any_session import AnySession
from livegen.session.changes import FIRST, Change, Load

_SOON = 0.005  # seconds until the journal is written: long enough that no note waits for it


def _refuse(name: str, digest: str | None) -> Predictor:
    raise ModelError(f"The model {name} is not loaded.")


class Stage:
    """One session, its settings, its journal and its output. ``say`` shows the musician a sentence.

    Call ``wake`` when the session was asked for something: its next event may be due at another time.
    """

    def __init__(
        self,
        session: AnySession,
        journal: Journal,
        output: Output,
        say: Callable[[str], None],
        wake: Callable[[], None],
    ) -> None:
        self.session = session
        self.settings = session.settings
        self.journal = journal
        self.output = output
        self.say = say
        self.wake = wake
        self._loop = asyncio.get_running_loop()
        self._flush: asyncio.TimerHandle | None = None

    def carry_out(self, change: Change, at: float, load: Load = _refuse) -> list[Event]:
        """Write a change to the journal, have the session do it, and send what comes of it.

        ``load`` finds the model, where the change is one of a model. Raises SettingsError, or whatever a mode or a
        model raises.
        """
        self.journal.noted(at, change.verb, *change.args)
        self.flush_soon()
        events = changes.carry_out(self.session, change, at, load)
        self.output.send(events)
        return events

    def tell_setting(self, name: str, voice: str = FIRST) -> None:
        """Send the value of a setting on its own address. Raises SettingsError if there is no such voice."""
        address = f"{VOICE}{voice}/{name}" if voice else f"/livegen/{name}"
        self.output.tell(address, getattr(changes.settings_of(self.session, voice), name))

    def flush_soon(self) -> None:
        """Write the journal, and the text of an answer, when no note is in a hurry."""
        if self._flush is None:
            self._flush = self._loop.call_later(_SOON, self._flush_now)

    def close(self) -> None:
        """Write nothing more."""
        if self._flush is not None:
            self._flush.cancel()

    def _flush_now(self) -> None:
        self._flush = None
        self.journal.flush()
        self.output.tell_line()
