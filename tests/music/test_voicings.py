"""Tests of voicings: the chord's own notes, near to the last, out of the way of what the performer holds."""

from itertools import pairwise

import pytest

from livegen.music.chord_symbol import read
from livegen.music.voicings import Place, best, movement

SYMBOLS = "C Am F#m7 Bbmaj7 G7 G7sus4 Edim Dm7b5 A7b9 E7alt Bdim7 F6 Caug Gm9 D7/F# C5 Fm6 Ab13 Bmmaj7".split()


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("coloured", [True, False])
def test_a_voicing_has_the_notes_that_tell_the_chord(symbol: str, coloured: bool) -> None:
    chord = read(symbol)
    assert chord is not None
    voicing = best(chord, Place(), coloured)
    steps = {(pitch - chord.root) % 12 for pitch in voicing}
    telling = {semitones for degree, semitones in chord.tones if degree in (3, 4, 7)}
    assert telling <= steps and len(voicing) == len(steps) >= min(3, len(chord.tones))
    own = {semitones for _, semitones in chord.tones}
    assert steps <= own | ({2, 9} if coloured else set())
    assert voicing[0] >= 48 and voicing[-1] <= 79 and voicing[-1] - voicing[0] <= 16


def test_voices_move_little_from_chord_to_chord() -> None:
    last: tuple[int, ...] = ()
    found = []
    for symbol in "Dm7 G7 Cmaj7 A7b9 Dm7 G7alt Cmaj7 Fmaj7 Bm7b5 E7 Am7".split():
        chord = read(symbol)
        assert chord is not None
        last = best(chord, Place(last))
        found.append(last)
    assert max(movement(one, other) for one, other in pairwise(found)) <= 2.5
    assert len(set(found)) > 6


def test_nothing_is_beside_a_note_that_is_held_and_the_melody_stays_on_top() -> None:
    for symbol in ("Cmaj7", "F", "G7", "Em7"):
        chord = read(symbol)
        assert chord is not None
        for held in range(60, 80):
            voicing = best(chord, Place(held=(held,), under=held))
            beside = [pitch for pitch in voicing if abs(pitch - held) == 1]
            assert not beside, (symbol, held, voicing)
            if held >= 67 and held % 12 in chord.classes:
                assert voicing[-1] <= held


def test_another_voicing_of_the_same_chord_can_be_had() -> None:
    chord = read("Gm7")
    assert chord is not None
    first = best(chord, Place())
    assert best(chord, Place(first)) == first != best(chord, Place(first), other=True)
