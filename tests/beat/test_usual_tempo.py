"""The usual tempo: carried from phrase to phrase."""

import pytest

from livegen.beat import usual_tempo
from livegen.beat.hypotheses import Row


def row(length: float, log: float = 0.0) -> Row:
    return log, length, 0, 0, 0.0, 1e-4, 0.0, 1e-4, 0


def test_a_tempo_that_was_heard_is_more_familiar_than_its_neighbours() -> None:
    shares: usual_tempo.Shares = ()
    for count in range(1, 20):
        shares = usual_tempo.heard(shares, [row(0.5), row(0.75, -2.0)], count)
    assert sum(shares) == pytest.approx(1.0)
    familiar = usual_tempo.familiar(shares)
    known, level, other, never = (familiar[usual_tempo.bin_of(each)] for each in (0.5, 1.0, 0.75, 0.62))
    assert known > level > other > never


def test_what_was_heard_long_ago_counts_less() -> None:
    shares = usual_tempo.heard((), [row(0.5)], 1)
    for count in range(2, 400):
        shares = usual_tempo.heard(shares, [row(0.8)], count)
    assert shares[usual_tempo.bin_of(0.8)] > 0.95


def test_no_length_is_out_of_range() -> None:
    assert usual_tempo.bin_of(1e-3) == 0
    assert usual_tempo.bin_of(1e3) == len(usual_tempo.heard((), [row(0.5)], 1)) - 1
