"""Writes files whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Write to the path given here; at the end that file replaces the one at ``path``, after it has reached the disk.

    When the writing fails, the older file stays as it was and nothing else is left. Raises OSError.
    """
    part = path.with_name(path.name + ".part")
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
