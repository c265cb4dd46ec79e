"""A second process of livegen's, with a pipe to it and one from it. ``guard_process.py`` is what runs there."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import livegen

KILLED_WITHIN = 0.05  # seconds
_SCRIPT = (
    "import sys; sys.path += sys.argv[4:]; from livegen.midi.guard_process import main; main(*map(int, sys.argv[1:4]))"
)
_leaving: list[int] = []  # processes that nobody waits for any more, and that the system is still to forget


def available() -> bool:
    """Whether this system and this Python can have such a process."""
    return sys.platform != "win32" and bool(sys.executable)


def _forget() -> None:
    """Have the system forget the processes that have ended meanwhile."""
    for pid in list(_leaving):
        try:
            ended = os.waitpid(pid, os.WNOHANG)[0] == pid
        except ChildProcessError:
            ended = True
        if ended:
            _leaving.remove(pid)


def _start(*numbers: str) -> list[str]:
    """The arguments with which this Python starts it, or a bundled app itself (``cli/bundle.py``)."""
    if getattr(sys, "frozen", False):
        return ["-m", "livegen.midi.guard_process", *numbers]
    paths = [str(Path(livegen.__file__).parent.parent), *filter(None, sys.path)]
    return ["-I", "-S", *(["-B"] if sys.dont_write_bytecode else []), "-c", _SCRIPT, *numbers, *paths]


class SecondProcess:
    """The process, from its start. ``priority`` is a real-time priority, or 0. Raises OSError where there can be none.

    A write to it never waits.
    """

    def __init__(self, priority: int = 0) -> None:
        _forget()
        if not available():
            raise OSError("not on this system")
        taken, self._commands = os.pipe()
        self.answers, given = os.pipe()  # the descriptor from which its answers are read
        try:
            self._process = subprocess.Popen(
                [sys.executable, *_start(str(taken), str(given), str(priority))],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(taken, given),
                start_new_session=True,  # so that a terminal's Ctrl-C is not for it
            )
        except OSError:
            self.part()
            raise
        finally:
            os.close(taken)
            os.close(given)
        os.set_blocking(self._commands, False)
        os.set_blocking(self.answers, False)

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether it runs no more."""
        return self._process.poll() is not None

    def write(self, data: bytes) -> bool:
        """Whether it could be passed on: a pipe takes a frame whole or not at all."""
        try:
            os.write(self._commands, data)
        except OSError:  # full, or nobody is there
            return False
        return True

    def part(self) -> None:
        """Close the pipes, at which it ends by itself."""
        os.close(self._commands)
        os.close(self.answers)

    def kill(self) -> None:
        """End it at once, where it hangs."""
        self._process.kill()
        self.wait(KILLED_WITHIN)

    def wait(self, seconds: float) -> None:
        """Wait for its end, but no longer than this; then it ends by itself, so that Python may forget it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        if self._process.returncode is None:
            self._process.returncode = 0
            _leaving.append(self._process.pid)
