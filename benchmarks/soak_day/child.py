"""A program of its own beside the soak: it says how it stands once a second, and is started again if it ends."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

TURN = 0.05  # seconds between two looks
_PATIENCE = 20.0  # seconds that a child may take to end


def turns(path: Path, state: Callable[[], dict[str, int]]) -> Iterator[float]:
    """In a child: the time of each turn until a polite kill; ``path`` gets the state once a second, and at the end."""
    ended: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: ended.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: the soak itself says when it is over
    told = 0.0
    while not ended:
        now = time.monotonic()
        if now >= told + 1.0:
            told = now
            _write(path, state())
        yield now
        time.sleep(TURN)
    _write(path, state())


def _write(path: Path, state: dict[str, int]) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps(state))
    beside.replace(path)


class Child:
    """``python -m benchmarks.soak_day.NAME FOLDER ...``, kept running. Its counts go on where it was started again."""

    def __init__(self, name: str, folder: Path, *arguments: str) -> None:
        self.name = name
        self.restarts = 0
        self._path = folder / f"{name}.json"
        self._said: IO[str] = (folder / f"{name}.said").open("a")
        self._command = [sys.executable, "-m", f"benchmarks.soak_day.{name}", str(folder), *arguments]
        self._before: dict[str, int] = {}
        self._start()

    def _start(self) -> None:
        self._path.unlink(missing_ok=True)
        self._process = subprocess.Popen(self._command, stdout=self._said, stderr=subprocess.STDOUT)

    def state(self) -> dict[str, int]:
        """Its counts so far, of those before it too."""
        now = {}
        with suppress(OSError, ValueError):
            now = json.loads(self._path.read_text())
        return {name: now.get(name, 0) + self._before.get(name, 0) for name in {*now, *self._before}}

    def look_after(self) -> None:
        """Start it again if it ended."""
        if self._process.poll() is not None:
            self.restart()

    def restart(self) -> None:
        """End it, if it runs, and start it again."""
        self.end()
        self._before = self.state()
        self.restarts += 1
        self._start()

    def end(self) -> None:
        """Have it end; one that hangs is killed."""
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
