"""Tests of the drummer's own beat: it follows a performer with inertia."""

import random

from livegen.beat.pulse import Pulse
from livegen.beat.steady import SteadyBeat
from livegen.beat.transport import CLOCK, Grid, Transport


def locked(length: float = 0.5) -> tuple[SteadyBeat, Transport]:
    """A beat locked to a grid that begins at 0."""
    transport = Transport(Pulse())
    transport.grid = Grid(0.0, 0.0, length)
    beat = SteadyBeat()
    beat.lock(transport, 0.0)
    transport.grid = transport.grid._replace(running=False)  # it has nothing to say from now on
    return beat, transport


def test_it_keeps_time_where_nobody_plays() -> None:
    beat, _ = locked()
    assert [beat.time_of(each) for each in (0, 1, 40)] == [0.0, 0.5, 20.0]
    assert beat.beat_at(20.25) == 40.5


def test_it_follows_a_tempo_that_moves() -> None:
    beat, transport = locked()
    at, length, worst = 0.0, 0.5, 0.0
    for number in range(1, 65):
        length *= 0.9975  # 15 % in 64 beats
        at += length
        if number > 8:
            worst = max(worst, abs(beat.time_of(number) - at))
        beat.hear_onset(at, transport)
    assert worst < 0.02
    assert abs(beat.length / length - 1) < 0.02


def test_it_does_not_chase_a_rubato_note() -> None:
    beat, transport = locked()
    for number in range(1, 17):
        beat.hear_onset(number * 0.5, transport)
    beat.hear_onset(17 * 0.5 + 0.09, transport)
    assert abs(beat.time_of(18) - 9.0) < 0.025


def test_jitter_moves_it_less_than_it_moves_the_performer() -> None:
    draw = random.Random(3)
    beat, transport = locked()
    off = []
    for number in range(1, 200):
        beat.hear_onset(number * 0.5 + draw.gauss(0.0, 0.02), transport)
        off.append(beat.time_of(number + 1) - (number + 1) * 0.5)
    assert sum(each * each for each in off) / len(off) < 0.02**2


def test_a_swung_off_beat_says_nothing() -> None:
    straight, swung = locked(), locked()
    for number in range(1, 40):
        for beat, transport in (straight, swung):
            beat.hear_onset(number * 0.5, transport, swung=True)
        swung[0].hear_onset(number * 0.5 + 0.31, swung[1], swung=True)
    assert swung[0].time_of(50) == straight[0].time_of(50)


def test_another_beat_is_taken_up_if_the_transport_keeps_to_it() -> None:
    beat, transport = locked()
    transport.grid = Grid(0.0, 0.0, 0.41)
    for number in range(1, 8):
        beat.hear_onset(number * 0.41, transport)
    assert abs(beat.length - 0.41) > 0.01
    for number in range(8, 30):
        beat.hear_onset(number * 0.41, transport)
    assert abs(beat.length - 0.41) < 0.01


def test_twice_the_tempo_is_the_same_beat() -> None:
    beat, transport = locked()
    transport.grid = Grid(0.0, 0.0, 0.25)
    for number in range(1, 60):
        beat.hear_onset(number * 0.25, transport)
    assert abs(beat.length - 0.5) < 0.001


def test_a_clocks_beat_is_taken_as_it_is() -> None:
    beat, transport = locked()
    transport.grid = Grid(0.1, 0.0, 0.6, CLOCK)
    beat.hear_onset(0.7, transport)
    assert (beat.length, beat.beat_at(0.7)) == (0.6, 1.0)
