"""Sampling from logits."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from livegen.predictors.sampling import choose, pitch_range

logits = st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=40).map(lambda row: np.array(row, np.float32))


@given(logits, st.floats(0, 1, exclude_max=True), st.floats(0.1, 2), st.floats(0.05, 1))
def test_a_choice_is_an_index_that_was_possible(row: np.ndarray, draw: float, heat: float, top_p: float) -> None:
    row = np.append(row, np.float32(-np.inf))
    assert 0 <= choose(row, draw, heat, top_p) < len(row) - 1


def test_a_draw_that_rounds_up_to_the_whole_is_still_possible() -> None:
    row = np.array([0.0, 1.0, 0.3, -np.inf, -np.inf], np.float32)
    assert choose(row, 1.0 - 2.0**-53) == 2


def test_choices_come_as_often_as_their_probability_says() -> None:
    row = np.log(np.array([0.1, 0.6, 0.3], np.float32))
    counts = np.bincount([choose(row, draw) for draw in np.linspace(0, 1, 1000, endpoint=False)], minlength=3)
    assert counts == pytest.approx([100, 600, 300], abs=2)


def test_cold_is_the_likeliest_and_top_p_drops_the_rest() -> None:
    row = np.array([0.0, 1.0, 0.5], np.float32)
    assert {choose(row, draw, 0.1) for draw in (0.05, 0.5, 0.9)} == {1}
    assert {choose(row, draw, 1.0, 0.05) for draw in np.linspace(0, 0.999, 50)} == {1}
    assert {choose(row, draw, 1.0, 0.7) for draw in np.linspace(0, 0.999, 50)} == {1, 2}


def test_nothing_possible_is_the_first() -> None:
    assert choose(np.full(3, -np.inf, np.float32), 0.5) == 0


def test_a_range_holds_both_ends_in_either_order() -> None:
    for low, high in ((60, 64), (64, 60)):
        assert np.flatnonzero(np.isfinite(pitch_range(low, high))).tolist() == [60, 61, 62, 63, 64]


@given(st.floats(-2000.0, 2000.0), st.floats(0.0, 1.0, exclude_max=True))
def test_only_the_differences_of_logits_count_however_far_they_are(shift: float, draw: float) -> None:
    row = np.array([0.0, 1.0, -1.0, 0.5], np.float32)
    moved = row + np.float32(shift)
    chances = np.exp(moved.astype(np.float64) - float(moved.max())).cumsum()  # as rounding has left them
    nearest = np.abs(chances / chances[-1] - draw).min()
    assume(nearest > 1e-5)
    assert choose(moved, draw) == np.searchsorted(chances / chances[-1], draw, side="right")
