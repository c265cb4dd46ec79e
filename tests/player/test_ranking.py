"""Ranking: each criterion finds the answer that fails it, and the sum prefers one that fails none."""

import random

import pytest

from livegen.player import ranking
from livegen.player.motifs import Tone
from livegen.player.ranking import WEIGHTS, Heard, shortcomings, within
from livegen.predictors.encoding import Encoding

ENCODING = Encoding()
CALL = ((0.0, 60), (0.5, 64), (0.5, 67), (1.0, 65), (0.5, 64), (0.5, 62), (1.0, 65), (2.0, 67), (0.5, 64), (0.5, 60))
# Its figures from other degrees, in other places.
GOOD = ((0.0, 67), (0.5, 71), (0.5, 74), (1.0, 72), (1.0, 69), (0.5, 67), (1.0, 65), (2.0, 64), (1.0, 62), (0.5, 60))


def line(*notes: tuple[float, int]) -> list[Tone]:
    return [Tone(ENCODING.gap_index(beats), pitch) for beats, pitch in notes]


def moved(notes: tuple[tuple[float, int], ...], by: int) -> tuple[tuple[float, int], ...]:
    return tuple((beats, pitch + by) for beats, pitch in notes)


HEARD = Heard(line(*CALL), [[60, 59, 57, 55]], frozenset({0, 2, 4, 5, 7, 9, 11}), frozenset({0, 4, 7}), 9.0)


@pytest.mark.parametrize(
    ("fails", "answer"),
    [
        ("takes up a motif", line(*((beats, 60 + at % 2) for at, (beats, _) in enumerate(CALL)))),
        ("is no copy", line(*CALL)),
        ("differs from the answers before", line((0.0, 60), (1.0, 59), (2.0, 57), (2.0, 55))),
        ("has the performer's pitches", line(*moved(GOOD, 1))),
        ("has as much rhythm", line(*((1.0, pitch) for _, pitch in GOOD))),
        ("keeps time", line(*((beats + 0.25 * (at == 1), pitch) for at, (beats, pitch) in enumerate(GOOD)))),
        ("is as dense", line(*((2.0 * beats, pitch) for beats, pitch in GOOD))),
        ("breathes as often", [tone._replace(share=0.2) for tone in line(*GOOD)]),
        ("keeps the register", line(*moved(GOOD, 12))),
        ("moves by steps", line(*((beats, pitch + 12 * (at % 2)) for at, (beats, pitch) in enumerate(GOOD)))),
        ("ends well", line(*GOOD[:-1], (0.5, 65))),
    ],
)
def test_each_criterion_finds_what_fails_it(fails: str, answer: list[Tone]) -> None:
    good, bad = shortcomings(line(*GOOD), HEARD), shortcomings(answer, HEARD)
    assert set(good) == set(WEIGHTS)
    assert bad[fails] > good[fails]


def test_the_shortcomings_are_weighed_and_added() -> None:
    each = shortcomings(line(*CALL), HEARD)
    assert ranking.score(line(*CALL), HEARD) == pytest.approx(sum(WEIGHTS[name] * each[name] for name in WEIGHTS))


def test_an_answer_that_fails_many_is_worse_than_one_that_fails_few() -> None:
    plain = line(*((1.0, 61 + at % 2) for at in range(10)))
    assert ranking.score(plain, HEARD) > ranking.score(line(*CALL), HEARD) > ranking.score(line(*GOOD), HEARD)


def test_only_what_the_answer_has_time_for_is_judged() -> None:
    assert within(line(*GOOD), 2.0) == line(*GOOD)[:4]
    assert len(within(line((0.0, 60), (9.0, 62)), 2.0)) == 2
    far = [*line(*GOOD), *line(*((1.0, 61) for _ in range(9)))]
    heard = HEARD._replace(beats=8.0)
    assert shortcomings(far, heard) == shortcomings(line(*GOOD), heard)


def test_distance_counts_insertions_deletions_and_changes() -> None:
    for one, other, expected in (([], [], 0), ([1, 2, 3], [1, 2, 3], 0), ([1, 2, 3], [2, 3], 1 / 3), ([1], [2], 1)):
        assert ranking.distance(one, other) == pytest.approx(expected)


def test_distance_is_that_of_the_whole_table() -> None:
    draw = random.Random(1)
    for _ in range(500):
        one, other = ([draw.randint(60, 64) for _ in range(draw.randint(0, 17))] for _ in range(2))
        row = list(range(len(other) + 1))
        for number, here in enumerate(one, 1):
            corner, row[0] = row[0], number
            for at, there in enumerate(other, 1):
                corner, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, corner + (here != there))
        assert ranking.distance(one, other) == row[-1] / max(1, len(one), len(other))


def test_an_answer_of_two_notes_to_a_call_of_one_is_judged_too() -> None:
    heard = HEARD._replace(call=line((0.0, 60)), before=[], stable=frozenset())
    assert ranking.score(line((0.0, 60), (1.0, 62)), heard) >= 0.0


def test_a_call_that_comes_again_asks_for_another_answer_in_its_rhythm() -> None:
    again = HEARD._replace(again=True, before=[[pitch for _, pitch in GOOD]])
    once = again._replace(again=False)
    same, other = line(*GOOD), line(*((beats, 132 - pitch) for beats, pitch in GOOD))
    name = "differs from the answers before"
    assert shortcomings(same, again)[name] > 1.5 * shortcomings(same, once)[name] > 0.0
    assert shortcomings(other, again)[name] < shortcomings(same, again)[name]
    plain = line(*((1.0, pitch) for _, pitch in GOOD))
    name = "takes up the rhythm"
    assert shortcomings(plain, again)[name] > shortcomings(line(*CALL), again)[name] == 0.0
    assert shortcomings(plain, once)[name] == 0.0
