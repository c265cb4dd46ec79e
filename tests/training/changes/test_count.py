"""Tables counted in songs: probabilities that follow the songs, whatever their key."""

from pathlib import Path

import numpy as np
import pytest

from livegen.charts.text import read_chart
from livegen.errors import FileError
from livegen.listening.chord_filter import Sounding
from livegen.listening.chord_tables import DOWNBEAT, OTHER, STRUCK, index_of, load
from livegen.music.chord_symbol import Chord
from livegen.training.changes.count import count, learnt_from, train, write
from livegen.training.changes.songs import Song, fingerprint


def song(text: str, tonic: int = 0) -> Song:
    chart = read_chart(text)
    chords = tuple(chart.span_at(beat).chord for beat in range(int(chart.length)))
    roots = [Sounding(60 + (chord.root if chord else 0), float(beat), beat + 1.0) for beat, chord in enumerate(chords)]
    return Song(text, tonic, 4, tuple(roots), chords)


def number(name: str) -> int:
    chord = read_chart(f"| {name} |").spans[0].chord
    assert isinstance(chord, Chord)
    return index_of(chord, 0)


SONGS = [song("| C | F | G7 | C |" * 8), song("| Bb | Eb | F7 | Bb |" * 8, tonic=10)]


def test_chords_move_as_in_the_songs_and_where_they_do() -> None:
    tables = count(SONGS)
    assert np.allclose(tables.moves.sum(axis=2), 1.0) and np.allclose(tables.following.sum(axis=1), 1.0)
    assert tables.following[number("G7")].argmax() == number("C")
    assert tables.moves[DOWNBEAT, number("G7"), number("C")] > 0.5
    assert tables.moves[OTHER, number("G7"), number("G7")] > 0.9


def test_notes_and_bars_are_counted_from_the_tonic() -> None:
    tables = count(SONGS)
    assert tables.notes[STRUCK, number("F")].argmax() == 5
    assert tables.bars[1].argmax() == number("F") and tables.bars[0, number("F")] < 0.0
    assert np.isfinite(tables.notes).all() and np.isfinite(tables.bars).all()


def test_tables_remember_what_they_were_counted_in(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    write(count(SONGS), SONGS, path)
    assert learnt_from(path) == {fingerprint(each.name) for each in SONGS}
    assert np.allclose(load(path).following, count(SONGS).following, atol=1e-6)


def test_a_folder_without_lead_sheets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="holds no lead sheets"):
        train(tmp_path, tmp_path / "x.npz")
