"""Every performer against livegen in every setting, on several cores; the same figures with however many."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TypeVar

from benchmarks.musicality import exchange, scoring
from benchmarks.musicality.exchange import SETTINGS
from benchmarks.musicality.performance import Performer
from livegen.predictors import models
from livegen.predictors.protocol import Predictor
from livegen.settings import Settings

NICE = 10
_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Take:
    """A performer to be played in a setting, with a seed."""

    performer: Performer
    setting: str
    seed: int


def takes(performers: Iterable[tuple[int, Performer]]) -> list[Take]:
    """All takes of performers and seeds; drummers only take turns."""
    return [
        Take(performer, setting, seed)
        for (seed, performer), setting in product(performers, SETTINGS)
        if not performer.drums or setting in (exchange.POLITE, exchange.TRADE)
    ]


def samples(wanted: Sequence[Take], settings: Settings, jobs: int) -> Iterator[scoring.Sample]:
    """The figures of each take, in order."""
    return spread(partial(_sample, settings), wanted, jobs)


def _sample(settings: Settings, take: Take) -> scoring.Sample:
    played = exchange.play(take.performer, take.setting, predictor(settings.model), settings, take.seed)
    return scoring.sample(played, take.seed)


def spread(work: Callable[[_Task], _Result], tasks: Sequence[_Task], jobs: int) -> Iterator[_Result]:
    """The results in the order of the tasks, from so many processes that leave the machine to others."""
    if jobs <= 1:
        yield from map(work, tasks)
        return
    with multiprocessing.get_context("spawn").Pool(jobs, initializer=os.nice, initargs=(NICE,)) as pool:
        yield from pool.imap(work, tasks, chunksize=4)
        pool.close()
        pool.join()


_loaded: dict[str, Predictor] = {}


def predictor(name: str) -> Predictor:
    """The model, read once in each process."""
    if name not in _loaded:
        _loaded[name] = models.load(name)
    return _loaded[name]
