"""Prepares the next batches beside the training, in a thread: torch leaves the interpreter free while it reckons."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from livegen.training.network.augmentation import Variety, epoch
from livegen.training.network.dataset import Batch

_AHEAD = 8  # batches


def prepared(tunes: Sequence[Variety], size: int, random: np.random.Generator) -> Iterator[Batch]:
    """The batches of ``variety.epoch``, a few of them ahead."""
    batches = epoch(tunes, size, random)
    with ThreadPoolExecutor(1, "livegen batches") as worker:
        ahead = deque(worker.submit(next, batches, None) for _ in range(_AHEAD))
        try:
            while (batch := ahead.popleft().result()) is not None:
                ahead.append(worker.submit(next, batches, None))
                yield batch
        finally:
            for each in ahead:
                each.cancel()
