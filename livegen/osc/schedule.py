"""Messages that are dated ahead wait here until their time, without delaying others."""

import asyncio
import heapq
from collections.abc import Callable

from livegen.osc.packets import Message
from livegen.osc.peers import Source
from livegen.system import clock

_STEP = 0.001  # seconds by which the wall clock must leave the loop's to count as a jump


class Schedule:
    """The messages that wait. ``release`` is called in the loop with each bundle's messages when they are due."""

    def __init__(self, release: Callable[[list[Message], Source], None]) -> None:
        self._release = release
        self._waiting: list[tuple[float, int, list[Message], Source]] = []
        self._serial = 0
        self._offset = 0.0  # wall clock minus loop clock, seconds
        self._dated = 0.0  # the wall clock when it was last asked for
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    def date(self) -> float:
        """Seconds since 1970. It runs with the loop's clock, so that equal time tags fall due together."""
        for _ in range(3):  # a pause of the machine between the two readings is not a jump of the wall clock
            now = self._loop.time()
            offset = clock.date().timestamp() - now
            if abs(offset - self._offset) <= _STEP or self._loop.time() - now < _STEP:
                break
        if abs(offset - self._offset) > _STEP:
            self._offset = offset
        self._dated = now + self._offset
        return self._dated

    def add(self, due: float, messages: list[Message], source: Source) -> None:
        """Keep messages until ``due`` seconds after the latest ``date``."""
        self._serial += 1
        heapq.heappush(self._waiting, (self._dated + due - self._offset, self._serial, messages, source))
        if self._waiting[0][1] == self._serial:
            self._arm()

    def clear(self) -> None:
        """Forget the messages that wait."""
        self._waiting.clear()
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._waiting[0][0], self._ring) if self._waiting else None

    def _ring(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._loop.time() + 1e-6:
            _, _, messages, source = heapq.heappop(self._waiting)
            self._release(messages, source)
        self._arm()
