"""Feeds a target with damaged input, keeps each kind of fault once, and learns which inputs lead to something new."""

import hashlib
import json
import random
import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from tools.fuzz.target import Feed, Target, kept

_HANGS = 60.0  # seconds of processor time after which an input is given up
_CORPUS = 2000  # inputs that are damaged further
HERE = "input"  # the file that has the input that is fed now


class Hang(BaseException):
    """An input took too long. No Exception, so that nothing suppresses it."""


class Found(NamedTuple):
    """A fault: what it is, in a word and in full, and the input."""

    kind: str
    told: str
    data: bytes


class Result(NamedTuple):
    """How many inputs were fed, how many different things became of them, the slowest (seconds), and the faults."""

    fed: int
    kinds: int
    slowest: float
    found: list[Found]


class Search:
    """One target, fed until so many inputs or seconds are over."""

    def __init__(self, target: Target, seed: int) -> None:
        self.target = target
        self._draw = random.Random(f"{target.name} {seed}")
        self._seen: set[str] = set()
        self.corpus = [*target.seeds(), *kept(target.name)]
        self.found: dict[str, Found] = {}
        self.fed = 0
        self.slowest = 0.0

    @property
    def result(self) -> Result:
        """What came of it so far."""
        return Result(self.fed, len(self._seen), self.slowest, [*self.found.values()])

    def run(self, folder: Path, count: int, seconds: float) -> Result:
        """Feed it. What is fed is in ``folder`` before, so that it is known where the process dies of it."""
        end = time.monotonic() + seconds
        with self.target.open(folder) as feed, bounded():
            for data in [*self.corpus]:
                self.feed(feed, data, folder)
            while self.fed < count and time.monotonic() < end:
                self.feed(feed, self.target.mutate(self.corpus, self._draw, self.target.words), folder)
        return self.result

    def feed(self, feed: Feed, data: bytes, folder: Path) -> None:
        """One input."""
        (folder / HERE).write_bytes(data)
        self.fed += 1
        began = time.thread_time()
        signal.setitimer(signal.ITIMER_PROF, _HANGS)
        try:
            became = feed(data)
        except (Exception, Hang) as error:
            self._keep(Found(_where(error), traceback.format_exc(), data))
            return
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0.0)
        took = time.thread_time() - began
        self.slowest = max(self.slowest, took)
        if took > self.target.slow:
            self._keep(Found("slow", f"It took {took:.1f} s of processor time.", data))
        if became not in self._seen:
            self._seen.add(became)
            if len(self.corpus) < _CORPUS:
                self.corpus.append(data)

    def _keep(self, found: Found) -> None:
        before = self.found.get(found.kind)
        if before is None or len(found.data) < len(before.data):
            self.found[found.kind] = found


@contextmanager
def bounded() -> Iterator[None]:
    """A bound of the processor time of an input."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, give_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGPROF, before)


def write(result: Result, folder: Path) -> None:
    """Have the process that waits know."""
    rows = [(each.kind, each.told, each.data.hex()) for each in result.found]
    (folder / "result.json").write_text(json.dumps([*result[:3], rows]), encoding="utf-8")


def _where(error: BaseException) -> str:
    """The kind of a fault: its exception and the last line of livegen's own that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if "/livegen/" in each.filename] or frames
    return f"{type(error).__name__}-{Path(own[-1].filename).stem}-{own[-1].lineno}"


def save(found: Found, folder: Path) -> Path:
    """Keep a fault for whoever mends it: its input, and beside it what was raised."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{found.kind}-{hashlib.sha256(found.data).hexdigest()[:8]}"
    path.write_bytes(found.data)
    path.with_suffix(".txt").write_text(found.told, encoding="utf-8")
    return path
