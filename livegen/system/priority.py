"""Precedence over other programs: on a busy machine a note would else wait until it is livegen's turn."""

import os
import sys
from contextlib import suppress

PRIORITY = 5  # of 1 to 99: before all ordinary programs, after sound servers (jackd and PipeWire take 10 and more)
_HIGH = 0x80  # Windows: HIGH_PRIORITY_CLASS of SetPriorityClass


def take() -> str | None:
    """Have the system run this thread before ordinary programs. If it refuses, what the musician can do about it.

    Threads and programs that it begins later are ordinary again (sched(7), SCHED_RESET_ON_FORK).
    """
    if sys.platform == "win32":
        import ctypes

        system = ctypes.windll.kernel32
        if not system.SetPriorityClass(system.GetCurrentProcess(), _HIGH):
            return "Windows does not let livegen run before other programs; close some of them."
        return None
    if not hasattr(os, "sched_setscheduler"):
        return "This system lets no program ask to run before others; close some of them."
    import resource

    # Where the system ends programs that run on and on before others, none that may stand still is to be one.
    if resource.getrlimit(resource.RLIMIT_RTTIME)[0] == resource.RLIM_INFINITY:
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
            return None
    return (
        "The system does not let you run livegen before other programs. Where it has a group `audio` or `realtime`, "
        "add yourself to it and log in again."
    )
