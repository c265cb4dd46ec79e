"""A MIDI clock is followed through jitter, jumps, silence, a lost start and a second master; in virtual time."""

import random
from collections.abc import Iterator

import pytest

from livegen.beat.clock_in import ClockIn
from livegen.beat.transport import CLOCK, Grid
from livegen.events import ClockMessage

PORT = "drum machine"


def ticks(start: float, count: int, tempo: float, jitter: float = 0.0, seed: int = 1) -> Iterator[float]:
    """The times of a clock's ticks."""
    draw = random.Random(seed)
    for number in range(count):
        yield start + number * 60.0 / tempo / 24 + draw.uniform(-jitter, jitter)


def send(follower: ClockIn, times: Iterator[float]) -> float:
    last = 0.0
    for at in times:
        follower.hear_clock(ClockMessage(at, "tick"), PORT)
        last = at
    return last


def grid(follower: ClockIn, now: float, forever: bool = False) -> Grid:
    found = follower.grid(now, forever)
    assert found is not None
    assert found.source == CLOCK
    return found


def phase(found: Grid, at: float) -> float:
    """Seconds after a beat of the grid."""
    beat = found.beat + (at - found.at) / found.length
    return (beat - round(beat)) * found.length


@pytest.mark.parametrize("tempo", [40.0, 60.0, 97.3, 120.0, 174.0, 240.0, 300.0])
def test_a_clock_is_followed_from_its_start(tempo: float) -> None:
    follower = ClockIn()
    follower.hear_clock(ClockMessage(9.99, "start"), PORT)
    last = send(follower, ticks(10.0, 25, tempo))
    found = grid(follower, last)
    assert 60.0 / found.length == pytest.approx(tempo, rel=1e-6)
    assert found.beat == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_jitter_is_smoothed(seed: int) -> None:
    """Ticks that come up to 5 ms too early or too late, which is a quarter of their distance."""
    follower = ClockIn()
    follower.hear_clock(ClockMessage(9.99, "start"), PORT)
    last = send(follower, ticks(10.0, 48, 120.0, jitter=0.005, seed=seed))
    found = grid(follower, last)
    assert 60.0 / found.length == pytest.approx(120.0, rel=0.006)
    assert phase(found, 11.0) == pytest.approx(0.0, abs=0.003)


@pytest.mark.parametrize("seed", range(20))
def test_a_little_jitter_leaves_the_tempo_within_half_a_percent_after_a_beat(seed: int) -> None:
    follower = ClockIn()
    follower.hear_clock(ClockMessage(9.99, "start"), PORT)
    send(follower, ticks(10.0, 24, 100.0, jitter=0.0015, seed=seed))
    found = grid(follower, 10.6)
    assert 60.0 / found.length == pytest.approx(100.0, rel=0.005)
    assert phase(found, 10.6) == pytest.approx(0.0, abs=0.002)


@pytest.mark.parametrize("jitter", [0.0, 0.005])
@pytest.mark.parametrize(("before", "after"), [(60.0, 240.0), (240.0, 60.0), (120.0, 125.0)])
def test_another_tempo_is_taken_up_within_a_beat(before: float, after: float, jitter: float) -> None:
    follower = ClockIn()
    follower.hear_clock(ClockMessage(0.0, "start"), PORT)
    last = send(follower, ticks(1.0, 96, before, jitter))
    changed = last + 60.0 / before / 24
    last = send(follower, ticks(changed, 24, after, jitter / 4, seed=2))
    found = grid(follower, last)
    assert 60.0 / found.length == pytest.approx(after, rel=0.02)
    assert phase(found, changed) == pytest.approx(0.0, abs=0.01)


def test_a_flood_of_ticks_gives_no_tempo_and_does_no_harm() -> None:
    follower = ClockIn()
    follower.hear_clock(ClockMessage(0.0, "start"), PORT)
    last = send(follower, iter([1.0 + 0.0001 * number for number in range(500)]))
    assert follower.grid(last) is None
    last = send(follower, ticks(last + 0.02, 60, 120.0))
    assert 60.0 / grid(follower, last).length == pytest.approx(120.0, rel=0.001)
    send(follower, iter([last] * 100))
    assert follower.grid(last) is None or grid(follower, last).length > 0.1


