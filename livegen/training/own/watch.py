"""Watches a folder of journals for new notes, so that a model can be trained again while its performer plays."""

from collections.abc import Callable
from pathlib import Path

ENOUGH = 200  # new notes of the performer's
_FEW = 8  # new notes, enough once their session has ended
_NOTE = b'["heard", "on",'  # the beginning of a journal's line for a note of the performer's


class Folder:
    """A folder of journals; each reading continues where the last one ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: dict[Path, int] = {}  # bytes
        self._ended: set[Path] = set()
        self._new = 0  # notes
        self._over = False

    def look(self) -> None:
        """Count what was written since the last look."""
        for journal in sorted(self._path.glob("*.jsonl")):
            self._new += self._notes(journal)
            # At its end a session writes a MIDI file next to its journal.
            if journal not in self._ended and journal.with_suffix(".mid").exists():
                self._ended.add(journal)
                self._over = True

    @property
    def is_due(self) -> bool:
        """Whether there is enough new music for a training: 200 notes, or a few and their session has ended."""
        return self._new >= (_FEW if self._over else ENOUGH)

    def learnt(self) -> None:
        """Reset the count, because a training has begun."""
        self._new, self._over = 0, False

    def _notes(self, journal: Path) -> int:
        """The number of whole lines added that hold a note of the performer's."""
        try:
            with journal.open("rb") as file:
                file.seek(self._read.get(journal, 0))
                added = file.read()
        except OSError:
            return 0
        whole = added[: added.rfind(b"\n") + 1]
        self._read[journal] = self._read.get(journal, 0) + len(whole)
        return sum(line.startswith(_NOTE) for line in whole.splitlines())


def watch(folder: Folder, train: Callable[[], None], rest: Callable[[], None]) -> None:
    """Train now, and again whenever there is enough that is new. Ends when ``rest`` or ``train`` raises."""
    folder.look()
    while True:
        folder.learnt()
        train()
        folder.look()
        while not folder.is_due:
            rest()
            folder.look()
