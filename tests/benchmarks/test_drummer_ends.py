"""Tests of the measure of a drummer's ends."""

import random

import pytest

from benchmarks.studies.drummer_ends import OFF, ON, End, end_of, stops
from livegen.events import NoteOn

BEATS = [0.5 * number for number in range(60)]


def test_a_performance_ends_once_on_a_beat_and_once_off_it() -> None:
    onsets = sorted([*BEATS[:40], *(each + 0.25 for each in BEATS[:40])])
    found = stops(onsets, BEATS, random.Random(1))
    assert onsets[found[ON]] % 0.5 == 0.0 and onsets[found[OFF]] % 0.5 == 0.25
    assert set(stops(BEATS[:58], BEATS, random.Random(1))) == {ON}


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        ([(9.6, 42)], End(False, False)),
        ([(9.6, 42), (11.0, 36), (11.01, 49)], End(True, True)),
        ([(9.6, 42), (11.2, 36), (11.2, 49)], End(True, False)),
        ([(9.6, 42), (11.0, 36)], End(False, False)),
        ([(9.6, 42), (13.0, 36), (13.0, 49)], End(False, False)),
        ([(4.0, 36), (4.0, 49)], None),
    ],
)
def test_an_end_is_a_hit_of_kick_and_crash_within_a_bar(hits: list[tuple[float, int]], expected: End | None) -> None:
    assert end_of([NoteOn(at, pitch, 80, 10) for at, pitch in hits], 10.0, 10.4, 2.0, BEATS) == expected
