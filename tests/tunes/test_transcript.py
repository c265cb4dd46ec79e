"""A session written down as ABC: read again by another reader of ABC, and by abc2midi."""

import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegen.events import Note
from livegen.midi import midifile
from livegen.tunes import abc_reader, transcript
from tests.support.parts import require

BEAT = 0.5  # seconds

gaps = st.lists(st.tuples(st.integers(1, 24), st.integers(1, 24), st.integers(36, 96)), min_size=1, max_size=24)


def line(rows: list[tuple[int, int, int]]) -> list[Note]:
    """Notes one after another: sixteenths to the next onset, sixteenths of sound, pitch."""
    found, at = [], 0
    for gap, length, pitch in rows:
        found.append(Note(at / 4 * BEAT, min(gap, length) / 4 * BEAT, pitch))
        at += gap
    return found


@given(gaps, st.sampled_from([2, 3, 4, 5, 7]))
def test_a_line_on_the_grid_is_read_again_as_it_was(rows: list[tuple[int, int, int]], metre: int) -> None:
    played = line(rows)
    tune = abc_reader.read_tune(transcript.abc({"player": played}, BEAT, "a phrase", metre))
    told = [(Fraction(note.onset), note.pitch) for note in tune.notes]
    assert told == [(Fraction(round(note.onset / BEAT * 4), 4), note.pitch) for note in played]
    for note, again in zip(played, tune.notes, strict=True):
        # At most what was a short breath before the next note is written as sound.
        assert 0 <= round(again.duration * 4) - round(note.duration / BEAT * 4) <= round(note.duration / BEAT * 4)


def test_two_voices_begin_together_and_sound_where_they_were_played(tmp_path: Path) -> None:
    require("abc2midi")
    performer = line([(2, 2, 62), (2, 1, 64), (4, 4, 66), (8, 6, 67), (3, 3, 69)])
    player = [Note(note.onset + 6.25 * BEAT, note.duration, note.pitch + 12) for note in performer]
    source, target = tmp_path / "both.abc", tmp_path / "both.mid"
    source.write_text(transcript.abc({"performer": performer, "player": player}, BEAT, "both"))
    said = subprocess.run(["abc2midi", str(source), "-o", str(target)], capture_output=True, text=True, timeout=20)
    assert "error" not in said.stdout.lower(), said.stdout
    found = sorted((round(note.onset * 4), note.pitch) for note in midifile.read(target).beats)
    wanted = sorted((round(note.onset / BEAT * 4), note.pitch) for note in (*performer, *player))
    assert found == wanted


def test_of_a_chord_the_highest_is_written_and_the_hand_that_hurries_is_straightened() -> None:
    chord = [Note(0.01, 0.5, 60), Note(0.0, 0.5, 67), Note(0.02, 0.5, 64), Note(0.53, 0.44, 65), Note(0.98, 0.5, 64)]
    tune = abc_reader.read_tune(transcript.abc({"player": chord}, BEAT, "chord"))
    assert [(note.onset, note.duration, note.pitch) for note in tune.notes] == [(0, 1, 67), (1, 1, 65), (2, 1, 64)]


@pytest.mark.parametrize(
    ("pitches", "key"),
    [
        ((60, 62, 64, 65, 67, 69, 71, 72), "C"),
        ((62, 64, 66, 67, 69, 71, 73, 74), "D"),
        ((69, 71, 72, 74, 76, 77, 79, 69), "Am"),
        ((63, 65, 67, 68, 70, 72, 74, 75), "Eb"),
    ],
)
def test_the_key_is_the_one_whose_scale_was_played(pitches: tuple[int, ...], key: str) -> None:
    assert str(transcript.find_key(line([(2, 2, pitch) for pitch in pitches]))) == key


def test_a_phrase_begins_after_the_last_silence() -> None:
    notes = [Note(0.0, 0.5, 60), Note(0.5, 3.0, 62), Note(3.0, 0.2, 64), Note(6.0, 0.5, 65), Note(6.4, 0.5, 67)]
    assert transcript.last_phrase(notes) == notes[3:]
    assert transcript.last_phrase(notes[:3]) == notes[:3]
    assert transcript.last_phrase([]) == []
    with pytest.raises(ValueError, match="nothing was played"):
        transcript.abc({"player": []}, BEAT, "silence")
