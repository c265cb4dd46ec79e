"""Pauses of the machine: a foreign program's real time means nothing on a machine that paused."""

import os
import threading
import time
from types import TracebackType
from typing import Self

PAUSE = 0.010  # seconds that JACK cannot make up for: its dummy driver loses time then
BREATH = 0.002  # seconds between two looks at the time


class Pauses:
    """A thread that does next to nothing; ``longest`` is how long it was kept from it at most, in seconds."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        before = time.perf_counter()
        while not self._ended.wait(BREATH):
            now = time.perf_counter()
            self.longest, before = max(self.longest, now - before - BREATH), now

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()


def is_busy() -> bool:
    """Whether others ask for much more than this machine can do."""
    return os.getloadavg()[0] > 1.5 * (os.cpu_count() or 1)
