"""Charts by name and by file."""

from pathlib import Path

import pytest

from livegen.charts.ireal import link_of
from livegen.errors import FileError
from livegen.files import chart_file

BOOK = "blues-in-bb blues-in-f bossa folk ground minor-blues modal-vamp rhythm twelve-eight waltz".split()
LENGTHS = [48, 48, 128, 96, 16, 48, 96, 128, 64, 120]


def test_ten_charts_come_with_livegen() -> None:
    assert chart_file.names() == BOOK
    lengths = [chart_file.read_charts(chart_file.find(name))[0].length for name in BOOK]
    assert lengths == LENGTHS


def test_a_chart_of_ones_own_comes_first(tmp_path: Path) -> None:
    (tmp_path / "Waltz.txt").write_text("| C |")
    (tmp_path / "other.html").write_text(f'<a href="{link_of("Tune", "Swing", "C", "T44[C   Z")}">')
    (tmp_path / "notes.pdf").write_text("")
    assert chart_file.find("waltz", tmp_path) == tmp_path / "Waltz.txt"
    assert {"Waltz", "other", *BOOK} == set(chart_file.names(tmp_path))
    assert [chart.title for chart in chart_file.read_charts(chart_file.find("other", tmp_path))] == ["Tune"]


def test_a_chart_that_is_not_there_is_said_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="There is no chart 'x'; there are blues-in-bb"):
        chart_file.find("x")
    with pytest.raises(FileError, match="cannot be read"):
        chart_file.read_charts(tmp_path / "none.txt")
