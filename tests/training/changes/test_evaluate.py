"""The report on chords: songs with a plain left hand are heard; what was learnt from is left out."""

import json
from pathlib import Path

import pytest

from livegen.charts.text import read_chart
from livegen.errors import SettingsError
from livegen.listening import chord_tables
from livegen.training.changes import count
from livegen.training.changes.evaluate import evaluate, left_hand
from livegen.training.changes.songs import Song, read_songs
from tests.support.musicxml import attributes, note


def write_song(path: Path, roots: str) -> None:
    measures = "".join(
        f"<measure>{attributes() if not at else ''}<harmony><root><root-step>{root}</root-step></root>"
        f"<kind>{'dominant' if root == 'G' else 'major'}</kind></harmony>{note(f'{root}5', 8)}</measure>"
        for at, root in enumerate(roots)
    )
    path.write_text(f"<score-partwise><part id='P1'>{measures}</part></score-partwise>")


def test_a_left_hand_plays_each_chord_from_its_bass() -> None:
    chart = read_chart("| C/E | C/E Am7 |")
    song = Song("x", 0, 4, (), tuple(chart.span_at(beat).chord for beat in range(8)))
    played = list(left_hand(song))
    assert [(each.pitch, each.begins, each.ends) for each in played[:3]] == [(52, 0, 4), (55, 0, 4), (60, 0, 4)]
    assert [each.pitch for each in played if each.begins == 6] == [45, 48, 52, 55]


def test_a_report_on_songs(tmp_path: Path) -> None:
    write_song(tmp_path / "one.musicxml", "CFGC" * 4)
    write_song(tmp_path / "two.musicxml", "CGCF" * 4)
    (tmp_path / "broken.musicxml").write_text("<score-partwise/>")
    report = evaluate(tmp_path)
    assert (report.songs, report.left_out, report.broken) == (2, 0, 1)
    assert report.heard["the key's tonic"].right == 16 * 4
    assert report.heard["melody and left hand, as the beat is over"].right == 2 * 16 * 4
    assert report.foreseen["melody and left hand"].changes == 12 + 15
    assert "| melody, as the beat begins | 128 |" in report.table()
    assert json.loads(json.dumps(report.to_dict()))["songs"] == 2


def test_what_was_learnt_from_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_song(tmp_path / "one.musicxml", "CFGC")
    songs = read_songs(tmp_path).songs
    tables = tmp_path / "tables.npz"
    count.write(chord_tables.shipped(), songs, tables)
    monkeypatch.setattr(chord_tables, "SHIPPED", tables)
    with pytest.raises(SettingsError, match="counted in all songs"):
        evaluate(tmp_path)
    write_song(tmp_path / "two.musicxml", "CFGC")
    assert (evaluate(tmp_path).songs, evaluate(tmp_path).left_out) == (1, 1)
