"""The seeded random numbers: those of numpy's generator, from any place in its sequence."""

import statistics

import numpy as np
import pytest

from livegen.player.seeded_random import BATCH, SeededRandom


def test_the_numbers_are_those_of_numpys_generator_over_any_number_of_batches() -> None:
    chance = SeededRandom(7)
    count = 3 * BATCH + 5
    assert [chance.random() for _ in range(count)] == np.random.default_rng(7).random(count).tolist()


@pytest.mark.parametrize("drawn", [0, 1, BATCH - 1, BATCH, BATCH + 1, 200])
def test_from_a_place_that_was_kept_the_same_numbers_come_again(drawn: int) -> None:
    chance = SeededRandom(1)
    for _ in range(drawn):
        chance.random()
    place = chance.place
    first = [chance.random() for _ in range(150)]
    other = SeededRandom(2)
    for each in (chance, other):
        each.place = place
        assert [each.random() for _ in range(150)] == first


def test_from_three_places_in_turn_the_numbers_go_on_where_they_were_left() -> None:
    expected = [np.random.default_rng(seed).random(6 * BATCH).tolist() for seed in range(3)]
    places = [SeededRandom(seed).place for seed in range(3)]
    chance, drawn = SeededRandom(9), [0, 0, 0]
    for turn in range(60):
        which, count = turn * turn % 3 if turn % 2 else turn % 3, 1 + turn % 17
        chance.place = places[which]
        assert [chance.random() for _ in range(count)] == expected[which][drawn[which] : drawn[which] + count]
        places[which], drawn[which] = chance.place, drawn[which] + count


def test_normal_numbers_are_normal() -> None:
    chance = SeededRandom(3)
    drawn = [chance.normal() for _ in range(20_000)]
    assert statistics.fmean(drawn) == pytest.approx(0.0, abs=0.03)
    assert statistics.pstdev(drawn) == pytest.approx(1.0, abs=0.03)
    assert sum(abs(each) < 1.0 for each in drawn) / len(drawn) == pytest.approx(0.683, abs=0.015)
