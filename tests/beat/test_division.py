"""Tests of how the performer divides the beat."""

import pytest

from livegen.beat.division import Division


def heard(off: float, beats: int = 12, late: float = 0.0, ternary: bool = False) -> Division:
    division = Division()
    for beat in range(beats):
        division.hear_onset(beat + late, ternary)
        division.hear_onset(beat + off + late, ternary)
    return division


@pytest.mark.parametrize(("off", "swing"), [(0.5, 0.5), (0.53, 0.5), (0.62, 0.62), (0.67, 0.67), (0.75, 0.5)])
def test_the_off_beats_say_how_it_divides(off: float, swing: float) -> None:
    division = heard(off)
    assert division.known
    assert division.swing == pytest.approx(swing)


def test_beats_that_come_late_in_a_swing_are_told_from_the_swing() -> None:
    division = heard(0.62, late=-0.05)
    assert division.swing == pytest.approx(0.62)
    assert division.late == pytest.approx(-0.05)


def test_beats_alone_say_nothing() -> None:
    division = Division()
    for beat in range(20):
        division.hear_onset(float(beat), ternary=False)
    assert not division.known
    assert division.swing == 0.5


def test_what_the_pulse_takes_for_thirds_is_swing_until_more_is_known() -> None:
    division = Division()
    division.hear_onset(0.0, ternary=True)
    assert division.swing == pytest.approx(2 / 3)
    assert heard(0.75, ternary=True).swing == 0.5


def test_what_was_known_holds_on_another_beat() -> None:
    division = heard(0.62)
    division.forget()
    division.hear_onset(0.0, ternary=False)
    assert division.swing == pytest.approx(0.62)
