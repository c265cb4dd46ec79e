"""The progress of a training, in a small file of its run folder: the training writes it, the page reads it."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from livegen.system import clock
from livegen.system.files import written_whole

FILE = "progress.json"
EVERY = 1.0  # seconds between two writings while only the share changes
_LARGEST = 1 << 20  # bytes: more has not been written by us
_MOST = 12  # trainings, or evaluations, that are listed


class RunLog:
    """The progress of one training; with no ``folder`` it is told to nobody.

    The file holds ``name``, ``state`` (training, judging, kept, refused, stopped, failed), ``losses`` (of each epoch or
    round, training or null and held out, in bits per ``unit``), ``share`` (0 to 1, or null), ``sentence`` and whatever
    else it is told. A disk that fails does not end a training.
    """

    def __init__(self, folder: Path | None, name: str, unit: str = "note") -> None:
        self._folder = folder
        self._written = -EVERY
        self._facts: dict[str, Any] = {"name": name, "unit": unit, "state": "training", "losses": [], "share": None}
        self._facts |= {"sentence": ""}

    def tell(self, **facts: Any) -> None:  # noqa: ANN401 (whatever JSON holds)
        """Write these facts, and those of before."""
        self._facts |= facts
        self._written = clock.now()
        if self._folder is None:
            return
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with written_whole(self._folder / FILE) as part:
                part.write_text(json.dumps(self._facts), encoding="utf-8")

    def advance(self, share: float) -> None:
        """Write the ``share`` of the training that is over, now and then."""
        if clock.now() - self._written >= EVERY:
            self.tell(share=round(share, 4))

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Tell it if what is done here is stopped or fails."""
        try:
            yield
        except KeyboardInterrupt:
            self.tell(state="stopped")
            raise
        except Exception as error:
            self.tell(state="failed", sentence=str(error))
            raise


def runs(folder: Path) -> list[dict[str, Any]]:
    """The progress of each training under a folder, the latest first; ``age`` is in seconds since it was told."""
    return _read(folder.glob(f"*/{FILE}"))


def evaluations(folder: Path) -> list[dict[str, Any]]:
    """The evaluations kept in a folder, the latest first; ``age`` in seconds."""
    return _read(folder.glob("*.json"))


def keep_evaluation(folder: Path, facts: dict[str, Any]) -> None:
    """Keep an evaluation for the page; where that fails, it was shown all the same."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with written_whole(folder / f"{clock.date():%Y-%m-%dT%H-%M-%S}.json") as part:
            part.write_text(json.dumps(facts), encoding="utf-8")


def _read(paths: Iterator[Path]) -> list[dict[str, Any]]:
    found: list[tuple[float, dict[str, Any]]] = []
    for path in paths:
        with contextlib.suppress(OSError, ValueError, RecursionError):
            about = path.stat()
            facts = json.loads(path.read_bytes()) if about.st_size <= _LARGEST else None
            if isinstance(facts, dict):
                found.append((about.st_mtime, facts))
    found.sort(key=lambda each: each[0], reverse=True)
    wall = clock.date().timestamp()
    return [facts | {"age": round(wall - changed, 1)} for changed, facts in found[:_MOST]]
