"""The ledger of sounding notes."""

from livegen.events import NoteOff, NoteOn
from livegen.player.ledger import Ledger


def note(at: float, pitch: int, duration: float, id: int = 1) -> NoteOn:
    return NoteOn(at, pitch, 90, 1, id, duration)


def test_a_note_ends_when_it_is_due_and_not_before() -> None:
    ledger = Ledger()
    ledger.strike(note(0.0, 60, 1.0))
    assert ledger.next_end() == 1.0
    assert ledger.release(0.99) == []
    assert ledger.release(5.0) == [NoteOff(1.0, 60, 1, 1)]
    assert ledger.next_end() is None


def test_a_pitch_struck_again_is_released_first_and_ends_once() -> None:
    ledger = Ledger()
    ledger.strike(note(0.0, 60, 1.0, id=1))
    assert ledger.strike(note(0.5, 60, 1.0, id=2)) == [NoteOff(0.5, 60, 1, 1), note(0.5, 60, 1.0, id=2)]
    assert ledger.release(1.2) == []  # the first note's end is void
    assert ledger.release(2.0) == [NoteOff(1.5, 60, 1, 2)]


def test_silence_ends_all_once() -> None:
    ledger = Ledger()
    for pitch in (60, 64, 67):
        ledger.strike(note(0.0, pitch, 9.0, id=pitch))
    assert [off.pitch for off in ledger.silence(1.0)] == [60, 64, 67]
    assert ledger.silence(2.0) == []
    assert ledger.release(20.0) == []


def test_one_pitch_on_two_channels_is_two_notes() -> None:
    ledger = Ledger()
    ledger.strike(NoteOn(0.0, 60, 90, 1, 1, 1.0))
    assert len(ledger.strike(NoteOn(0.0, 60, 90, 2, 2, 2.0))) == 1
    assert [off.channel for off in ledger.release(3.0)] == [1, 2]
