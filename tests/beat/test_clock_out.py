"""Our own MIDI clock, in virtual time."""

import itertools

import pytest

from livegen.beat.clock_in import ClockIn
from livegen.beat.clock_out import ClockOut
from livegen.beat.pulse import Pulse
from livegen.beat.transport import Grid, Transport
from livegen.events import ClockMessage


def run(sender: ClockOut, transport: Transport, start: float, end: float) -> list[ClockMessage]:
    """All that is sent from one time to another, by a shell that is always on time."""
    out = sender.due(transport, start)
    while sender.next is not None and sender.next < end:
        out += sender.due(transport, sender.next)
    return out


def ticking(length: float = 0.5, beat: float = -1.0) -> Transport:
    transport = Transport(Pulse())
    transport.follow(Grid(10.0, beat, length, "own"))
    return transport


def test_ticks_are_even_and_the_start_comes_with_the_first_bar() -> None:
    out = run(ClockOut(), ticking(), 10.0, 14.0)
    ticks = [message.at for message in out if message.kind == "tick"]
    assert len(ticks) == 4 * 2 * 24
    assert ticks == pytest.approx([10.0 + number / 48 for number in range(len(ticks))])
    (start,) = [message for message in out if message.kind != "tick"]
    assert start.kind == "start"
    assert start.at == pytest.approx(10.5)
    assert out[out.index(start) + 1] == ClockMessage(start.at, "tick")


def test_who_follows_our_clock_is_where_we_are() -> None:
    """It starts with a bar of ours, whichever that is."""
    transport, follower = ticking(0.4, beat=37.3), ClockIn()
    for message in run(ClockOut(), transport, 10.0, 16.0):
        follower.hear_clock(message, "livegen")
    found = follower.grid(16.0)
    assert found is not None
    assert found.length == pytest.approx(0.4)
    assert found.beat == pytest.approx(transport.beat_at(16.0) - 40.0, abs=1e-3)


def test_a_beat_that_bends_bends_the_ticks_and_none_comes_twice_or_in_a_burst() -> None:
    sender, transport = ClockOut(), ticking()
    out = run(sender, transport, 10.0, 12.0)
    for number, late in enumerate((0.03, -0.05, 0.04, 0.1)):
        now = 12.0 + number
        transport.follow(Grid(now, transport.beat_at(now) - late, 0.5 - 0.02 * number, "own"))
        out += run(sender, transport, now, now + 1.0)
    ticks = [message.at for message in out if message.kind == "tick"]
    gaps = [later - former for former, later in itertools.pairwise(ticks)]
    assert min(gaps) > 0.4 * 0.5 / 24 and max(gaps) < 2.1 * 0.5 / 24
    assert len([message for message in out if message.kind != "tick"]) == 1
    assert len(ticks) == pytest.approx(transport.beat_at(16.0) * 24 + 25, abs=2)


def test_a_beat_that_jumps_is_told_by_its_song_position() -> None:
    sender, transport, follower = ClockOut(), ticking(), ClockIn()
    out = run(sender, transport, 10.0, 12.0)
    transport.follow(Grid(12.0, 21.1, 0.5, "own"))
    out += run(sender, transport, 12.0, 15.0)
    assert [message.kind for message in out if message.kind != "tick"] == ["start", "stop", "position", "continue"]
    for message in out:
        follower.hear_clock(message, "livegen")
    found = follower.grid(15.0)
    assert found is not None
    assert found.beat == pytest.approx(transport.beat_at(15.0), abs=0.01)


def test_after_a_stall_nothing_is_sent_in_a_burst() -> None:
    sender, transport = ClockOut(), ticking()
    run(sender, transport, 10.0, 12.0)
    assert sum(message.kind == "tick" for message in sender.due(transport, 3600.0)) <= 2
    sender, transport = ClockOut(), ticking()
    run(sender, transport, 10.0, 12.0)
    assert sum(message.kind == "tick" for message in sender.due(transport, 12.2)) <= 12


def test_when_the_beat_is_no_longer_known_the_clock_stops_but_ticks_on() -> None:
    sender, transport = ClockOut(), ticking()
    run(sender, transport, 10.0, 12.0)
    transport.follow(Grid(12.0, 3.0, 0.5, "own", running=False))
    out = run(sender, transport, 12.0, 13.0)
    assert [message.kind for message in out if message.kind != "tick"] == ["stop"]
    assert len(out) > 40
    assert sender.stop(13.0) == []
    assert sender.next is None
