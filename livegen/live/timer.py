"""The one timer of the live shell: it rings when the session has something to do."""

import asyncio
from collections.abc import Callable

from livegen.live.warm_up import WarmUp
from livegen.session.any_session import AnySession
from livegen.system import clock

_AHEAD = 0.001  # seconds before a note is due that it is rehearsed
_AWAKE = 0.00025  # seconds before a note begins or ends from which on the clock is watched: who sleeps wakes up late


class Timer:
    """Calls ``ring`` in the loop when something is due. It may ring too early, which does no harm."""

    def __init__(self, session: AnySession, ring: Callable[[], None]) -> None:
        self.warm_up: WarmUp | None = None
        self._session = session
        self._ring = ring
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._awake = 0.0  # seconds before it is due

    def set(self) -> None:
        """Ring at what is due next, of which a note is rehearsed first."""
        session = self._session
        due = session.next_due()
        if due is None or (self._timer is not None and self._due <= due):
            return
        self.cancel()
        self._due = due
        begins = due == session.next_onset
        self._awake = _AWAKE if begins or due == session.next_end else 0.0
        if begins and self.warm_up is not None and due - _AHEAD > clock.now():
            self._timer = self._loop.call_at(due - _AHEAD, self._get_ready, self.warm_up)
        else:
            self._timer = self._loop.call_at(due - self._awake, self._at_due)

    def cancel(self) -> None:
        """Be silent until it is set again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _get_ready(self, warm_up: WarmUp) -> None:
        if clock.now() < self._due - _AHEAD / 2:
            warm_up.strike()
        self._timer = self._loop.call_at(self._due - self._awake, self._at_due)

    def _at_due(self) -> None:
        self._timer = None
        while self._awake and clock.now() < self._due:
            pass
        self._ring()
