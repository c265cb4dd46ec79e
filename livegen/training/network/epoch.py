"""The pieces of a corpus as the batches of a pass over it, shared between the processes of a training."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from livegen.training.network.augmentation import Varied
from livegen.training.network.dataset import Batch, stack


class Share(NamedTuple):
    """The part of the music that one process of a training takes: every ``world``-th piece from number ``rank`` on."""

    rank: int = 0
    world: int = 1


ALONE = Share()
_BUCKET = 32  # batches whose pieces are drawn together, so that batches hold pieces of like length


def epoch(tunes: Sequence[Varied], size: int, random: np.random.Generator, share: Share = ALONE) -> Iterator[Batch]:
    """Every piece of a form of every tune once, ``size`` pieces of like length at a time, in random order.

    Processes that give the same ``random`` and each its own ``share`` go through the pieces together: all have as many
    batches, and batches of one number have pieces of about one length, so that none waits long for another.
    """
    pieces = [(tune, piece) for tune in tunes for piece in tune.form(random)]
    dice = random.spawn(share.world)[share.rank]
    each = math.ceil(len(pieces) / share.world)
    order = np.resize(random.permutation(len(pieces)), each * share.world)[share.rank :: share.world]
    for at in range(0, each, size * _BUCKET):
        # Drawn before they are sorted: chords put in make a piece up to four times as long, and the batch with it.
        drawn = [pieces[index][0].draw(pieces[index][1], dice) for index in order[at : at + size * _BUCKET]]
        drawn.sort(key=len)
        batches = [drawn[start : start + size] for start in range(0, len(drawn), size)]
        for index in random.permutation(len(batches)):
            yield stack(batches[index])


def batches(tunes: Sequence[Varied], size: int, share: Share = ALONE) -> int:
    """The number of batches that ``epoch`` makes, about: which tunes are taken as performed is drawn anew each time."""
    pieces = sum(len(tune.form(np.random.default_rng(0))) for tune in tunes)
    return math.ceil(math.ceil(pieces / share.world) / size)


_AHEAD = 8  # batches


def prepared(tunes: Sequence[Varied], size: int, random: np.random.Generator, share: Share = ALONE) -> Iterator[Batch]:
    """The batches of ``epoch``, a few prepared ahead in a thread."""
    made = epoch(tunes, size, random, share)
    with ThreadPoolExecutor(1, "livegen batches") as worker:
        ahead = deque(worker.submit(next, made, None) for _ in range(_AHEAD))
        try:
            while (batch := ahead.popleft().result()) is not None:
                ahead.append(worker.submit(next, made, None))
                yield batch
        finally:
            for each in ahead:
                each.cancel()
