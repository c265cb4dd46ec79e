"""Reads folders of music in parallel processes into a store, once; all processes of a training map it."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import platformdirs

from livegen.errors import FileError
from livegen.files import music_file
from livegen.training.corpus import corpus as corpora
from livegen.training.corpus import kept, store
from livegen.training.corpus.corpus import Corpus
from livegen.training.corpus.store import Store

FEWEST = 200  # files; fewer are read sooner than processes are started
_IN_A_PART = 200  # files, so that no process is left with much when the others are done
logger = logging.getLogger(__name__)


class Task(NamedTuple):
    """A part of the files for one process to read, and the folder for their store."""

    files: tuple[Path, ...]
    folder: Path


Spread = Callable[[Sequence[Task]], Iterable[None]]  # does every task somewhere, in any order


def read(data: Path, spread: Spread | None = None, cache: Path | None = None) -> Corpus:
    """The tunes of a folder, as ``corpora.read`` reads them, from a store if there are many files.

    ``spread`` says where the parts are read (None: in a process for each core here). Raises FileError as
    ``corpora.read`` does.
    """
    files, foreign = music_file.music_files(data) if data.is_dir() else ([], [])
    if len(files) < FEWEST:
        return corpora.read(data)
    folder = (cache or platformdirs.user_cache_path("livegen", appauthor=False)) / "stores"
    made_of = _digest(files)
    path = folder / hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:24]
    found = _opened(path, made_of)
    if found is None:
        try:
            _make(path, files, made_of, spread or by_processes)
            found = Store(path, made_of)
        except OSError as error:
            logger.warning("%s cannot hold a store (%s), so one process reads.", folder, error.strerror or error)
            return corpora.read(data)
    tunes, lost, parts = found.read()
    corpus = Corpus(tunes, lost, parts)
    for file in foreign:
        corpus.lost.add(file.name, "is not MIDI, MusicXML or ABC")
    corpus.warn()
    return corpus


def by_processes(tasks: Sequence[Task]) -> Iterable[None]:
    """A process for each core that this one may use."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with ProcessPoolExecutor(min(cores, len(tasks)), mp_context=get_context("spawn")) as workers:
        yield from workers.map(read_part, tasks)


def read_part(task: Task) -> None:
    """Read some files into a store of their own. What cannot be read is counted in it."""
    corpus = Corpus()
    for file in task.files:
        corpus.add_file(file)
    store.write(task.folder, kept.Read(corpus.tunes, corpus.lost, corpus.parts), "")


def _opened(path: Path, made_of: str) -> Store | None:
    if not path.exists():
        return None
    try:
        return Store(path, made_of)
    except FileError as error:
        logger.warning("%s It is made anew.", error)
        return None


def _make(path: Path, files: Sequence[Path], made_of: str, spread: Spread) -> None:
    """Make the store beside its place, and put it there when it is whole. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="making-") as making:
        work = Path(making)
        parts = [tuple(files[at : at + _IN_A_PART]) for at in range(0, len(files), _IN_A_PART)]
        tasks = [Task(part, work / str(number)) for number, part in enumerate(parts)]
        for _ in spread(tasks):
            pass
        store.join([task.folder for task in tasks], work / "whole", made_of)
        older = work / "older"
        if path.exists():
            path.rename(older)
        try:
            (work / "whole").rename(path)
        except OSError:
            if not path.exists():  # otherwise another process was first
                raise


def _digest(files: Sequence[Path]) -> str:
    """The files' names, sizes and times, and the contents of the code that reads them."""
    whole = hashlib.sha256(f"{store.VERSION} {kept.readers()}".encode())
    for file in files:
        about = file.stat()
        whole.update(f"{file} {about.st_size} {about.st_mtime_ns}\n".encode())
    return whole.hexdigest()
