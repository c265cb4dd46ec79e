"""The only file that reads the time: ``now`` (seconds, monotonic), the date, and an event loop with exact timers."""

import asyncio
import contextlib
import ctypes
import selectors
import sys
import time
from datetime import datetime

# perf_counter, because the monotonic clock of Windows before Python 3.13 moves in steps of 15.6 ms.
now = time.perf_counter
cpu = time.process_time  # seconds of processor time that this process has used

_PR_SET_TIMERSLACK = 29  # Linux prctl(2)


def date() -> datetime:
    """The wall clock with its zone, for file names and journals; never for music."""
    return datetime.now().astimezone()


class Loop(asyncio.SelectorEventLoop):
    """An event loop on ``now`` whose timers are not rounded up to whole milliseconds, as epoll's are."""

    def __init__(self) -> None:
        super().__init__(selectors.SelectSelector())

    def time(self) -> float:
        """Seconds, as ``now``."""
        return now()


def rest(seconds: float) -> None:
    """Do nothing and let other threads run; never in the path of a note."""
    time.sleep(seconds)


def sharpen_timers() -> None:
    """Ask Linux not to delay this thread's timers by its default slack of 50 µs. On other systems it does nothing."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
