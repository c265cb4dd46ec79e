"""Releases the notes of OSC clients that release none, when it is time; each release is heard like the client's own.

So the session, its journal and its replay know nothing of this.
"""

import asyncio
from collections.abc import Callable

from livegen.control.unreleased import Key, Unreleased
from livegen.events import NoteOff
from livegen.osc.peers import Source
from livegen.system import clock


class Releases:
    """The notes over UDP that are down. A source without a port is this program's own or a browser's, which release."""

    def __init__(self, hear: Callable[[NoteOff], None]) -> None:
        self._hear = hear
        self._unreleased = Unreleased()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    def strike(self, source: Source, key: Key, id: int, at: float) -> None:
        """A client has struck a key."""
        if source[1]:
            self._unreleased.strike(source, key, id, at)
            self._set_timer()

    def release(self, source: Source, key: Key) -> None:
        """A client has released a key."""
        if source[1]:
            self._unreleased.release(source, key)
            self._set_timer()

    def close(self) -> None:
        """Release nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self) -> None:
        self.close()
        due = self._unreleased.due()
        self._timer = None if due is None else self._loop.call_at(due, self._ring)

    def _ring(self) -> None:
        now = clock.now()
        for key, id in self._unreleased.take(now):
            self._hear(NoteOff(now, key.pitch, key.channel, id))
        self._set_timer()