def test_a_clock_that_falls_silent_is_kept_and_met_again_in_phase() -> None:
    follower = ClockIn()
    follower.hear_clock(ClockMessage(0.0, "start"), PORT)
    last = send(follower, ticks(10.0, 96, 120.0))
    due = follower.due
    assert due is not None
    assert last + 0.05 < due < last + 0.5
    follower.pass_time(due - 0.001)
    assert not follower.said
    follower.pass_time(due)
    assert follower.said == ["The clock of drum machine fell silent; livegen keeps its beat at 120.0 bpm."]
    assert follower.due is None
    assert phase(grid(follower, 15.0), 14.5) == pytest.approx(0.0, abs=1e-6)
    for late in (0.0, 0.004, -0.004):  # it comes back, not quite where it was
        again = ClockIn()
        again.__dict__ = {**follower.__dict__, "said": [], "_ticks": follower._ticks.copy()}
        start = 17.0 + late
        last = send(again, ticks(start, 24, 120.0))
        found = grid(again, last)
        assert phase(found, start) == pytest.approx(0.0, abs=0.002)
        assert found.beat == pytest.approx(14.0 + 23 / 24, abs=0.02)
        assert again.said == ["The clock of drum machine is back."]


def test_a_clock_that_is_silent_for_long_is_given_up_unless_it_alone_counts() -> None:
    follower = ClockIn()
    last = send(follower, ticks(10.0, 96, 120.0))
    follower.pass_time(last + 1.0)
    assert follower.grid(last + 9.0) is not None
    assert follower.grid(last + 11.0) is None
    assert follower.grid(last + 3600.0, forever=True) is not None


def test_a_lost_start_does_not_matter_and_a_stop_does() -> None:
    follower = ClockIn()
    send(follower, ticks(10.0, 1, 120.0))
    assert follower.grid(10.0) is None
    send(follower, ticks(10.0 + 0.5 / 24, 1, 120.0))
    assert 60.0 / grid(follower, 10.1).length == pytest.approx(120.0)
    follower.hear_clock(ClockMessage(10.2, "stop"), PORT)
    assert follower.grid(10.2) is None
    send(follower, ticks(10.2, 50, 120.0))
    assert follower.grid(11.5) is None
    follower.hear_clock(ClockMessage(12.0, "start"), PORT)
    last = send(follower, ticks(12.0, 25, 120.0))
    assert grid(follower, last).beat == pytest.approx(1.0, abs=0.05)


def test_a_song_position_is_kept() -> None:
    follower = ClockIn()
    last = send(follower, ticks(10.0, 48, 120.0))
    follower.hear_clock(ClockMessage(last, "stop"), PORT)
    follower.hear_clock(ClockMessage(last, "position", 4 * 6), PORT)
    follower.hear_clock(ClockMessage(last, "continue"), PORT)
    last = send(follower, ticks(last + 0.5 / 24, 25, 120.0))
    assert grid(follower, last).beat == pytest.approx(7.0, abs=0.01)
    follower.hear_clock(ClockMessage(last, "position", 4 * 24), PORT, in_ticks=True)
    last = send(follower, ticks(last + 0.5 / 24, 25, 120.0))
    assert grid(follower, last).beat == pytest.approx(5.0, abs=0.01)


def test_ticks_that_come_while_it_stands_still_do_not_move_the_song() -> None:
    follower = ClockIn()
    follower.hear_clock(ClockMessage(9.99, "start"), PORT)
    last = send(follower, ticks(10.0, 48, 120.0))
    follower.hear_clock(ClockMessage(last, "stop"), PORT)
    last = send(follower, ticks(last + 0.5 / 24, 96, 120.0))
    follower.hear_clock(ClockMessage(last, "continue"), PORT)
    last = send(follower, ticks(last + 0.5 / 24, 25, 120.0))
    assert grid(follower, last).beat == pytest.approx(3.0, abs=0.01)
    follower.hear_clock(ClockMessage(last, "stop"), PORT)
    follower.hear_clock(ClockMessage(last, "position", 4 * 6), PORT)
    last = send(follower, ticks(last + 0.5 / 24, 96, 120.0))
    follower.hear_clock(ClockMessage(last, "continue"), PORT)
    last = send(follower, ticks(last + 0.5 / 24, 25, 120.0))
    assert grid(follower, last).beat == pytest.approx(7.0, abs=0.01)


def test_a_second_master_is_ignored_and_named_once_and_takes_over_when_the_first_is_gone() -> None:
    follower = ClockIn()
    for at in ticks(10.0, 96, 120.0):
        follower.hear_clock(ClockMessage(at, "tick"), PORT)
        follower.hear_clock(ClockMessage(at + 0.003, "tick"), "sequencer")
    follower.hear_clock(ClockMessage(12.0, "stop"), "sequencer")
    assert 60.0 / grid(follower, 12.0).length == pytest.approx(120.0, rel=1e-6)
    assert follower.said == ["sequencer sends a clock too; livegen goes on with that of drum machine."]
    for at in ticks(20.0, 24, 90.0):
        follower.hear_clock(ClockMessage(at, "tick"), "sequencer")
    assert 60.0 / grid(follower, 21.0).length == pytest.approx(90.0, rel=1e-6)
    assert follower.port == "sequencer"
