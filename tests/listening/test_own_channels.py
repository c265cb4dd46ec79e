"""Controllers that move each note by its own channel are found; others, and songs at their beginning, are not."""

import pytest

from livegen.events import BEND, PRESSURE, ControlChange, Gesture, NoteOff, NoteOn, Received
from livegen.listening.own_channels import OwnChannels


def led(channels: list[int], gap: float = 0.25, by: str = "bend", early: float = 0.001) -> list[Received]:
    """A note on each channel, a moment after a movement of that channel."""
    events: list[Received] = []
    for index, channel in enumerate(channels):
        at = 1.0 + index * gap
        movement: Received = Gesture(at - early, BEND, (3, 60), channel)
        if by == "pressure":
            movement = Gesture(at - early, PRESSURE, (0,), channel)
        elif by == "timbre":
            movement = ControlChange(at - early, 74, 64, channel)
        events += [movement, NoteOn(at, 60 + index, 90, channel), NoteOff(at + 0.9 * gap, 60 + index, channel)]
    return sorted(events, key=lambda event: event.at)


def found(events: list[Received]) -> list[int]:
    controller = OwnChannels()
    return [manager for event in events if (manager := controller.find(event)) is not None]


@pytest.mark.parametrize("by", ["bend", "pressure", "timbre"])
@pytest.mark.parametrize(
    ("channels", "manager"), [([2, 3, 4, 5], 1), ([9, 2, 10], 1), ([2, 3, 2, 4], 1), ([15, 14, 1, 2], 16)]
)
def test_a_controller_that_moves_each_note_is_found_once(channels: list[int], manager: int, by: str) -> None:
    assert found(led(channels, by=by)) == [manager]


def test_notes_of_a_few_milliseconds_are_found_too() -> None:
    assert found(led([2, 3, 10], gap=0.002, early=0.0)) == [1]


def test_fingers_that_are_down_may_move_too() -> None:
    events: list[Received] = []
    for index, channel in enumerate([2, 3, 4]):
        at = 0.1 * index
        events += [Gesture(at, BEND, (0, 70), other) for other in range(2, 2 + index)]
        events += [Gesture(at, BEND, (0, 64), channel), NoteOn(at, 60 + index, 90, channel)]
    assert found(events) == [1]


@pytest.mark.parametrize(
    "events",
    [
        led([1] * 12),  # a wheel
        led([1, 2] * 6),  # two keyboards with wheels
        led([2, 3, 4, 5], early=0.1),  # long before
        [*(Gesture(0.0, BEND, (0, 64), channel) for channel in range(1, 17)),  # a song sets its channels up
         *(NoteOn(0.001 * channel, 60, 90, channel) for channel in range(1, 17))],
        [event for event in led([2, 3, 4, 5]) if not isinstance(event, Gesture)],
        [*led([2, 3]), NoteOn(2.0, 60, 90, 4), *led([5, 6])],  # not in a row
    ],
)  # fmt: skip
def test_nothing_else_is(events: list[Received]) -> None:
    assert found(events) == []
