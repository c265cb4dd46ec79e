"""What the process does on stage: signals end it politely, garbage collection and the screen stand back."""

import asyncio
import contextlib
import ctypes
import gc
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator

TURNS = ("your turn", "livegen plays")  # sentences that come too often beside a line that tells the same
STATUS_EVERY = 0.15  # seconds between looks at the line that is kept up to date

_CLEAR = "\r\x1b[2K"
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # glibc's mallopt(3)
_LARGE = 32 * 1024  # bytes: more than a note needs at once


@contextlib.contextmanager
def signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C, a closed terminal and a polite kill all call ``stop`` in the loop."""
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    for number in numbers:
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
    try:
        yield
    finally:
        for number in numbers:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)


@contextlib.contextmanager
def steady_memory() -> Iterator[None]:
    """Leave what is loaded by now out of garbage collection, which else stops the music for many milliseconds."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def keep_what_is_loaded() -> None:
    """Leave what was loaded since out of garbage collection too."""
    gc.freeze()


def share_one_heap() -> None:
    """Have threads that begin later take memory from where all of it is taken; a heap of their own keeps megabytes."""
    _mallopt(_M_ARENA_MAX, 1)


def return_large_blocks() -> None:
    """Have large blocks go back to the system when they are free; glibc would keep room for as many again."""
    _mallopt(_M_MMAP_THRESHOLD, _LARGE)


def _mallopt(option: int, value: int) -> None:
    """Elsewhere than in glibc it does nothing."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(option, value)


class Screen:
    """Shows sentences from a thread of its own, for a stopped terminal or a full pipe must not stop the music.

    ``write`` shows one line and may block. What does not fit in the queue is dropped.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._status: Callable[[], str] | None = None
        self._draw: Callable[[str], None] = write
        self._shown = ""
        self._lines: queue.Queue[str | None] = queue.Queue(maxsize=1000)
        self._thread = threading.Thread(target=self._show, name="livegen screen", daemon=True)
        self._thread.start()

    def say(self, sentence: str) -> None:
        """Show a sentence soon; never blocks."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(sentence)

    def follow(self, status: Callable[[], str], draw: Callable[[str], None]) -> None:
        """Keep one line up to date below the sentences: ``draw`` shows text as it is, with no new line after it."""
        self._status, self._draw = status, draw
        self.say("")  # which wakes the thread

    def close(self) -> None:
        """Wait until all is shown, but not for long."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(0.5)

    def _show(self) -> None:
        while True:
            try:
                line = self._lines.get(timeout=STATUS_EVERY if self._status else None)
            except queue.Empty:
                line = ""
            with contextlib.suppress(OSError):  # the terminal was closed
                if self._shown and line != "":
                    self._draw(_CLEAR)
                    self._shown = ""
                if line is None:
                    return
                if line:
                    self._write(line)
                if self._status is not None and self._lines.empty():
                    self._refresh(self._status())

    def _refresh(self, status: str) -> None:
        if status != self._shown:
            self._draw(_CLEAR + status)
            self._shown = status
