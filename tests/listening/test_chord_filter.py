"""The filter of key and chord: notes that sound together are named, melodies lead to their key, beliefs are values."""

import numpy as np
import pytest

from livegen.listening.chord_filter import ON, ChordFilter, Sounding, absolute, played, shares
from livegen.listening.chord_tables import HELD, OTHER, PASSING, STRUCK, chord_of, index_of, place_of, shipped
from livegen.music.chord_symbol import read

FILTER = ChordFilter(shipped())


def heard(name: str, melody: tuple[int, ...] = ()) -> str:
    """The chord that is heard when this one is played over its lowest note, with a melody."""
    chord = read(name)
    assert chord is not None
    classes = chord.classes | {pitch % 12 for pitch in melody}
    top = melody[-1] % 12 if melody else max(classes, key=lambda each: (each - chord.lowest) % 12)
    silence = np.zeros((3, 12))
    belief = FILTER.heard(FILTER.start, silence, played(classes, chord.lowest, top))
    return FILTER.estimate(belief).chord.name()


@pytest.mark.parametrize("root", ["C", "F#", "Bb"])
@pytest.mark.parametrize("quality", ["", "m", "7", "dim", "m7", "maj7", "9", "dim7", "m6", "7b9", "13", "maj9"])
def test_a_chord_that_is_played_is_heard(root: str, quality: str) -> None:
    chord = read(root + quality)
    assert chord is not None
    plain = chord_of(chord.root, ["major", "minor", "seventh", "diminished"].index(chord.family))
    assert heard(root + quality) == plain.name()


def test_the_bass_names_the_chord_where_the_notes_do_not() -> None:
    assert heard("Am7") == "Am" and heard("C6") == "C" and heard("C/E") == "C" and heard("C7/Bb") == "C7"


def test_a_melody_note_over_a_chord_does_not_rename_it() -> None:
    assert heard("G7", melody=(81,)) == "G7" and heard("Am", melody=(78,)) == "Am"


@pytest.mark.parametrize("tonic", [0, 5, 9])
def test_a_scale_leads_to_its_key_and_the_tonic_chord(tonic: int) -> None:
    belief = FILTER.start
    for bar in range(4):
        for beat, step in enumerate((0, 4, 7, 4) if bar % 2 == 0 else (5, 4, 2, 0)):
            belief = FILTER.next_beat(belief, place_of(beat, 4), bar)
            note = Sounding(60 + tonic + step, float(beat), beat + 1.0)
            belief = FILTER.heard(belief, shares([note], beat, beat + 1.0))
    found = FILTER.estimate(belief)
    assert found.key.tonic == tonic and found.chord == chord_of(tonic, 0)


def test_a_dominant_is_followed_by_its_tonic() -> None:
    belief = FILTER.heard(FILTER.start, np.zeros((3, 12)), played(frozenset({7, 11, 2, 5}), 7, 5))
    found = FILTER.estimate(belief)
    assert found.chord.name() == "G7" and found.following[0][0].name() == "C"
    assert all(chord != found.chord for chord, _ in found.following)
    every = FILTER.estimate(belief, most=48).following
    assert sum(share for _, share in every) == pytest.approx(1.0)


def test_a_belief_is_a_probability_and_is_not_changed() -> None:
    before = FILTER.start.copy()
    after = FILTER.next_beat(FILTER.heard(FILTER.start, np.ones((3, 12))), OTHER, 0)
    assert after.sum() == pytest.approx(1.0) and absolute(after).sum() == pytest.approx(1.0)
    assert np.array_equal(FILTER.start, before)


def test_nothing_depends_on_the_key() -> None:
    notes = shares([Sounding(64, 0.0, 1.0), Sounding(67, 0.5, 1.0)], 0, 1.0)
    low, high = (FILTER.estimate(FILTER.heard(FILTER.start, np.roll(notes, by, axis=1))) for by in (0, 7))
    assert high.chord == low.chord.transposed(7) and high.certainty == pytest.approx(low.certainty)


def test_how_much_of_a_beat_a_note_sounds() -> None:
    found = shares([Sounding(60, 1.0, 3.0), Sounding(62, 2.0, 2.25), Sounding(64, 2.5, 9.0)], 2, 3.0)
    assert (found[HELD, 0], found[STRUCK, 2], found[PASSING, 4]) == (1.0, 0.625, 0.5)
    assert shares([Sounding(62, 2.0, 3.0)], 2, 2.0 + ON)[STRUCK, 2] == pytest.approx(0.55)


def test_the_safest_chord_shares_its_notes_with_what_it_may_be() -> None:
    """F sharp is the likeliest, but C, A minor and E minor share most of their notes."""
    belief = np.zeros((12, 48))
    for name, share in (("F#", 0.31), ("C", 0.24), ("Am", 0.23), ("Em", 0.22)):
        chord = read(name)
        assert chord is not None
        belief[0, index_of(chord, 0)] = share
    found = FILTER.estimate(belief)
    assert found.chord.name() == "F#" and found.safest.name() == "C"
    sure = np.zeros((12, 48))
    sure[0, 0] = 1.0
    assert FILTER.estimate(sure).safest.name() == "C"
