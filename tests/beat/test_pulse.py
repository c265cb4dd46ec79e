"""The performer's pulse: tempo, beat and note values from onsets alone."""

import random
from itertools import accumulate, pairwise
from statistics import fmean

import pytest

from livegen.beat.hypotheses import Beat
from livegen.beat.pulse import Pulse
from livegen.beat.rhythm import LEARNT, PLAIN, Rhythms

REEL = (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 2)


def heard(gaps: list[float], tempo: float = 120.0, start: float = 3.0, rhythms: Rhythms = PLAIN) -> Pulse:
    pulse = Pulse(tempo, rhythms)
    for onset in accumulate(gaps, initial=start):
        pulse.hear_onset(onset)
    pulse.settle()
    return pulse


@pytest.mark.parametrize("rhythms", [PLAIN, LEARNT])
@pytest.mark.parametrize("beat", [0.35, 0.45, 0.5, 0.6, 0.75])
def test_the_beat_of_a_plain_rhythm_is_found(beat: float, rhythms: Rhythms) -> None:
    pulse = heard([beat * value for value in REEL * 3], rhythms=rhythms)
    assert pulse.beat == pytest.approx(beat, rel=0.005)
    assert pulse.felt.length == pulse.beat
    assert phase(pulse.felt, 3.0) == pytest.approx(0.0, abs=0.01)
    assert pulse.confidence > (0.9 if rhythms is PLAIN else 0.6)


def phase(beat: Beat, at: float) -> float:
    """The distance from a beat, in beats, -0.5 to 0.5."""
    away = (at - beat.at) / beat.length
    return away - round(away)


@pytest.mark.parametrize("rhythms", [PLAIN, LEARNT])
def test_the_beat_survives_human_timing(rhythms: Rhythms) -> None:
    draw = random.Random(1)
    played = [0.6 * value * draw.uniform(0.94, 1.06) for value in (1, 0.5, 0.5, 1, 1, 0.5, 0.5, 1) * 4]
    assert heard(played, rhythms=rhythms).beat == pytest.approx(0.6, rel=0.06)


@pytest.mark.parametrize("rhythms", [PLAIN, LEARNT])
def test_the_beat_glides_with_a_slowing_performer(rhythms: Rhythms) -> None:
    slowing = [0.25 * 1.015**index for index in range(30)]
    assert heard(slowing, rhythms=rhythms).beat == pytest.approx(2 * slowing[-1], rel=0.04)


def test_a_whole_phrase_tells_the_tempo_better_than_its_last_notes() -> None:
    """A beat that is off by a hundredth is a sixth of a beat away after sixteen."""
    off: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(20):
        draw = random.Random(seed)
        onsets = [0.5 * place + draw.gauss(0.0, 0.012) for place in accumulate(REEL * 3, initial=0.0)]
        gaps = [there - here for here, there in pairwise(onsets)]
        for whole, errors in off.items():
            errors.append(abs(heard(gaps, rhythms=LEARNT._replace(long_view=whole)).beat / 0.5 - 1.0))
    assert fmean(off[True]) < 0.003 < 0.006 < fmean(off[False])


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


@pytest.mark.parametrize(("rhythms", "shortest", "longest"), [(PLAIN, 0.2, 1.4), (LEARNT, 0.12, 2.2)])
def test_chords_say_nothing_and_no_time_does_harm(rhythms: Rhythms, shortest: float, longest: float) -> None:
    pulse = heard([0.0, 0.01, 60.0, 1e9, 1.0, 1e-9], rhythms=rhythms)
    assert shortest < pulse.beat < longest
    assert pulse.confidence < 0.9
    draw = random.Random(3)
    for _ in range(50):
        gaps = [draw.choice([0.0, 0.001, 0.05, 0.3, 1.0, 30.0, 1e4]) * draw.random() for _ in range(60)]
        wild = heard(gaps, rhythms=rhythms)
        assert shortest < wild.beat < longest
        assert 0.0 <= wild.confidence <= 1.0


def test_the_expected_tempo_holds_until_something_is_heard_and_wins_ties() -> None:
    assert Pulse(90.0).beat == pytest.approx(60 / 90)
    assert heard([0.4] * 8, tempo=150).beat == pytest.approx(0.4, rel=0.02)
    assert heard([0.4] * 8, tempo=75).beat == pytest.approx(0.8, rel=0.02)
    assert heard([], tempo=72, rhythms=LEARNT).beat == pytest.approx(60 / 72)


def test_what_an_onset_means_costs_no_more_after_an_hour() -> None:
    pulse = heard([0.25, 0.5, 0.25] * 300)
    assert len(pulse._rows) <= 32


@pytest.mark.parametrize("tempo", [32.0, 45.0, 270.0])
def test_slow_and_quick_beats_are_within_the_range_of_the_learnt_rhythms_alone(tempo: float) -> None:
    beat = 60.0 / tempo
    rhythm = [beat * value for value in (1, 1, 0.5, 0.5, 1, 1, 2) * 5]
    assert heard(rhythm, tempo, rhythms=LEARNT).beat == pytest.approx(beat, rel=0.02)
    assert heard(rhythm, tempo, rhythms=PLAIN).beat != pytest.approx(beat, rel=0.02)


def test_an_even_run_says_little() -> None:
    assert not heard([60 / 220 / 2] * 60, rhythms=LEARNT).is_sure


def test_eighths_at_the_expected_tempo_are_in_two_and_a_grid_to_follow() -> None:
    assert not heard([0.25] * 5, rhythms=LEARNT).is_sure
    pulse = heard([0.25] * 24, rhythms=LEARNT)
    assert not pulse.felt.ternary and pulse.beat == pytest.approx(0.5, rel=0.005)
    assert pulse.is_sure and pulse.confidence < LEARNT.sure


@pytest.mark.parametrize("beat", [0.4, 0.5, 0.6])
def test_swung_eighths_are_a_beat_in_two(beat: float) -> None:
    pulse = heard([beat * share for share in (0.6, 0.4) * 16], rhythms=LEARNT)
    assert not pulse.felt.ternary
    assert pulse.beat == pytest.approx(beat, rel=0.03)


def test_where_the_metre_says_so_an_even_run_divides_in_three() -> None:
    for compound in (False, True):
        pulse = Pulse(rhythms=LEARNT)
        pulse.compound = compound
        for number in range(12):
            pulse.hear_onset(1.0 + 0.25 * number)
        pulse.settle()
        assert pulse.felt.ternary == compound
