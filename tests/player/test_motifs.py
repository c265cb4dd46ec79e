"""Motifs: a phrase is read as a line, and an answer developed from it keeps its rhythm, its figures and its pitches."""

import random
from collections.abc import Sequence

from livegen.player import motifs
from livegen.player.motifs import Ladder, Tone, intervals
from livegen.predictors.encoding import PERFORMER, PLAYER, Encoding, Onset, Step

ENCODING = Encoding()
MAJOR = (0, 2, 4, 5, 7, 9, 11)


def tone(beats: float, pitch: int, share: float | None = None) -> Tone:
    return Tone(ENCODING.gap_index(beats), pitch, share)


def step(pitch: int, gap: float, who: int = PERFORMER, held: int = 0, released: float = 0.9) -> Step:
    return ENCODING.encode(Onset(pitch, gap, 60, 80, released, held, who=who))


CALL = [
    *(tone(1.0, 60), tone(0.5, 64), tone(0.5, 67), tone(1.0, 65), tone(0.5, 64)),
    *(tone(1.5, 62), tone(0.5, 65), tone(0.5, 69), tone(1.0, 67), tone(0.5, 65), tone(2.0, 64)),
]
LADDER = motifs.ladder(CALL, lambda pitch: pitch % 12 in MAJOR)


def developed(seed: int, first: int = 67, call: Sequence[Tone] = CALL) -> list[Tone]:
    return motifs.developed(call, first, LADDER, 8.0, random.Random(seed).random)


def test_a_phrase_is_its_line_up_to_the_players_last_note() -> None:
    steps = [
        *(step(50, 1.0, PLAYER), step(60, 1.0), step(52, 0.0), step(64, 0.5, held=2), step(67, 0.0, held=3)),
        *(step(53, 0.5, held=2), step(66, 0.5, held=2), step(69, 2.0, released=0.25)),
    ]
    found = motifs.phrase(steps, 99)
    # The chord's highest; 53 lies far below a key that is down; the rest before the last is one and a half beats.
    assert [each.pitch for each in found] == [60, 67, 66, 69]
    assert [each.beats for each in found] == [1.0, 0.5, 1.0, 2.0]
    assert [each.share is None for each in found] == [True, True, True, False]
    assert [each.pitch for each in motifs.phrase(steps, 2)] == [66, 69]
    assert motifs.phrase([*steps, step(70, 1.0, PLAYER), step(71, 1.0, PLAYER)], 99) == found  # it was answered


def test_answers_are_the_players_runs_the_latest_first() -> None:
    steps = [step(pitch, 1.0, who) for pitch, who in ((60, 2), (61, 2), (70, 1), (62, 2), (71, 1), (63, 2), (64, 2))]
    assert motifs.answers(steps, 2) == [[63, 64], [62]]
    assert motifs.answers(steps, 9) == [[63, 64], [62], [60, 61]]
    assert motifs.calls(steps, 9) == [[71], [70]]


def test_a_ladder_finds_near_pitches_and_reflects_at_its_ends() -> None:
    steps = Ladder([60, 62, 64, 65])
    assert [steps.place(pitch) for pitch in (0, 60, 61, 63, 64, 99)] == [0, 0, 1, 2, 2, 3]
    assert [steps.at(place) for place in (-1, 0, 3, 4, 5)] == [62, 60, 65, 64, 62]


def test_an_answer_keeps_the_calls_rhythm_pitches_and_figures() -> None:
    values = {each.gap for each in CALL}
    figures = {tuple(intervals([each.pitch for each in CALL])[at : at + 3]) for at in range(len(CALL) - 3)}
    taken = 0
    for seed in range(200):
        answer = developed(seed)
        assert sum(each.beats for each in answer) >= 8.0
        assert all(each.pitch in LADDER.pitches for each in answer)
        # A joint to a whole beat may be of any length; the others are the call's.
        assert sum(each.gap not in values for each in answer) <= len(answer) / 4
        steps = intervals([67, *(each.pitch for each in answer)])
        taken += sum(tuple(steps[at : at + 3]) in figures for at in range(len(steps) - 2)) / (len(steps) - 2) > 0.1
    assert taken > 150


def test_answers_differ_and_none_is_the_call_again() -> None:
    answers = [tuple(each.pitch for each in developed(seed)) for seed in range(60)]
    assert len(set(answers)) > 25
    call = tuple(each.pitch for each in CALL)
    assert all(answer[: len(call) - 1] != call[1:] for answer in answers)


def test_the_same_draws_develop_the_same_answer() -> None:
    assert developed(3) == developed(3) != developed(4)


def test_some_answers_are_sequences_of_one_cell() -> None:
    def is_sequence(answer: Sequence[Tone]) -> bool:
        moves = intervals([67, *(each.pitch for each in answer)])
        values, contour = [each.gap for each in answer], [(move > 0) - (move < 0) for move in moves]
        return any(
            values[:size] == values[size : 2 * size] and contour[: size - 1] == contour[size : 2 * size - 1]
            for size in (3, 4, 5, 6)
        )

    assert 20 < sum(is_sequence(developed(seed)) for seed in range(200)) < 120


def test_any_phrase_of_enough_notes_can_be_developed() -> None:
    for seed in range(300):
        draw = random.Random(seed)
        call = [
            tone(draw.choice([0.0, 0.25, 0.5, 1.0, 2.0, 7.0]), draw.randrange(128))
            for _ in range(draw.randint(motifs.FEW, 30))
        ]
        ladder = motifs.ladder(call, lambda pitch: pitch % 12 in MAJOR)
        answer = motifs.developed(call, draw.randrange(128), ladder, 6.0, draw.random)
        assert answer and all(each.pitch in ladder.pitches for each in answer[6:])
