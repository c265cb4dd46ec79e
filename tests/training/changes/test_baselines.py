"""What the filter is measured beside: templates, the whole song, and a Markov chain."""

import pytest

from livegen.charts.text import read_chart
from livegen.listening.chord_filter import Sounding
from livegen.listening.chord_tables import shipped
from livegen.training.changes.baselines import Chain, by_template, class_of, successive, viterbi
from livegen.training.changes.songs import Song


def song(text: str, tonic: int = 0) -> Song:
    """A song whose melody plays the notes of each chord in turn."""
    chart = read_chart(text)
    chords = tuple(chart.span_at(beat).chord for beat in range(int(chart.length)))
    notes = []
    for beat, chord in enumerate(chords):
        assert chord is not None
        steps = [semitones for _, semitones in chord.tones]
        notes.append(Sounding(60 + (chord.root + steps[beat % len(steps)]) % 12, float(beat), beat + 1.0))
    return Song(text, tonic, 4, tuple(notes), chords)


def test_templates_name_arpeggios() -> None:
    each = song("| C | Dm | G7 | C |")
    assert [by_template(each, beat) for beat in (3, 7, 11)] == [(0, 0), (2, 1), (7, 2)]


def test_the_whole_song_names_arpeggios_in_any_key() -> None:
    for text, tonic in (("| C | F | G7 | C |" * 3, 0), ("| A | D | E7 | A |" * 3, 9)):
        each = song(text, tonic)
        found = viterbi(each, shipped())
        right = [class_of(chord) == guess for chord, guess in zip(each.chords, found, strict=True) if chord]
        assert sum(right) / len(right) > 0.8


def test_a_chain_expects_what_followed() -> None:
    chain = Chain([song("| C | F | G7 | C | Am | Dm | G7 | C |" * 4), song("| D | G | A7 | D |" * 4, tonic=2)])
    likely = chain.expect([(5, 0), (7, 2)])
    assert max(likely, key=lambda each: likely[each]) == (0, 0)
    assert sum(likely.values()) == pytest.approx(1.0, abs=0.05) and (7, 2) not in likely


def test_the_same_chord_twice_is_one() -> None:
    assert successive(song("| D | D | A7 A | D |", tonic=2)) == [(0, 0), (7, 2), (7, 0), (0, 0)]
