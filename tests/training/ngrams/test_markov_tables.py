"""The Markov model: probabilities that are probabilities, contexts that count, no key."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegen.predictors.encoding import GAPS, Encoding, Onset
from livegen.training.ngrams.markov_tables import MarkovTables
from livegen.training.ngrams.tables import Ints

ENCODING = Encoding()
HALF = ENCODING.gap_index(0.5)


def steps(notes: list[tuple[float, int]]) -> Ints:
    """Steps of (gap in beats, pitch) pairs."""
    before: list[int | None] = [None, *(pitch for _, pitch in notes)]
    onsets = [Onset(p, None if b is None else g, b) for (g, p), b in zip(notes, before, strict=False)]
    return np.array([ENCODING.encode(onset) for onset in onsets], dtype=np.int64)


def even(*pitches: int) -> Ints:
    return steps([(0.5, pitch) for pitch in pitches])


melodies = st.lists(
    st.tuples(st.sampled_from([0.0, 0.25, 0.5, 1.0, 3.0]), st.integers(0, 127)), min_size=1, max_size=30
)


@given(st.lists(melodies, max_size=5), melodies)
def test_probabilities_sum_to_one_and_nothing_is_impossible(
    heard: list[list[tuple[float, int]]], now: list[tuple[float, int]]
) -> None:
    markov = MarkovTables((steps(each) for each in heard), order=3)
    for order in range(4):
        gaps = markov.gaps(steps(now), order)
        pitches = markov.pitches(steps(now), HALF, order)
        assert gaps.sum() == pytest.approx(1.0) and pitches.sum() == pytest.approx(1.0)
        assert gaps.min() > 0.0 and pitches.min() > 0.0


def test_untaught_it_is_uniform() -> None:
    markov = MarkovTables([])
    assert np.allclose(markov.gaps(even(60)), 1 / len(GAPS))
    assert np.allclose(markov.pitches(even(60), HALF), 1 / 128)


def test_a_longer_context_decides_what_a_shorter_cannot() -> None:
    # After +2 comes -2 or +3: which, only the interval before tells.
    pattern = [60, 62, 60, 61, 63, 66] * 20
    markov = MarkovTables([even(*pattern)])
    after = even(60, 62, 60, 61, 63)
    assert markov.pitches(after, HALF, 2)[66] > 0.9
    assert markov.pitches(after, HALF, 1)[66] < 0.7


def test_the_pitch_depends_on_its_gap() -> None:
    # A quarter beat goes up a tone, a whole beat down a fourth.
    notes, pitch = [(1.0, 60)], 60
    dice = np.random.default_rng(1)
    for _ in range(200):
        gap, move = ((0.25, 2), (1.0, -5))[int(dice.integers(2))]
        pitch = 60 + (pitch + move - 60) % 40
        notes.append((gap, pitch))
    markov = MarkovTables([steps(notes)], order=1)
    here = steps([(1.0, 70)])
    assert markov.pitches(here, ENCODING.gap_index(0.25)).argmax() == 72
    assert markov.pitches(here, ENCODING.gap_index(1.0)).argmax() == 65


def test_it_knows_no_key() -> None:
    tune = [60, 62, 64, 65, 67, 65, 64, 62]
    markov = MarkovTables([even(*tune)])
    home, away = markov.scores(even(*tune)), markov.scores(even(*(pitch + 9 for pitch in tune)))
    for here, there in zip(home, away, strict=True):
        assert np.allclose(np.array(here), np.array(there), atol=1e-6)


def test_scores_are_those_of_the_probabilities() -> None:
    markov = MarkovTables([even(60, 62, 64, 62, 60, 64, 62), steps([(1.0, 50), (0.25, 51), (0.25, 53)])], order=2)
    tune = steps([(0.5, 60), (0.5, 62), (0.25, 64), (1.0, 55)])
    for order in range(3):
        for index, score in enumerate(markov.scores(tune)[order]):
            past, gap, pitch = tune[: index + 1], int(tune[index + 1, 2]) - 1, int(tune[index + 1, 0]) - 1
            gaps, pitches = markov.gaps(past, order), markov.pitches(past, gap, order)
            assert score.gap_bits == pytest.approx(-math.log2(gaps[gap]))
            assert score.pitch_bits == pytest.approx(-math.log2(pitches[pitch]))
            assert score.pitch_rank == int((pitches > pitches[pitch]).sum())


def test_what_follows_one_thing_alone_is_not_expected_elsewhere() -> None:
    # +7 comes often, but only after -7; +2 comes as often after many things. After something new, +2 is likelier.
    only = [60, 53] * 30
    moves = [move for other in (1, 3, 4, 5, 6, 8) for move in (other, 2, -other, 2, -4) * 3]
    varied = [40]
    for move in moves:
        varied.append(varied[-1] + move if varied[-1] < 100 else varied[-1] + move - 60)
    markov = MarkovTables([even(*only), even(*varied)], order=1)
    new = markov.pitches(even(60, 71), HALF)
    assert sum(move == 2 for move in moves) < 2 * 30 and new[73] > 2 * new[78]


def test_learning_a_tune_makes_it_likelier() -> None:
    tune = even(60, 64, 67, 72, 67, 64, 60, 64, 67, 72, 67, 64)
    taught, untaught = MarkovTables([tune] * 3), MarkovTables([])
    bits = [sum(score.pitch_bits for score in markov.scores(tune)[-1]) for markov in (taught, untaught)]
    assert bits[0] < 0.3 * bits[1]
