"""Notes over OSC whose client sends no releases end by themselves; those of any other client do not."""

import pytest

from livegen.control.unreleased import BRIEF, HELD, LONG, Key, Unreleased
from livegen.osc.peers import Source

PATCH: Source = ("127.0.0.1", 5000)


class Passing:
    """Passes time to the notes, and keeps what was released and when."""

    def __init__(self) -> None:
        self.notes = Unreleased()
        self.now = 0.0
        self.ended: list[tuple[float, int]] = []  # when, and the pitch

    def to(self, at: float) -> None:
        while (due := self.notes.due()) is not None and due <= at:
            self.now = max(self.now, due)
            taken = self.notes.take(self.now)
            assert taken
            self.ended += [(round(self.now, 6), key.pitch) for key, _ in taken]
        self.now = at

    def strike(self, pitch: int, source: Source = PATCH) -> None:
        self.notes.strike(source, Key(pitch, 1), 0, self.now)

    def release(self, pitch: int, source: Source = PATCH) -> None:
        self.notes.release(source, Key(pitch, 1))


def terminal() -> Source:
    """A port that no message came from yet, as each command has one."""
    terminal.port += 1  # type: ignore[attr-defined]
    return "127.0.0.1", terminal.port  # type: ignore[attr-defined]


terminal.port = 40_000  # type: ignore[attr-defined]


def test_a_single_note_ends_after_a_while() -> None:
    passing = Passing()
    passing.strike(60)
    passing.to(100.0)
    assert passing.ended == [(HELD, 60)]


@pytest.mark.parametrize("once", [True, False])
def test_four_notes_of_a_terminal(once: bool) -> None:
    passing = Passing()
    for number in range(4):
        passing.to(0.4 * number)
        passing.strike(60, terminal() if once else PATCH)
    passing.to(100.0)
    assert passing.ended == [(round(1.2 + BRIEF, 6), 60)] * 4, "a release for each stroke"


@pytest.mark.parametrize("once", [True, False])
def test_a_melody_without_releases(once: bool) -> None:
    passing = Passing()
    for number, pitch in enumerate((60, 62, 64, 65)):
        passing.to(0.4 * number)
        passing.strike(pitch, terminal() if once else PATCH)
    passing.to(100.0)
    assert passing.ended == [(0.8, 60), (0.9, 62), (1.3, 64), (1.7, 65)]  # from the third note on it is clear


def test_a_chord_without_releases_is_not_yet_a_manner() -> None:
    passing = Passing()
    for number, pitch in enumerate((60, 64, 67, 72)):
        passing.to(0.01 * number)
        passing.strike(pitch)
    passing.to(100.0)
    assert [at for at, _ in passing.ended] == pytest.approx([HELD, HELD + 0.01, HELD + 0.02, HELD + 0.03])


def test_a_client_that_releases_is_trusted() -> None:
    passing = Passing()
    passing.strike(60)
    passing.to(0.3)
    passing.strike(62)  # legato
    passing.release(60)
    passing.to(50.0)
    for pitch in (64, 65, 67, 69):
        passing.strike(pitch)
        passing.to(passing.now + 20.0)
    assert passing.ended == []
    assert passing.notes._held.keys() == {Key(62, 1)}


def test_one_who_released_none_and_then_does_is_trusted() -> None:
    passing = Passing()
    for number in range(3):
        passing.to(0.4 * number)
        passing.strike(60)
    passing.release(60)
    passing.strike(64)
    passing.to(100.0)
    assert passing.ended == []


def test_commands_that_release_may_hold_a_note_for_longer() -> None:
    passing = Passing()
    passing.strike(60, terminal())
    passing.to(1.0)
    passing.release(60, terminal())
    passing.strike(62, terminal())
    passing.to(50.0)
    assert passing.ended == [(1.0 + LONG, 62)]
    for _ in range(2):
        passing.strike(64, terminal())
        passing.to(passing.now + 0.4)
    passing.to(100.0)
    assert passing.ended[1:] == [(round(50.4 + BRIEF, 6), 64)] * 2


def test_a_patch_and_a_terminal_next_to_each_other() -> None:
    passing = Passing()
    passing.strike(60)
    passing.release(60)
    passing.strike(62)
    for _ in range(3):
        passing.strike(72, terminal())
        passing.to(passing.now + 0.3)
    passing.to(100.0)
    assert passing.ended == [(round(0.6 + BRIEF, 6), 72)] * 3


def test_a_note_that_is_struck_twice_at_once_is_doubled_and_proves_nothing() -> None:
    passing = Passing()
    passing.strike(60)
    passing.to(0.01)
    passing.strike(60)
    passing.to(100.0)
    assert passing.ended == [(round(0.01 + HELD, 6), 60)] * 2


def test_what_is_remembered_is_bounded() -> None:
    notes = Unreleased()
    for port in range(1, 3000):
        for _ in range(1 + port % 2):
            notes.strike((f"10.0.{port % 7}.{port % 300}", port), Key(port % 128, 1 + port % 16), 0, port * 0.001)
    assert len(notes._clients) <= 256
    assert len(notes._seen) <= 256
    assert len(notes._once) <= 256
    assert len(notes._held) <= 64
