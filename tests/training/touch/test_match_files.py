"""Match files: notes as written and as played."""

from pathlib import Path

import pytest

from livegen.errors import FileError
from livegen.training.touch.match_files import Played, read, read_folder
from tests.support import match_files


def test_notes_are_read_in_quarters_and_seconds(tmp_path: Path) -> None:
    path = tmp_path / "piece_p03.match"
    lines = [
        match_files.HEAD.format(metre="6/8"),
        match_files.note("n1", -1.0, 1.0, "v1,staff1", (64, 480, 960, 50)),
        match_files.note("n2", 0.0, 2.0, "v2,staff2,accent", (40, 960, 2880, 30)),
        match_files.note("n3", 0.0, 0.0, "grace,v1,staff1", (66, 950, 960, 40)),
        "snote(n4,[A,#],4,16:2,1/16,1/16,31.2500,31.5000,[v2,staff1])-deletion.",
        "sustain(0,11).",
    ]
    path.write_text("\n".join(lines), "utf-8")
    found = read(path)
    assert (found.piece, found.pianist, found.beat, found.pedals) == ("piece", 3, 1.5, ((0.0, 11),))
    assert found.notes == (Played(-0.5, 0.0, 64, 0.5, 1.0, 50, "v1"), Played(0.0, 1.0, 40, 1.0, 3.0, 30, ""))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a_p01.match", "", "no match file"),
        ("a.match", match_files.HEAD.format(metre="4/4"), "no match file"),
        ("a_p01.match", match_files.HEAD.format(metre="4/4"), "no aligned notes"),
        ("a_p01.match", "scoreprop(timeSignature,4/4,0:1,0,0.0).", "ticks"),
    ],
)
def test_what_is_no_performance_is_refused(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(FileError, match=said):
        read(tmp_path / name)


def test_a_folder_without_match_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no match files"):
        read_folder(tmp_path)
