"""Time that stops while the machine pauses, for tests of when something happens in the program.

A machine that tests run on may take the processor away for a tenth of a second at any time. Whoever sleeps, or waits
for the network, sleeps as long as he said; but what such a pause adds is not counted. What the program does in a pause
is for other tests, which hold it up on purpose.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from livegen.system import clock

STEP = 0.001  # seconds: the most that counts between two looks at the time


class SteadyTime:
    """Seconds, as those of ``clock.now``, without the machine's pauses."""

    def __init__(self) -> None:
        self._real = clock.now
        self._began = self._seen = self._now = self._real()
        self._date = clock.date()
        self._lock = threading.Lock()

    def now(self) -> float:
        """The time now."""
        return self.pass_time(STEP)

    def date(self) -> datetime:
        """The wall clock's date, which keeps step."""
        return self._date + timedelta(seconds=self.now() - self._began)

    def pass_time(self, most: float) -> float:
        """Count what has really passed since the last look, up to so much."""
        with self._lock:
            real = self._real()
            self._now += min(max(0.0, real - self._seen), most)
            self._seen = real
            return self._now

    @contextmanager
    def kept(self) -> Iterator["SteadyTime"]:
        """In the program and in the running event loop it is this time meanwhile."""
        loop: Any = asyncio.get_running_loop()
        select = loop._selector.select

        def select_steadily(timeout: float | None = None) -> Any:
            self.now()
            ready = select(timeout)
            self.pass_time(1e9 if timeout is None else timeout)
            return ready

        with pytest.MonkeyPatch.context() as patch:
            for name, module in tuple(sys.modules.items()):
                if name.startswith("livegen") and module.__dict__.get("now") is self._real:
                    patch.setattr(module, "now", self.now)
            patch.setattr(clock, "date", self.date)
            patch.setattr(loop, "time", self.now)
            patch.setattr(loop._selector, "select", select_steadily)
            yield self


@pytest.fixture
async def steady() -> AsyncIterator[SteadyTime]:
    """For a whole test, and for the fixtures that ask for it before they open anything."""
    with SteadyTime().kept() as time:
        yield time
