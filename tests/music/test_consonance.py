"""Consonance: what clashes, and which notes belong to the chord that a few of them suggest."""

import itertools

import pytest

from livegen.music import consonance

C_MAJOR_TRIAD = 0b000010010001
NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]


def classes(names: str) -> int:
    return sum(1 << NAMES.index(name) for name in names.split())


def test_seconds_sevenths_and_tritones_clash_and_the_narrow_ones_most() -> None:
    harsh = {interval: consonance.clash(60 + interval, [60]) for interval in range(-13, 14)}
    assert {interval % 12 for interval, each in harsh.items() if each} == {1, 2, 6, 10, 11}
    assert {interval % 12 for interval, each in harsh.items() if each >= consonance.HARSHEST} == {1, 11}
    assert consonance.clash(71, [60, 64, 67]) == 1.0 and consonance.clash(62, [60, 64]) == 1.5


def test_the_table_says_the_same_of_every_set() -> None:
    for chosen in itertools.combinations(range(12), 3):
        row = consonance.harshness()[sum(1 << each for each in chosen)]
        assert [float(each) for each in row] == [consonance.clash(each, chosen) for each in range(12)]
    assert not consonance.harshness()[0].any()


@pytest.mark.parametrize(
    ("heard", "likeliest"),
    [("C E G", "C E G"), ("A C E", "A C E"), ("G B D F", "G B D F"), ("C E", "C E G"), ("C", "C")],
)
def test_a_few_notes_suggest_a_chord(heard: str, likeliest: str) -> None:
    members = consonance.membership()[classes(heard)]
    order = sorted(range(12), key=lambda each: -members[each])
    assert {NAMES[each] for each in order[: len(likeliest.split())]} == set(likeliest.split())


def test_a_chord_leaves_out_what_is_foreign_to_it() -> None:
    members = consonance.membership()[C_MAJOR_TRIAD]
    assert min(members[[0, 4, 7]]) > 0.8 and max(members[[1, 3, 5, 6, 8]]) < 0.1
    assert consonance.membership()[0].min() == 1.0
