"""Tests of the measure of the drummer's grooves against drummers'."""

import numpy as np
import pytest

from benchmarks.parts.repeats import repeats
from benchmarks.studies import grooves
from livegen.predictors import models
from livegen.predictors.drum_encoding import KIT
from livegen.training.drums.takes import Take


def take(*bars: tuple[int, ...]) -> Take:
    """Bars of four steps with kicks of class 9 on some of them, a little late."""
    velocity = np.zeros((4 * len(bars), KIT), np.uint8)
    for number, steps in enumerate(bars):
        velocity[[4 * number + step for step in steps], 0] = 9
    return Take("take", velocity, np.full_like(velocity, 8), bar=4)


def test_distributions_overlap_by_what_they_share() -> None:
    assert grooves.overlap(np.array([1.0, 1.0]), np.array([5.0, 5.0])) == 1.0
    assert grooves.overlap(np.array([1.0, 0.0]), np.array([0.0, 3.0])) == 0.0
    assert grooves.overlap(np.array([1.0, 1.0]), np.array([2.0, 0.0])) == 0.5


def test_classes_and_repeated_bars_are_counted() -> None:
    played = [take((0, 2), (0, 2), (0, 3), (0, 2))]
    assert grooves.histogram(played, 0, deviations=False).nonzero()[0].tolist() == [8]
    assert grooves.histogram(played, 0, deviations=True)[8] == 8
    assert grooves.bars_of(played[0])[:, :, 0].sum(1).tolist() == [2, 2, 2, 2]


def test_bars_that_come_again_are_counted() -> None:
    played = take(*[(0, 2), (0, 2), (0, 3), (0, 2), (0, 1), (1, 2), (2, 3), (0,), (0, 2), (1,)])
    before, two, four, new, commonest = repeats([grooves.bars_of(played)])
    assert (before, two, four) == pytest.approx((1 / 9, 1 / 8, 0.0))
    assert (new, commonest) == pytest.approx((1 / 2, 4 / 10))


def test_a_groove_of_the_drummers_own_is_as_long_and_the_same_each_time() -> None:
    real = take(*[(0, 2)] * 8)
    one, same = (grooves.generated(models.drummer("drums"), real, 3) for _ in range(2))
    assert one.velocity.shape == real.velocity.shape
    assert (one.velocity == same.velocity).all()
    assert one.hits > 4
