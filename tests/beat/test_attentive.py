"""Tests of the drummer's beat that keeps close to the performer's pulse."""

import pytest

from livegen.beat.attentive import AttentiveBeat
from livegen.beat.hypotheses import Beat
from livegen.beat.pulse import Pulse
from livegen.beat.transport import CLOCK, Grid, Transport


def locked(length: float = 0.5, beats_per_bar: int = 4) -> tuple[AttentiveBeat, Transport]:
    """A beat locked to a grid that begins at 0."""
    transport = Transport(Pulse(), beats_per_bar=beats_per_bar)
    transport.grid = Grid(0.0, 0.0, length)
    beat = AttentiveBeat()
    beat.lock(transport, 0.0)
    return beat, transport


def test_it_goes_with_a_tempo_that_moves() -> None:
    beat, transport = locked()
    at, length = 0.0, 0.5
    for number in range(1, 65):
        length *= 0.9975  # 15 % in 64 beats
        at += length
        transport.grid = Grid(at, float(number), length)
        beat.hear_onset(at, transport)
        assert abs(beat.time_of(number + 1) - at - length) < 0.005
    assert beat.locks == 1


def test_a_grid_that_is_another_for_an_onset_or_two_changes_nothing() -> None:
    beat, transport = locked()
    transport.grid = Grid(0.17, 0.0, 0.41)
    for onset in (0.58, 0.99):
        beat.hear_onset(onset, transport)
    assert (beat.time_of(8), beat.locks) == (4.0, 1)
    beat.hear_onset(1.4, transport)
    assert (beat.length, beat.locks) == (0.41, 2)


@pytest.mark.parametrize(("of", "share"), [(0.25, 0.5), (1.0, 2.0)])
def test_half_and_twice_the_tempo_are_the_same_beat(of: float, share: float) -> None:
    beat, transport = locked()
    for number in range(1, 40):
        transport.grid = Grid(number * of * 1.02, float(number), of * 1.02)
        beat.hear_onset(transport.grid.at, transport)
    assert beat.length == pytest.approx(0.51)
    assert beat.locks == 1
    assert beat.beat_at(40 * of * 1.02) == pytest.approx(40 * share)


def test_a_close_beat_goes_all_the_way_with_a_grid_that_is_hardly_sure() -> None:
    for close, confidence, moves in ((True, 0.4, True), (True, 0.0, False), (False, 0.4, False)):
        beat, transport = locked()
        beat.close, transport.pulse.confidence = close, confidence
        transport.grid = Grid(0.53, 1.0, 0.52, running=False)
        beat.hear_onset(0.53, transport)
        assert (beat.time_of(2) == pytest.approx(1.05)) == moves


@pytest.mark.parametrize(("close", "locks"), [(True, 2), (False, 1)])
def test_to_a_close_beat_three_to_two_is_another_tempo(close: bool, locks: int) -> None:
    beat, transport = locked()
    beat.close = close
    for number in range(1, 8):
        transport.grid = Grid(number * 0.75, float(number), 0.75)
        beat.hear_onset(transport.grid.at, transport)
    assert beat.locks == locks
    assert beat.length == pytest.approx(0.75 if close else 0.5)


def test_in_a_metre_of_six_the_eighths_are_grouped_by_threes() -> None:
    """The pulse takes two eighths for a beat, and begins with an upbeat; notes say where the beats are."""
    transport = Transport(Pulse(), beats_per_bar=6)
    transport.grid = Grid(0.0, 0.0, 0.4)
    onsets = [0.0, *(0.2 + bar * 1.2 + each * 0.2 for bar in range(4) for each in (0, 2, 3, 5))]
    beat = AttentiveBeat()
    beat.lock(transport, onsets[-1], onsets)
    assert beat.ternary
    assert beat.length == pytest.approx(0.6)
    place = beat.beat_at(0.2 + 4 * 0.6)
    assert abs(place - round(place)) < 0.01


def test_a_clocks_beat_is_taken_as_it_is() -> None:
    beat, transport = locked()
    transport.grid = Grid(0.02, 0.0, 0.5, CLOCK)
    beat.hear_onset(0.7, transport)
    assert (beat.time_of(1), beat.locks) == (0.52, 1)
    transport.grid = Grid(0.3, 0.0, 0.7, CLOCK)
    beat.hear_onset(1.7, transport)
    assert (beat.length, beat.locks) == (0.7, 2)


def test_where_the_pulse_comes_to_divide_in_three_so_does_the_beat() -> None:
    beat, transport = locked()
    assert not beat.ternary
    transport.pulse.felt = Beat(0.5, 0.5, ternary=True)
    beat.hear_onset(0.5, transport)
    assert beat.ternary


def test_a_beat_that_is_too_slow_to_tap_is_felt_as_two() -> None:
    beat, transport = locked(1.4)
    assert beat.length == pytest.approx(0.7)
    for number in range(1, 12):
        transport.grid = Grid(number * 1.4, float(number), 1.4)
        beat.hear_onset(transport.grid.at, transport)
    assert beat.length == pytest.approx(0.7)
    assert beat.locks == 1
    assert beat.beat_at(14.0) == pytest.approx(20.0)
