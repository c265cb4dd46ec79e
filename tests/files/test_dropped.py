"""A file that is dropped on the page: a chart where it has chords, music where it has none, or a sentence."""

from pathlib import Path

import pytest

from livegen.charts.ireal import link_of
from livegen.errors import FileError
from livegen.files import dropped
from livegen.files.dropped import CHART, EITHER, MUSIC
from tests.support.places import DATA

CASES = DATA / "cases"
_HARMONY = "<harmony><root><root-step>F</root-step></root><kind>dominant</kind></harmony>"
_SHEET = (
    "<score-partwise><part id='P1'><measure number='1'><attributes><divisions>1</divisions></attributes>{}"
    "<note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration></note></measure></part></score-partwise>"
)
_LINK = link_of("Tune", "Swing", "C", "T44[C   Z")


def _file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "chords"),
    [
        ("blues.txt", "| F7 | Bb7 |", ["F7", "Bb7"]),
        ("song.musicxml", _SHEET.format(_HARMONY), ["F7"]),
        ("page.html", f'<a href="{_LINK}">', ["C"]),
        ("pasted.irealb", _LINK, ["C"]),
        ("unnamed", "title: x\n[A]\n| Am |", ["Am"]),
    ],
)
def test_a_file_with_chords_is_a_chart_and_comes_back_as_it_was_written(
    tmp_path: Path, name: str, content: str, chords: list[str]
) -> None:
    found = dropped.read(_file(tmp_path, name, content))
    assert found.chart is not None and found.charts == 1
    assert [change.chord.name() for bar in found.chart.bars for change in bar.changes if change.chord] == chords
    again = dropped.parsed(dropped.written(found))
    assert again.chart is not None and again.chart.bars == found.chart.bars


def test_a_file_without_chords_is_music_to_be_heard(tmp_path: Path) -> None:
    for path in (CASES / "midi" / "flute-90bpm-3-4.mid", _file(tmp_path, "melody.musicxml", _SHEET.format(""))):
        found = dropped.read(path)
        assert found.chart is None and found.performance.notes
        assert dropped.parsed(dropped.written(found)).performance == found.performance
    assert dropped.read(_file(tmp_path, "song.musicxml", _SHEET.format(_HARMONY)), MUSIC).performance.notes == 1


@pytest.mark.parametrize(
    ("name", "content", "what", "sentence"),
    [
        ("photo.png", b"\x89PNG|" + bytes(90), EITHER, r"photo\.png is not a MIDI, MusicXML or ABC file; save it"),
        ("photo.png", b"\x89PNG|" + bytes(90), CHART, r"photo\.png is no chart; a chart is text as \| Dm7"),
        ("tune.abc", "X:1\nK:C\nCDEF|\n", CHART, r"tune\.abc is ABC and no chart; a chart is text"),
        ("page.html", "<p>nothing</p>", EITHER, r"page\.html holds no link of iReal Pro's, .*; export it again"),
        ("wrong.txt", "| Hm | C |", CHART, r"'Hm'"),
    ],
)
def test_what_is_neither_is_refused_in_a_sentence(
    tmp_path: Path, name: str, content: str | bytes, what: str, sentence: str
) -> None:
    with pytest.raises(FileError, match=sentence):
        dropped.read(_file(tmp_path, name, content), what)
