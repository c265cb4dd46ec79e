"""Rehearsal: while somebody plays, the path of a note is gone through for nothing, so that the next one finds it warm.

A processor that has idled for some milliseconds has lost code and weights from its caches: a note would then take
twice as long.
"""

import asyncio
import socket
from collections.abc import Iterable
from dataclasses import replace
from typing import cast

from livegen.control.dispatch import Performance, dispatch
from livegen.events import Event, NoteOn
from livegen.live.output import Output
from livegen.osc import packets
from livegen.osc.endpoint import Endpoint
from livegen.osc.packets import Message
from livegen.osc.peers import Source
from livegen.session.any_session import AnySession
from livegen.session.dry_run import DryRun
from livegen.system import clock

EVERY = 0.002  # seconds between rehearsals
LASTS = 2.0  # seconds after the last note heard or played
LENGTH = 0.001  # seconds: none begins this soon before something is due

_NOTE = packets.encode("/livegen/note", 60, 80, 1, 1)


class WarmUp:
    """Plays what nobody hears: a note to a port of its own, whose answer goes to that port, which ignores it."""

    def __init__(self, session: AnySession) -> None:
        self._session = session
        self._dry_run = DryRun(session)
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(("127.0.0.1", 0))
        self._here: Source = self._socket.getsockname()
        self._endpoint = Endpoint(self._hear, self._socket, [self._here])
        self._out = Output(session.settings, self, _silent)
        self._out.endpoint = self._endpoint
        self._timer: asyncio.TimerHandle | None = None
        self._latest = 0.0  # when a note was heard or played

    def go_on(self) -> None:
        """A note was heard or played: rehearse for a while."""
        self._latest = clock.now()
        if self._timer is None:
            self._timer = self._loop.call_later(EVERY, self._again)

    def begin(self) -> None:
        """Rehearse at once, all of it: the first note of a show is to be as punctual as the others."""
        for _ in range(3):
            self.note(60, 80, 1, 1)
            self.strike()

    def strike(self) -> None:
        """Rehearse a note of the player, which is due soon."""
        now = clock.now()
        events = self._dry_run.play_note()
        self._out.send(replace(event, at=now) if isinstance(event, NoteOn) else event for event in events)

    def close(self) -> None:
        """End it and free the port."""
        if self._timer is not None:
            self._timer.cancel()
        self._endpoint.close()

    def _again(self) -> None:
        self._timer = None
        now = clock.now()
        if now - self._latest >= LASTS:
            return
        if self._is_free(now):
            # In two pieces, between which the loop can hear a real note.
            self._dry_run.hear_release()
            self._socket.sendto(_NOTE, self._here)
        self._timer = self._loop.call_later(EVERY, self._again)

    def _is_free(self, now: float) -> bool:
        """In a burst all is warm, and the next note is not to wait; nor is one that is due."""
        due = self._session.next_due()
        return now - self._latest >= EVERY and (due is None or due - now > LENGTH)

    def _hear(self, message: Message, source: Source) -> None:
        if source == self._here:
            dispatch(message, source, cast(Performance, self))

    # What a performance does with a note, and an outlet's journal

    def note(self, pitch: int, velocity: int, channel: int, id: int) -> None:
        """Our own note came: answer it, unless a real one came meanwhile and warmed the way, or is about to."""
        if not self._is_free(clock.now()):
            return
        try:
            self._out.send(self._dry_run.hear_note())
        except Exception:  # the model: the next real note will tell
            self._latest = -LASTS

    def sent(self, events: Iterable[Event]) -> None:
        """It is kept nowhere."""

    def late(self, event: NoteOn) -> None:
        """Nor is this."""


def _silent(sentence: str) -> None:
    pass
