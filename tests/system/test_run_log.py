"""The progress of a training, as the page reads it."""

import json
import os
from pathlib import Path

import pytest

from livegen.system import run_log
from livegen.system.run_log import FILE, RunLog


def written(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / FILE).read_text())
    return found


def test_what_was_told_stays_and_how_it_ended_is_told(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "mine", "mine")
    log.tell(losses=[(None, 3.0)])
    log.advance(0.5)  # too soon after the last time
    assert written(tmp_path / "mine")["share"] is None
    with pytest.raises(KeyboardInterrupt), log.told():
        raise KeyboardInterrupt
    assert written(tmp_path / "mine")["state"] == "stopped"
    with pytest.raises(ValueError, match="too little"), log.told():
        raise ValueError("too little")
    found = written(tmp_path / "mine")
    assert (found["state"], found["sentence"], found["losses"]) == ("failed", "too little", [[None, 3.0]])


def test_a_disk_that_fails_ends_no_training(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a file where the folder should be")
    RunLog(tmp_path / "mine", "mine").tell(state="kept")
    RunLog(None, "mine").tell(state="kept")
    run_log.keep_evaluation(tmp_path / "mine", {})


def test_the_latest_comes_first_and_what_is_damaged_is_left_out(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "old", "damaged", "huge")):
        RunLog(tmp_path / name, name).tell()
        path = tmp_path / name / FILE
        if name == "damaged":
            path.write_text("[" * 100_000)
        if name == "huge":
            path.write_text(json.dumps({"name": "huge", "more": "x" * (1 << 20)}))
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 100 * age))
    found = run_log.runs(tmp_path)
    assert [each["name"] for each in found] == ["new", "old"]
    os.utime(tmp_path / "new" / FILE, (0, 0))
    assert [each["name"] for each in run_log.runs(tmp_path)] == ["old", "new"]
    assert found[1]["age"] - found[0]["age"] == pytest.approx(100, abs=60)
    assert run_log.runs(tmp_path / "nowhere") == []
