"""The two sets of beliefs about rhythms: the one set by hand and the learnt one."""

import math

import pytest

from livegen.beat.rhythm import LEARNT, PLAIN, SETS, Rhythms, named, read


@pytest.mark.parametrize("rhythms", SETS.values())
def test_every_kind_of_beat_has_all_that_a_hypothesis_asks_for(rhythms: Rhythms) -> None:
    assert len(rhythms.likely) == len(rhythms.edges) + 1
    assert list(rhythms.edges) == sorted(rhythms.edges)
    kinds = range(len(rhythms.ways))
    assert all(len(band) == len(kinds) for band in rhythms.likely)
    assert len(rhythms.noise) == len(kinds)
    assert not rhythms.prior or {len(curve) for curve in rhythms.prior} == {rhythms.tempi}
    assert {kind for _, kind, _ in rhythms.starts} == set(kinds)


@pytest.mark.parametrize("rhythms", SETS.values())
def test_the_likelihoods_of_gaps_are_those_of_probabilities(rhythms: Rhythms) -> None:
    for band in rhythms.likely:
        for kind, places in zip(band, rhythms.ways, strict=True):
            for place, _ in places:
                assert kind[place][0] == -99.0 or kind[place][0] < -90.0  # no gap is no gap
                assert sum(math.exp(each) for each in kind[place] if each > -6.9) <= 1.02


def test_the_learnt_set_covers_30_to_300_beats_a_minute() -> None:
    assert (LEARNT.slowest, LEARNT.fastest) == (30.0, 300.0)
    assert (PLAIN.slowest, PLAIN.fastest) == (50.0, 240.0)


def test_a_table_is_read_in_thousandths() -> None:
    assert read("\n0: 6 500, 12 250\n6: 6 1000\n") == {0: {6: 0.5, 12: 0.25}, 6: {6: 1.0}}


def test_a_set_is_one_of_two() -> None:
    assert [named(name) for name in SETS] == list(SETS)
    with pytest.raises(ValueError, match="no such name"):
        named("other")
