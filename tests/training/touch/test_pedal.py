"""The sustain pedal of pianists, beat by beat."""

import pytest

from livegen.training.touch.match_files import Performance, Played
from livegen.training.touch.pedal import pedal

BEAT = 0.5  # seconds


def performance(*pedals: tuple[float, int]) -> Performance:
    """Nine notes, one on each beat, from the first second on."""
    notes = tuple(Played(float(at), at + 0.9, 60, 1.0 + at * BEAT, 1.4 + at * BEAT, 60, "v1") for at in range(9))
    return Performance("piece", 1, 1.0, notes, pedals)


def test_a_pedal_that_is_changed_on_each_beat_is_down_in_all() -> None:
    changes = [each for at in range(9) for each in ((1.0 + at * BEAT + 0.04, 0), (1.0 + at * BEAT + 0.15, 100))]
    found = pedal([performance((0.5, 100), *changes)])
    assert found.down == 1.0 and found.late == pytest.approx(0.04, abs=0.001)


def test_a_pedal_in_half_of_the_beats_is_down_in_half() -> None:
    found = pedal([performance((1.05, 100), (3.0, 20))])
    assert found.down == 0.5


def test_without_a_pedal_it_is_never_down() -> None:
    assert pedal([performance()]) == (0.0, 0.0)
