"""The performer's pulse."""

import random

import pytest

from livegen.transport import Pulse


def heard(intervals: list[float], tempo: float = 120.0) -> Pulse:
    pulse = Pulse(tempo)
    for interval in intervals:
        pulse.hear(interval)
    return pulse


@pytest.mark.parametrize("beat", [0.35, 0.45, 0.5, 0.6, 0.75])
def test_the_beat_of_a_plain_rhythm_is_found(beat: float) -> None:
    pulse = heard([beat * value for value in (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 2) * 3])
    assert pulse.beat == pytest.approx(beat, rel=0.03)


def test_the_beat_survives_human_timing() -> None:
    draw = random.Random(1)
    played = [0.6 * value * draw.uniform(0.94, 1.06) for value in (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 1) * 4]
    assert heard(played).beat == pytest.approx(0.6, rel=0.06)


def test_the_beat_glides_with_a_slowing_performer() -> None:
    slowing = [0.25 * 1.015**index for index in range(30)]
    assert heard(slowing).beat == pytest.approx(2 * slowing[-1], rel=0.08)


def test_chords_and_silences_say_nothing() -> None:
    assert heard([0.0, 0.01, 60.0, 1e9, -1.0]).beat == 0.5


def test_the_expected_tempo_holds_until_something_is_heard_and_wins_ties() -> None:
    assert Pulse(90.0).beat == pytest.approx(60 / 90)
    assert heard([0.4] * 8, tempo=150).beat == pytest.approx(0.4, rel=0.02)
    assert heard([0.4] * 8, tempo=75).beat == pytest.approx(0.8, rel=0.02)
