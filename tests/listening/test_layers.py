"""Two hands by their pitches: where they are cut, what is one hand, what the lower one played."""

import random

import pytest

from livegen.events import Heard, NoteOff, NoteOn
from livegen.listening.layers import Layers
from livegen.listening.performer import Performer
from tests.support.two_hands import BASS, CHORD, MELODY, stride

PATIENCE = 2.0


def heard(events: list[Heard], on: bool = True, soon: bool = False) -> Performer:
    performer = Performer()
    performer.layers.on, performer.layers.soon = on, soon
    for event in events:
        performer.hear_event(event, PATIENCE)
    return performer


def line(pitches: list[int], gap: float = 0.25, length: float = 0.2) -> list[Heard]:
    return sorted(
        [
            event
            for number, pitch in enumerate(pitches)
            for event in (NoteOn(number * gap, pitch, 80), off(number * gap + length, pitch))
        ],
        key=lambda event: event.at,
    )


def off(at: float, pitch: int) -> Heard:
    return NoteOff(at, pitch)


def test_a_bass_and_chords_under_a_melody_are_a_lower_layer() -> None:
    layers = heard(stride()).layers
    assert layers.split is not None
    assert max(CHORD) < layers.split <= min(MELODY)
    assert layers.is_lower(BASS)
    assert not layers.is_lower(min(MELODY))


def test_a_broken_chord_under_a_melody_is_a_lower_layer() -> None:
    draw = random.Random(1)
    events: list[Heard] = []
    for number in range(32):
        at = number * 0.25
        for pitch in [(48, 55, 52, 55)[number % 4], *([draw.choice(MELODY)] if number % 2 == 0 else [])]:
            events += [NoteOn(at + draw.uniform(0, 0.01), pitch, 80), off(at + 0.24, pitch)]
    layers = heard(sorted(events, key=lambda event: event.at)).layers
    assert layers.split is not None
    assert 55 < layers.split <= min(MELODY)


@pytest.mark.parametrize("seed", range(5))
def test_a_melody_that_leaps_is_one_layer(seed: int) -> None:
    draw = random.Random(seed)
    assert heard(line([draw.choice((48, 50, 52, 72, 74, 76)) for _ in range(60)])).layers.split is None


def test_a_melody_with_small_chords_is_one_layer() -> None:
    assert heard(
        [event for n in range(24) for event in (NoteOn(n / 2, 60, 80), NoteOn(n / 2, 67, 80))]
    ).layers.split is (None)


def test_a_second_voice_near_by_is_no_layer() -> None:
    events: list[Heard] = [NoteOn(n / 2, pitch, 80) for n in range(24) for pitch in ((60, 68) if n % 2 else (62, 70))]
    assert heard(events).layers.split is None


def test_chords_belong_to_the_bass_even_if_they_are_nearer_to_the_melody() -> None:
    events: list[Heard] = []
    for number in range(24):
        at = number / 2
        for pitch in (*((24,) if number % 2 == 0 else (57, 60, 64)), MELODY[number % len(MELODY)]):
            events += [NoteOn(at, pitch, 80), off(at + 0.45, pitch)]
    layers = heard(sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn)))).layers
    assert layers.split is not None
    assert 64 < layers.split <= min(MELODY)


def test_chords_that_are_struck_as_one_are_one_layer() -> None:
    events: list[Heard] = []
    for number in range(24):
        for pitch in (36, 48, 52, MELODY[number % len(MELODY)]):
            events += [NoteOn(number / 2, pitch, 80), off(number / 2 + 0.45, pitch)]
    assert heard(sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn)))).layers.split is None


def test_few_notes_are_one_layer() -> None:
    assert heard(stride(bars=1)).layers.split is None


def test_hands_that_are_plainly_apart_are_known_after_a_few_notes() -> None:
    first = heard(stride()[:12], soon=True).layers  # six notes and their releases
    assert first.split is not None
    assert max(CHORD) < first.split <= min(MELODY)
    assert heard(stride()[:12]).layers.split is None


@pytest.mark.parametrize("seed", range(5))
def test_a_few_notes_of_one_hand_are_one_layer(seed: int) -> None:
    draw = random.Random(seed)
    leaps = line([draw.choice((48, 50, 52, 72, 74, 76)) for _ in range(15)])
    chords: list[Heard] = [NoteOn(n / 2, pitch, 80) for n in range(5) for pitch in (48, 64, MELODY[n])]
    held: list[Heard] = [NoteOn(n / 4, pitch, 80) for n, pitch in enumerate((60, 62, 64, 65, 67, 69, 71, 72))]
    for events in (leaps, chords, held):
        assert heard(events, soon=True).layers.split is None


def test_a_left_hand_that_stops_is_given_up() -> None:
    one = stride(bars=32, start=8.0, left=False)
    assert heard(stride()).layers.split is not None
    assert heard([*stride(), *one]).layers.split is None


def test_nothing_is_heard_while_it_is_off() -> None:
    layers = heard(stride(), on=False).layers
    assert layers.split is None
    assert layers.lower(0.0) == []


def test_the_lower_layer_keeps_its_notes_and_lengths() -> None:
    lower = heard(stride()).layers.lower(4.0)
    assert {note.pitch for note in lower} == {BASS, *CHORD}
    assert all(note.at >= 4.0 and note.velocity == 60 for note in lower)
    assert [note.length for note in lower] == pytest.approx([0.45] * len(lower))


def test_register_and_pace_are_those_of_the_melody() -> None:
    both, alone = heard(stride()), heard(stride(left=False))
    assert both.register() == alone.register()
    middle, _ = both.register() or (0, 0)
    assert abs(middle - sum(MELODY) / len(MELODY)) < 3
    assert heard(stride(), on=False).register() != alone.register()


def test_a_copy_does_not_change_with_it() -> None:
    layers = heard(stride()).layers
    layers.hear_note(NoteOn(100.0, 36, 80), [])
    copy = layers.copy()
    layers.hear_release(101.0, 36, 1)
    assert copy.lower(100.0)[0].length is None
    assert layers.lower(100.0)[0].length == pytest.approx(1.0)
    assert isinstance(copy, Layers)
