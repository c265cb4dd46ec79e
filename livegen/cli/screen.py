"""Shows sentences and one status line in the terminal, from a thread of its own."""

import contextlib
import queue
import threading
import unicodedata
from collections.abc import Callable

STATUS_EVERY = 0.15  # seconds between looks at the line that is kept up to date

_CLEAR = "\r\x1b[2K"
_LONGEST = 2000  # characters of a line
_JOINER = "\u200d"  # in an emoji that is made of several


def printable(text: str) -> str:
    """The text without what would steer the terminal or turn the direction of writing: a device may have any name."""
    shown = "".join(
        "\ufffd" if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp") and each != _JOINER else each
        for each in text[:_LONGEST]
    )
    return f"{shown}…" if len(text) > _LONGEST else shown


class Screen:
    """Shows sentences from a thread of its own, because a stopped terminal or a full pipe must not stop the music.

    ``write`` shows one line and may block. Sentences that do not fit in the queue are dropped.
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
        """Wait until everything is shown, but not for long."""
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
                    self._write("\n".join(map(printable, line.split("\n"))))
                if self._status is not None and self._lines.empty():
                    self._refresh(self._status())

    def _refresh(self, status: str) -> None:
        if status != self._shown:
            self._draw(_CLEAR + status)
            self._shown = status
