"""Velocities from 0 to 1 and from 0 to 127, told apart by what each client sends."""

import pytest

from livegen.control.dispatch import dispatch
from livegen.control.velocities import Velocities
from livegen.errors import PacketError
from livegen.osc.packets import Argument, Message
from livegen.osc.peers import Source
from tests.support.performing import Performing

ONE, OTHER = ("127.0.0.1", 5000), ("127.0.0.1", 5001)


def heard(*velocities: Argument, source: Source = ONE) -> list[Argument]:
    """The velocities that a client's notes have after all."""
    read = Velocities()
    return [read.in_midi(source, (60, velocity))[1] for velocity in velocities]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ((0.8,), (102,)),
        ((0.001, 0.5, 0.999), (1, 64, 127)),
        ((0.8, 1.0, 1, True, 0.0, 0), (102, 127, 127, 127, 0.0, 0)),
        ((1.0,), (127,)),
        ((1.0000001,), (127,)),
        ((True,), (127,)),
        ((1,), (1,)),
        ((90, 1, 1.0, 0.8), (90, 1, 1, 1)),
        ((90.0, 1.0, 0.3), (90.0, 1, 1)),
        ((0.8, 90, 0.8, 1.0), (102, 90, 1, 1)),
        ((-1, 128, float("nan"), "loud", None), (-1, 128, float("nan"), "loud", None)),
    ],
)
def test_the_way_in_which_a_client_counts(sent: tuple[Argument, ...], expected: tuple[Argument, ...]) -> None:
    assert repr(heard(*sent)) == repr(list(expected))


def test_each_client_counts_in_its_own_way() -> None:
    read = Velocities()
    assert read.in_midi(ONE, (60, 0.5, 2)) == (60, 64, 2)
    assert read.in_midi(OTHER, (60, 64.0)) == (60, 64.0)
    assert read.in_midi(ONE, (60, 1)) == (60, 127)
    assert read.in_midi(OTHER, (60, 1.0)) == (60, 1)


def test_a_browser_or_a_cue_is_not_remembered() -> None:
    assert heard(0.5, 1, 90, 0.5, source=("127.0.0.1", 0)) == [64, 1, 90, 64]


def test_so_many_clients_are_remembered() -> None:
    read = Velocities()
    for port in range(1, 1000):
        read.in_midi(("127.0.0.1", port), (60, 0.5))
    assert len(read._to_one) == 256


@pytest.mark.parametrize("address", ["/livegen/note", "/livegen/n?te"])
def test_a_note_of_a_velocity_of_one_is_heard_so(address: str) -> None:
    performing = Performing()
    for args in ((60, 0.8), (60, 1.0, 1.0, 7.0), (60, 1, 1, 7), (60, 0.0), (60, 64, 1, 0), (60.0, 64.0, 1.0, 0.0)):
        dispatch(Message(address, args), ONE, performing.commands)
    assert performing.done == [
        ("note", 60, 102, 1, 0),
        ("note", 60, 127, 1, 7),
        ("note", 60, 127, 1, 7),
        ("note", 60, 0, 1, 0),
        ("note", 60, 64, 1, 0),  # an id of 0 is none
        ("note", 60, 64, 1, 0),
    ]
    with pytest.raises(PacketError, match="velocity of 0 to 127"):
        dispatch(Message(address, (60, 128.0)), ONE, performing.commands)
