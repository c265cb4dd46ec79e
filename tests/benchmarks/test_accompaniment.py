"""Tests of the measure of an accompaniment, and of the page to listen to."""

from pathlib import Path

import pytest

from benchmarks.studies import trio_page
from benchmarks.studies.accompaniment import blocks, chords_of, heard, measure
from benchmarks.studies.trio_songs import REPORT, Take, play
from livegen.events import Note
from livegen.listening.chord_filter import Sounding
from livegen.midi import midifile
from livegen.music.chord_symbol import read
from livegen.music.ensemble import BASS, CHORDS
from livegen.training.changes.songs import Song, chart_of

CHORDS_OF_BARS = [read(symbol) for symbol in ("C", "F", "G7", "C", "Am", "Dm7", "G7", "C") for _ in range(4)]
MELODY = tuple(
    Sounding(pitch, float(beat), beat + 1.0)
    for beat, pitch in enumerate((72, 76, 79, 76, 77, 81, 77, 74, 74, 79, 77, 74, 76, 79, 76, 72) * 2)
)
SONG = Song("a song", 0, 4, MELODY, tuple(CHORDS_OF_BARS))


def take(**parts: list[Note]) -> Take:
    melody = [Note(note.begins * 0.5, 0.45, note.pitch) for note in MELODY]
    return Take(SONG, melody, {BASS: [], CHORDS: [], **parts}, 0.5, 0.0)


def test_block_triads_of_the_chart_are_in_the_chord_with_every_root() -> None:
    figures = measure(blocks(take(), SONG.chords))
    assert figures.inside == figures.roots == 1.0
    assert figures.clashes == 0.0 and figures.unsupported < 0.5
    assert figures.chords == figures.basses == 1.0
    assert figures.late == figures.revised == 0.0 and figures.after == 0.0
    behind = take(bass=[Note(2.5, 0.5, 41), Note(5.0, 0.5, 43)])  # F a beat late, G two
    assert measure(behind).after == pytest.approx(1.5)


def test_a_wrong_accompaniment_is_told_from_a_right_one() -> None:
    wrong = take(bass=[Note(0.0, 16.0, 37)], chords=[Note(0.0, 16.0, 73), Note(0.0, 16.0, 78)])
    figures = measure(wrong)
    assert figures.inside == 0.0 and figures.roots == 0.0 and figures.clashes > 0.3 and figures.unsupported == 1.0
    assert chords_of(wrong.parts[CHORDS]) == [(73, 78)]
    assert len(heard(SONG)) == len(SONG.chords)


def test_a_song_is_played_and_written_as_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chart_of(SONG).bars[2].changes[0].chord == read("G7")
    charted = measure(play(SONG, (BASS, CHORDS), charted=True))
    assert charted.inside > 0.9 and charted.roots > 0.85
    assert charted.late == charted.revised == 0.0
    guessed = measure(play(SONG, (BASS, CHORDS), charted=False))
    assert guessed.revised > 0.0 and guessed.late > 0.0 and guessed.lateness > 5.0
    monkeypatch.setattr(trio_page, "songs_of", lambda folder, part, most: [SONG])
    monkeypatch.setattr(trio_page, "_FONTS", ())  # the sound needs FluidSynth, and time
    told = trio_page.write_page(tmp_path, tmp_path / "page", REPORT, 1)
    page = (tmp_path / "page" / "index.html").read_text()
    assert len(told) == 1 and told[0] in page and "<svg" in page
    score = midifile.read(tmp_path / "page" / "01.mid")
    assert [track.name for track in score.tracks] == ["melody", "drums", "bass", "chords"]
