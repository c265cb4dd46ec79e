"""The only file that reads the time: ``now`` (seconds, monotonic, the same in all processes of a system) and the date.

It is quick to import, for the process that sends MIDI reads the time, too.
"""

import contextlib
import ctypes
import sys
import time
from datetime import datetime
from typing import Any

# perf_counter, because the monotonic clock of Windows before Python 3.13 moves in steps of 15.6 ms.
now = time.perf_counter
cpu = time.process_time  # seconds of processor time that this process has used
worked = time.thread_time  # the same of this thread

_PR_SET_TIMERSLACK = 29  # Linux prctl(2)
_POWER_THROTTLING, _IGNORE_TIMER_RESOLUTION = 4, 0x04  # Windows: SetProcessInformation


def date() -> datetime:
    """The wall clock with its zone, for file names and journals; never for music."""
    return datetime.now().astimezone()


def rest(seconds: float) -> None:
    """Do nothing and let other threads run; never in the path of a note."""
    time.sleep(seconds)


def sharpen_timers() -> None:
    """Ask Linux not to delay this thread's timers by its default slack of 50 µs, and Windows for timers of 1 ms instead
    of 15.6 ms, also while the window is hidden. macOS needs nothing."""
    with contextlib.suppress(OSError, AttributeError):
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, 1, 0, 0, 0)
        elif sys.platform == "win32":
            ctypes.WinDLL("winmm").timeBeginPeriod(1)
            _keep_timers_sharp(ctypes.WinDLL("kernel32"))


class _Throttling(ctypes.Structure):
    """Windows' PROCESS_POWER_THROTTLING_STATE."""

    _fields_ = (("version", ctypes.c_uint32), ("control", ctypes.c_uint32), ("state", ctypes.c_uint32))


def _keep_timers_sharp(kernel: Any) -> None:  # noqa: ANN401 (a library of Windows)
    """Windows 11 blunts the timers of a program whose window is hidden, unless it is told not to."""
    wanted = _Throttling(1, _IGNORE_TIMER_RESOLUTION, 0)
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    process = ctypes.c_void_p(kernel.GetCurrentProcess())
    kernel.SetProcessInformation(process, _POWER_THROTTLING, ctypes.byref(wanted), ctypes.sizeof(wanted))
