"""Prepares the process for music: signals end it cleanly, garbage collection waits, and it asks for priority.

Real-time priority: without it, a note on a busy machine waits until the scheduler gets round to livegen.
"""

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

TURNS = ("your turn", "livegen plays")  # sentences that come too often next to a line that says the same

PRIORITY = 5  # of 1 to 99: before all ordinary programs, after sound servers (jackd and PipeWire take 10 and more)
_HIGH = 0x80  # Windows: HIGH_PRIORITY_CLASS of SetPriorityClass
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # glibc's mallopt(3)
_LARGE = 32 * 1024  # bytes: more than a note needs at once


@contextlib.contextmanager
def signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None], last: bool = False) -> Iterator[None]:
    """Ctrl-C, a closed terminal and a polite kill all call ``stop`` in the loop, as often as they come.

    After it they do what they did before. If it is the ``last`` thing that the process does, only Ctrl-C does: a
    terminal that closes says so more than once, and what is to be written is written all the same.
    """
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # Not by the loop's own handlers: when those are removed, there is a moment in which a signal is deadly.
    before = {number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if last and number != signal.SIGINT else handler)


class Log(logging.FileHandler):
    """A log that is made when there is something to write; one that cannot be written stops nothing."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, delay=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, if the system lets us: not where too many files are open, or the disk is full."""
        with contextlib.suppress(OSError):
            super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing on the screen."""


@contextlib.contextmanager
def steady_memory() -> Iterator[None]:
    """Keep all that is loaded by now out of garbage collection, which would stop the music for many milliseconds."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def keep_what_is_loaded() -> None:
    """Keep what was loaded since out of garbage collection too."""
    gc.freeze()


def share_one_heap() -> None:
    """Let threads that start later share one heap; a heap of their own would keep megabytes."""
    _mallopt(_M_ARENA_MAX, 1)


def return_large_blocks() -> None:
    """Return large blocks to the system when they are freed; glibc would keep them for later."""
    _mallopt(_M_MMAP_THRESHOLD, _LARGE)


def _mallopt(option: int, value: int) -> None:
    """Set an option of glibc; with any other C library this does nothing."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(option, value)


def take_priority() -> str | None:
    """Ask the system to run this thread before ordinary programs. Returns advice for the musician if it refuses.

    Threads and programs that it starts later are ordinary again (sched(7), SCHED_RESET_ON_FORK).
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

    # Where the system kills real-time programs that run for long without a pause, we stay ordinary.
    if resource.getrlimit(resource.RLIMIT_RTTIME)[0] == resource.RLIM_INFINITY:
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(PRIORITY))
            return None
    return (
        "The system does not let you run livegen before other programs. Where it has a group `audio` or `realtime`, "
        "add yourself to it and log in again."
    )
