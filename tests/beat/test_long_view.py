"""The beat over a whole phrase: lines of several memories through its onsets."""

import random

import pytest

from livegen.beat import long_view
from livegen.beat.long_view import Lines


def over(beats: list[float], jitter: float = 0.0, lines: Lines = ()) -> Lines:
    """The lines over onsets on beats of such lengths (seconds), the first at 1 s."""
    draw, at = random.Random(4), 1.0
    lines = lines or long_view.begun(at, beats[0] * 1.02)
    for beat in beats:
        at += beat
        lines = long_view.heard(lines, at + draw.gauss(0.0, jitter), 1.0)
    return lines


def test_a_steady_tempo_is_known_to_a_thousandth() -> None:
    at, length = long_view.told(over([0.5] * 40, jitter=0.012))
    assert length == pytest.approx(0.5, rel=0.0015)
    assert at == pytest.approx(21.0, abs=0.012)


def test_one_who_slows_down_is_followed() -> None:
    slower = [0.5] * 16 + [0.5 * 1.02**count for count in range(16)]
    assert long_view.told(over(slower, jitter=0.005))[1] == pytest.approx(slower[-1], rel=0.03)


def test_a_note_that_is_far_off_turns_nothing() -> None:
    lines = over([0.5] * 16, jitter=0.008)
    at, length = long_view.told(lines)
    after = long_view.told(long_view.heard(lines, at + 0.62, 1.0))
    assert after[1] == pytest.approx(length, rel=0.03)  # it says a quarter slower


def test_another_level_keeps_what_is_known_and_a_silence_the_tempo() -> None:
    lines = over([0.5] * 16, jitter=0.008)
    at, length = long_view.told(lines)
    for other in (1.0, 0.25, 0.75):
        assert long_view.told(long_view.stretched(lines, other * 1.03)) == pytest.approx((at, length * other / 0.5))
    assert long_view.told(long_view.resumed(lines, 20.2)) == pytest.approx((20.2, length))
