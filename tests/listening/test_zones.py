"""Controllers that give each note a channel of its own: configured zones, and notes that go round the channels."""

import pytest

from livegen.events import ControlChange, Heard, NoteOff, NoteOn
from livegen.listening.zones import Zones, configuration


def heard(*events: Heard) -> Zones:
    zones = Zones()
    for event in events:
        zones.hear(event)
    return zones


def round_of(channels: list[int], gap: float = 0.25, length: float = 0.2) -> list[Heard]:
    """A note on each of these channels, one after the other."""
    events: list[Heard] = []
    for index, channel in enumerate(channels):
        events += [NoteOn(index * gap, 60 + index, 90, channel), NoteOff(index * gap + length, 60 + index, channel)]
    return sorted(events, key=lambda event: event.at)


@pytest.mark.parametrize(
    ("manager", "members", "managed"),
    [(1, 15, range(2, 17)), (1, 3, range(2, 5)), (16, 15, range(1, 16)), (16, 4, range(12, 16)), (1, 0, range(0))],
)
def test_a_configured_zone(manager: int, members: int, managed: range) -> None:
    zones = heard(*configuration(0.0, manager, members))
    assert list(zones.managed_by(manager)) == list(managed)
    assert zones.hears(10, 0) is (10 in managed)
    for channel in range(1, 17):
        assert zones.hears(channel, manager) is (channel == manager or channel in managed)
        assert zones.hears(channel, 5) is (channel == 5)


def test_the_later_zone_takes_its_members_from_the_earlier() -> None:
    zones = heard(*configuration(0.0, 1, 10), *configuration(0.0, 16, 6))
    assert (list(zones.managed_by(1)), list(zones.managed_by(16))) == (list(range(2, 10)), list(range(10, 16)))
    zones = heard(*configuration(0.0, 1, 15), *configuration(0.0, 1, 0))
    assert not zones.hears(10, 0), "switched off"


@pytest.mark.parametrize(
    "others",
    [
        [ControlChange(0.0, 101, 0), ControlChange(0.0, 100, 0), ControlChange(0.0, 6, 12)],  # the range of the bend
        [ControlChange(0.0, 101, 127), ControlChange(0.0, 100, 127), ControlChange(0.0, 6, 15)],  # null
        [ControlChange(0.0, 6, 15)],
        configuration(0.0, 2, 15),  # no manager
    ],
)
def test_other_parameters_configure_nothing(others: list[Heard]) -> None:
    zones = heard(*others)
    assert not zones.has_notes_on(10) and not zones.managed_by(1)


@pytest.mark.parametrize("first", [2, 3, 5, 8, 11, 15])
def test_notes_that_go_round_are_heard_on_channel_10_too(first: int) -> None:
    channels = [2 + (first - 2 + index) % 15 for index in range(30)]
    zones = Zones()
    for event in round_of(channels):
        zones.hear(event)
        if isinstance(event, NoteOn) and event.channel == 10:
            assert zones.hears(10, 0)
    assert not zones.managed_by(1), "whose pedal is whose is not known"


@pytest.mark.parametrize(
    "events",
    [
        round_of([1] * 12),
        round_of([1, 10] * 6),
        round_of([1, 2, 10, 1, 3, 10, 2, 10, 1, 10]),
        round_of([1, 2, 3, 4, 10], gap=0.001),  # the tracks of a sequencer begin together
        round_of([8, 9, 10], gap=0.001),
        round_of([2, 3, 4, 5, 6, 6, 10]),  # one channel plays a melody
        round_of([2, 3, 4, 5, 6, 2, 10], gap=0.1, length=0.58),  # two at once on channel 2
    ],
)
def test_what_several_instruments_play_is_not_taken_for_one(events: list[Heard]) -> None:
    assert not heard(*events).hears(10, 0)


def test_a_crowd_may_share_channels() -> None:
    held: list[Heard] = [NoteOn(0.1 * index, 60 + index, 90, 2 + index) for index in range(15)]
    assert heard(*held, NoteOn(2.0, 80, 90, 2)).hears(10, 0)


def test_all_notes_off_ends_what_sounds_on_a_channel() -> None:
    zones = heard(*round_of([2, 3, 4, 5, 6]), NoteOn(2.0, 60, 90, 7), ControlChange(2.1, 123, 0, 7))
    zones.hear(NoteOn(2.2, 62, 90, 8))
    zones.hear(NoteOn(2.4, 62, 90, 7))
    assert zones.hears(10, 0)
