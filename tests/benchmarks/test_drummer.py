"""Tests of the measure of a drummer's following."""

import numpy as np
import pytest

from benchmarks.beats import Performance
from benchmarks.studies import drummer
from livegen.beat.transport import Grid

STRAIGHT = Performance([0.0, 0.5, 0.75, 1.0], [0.0, 0.5, 1.0, 1.5], [1.0, 0.5, 0.5, 1.0], [60, 62, 64, 65])


def test_what_is_on_half_a_beat_swings() -> None:
    assert drummer.swung(STRAIGHT, 0.5) == STRAIGHT.onsets
    assert drummer.swung(STRAIGHT, 0.62) == pytest.approx([0.0, 0.5, 0.81, 1.0])


def test_hits_are_counted_by_the_true_grid() -> None:
    straight, swung = (drummer.grid(STRAIGHT.beats, swing, compound=False) for swing in (0.5, 0.62))
    assert straight[:5] == pytest.approx([0.0, 0.125, 0.25, 0.375, 0.5])
    assert swung[2] == pytest.approx(0.31)
    assert drummer.grid(STRAIGHT.beats, 0.5, compound=True)[1] == pytest.approx(0.5 / 3)
    assert drummer.share([0.0, 0.26, 0.31], straight) == pytest.approx(2 / 3)
    assert drummer.share([], np.array([0.0])) == 0.0


def test_the_places_that_a_pulse_foretells_are_those_of_its_grid() -> None:
    assert drummer.ahead(Grid(1.0, 4.0, 0.5), 2, 1.1, 1.8) == pytest.approx([1.25, 1.5, 1.75])
    assert drummer.ahead(Grid(1.0, 4.0, 0.5), 2, 1.1, 1.2) == []


@pytest.mark.parametrize(
    ("at", "length", "how"),
    [(1.01, 0.5, "right"), (1.0, 1.0, "level"), (0.75, 0.25, "level"), (0.75, 0.5, "wrong"), (1.0, 0.66, "wrong")],
)
def test_a_drummer_enters_right_at_another_level_or_wrong(at: float, length: float, how: str) -> None:
    assert drummer.entry(at, length, STRAIGHT.beats) == how
