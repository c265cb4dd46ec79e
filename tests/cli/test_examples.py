"""`livegen examples` writes what comes with livegen, and leaves what is there alone."""

from pathlib import Path

from tests.support.command_line import livegen
from tests.support.places import EXAMPLES


def test_the_examples_are_written_and_a_changed_one_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "examples").mkdir(parents=True)
    changed = folder / "examples" / "rig.toml"
    changed.write_text("temperature = 0.5\n")
    said = livegen("examples", folder).stdout
    assert "files written into" in said and f"changed: {Path('examples', 'rig.toml')}" in said
    assert changed.read_text() == "temperature = 0.5\n"
    for name in ("my_mode.py", "puredata/livegen.pd", "max/livegen.maxpat"):
        assert (folder / "examples" / name).read_bytes() == (EXAMPLES / name).read_bytes()
    assert (folder / "docs" / "page.png").exists()
    assert not list(folder.rglob("__init__.py"))
    assert livegen("examples", folder).stdout.startswith("0 files written")


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert "name another folder" in livegen("examples", tmp_path / "taken", code=2).stderr
