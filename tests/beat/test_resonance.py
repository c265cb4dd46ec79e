"""Tests of resonance: the tempo of a whole phrase is found from a known beat that is a few hundredths off."""

import random

import pytest

from livegen.beat.resonance import FEWEST, beat_of, of_two

BEAT = 0.5172  # seconds


def strokes(beats: int, swing: float = 0.5) -> list[tuple[float, int]]:
    """Two strokes a beat, now and then one of sixteenths between them, a little loose; the beats are the loudest."""
    draw = random.Random(3)
    places = [(beat + within, loud) for beat in range(beats) for within, loud in ((0.0, 100), (swing, 70))]
    places += [(beat + 0.25, 35) for beat in range(0, beats, 3)]
    return sorted((1.0 + BEAT * place + draw.gauss(0.0, 0.008), loud) for place, loud in places)


@pytest.mark.parametrize("off", [-0.06, -0.02, 0.0, 0.03, 0.06])
@pytest.mark.parametrize("late", [-0.04, 0.05])
def test_the_beat_is_found_from_one_that_is_a_little_off(off: float, late: float) -> None:
    end = 1.0 + 16 * BEAT
    at, length = beat_of(strokes(16), end + late, BEAT * (1.0 + off), ternary=False)
    assert length == pytest.approx(BEAT, rel=0.002)
    assert at == pytest.approx(end, abs=0.015)


def test_in_three_it_goes_by_thirds() -> None:
    at, length = beat_of(strokes(16, swing=2 / 3), 1.0 + 16 * BEAT + 0.03, BEAT * 1.03, ternary=True)
    assert length == pytest.approx(BEAT, rel=0.004)
    assert at == pytest.approx(1.0 + 16 * BEAT, abs=0.02)


def test_a_few_strokes_tell_nothing() -> None:
    assert beat_of(strokes(16)[: FEWEST - 1], 3.0, 0.5, ternary=False) == (3.0, 0.5)


def test_of_two_beats_the_one_is_found_that_is_louder() -> None:
    for at in (1.0 + 8 * BEAT, 1.0 + 8.5 * BEAT):
        assert of_two(strokes(16), at, BEAT / 2) == pytest.approx(1.0 + 8 * BEAT)
