"""Chords followed beat by beat: when they are weighed changes nothing, and a copy is a value of its own."""

import random

from livegen.listening.chords_heard import ChordsHeard

CHORDS = ((48, 52, 55), (50, 53, 57), (43, 47, 50, 53), (48, 52, 55))


def followed(settles: bool = False, beats: int = 16) -> ChordsHeard:
    heard = ChordsHeard()
    for beat in range(0, beats, 4):
        for pitch in CHORDS[beat // 4 % 4]:
            heard.hear_note(beat + 0.01, pitch, 4)
        heard.hear_note(beat + 2.0, 72, 4)
        if settles:
            heard.settle()
        heard.hear_release(beat + 3.0, 72, 4)
        for pitch in CHORDS[beat // 4 % 4]:
            heard.hear_release(beat + 3.9, pitch, 4)
    return heard


def names(heard: ChordsHeard, *beats: float) -> list[str]:
    return [found.chord.name() if (found := heard.estimate(beat)) else "" for beat in beats]


def test_nothing_is_known_before_a_note() -> None:
    assert ChordsHeard().estimate(3.0) is None


def test_the_chords_of_a_left_hand() -> None:
    assert [names(followed(beats=beats), beats - 2.5) for beats in (4, 8, 12, 16)] == [["C"], ["Dm"], ["G7"], ["C"]]


def test_a_note_a_little_before_the_beat_is_the_beats() -> None:
    heard = followed(beats=4)
    for pitch in CHORDS[2]:
        heard.hear_note(3.95, pitch, 4)
    found = heard.estimate(4.05)
    assert found is not None and found.chord.name() == "G7" and found.certainty > 0.9


def test_when_notes_are_weighed_changes_nothing() -> None:
    drawn = random.Random(1)
    once, often = ChordsHeard(), ChordsHeard()
    beat = 0.0
    for _ in range(200):
        beat += drawn.choice((0.0, 0.25, 0.5, 1.0, 12.0) if drawn.random() < 0.2 else (0.0, 0.5))
        pitch, begins = drawn.randint(40, 80), drawn.random() < 0.6
        for heard in (once, often):
            (heard.hear_note if begins else heard.hear_release)(beat, pitch, 4)
        if drawn.random() < 0.3:
            often.estimate(beat + drawn.random() * 5)
    assert once.estimate(beat + 1) == often.estimate(beat + 1)


def test_a_copy_goes_its_own_way() -> None:
    heard = followed(beats=4)
    heard.hear_note(4.0, 60, 4)
    kept = heard.copy()
    before = names(kept, 4.5)
    for pitch in CHORDS[1]:
        heard.hear_note(4.0, pitch, 4)
    heard.settle()
    assert names(heard, 4.5) == ["Dm"] and names(kept, 4.5) == before


def test_a_long_silence_and_a_step_back_do_no_harm() -> None:
    heard = followed()
    heard.hear_note(1e6, 60, 4)
    heard.hear_note(2.0, 64, 3)  # the grid has moved
    found = heard.estimate(1e6 + 0.5)
    assert found is not None and 0.0 < found.certainty <= 1.0
