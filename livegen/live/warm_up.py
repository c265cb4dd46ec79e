"""Idle time: it keeps the processor's caches warm, and works out ahead what the session will want soon.

While somebody plays, silent notes take the same path as a real note.

A processor that has idled for some milliseconds has lost code and weights from its caches, and a note would then take
twice as long.
"""

import asyncio
import socket
from dataclasses import replace
from typing import cast

from livegen.control.dispatch import Commands, dispatch
from livegen.control.velocities import Velocities
from livegen.events import NoteOn
from livegen.journal.record import NoJournal
from livegen.live.output import Destinations, Output
from livegen.osc import packets
from livegen.osc.endpoint import Endpoint
from livegen.osc.packets import Message
from livegen.osc.peers import Source
from livegen.session.any_session import AnySession
from livegen.session.dry_run import DryRun
from livegen.system import clock

EVERY = 0.002  # seconds between notes that nobody hears
LASTS = 2.0  # seconds after the last note heard or played
LENGTH = 0.001  # seconds: none begins so soon before something is due
_IN_A_ROW = 3  # times that work ahead takes the place of a silent note
_PIECE = 0.0003  # seconds of work ahead after which no other piece is begun

_NOBODY: Source = ("", 0)
_NOTE = packets.encode("/livegen/note", 60, 80, 1, 1)


class WarmUp:
    """Sends notes to a port of its own; the answers go to the same port, which ignores them."""

    def __init__(self, session: AnySession) -> None:
        self._session = session
        self._dry_run = DryRun(session)
        self.velocities = Velocities()
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(("127.0.0.1", 0))
        self._here: Source = self._socket.getsockname()
        self._endpoint = Endpoint(self._socket, [self._here])
        self._endpoint.start(self._hear)
        self._output = Output(session.settings, NoJournal(), _say_nothing, Destinations(self._endpoint))
        self._timer: asyncio.TimerHandle | None = None
        self._latest = 0.0  # when a note was heard or played
        self._worked = 0  # times in a row

    def go_on(self) -> None:
        """A note was heard or played: keep the caches warm for a while."""
        self._latest = clock.now()
        if self._timer is None:
            self._timer = self._loop.call_later(EVERY, self._again)

    def begin(self) -> None:
        """Go through all of it at once, so that the first note of a session is as punctual as the others."""
        for _ in range(3):
            self.note(60, 80, 1, 1)
            self.strike()

    def strike(self) -> None:
        """Go through what a note of the player does, which is due soon."""
        now = clock.now()
        events = self._dry_run.play_note()
        self._output.send(replace(event, at=now) if isinstance(event, NoteOn) else event for event in events)

    def close(self) -> None:
        """Stop, and free the port."""
        if self._timer is not None:
            self._timer.cancel()
        self._endpoint.close()

    def _again(self) -> None:
        self._timer = None
        now = clock.now()
        if now - self._latest >= LASTS:
            return
        if self._is_free(now) and not self._work_ahead(now):
            # In two pieces, between which the loop can hear a real note.
            self._dry_run.hear_release()
            self._socket.sendto(_NOTE, self._here)
        self._timer = self._loop.call_later(EVERY, self._again)

    def _work_ahead(self, now: float) -> bool:
        """Work ahead, but not every time, so that the path of a note stays warm; whether that took the time."""
        if self._worked >= _IN_A_ROW or not self._session.work_ahead(now):
            self._worked = 0
            return False
        self._worked += 1
        while clock.now() - now < _PIECE and self._session.work_ahead(now):
            pass
        return True

    def _is_free(self, now: float) -> bool:
        """Whether there is time: in a burst all is warm, and neither the next note nor one that is due is to wait."""
        due = self._session.next_due()
        return now - self._latest >= EVERY and (due is None or due - now > LENGTH)

    def _hear(self, message: Message, source: Source) -> None:
        if source == self._here:
            dispatch(message, source, cast(Commands, self))

    # Those of ``Commands`` that are asked for

    def note(self, pitch: int, velocity: int, channel: int, id: int, source: Source = _NOBODY) -> None:
        """Our own note came. Answer it, unless a real one came meanwhile and warmed the path, or is about to."""
        if not self._is_free(clock.now()):
            return
        try:
            self._output.send(self._dry_run.hear_note())
        except Exception:  # the model fails: the next real note will report it
            self._latest = -LASTS


def _say_nothing(sentence: str) -> None:
    pass
