"""A file is written whole, or the older one stays."""

from pathlib import Path

import pytest

from livegen.system.files import written_whole


def test_the_new_file_replaces_the_older_one(tmp_path: Path) -> None:
    path = tmp_path / "kept.toml"
    path.write_text("older")
    with written_whole(path) as part:
        part.write_text("newer")
        assert path.read_text() == "older"
    assert path.read_text() == "newer" and list(tmp_path.iterdir()) == [path]


def test_the_older_file_stays_when_the_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "kept.toml"
    path.write_text("older")
    with pytest.raises(RuntimeError), written_whole(path) as part:
        part.write_text("half")
        raise RuntimeError
    assert path.read_text() == "older" and list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError), written_whole(tmp_path / "no" / "kept.toml") as part:
        part.write_text("text")
