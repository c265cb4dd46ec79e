"""Prepares the next batches beside the training, in a process of their own where the system can fork one."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from torch.utils.data import DataLoader, IterableDataset

from livegen.training import dataset
from livegen.training.dataset import Batch, Variety

_AHEAD = 8  # batches


class _Epoch(IterableDataset):  # type: ignore[misc]
    def __init__(self, tunes: Sequence[Variety], size: int, random: np.random.Generator) -> None:
        super().__init__()
        self._of = tunes, size, random

    def __iter__(self) -> Iterator[Batch]:
        return dataset.epoch(*self._of)


def prepared(tunes: Sequence[Variety], size: int, random: np.random.Generator) -> Iterable[Batch]:
    """The batches of ``dataset.epoch``, the same whether or not another process prepares them."""
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        return dataset.epoch(tunes, size, random)
    batches: Iterable[Batch] = DataLoader(
        _Epoch(tunes, size, random), batch_size=None, num_workers=1, prefetch_factor=_AHEAD
    )
    return batches
