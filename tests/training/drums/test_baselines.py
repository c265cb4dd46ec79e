"""Tests of the models beside which a drummer is measured: they are probabilities, and they learn."""

import itertools
import math

import numpy as np
import pytest

from livegen.predictors.drum_encoding import DEVIATIONS, VELOCITIES
from livegen.training.drums import baselines
from livegen.training.drums.baselines import HIT, Counts, Question
from tests.support.drum_takes import take


def test_the_chances_of_all_symbols_add_up_to_one() -> None:
    counts = Counts()
    for symbol in (0, 0, 2, 3, 0):
        counts.learn(Question(HIT, symbol, 4, ((), ("p", 1))))
    for contexts in (((),), ((), ("p", 1)), ((), ("p", 2))):
        whole = sum(counts.chance(Question(HIT, symbol, 4, contexts)) for symbol in range(4))
        assert whole == pytest.approx(1.0)


@pytest.mark.parametrize("number", range(3))
def test_a_groove_that_was_learnt_costs_less_than_one_that_was_not(number: int) -> None:
    learnt = baselines.all_of([take(8, seed) for seed in range(4)])[number]
    known = take(8, 9)
    other = take(8, 9)
    other.velocity[:] = np.roll(other.velocity, 3, axis=1)
    assert learnt.bits(known).hit < 0.5 * learnt.bits(other).hit
    assert known.hits == learnt.bits(known).hits


def test_nothing_learnt_costs_what_chance_costs() -> None:
    unlearnt = baselines.all_of([])[2].bits(take(1))
    hits = take(1).hits
    assert unlearnt.velocity == pytest.approx(hits * math.log2(VELOCITIES))
    assert unlearnt.deviation == pytest.approx(hits * math.log2(DEVIATIONS))
    assert unlearnt.hit == pytest.approx(16 * 9)


def test_the_short_term_learns_from_the_take_itself() -> None:
    odd = take(16, 0)
    odd.velocity[:] = np.roll(odd.velocity, 3, axis=1)
    both, markov, _ = baselines.all_of([take(8, 1)])
    for part, whole in itertools.pairwise((4, 16)):
        ngram = both.bits(odd).hit
        assert ngram < markov.bits(odd).hit, (part, whole)
