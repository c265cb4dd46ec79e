"""The performer's pulse: tempo, beat and note values from onsets alone."""

import random
from itertools import accumulate

import pytest

from livegen.beat.pulse import Beat, Pulse

REEL = (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 2)


def heard(gaps: list[float], tempo: float = 120.0, start: float = 3.0) -> Pulse:
    pulse = Pulse(tempo)
    for onset in accumulate(gaps, initial=start):
        pulse.hear_onset(onset)
    pulse.settle()
    return pulse


@pytest.mark.parametrize("beat", [0.35, 0.45, 0.5, 0.6, 0.75])
def test_the_beat_of_a_plain_rhythm_is_found(beat: float) -> None:
    pulse = heard([beat * value for value in REEL * 3])
    assert pulse.beat == pytest.approx(beat, rel=0.005)
    assert pulse.felt.length == pulse.beat
    assert phase(pulse.felt, 3.0) == pytest.approx(0.0, abs=0.01)
    assert pulse.confidence > 0.9


def phase(beat: Beat, at: float) -> float:
    """The distance from a beat, in beats, -0.5 to 0.5."""
    away = (at - beat.at) / beat.length
    return away - round(away)


def test_the_beat_survives_human_timing() -> None:
    draw = random.Random(1)
    played = [0.6 * value * draw.uniform(0.94, 1.06) for value in (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 1) * 4]
    assert heard(played).beat == pytest.approx(0.6, rel=0.06)


def test_the_beat_glides_with_a_slowing_performer() -> None:
    slowing = [0.25 * 1.015**index for index in range(30)]
    assert heard(slowing).beat == pytest.approx(2 * slowing[-1], rel=0.04)


def test_beats_that_divide_in_three_are_told_from_those_in_two() -> None:
    jig = heard([0.16 * value for value in (2, 1, 1, 1, 1, 3, 2, 1, 1, 1, 1, 2, 1) * 3])
    assert jig.felt.ternary
    assert jig.felt.length == pytest.approx(0.48, rel=0.01)
    assert jig.beat == pytest.approx(0.32, rel=0.01)  # a written quarter: two eighths
    assert not heard([0.25 * value for value in (2, 1, 1, 2, 2, 1, 1, 4) * 3]).felt.ternary


def test_note_values_are_those_that_were_meant() -> None:
    draw = random.Random(2)
    pulse, at, right = Pulse(), 1.0, 0
    values = REEL * 6
    pulse.hear_onset(at)
    for value in values:
        at += 0.5 * value
        pulse.hear_onset(at + draw.uniform(-0.02, 0.02))
        right += pulse.value == value
    assert right > 0.9 * len(values)


def test_an_ornament_is_no_note_value() -> None:
    pulse = heard([0.5, 0.25, 0.25] * 6)
    pulse.hear_onset(3.0 + 6.0 + 0.045)
    assert pulse.value is None
    pulse.hear_onset(3.0 + 6.0 + 0.25)
    assert pulse.value is None
    pulse.hear_onset(3.0 + 6.0 + 0.5)
    assert pulse.value == 0.5
    assert pulse.beat == pytest.approx(0.5, rel=0.01)


def test_the_beat_goes_on_through_a_rest() -> None:
    pulse = heard([0.4 * value for value in REEL * 3])
    end = 3.0 + 0.4 * sum(REEL) * 3
    for bars in (1, 1.5, 2):
        end += 0.4 * 4 * bars
        pulse.hear_onset(end)
        pulse.settle()
        assert phase(pulse.felt, end) == pytest.approx(0.0, abs=0.05)
        assert pulse.beat == pytest.approx(0.4, rel=0.02)


def test_another_tempo_is_found_after_a_few_notes() -> None:
    pulse = heard([0.5 * value for value in REEL * 4])
    at = 3.0 + 0.5 * sum(REEL) * 4
    for value in REEL * 2:
        at += 0.36 * value
        pulse.hear_onset(at)
    pulse.settle()
    assert pulse.beat == pytest.approx(0.36, rel=0.02)


def test_chords_say_nothing_and_no_time_does_harm() -> None:
    pulse = heard([0.0, 0.01, 60.0, 1e9, 1.0, 1e-9])
    assert 0.2 < pulse.beat < 1.4
    assert pulse.confidence < 0.9
    draw = random.Random(3)
    for _ in range(50):
        wild = heard([draw.choice([0.0, 0.001, 0.05, 0.3, 1.0, 30.0, 1e4]) * draw.random() for _ in range(60)])
        assert 0.2 < wild.beat < 1.4
        assert 0.0 <= wild.confidence <= 1.0


def test_the_expected_tempo_holds_until_something_is_heard_and_wins_ties() -> None:
    assert Pulse(90.0).beat == pytest.approx(60 / 90)
    assert heard([0.4] * 8, tempo=150).beat == pytest.approx(0.4, rel=0.02)
    assert heard([0.4] * 8, tempo=75).beat == pytest.approx(0.8, rel=0.02)


def test_what_an_onset_means_costs_no_more_after_an_hour() -> None:
    pulse = heard([0.25, 0.5, 0.25] * 300)
    assert len(pulse._rows) <= 32
