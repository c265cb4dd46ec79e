"""The one timer of the live server. It rings when the session has something to do."""

import asyncio
from collections.abc import Callable

from livegen.live.ahead import Ahead
from livegen.live.warm_up import WarmUp
from livegen.session.any_session import AnySession
from livegen.system import clock

_AHEAD = 0.001  # seconds before a note is due that its path is warmed up
# Seconds before a note begins or ends from which on the clock is watched: a process that sleeps wakes up late.
_AWAKE = 0.00025


class Timer:
    """Calls ``ring`` in the loop when something is due. It may ring too early, which does no harm."""

    def __init__(self, session: AnySession, ring: Callable[[], None], warm_up: WarmUp, ahead: Ahead) -> None:
        self._session = session
        self._ahead = ahead
        self._ring = ring
        self._warm_up = warm_up
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._awake = 0.0  # seconds before ``_due``

    def set(self) -> None:
        """Ring at the next time that something is due. If it is a note that is still to be sent, warm up its path
        first."""
        session = self._session
        due = session.next_due()
        if due is None or (self._timer is not None and self._due <= due):
            return
        self.cancel()
        self._due = due
        begins = due == session.next_onset and not self._ahead.has(due)
        self._awake = _AWAKE if begins or due == session.next_end else 0.0
        if begins and due - _AHEAD > clock.now():
            self._timer = self._loop.call_at(due - _AHEAD, self._get_ready)
        else:
            self._timer = self._loop.call_at(due - self._awake, self._at_due)

    def cancel(self) -> None:
        """Do not ring until it is set again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _get_ready(self) -> None:
        if clock.now() < self._due - _AHEAD / 2:
            self._warm_up.strike()
        self._timer = self._loop.call_at(self._due - self._awake, self._at_due)

    def _at_due(self) -> None:
        self._timer = None
        while self._awake and clock.now() < self._due:
            pass
        self._ring()
