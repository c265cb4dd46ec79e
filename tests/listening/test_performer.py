"""The performer as livegen hears them: held keys, phrases, pace, velocity."""

import pytest

from livegen.events import SUSTAIN, ControlChange, NoteOff, NoteOn
from livegen.listening.dynamics import followed
from livegen.listening.performer import Performer

PATIENCE = 2.0


def played(gaps: list[float], length: float = 0.1, velocity: int = 90, by_pace: bool = True) -> Performer:
    performer = Performer(by_pace=by_pace)
    at = 0.0
    for index, gap in enumerate([*gaps, 0.0]):
        performer.hear_event(NoteOn(at, 60 + index % 12, velocity), PATIENCE)
        performer.hear_event(NoteOff(at + length, 60 + index % 12), PATIENCE)
        at += gap
    return performer


def test_a_phrase_ends_after_a_silence_in_the_performers_own_measure() -> None:
    for gap in (0.15, 0.3, 0.8):
        performer = played([gap] * 6)
        assert performer.phrase_over(PATIENCE) == pytest.approx(6 * gap + max(0.2, 2 * gap))
        assert performer.phrase_length() == pytest.approx(6 * gap + 0.1)
        assert performer.phrase_notes == 7


def test_one_note_is_a_phrase_too() -> None:
    assert played([]).phrase_over(PATIENCE) == pytest.approx(1.0)


def test_a_held_key_or_pedal_keeps_it_open_but_not_for_ever() -> None:
    performer = played([0.3] * 4)
    performer.hear_event(ControlChange(1.3, SUSTAIN, 127), PATIENCE)
    assert performer.phrase_over(PATIENCE) == pytest.approx(1.3 + 10.0)
    performer.hear_event(ControlChange(2.0, SUSTAIN, 63), PATIENCE)
    assert performer.phrase_over(PATIENCE) == pytest.approx(2.0 + 0.3)


def test_after_the_end_only_a_note_begins_another_phrase() -> None:
    performer = played([0.3] * 4)
    over, length = performer.phrase_over(PATIENCE), performer.phrase_length()
    performer.hear_event(ControlChange(5.0, SUSTAIN, 127), PATIENCE)
    performer.hear_event(ControlChange(6.0, SUSTAIN, 0), PATIENCE)
    assert (performer.phrase_over(PATIENCE), performer.phrase_length()) == (over, length)
    performer.hear_event(NoteOn(7.0, 60, 90), PATIENCE)
    assert performer.phrase_start == 7.0 and performer.phrase_notes == 1


def test_all_notes_off_lifts_the_keys_of_its_channel() -> None:
    performer = Performer()
    performer.hear_event(NoteOn(0.0, 60, 90, 1), PATIENCE)
    performer.hear_event(NoteOn(0.0, 64, 90, 2), PATIENCE)
    performer.hear_event(ControlChange(0.5, 123, 0, 1), PATIENCE)
    assert list(performer.held) == [(64, 2)]


def test_a_chord_is_one_onset() -> None:
    performer = Performer()
    for at in (0.0, 0.01, 0.02, 0.5, 0.51, 1.0):
        performer.hear_event(NoteOn(at, 60 + round(at * 100) % 12, 90), PATIENCE)
    assert performer.onset == 1.0
    assert performer.wait(PATIENCE) == pytest.approx(1.0)  # twice the gap of half a second


def test_touch_is_the_performers_own_and_can_be_turned_down() -> None:
    staccato = played([0.4] * 8, length=0.1, velocity=40)
    velocity, _ = staccato.dynamics.velocity(0.5, 60, 0.0, 0.5)
    assert followed(velocity, 1.0) == 40 and followed(velocity, 0.0) == 80
    articulation = staccato.articulation
    assert articulation.share(1.0, 1.0) == pytest.approx(0.25) and articulation.share(1.0, 0.0) == 0.9


def test_density_is_known_after_four_gaps() -> None:
    assert played([0.3] * 3).density() is None
    assert played([0.3] * 8).density() == pytest.approx((-1.204, 0.35), abs=0.01)


def test_the_release_of_a_key_that_is_not_held_says_nothing() -> None:
    performer = played([0.3] * 4)
    over, length = performer.phrase_over(PATIENCE), performer.phrase_length()
    performer.hear_event(NoteOff(1.7, 99), PATIENCE)
    assert (performer.phrase_over(PATIENCE), performer.phrase_length()) == (over, length)


def test_a_key_struck_again_without_a_release_counts_from_then() -> None:
    performer = Performer(by_pace=True)
    for at, pitch in ((0.0, 60), (0.5, 62), (12.0, 60), (12.2, 64)):
        performer.hear_event(NoteOn(at, pitch, 90), PATIENCE)
    performer.hear_event(NoteOff(12.3, 64), PATIENCE)
    assert performer.phrase_over(PATIENCE) == pytest.approx(12.3 + 10.0)  # 60 is held, and not stuck


def test_a_flood_of_notes_costs_each_no_more_than_the_first() -> None:
    """Notes that come at once without end are no chord: what is kept of them is bounded."""
    performer = Performer()
    for index in range(500):
        performer.hear_event(NoteOn(index * 0.001, 40 + index % 50, 80), 2.0)
    assert len(performer._struck) == 16 and performer.voicing.size(0.0, 0.0) in (None, 16)
