"""Seeded random numbers. They are drawn in batches, so that their state costs next to nothing to read."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

BATCH = 64  # numbers


class SeededRandom:
    """Uniform numbers, 0 ≤ x < 1, one by one: those that numpy's default generator gives for a seed,
    which may be of several whole numbers."""

    def __init__(self, seed: int | Sequence[int]) -> None:
        self._generator = np.random.default_rng(seed)
        self._begin()

    def _begin(self) -> None:
        """Begin a batch."""
        self._before: Mapping[str, Any] = self._generator.bit_generator.state
        self._batch: list[float] = self._generator.random(BATCH).tolist()  # from the last to the first
        self._batch.reverse()

    def random(self) -> float:
        """The next number."""
        if not self._batch:
            self._begin()
        return self._batch.pop()

    def normal(self) -> float:
        """A number of the standard normal distribution, by two uniform ones (Box and Muller 1958)."""
        length = math.sqrt(-2.0 * math.log(1.0 - self.random()))
        return length * math.cos(2.0 * math.pi * self.random())

    @property
    def place(self) -> tuple[Mapping[str, Any], int]:
        """The state: the generator's own before the batch (numpy's PCG64), and how many of the batch were drawn."""
        return self._before, BATCH - len(self._batch)

    @place.setter
    def place(self, place: tuple[Mapping[str, Any], int]) -> None:
        self._generator.bit_generator.state = place[0]
        self._begin()
        del self._batch[BATCH - place[1] :]
