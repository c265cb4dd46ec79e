"""The files and folders that a live session uses."""

from pathlib import Path
from typing import NamedTuple

from livegen.control.show import Show


class Resources(NamedTuple):
    """A show, and paths; None: there is no such folder or file. ``models`` and ``charts`` are folders of models and of
    charts next to livegen's own, ``slots`` the folder in which slots are kept, ``learned`` the file of learned
    controls."""

    show: Show | None = None
    models: Path | None = None
    slots: Path | None = None
    learned: Path | None = None
    charts: Path | None = None


NONE = Resources()
