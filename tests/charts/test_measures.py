"""The order in which measures are played: repeats, endings, jumps to the sign, to the coda, to the end."""

import pytest

from livegen.charts.measures import SEGNO, START, Measure, performed
from livegen.errors import FileError


def order(measures: list[Measure]) -> list[int]:
    return [bar.number for bar in performed(measures)]


def test_da_capo_al_fine() -> None:
    assert order([Measure(4), Measure(4, fine=True), Measure(4, jump=START)]) == [1, 2, 3, 1, 2]


def test_dal_segno_al_coda() -> None:
    measures = [
        *(Measure(4), Measure(4, segno=True), Measure(4, coda=True), Measure(4, jump=SEGNO, to_coda=True)),
        *(Measure(4, coda=True), Measure(4)),
    ]
    assert order(measures) == [1, 2, 3, 4, 2, 3, 5, 6]


def test_after_a_jump_the_last_ending_is_played_and_nothing_is_repeated() -> None:
    measures = [
        Measure(4, opens=True),
        Measure(4, endings=frozenset({1}), closes=2),
        Measure(4, endings=frozenset({2})),
        Measure(4, jump=START),
    ]
    assert order(measures) == [1, 2, 1, 3, 4, 1, 3, 4]


def test_a_repeat_within_a_jump_without_end_ends() -> None:
    assert order([Measure(4, segno=True, jump=SEGNO)]) == [1, 1]
    with pytest.raises(FileError, match="more than 2,048 bars"):
        performed([Measure(4, closes=3000)])


def test_a_section_played_again_begins_again() -> None:
    bars = performed([Measure(4, section="A", begins=True, opens=True), Measure(4, section="A", closes=2)])
    assert [bar.begins for bar in bars] == [True, False, True, False]
