"""Hypotheses about the beat: where an onset may be, and what it does to them."""

import random

import pytest

from livegen.beat.hypotheses import apart, beat_of, fresh, is_akin, likeliest, reached
from livegen.beat.rhythm import LEARNT, PARTS, PLAIN, SWUNG, Rhythms


def test_an_onset_moves_a_hypothesis_towards_it() -> None:
    row = (0.0, 0.5, 0, 0, 10.0, 1e-4, 0.0, 1e-3, 0)
    best = max(reached(PLAIN, [row], 10.52, 1.0))
    assert (best[2], best[3], best[8]) == (0, 0, PARTS)
    assert 0.5 < best[1] < 0.52
    assert 10.5 < best[4] < 10.52


def test_where_beats_are_uneven_the_second_note_is_late_and_the_beat_is_not() -> None:
    row = (0.0, 0.5, SWUNG, 0, 10.0, 1e-4, 0.0, 1e-3, 0)
    best = max(reached(LEARNT, [row], 10.3, 1.0))
    assert (best[3], best[8]) == (6, 6)
    assert beat_of(best).length == pytest.approx(0.5, rel=0.01)
    assert beat_of(best).at == pytest.approx(10.0, abs=0.01)


def test_alike_hypotheses_are_one_and_the_likeliest_comes_first() -> None:
    rows = fresh(LEARNT, 120.0, 1.0)
    kept = apart(LEARNT, [rows[0], rows[0], *rows])
    assert kept[0][0] == 0.0
    assert len(kept) == len({each[1:4] for each in kept}) <= 32


def test_half_and_twice_a_beat_are_akin_and_two_thirds_are_not() -> None:
    def row(length: float) -> tuple[float, float, int, int, float, float, float, float, int]:
        return 0.0, length, 0, 0, 10.0, 1e-4, 0.0, 1e-3, 0

    beat = beat_of(row(0.5))
    assert [is_akin(row(each), beat) for each in (0.25, 0.5, 1.0, 0.75, 0.33)] == [True, True, True, False, False]


def test_what_is_left_out_early_would_not_have_been_kept() -> None:
    draw = random.Random(2)
    rows, onset = fresh(PLAIN, 110.0, 0.0), 0.0
    left_out = 0
    for _ in range(12):
        onset += draw.choice((0.25, 0.5, 0.5, 1.0)) * draw.uniform(0.9, 1.1)
        together = sorted(reached(PLAIN, rows, onset, 1.0), reverse=True)
        alone = sorted((each for row in rows for each in reached(PLAIN, [row], onset, 1.0)), reverse=True)
        left_out += len(alone) - len(together)
        rows = apart(PLAIN, together)
        assert rows == apart(PLAIN, alone)
    assert left_out > 0


@pytest.mark.parametrize("rhythms", [PLAIN, LEARNT], ids=["plain", "learnt"])
def test_the_likeliest_alone_is_the_likeliest_of_all(rhythms: Rhythms) -> None:
    draw = random.Random(3)
    rows, onset = fresh(rhythms, 110.0, 0.0), 0.0
    for _ in range(40):
        onset += draw.choice((0.05, 0.25, 0.5, 0.5, 1.0)) * draw.uniform(0.9, 1.1)
        late, weight = draw.choice((0.0, 0.0, 0.04)), draw.choice((1.0, 0.5))
        found = reached(rhythms, rows, onset, weight, late)
        for few in (rows, rows[:2], rows[:1]):
            these = reached(rhythms, few, onset, weight, late)
            assert likeliest(rhythms, few, onset, weight, late) == max(these, key=lambda row: row[0], default=None)
        rows = apart(rhythms, sorted(found, reverse=True)) or fresh(rhythms, 110.0, onset)
    assert likeliest(rhythms, [], onset, 1.0) is None
