"""Tap tempo: taps give a tempo and a beat, and stray taps change nothing."""

import random

import pytest

from livegen.beat.tap_tempo import TapTempo
from livegen.beat.transport import Grid


def tap(taps: TapTempo, *times: float) -> Grid | None:
    found = None
    for at in times:
        found = taps.hear_tap(at)
    return found


def test_two_taps_tell_the_tempo_and_the_first_is_on_the_bar() -> None:
    assert tap(TapTempo(), 10.0) is None
    check(tap(TapTempo(), 10.0, 10.5), beat=1.0, length=0.5)
    check(tap(TapTempo(), 10.0, 10.6, 11.2, 11.8), beat=3.0, length=0.6)


def check(found: Grid | None, beat: float, length: float) -> None:
    assert found is not None
    assert (found.source, found.running) == ("tap", True)
    assert found.beat == pytest.approx(beat)
    assert found.length == pytest.approx(length)


@pytest.mark.parametrize("seed", range(10))
def test_an_uneven_foot_is_evened_out(seed: int) -> None:
    draw = random.Random(seed)
    found = tap(TapTempo(), *(10.0 + 0.5 * number + draw.uniform(-0.02, 0.02) for number in range(9)))
    assert found is not None
    assert found.length == pytest.approx(0.5, rel=0.015)
    assert found.beat + (14.0 - found.at) / found.length == pytest.approx(8.0, abs=0.06)


def test_after_a_pause_another_series_begins_and_a_key_that_bounces_is_no_tap() -> None:
    taps = TapTempo()
    tap(taps, 10.0, 10.5, 11.0)
    assert taps.hear_tap(14.0) is None
    assert taps.hear_tap(14.02) is None
    check(taps.hear_tap(14.4), beat=1.0, length=0.4)
