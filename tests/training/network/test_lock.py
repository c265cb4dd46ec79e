"""Two trainings of one name do not overwrite each other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from livegen.errors import FileError, SettingsError
from livegen.training.network.lock import hold

HOLDER = """
import sys
from pathlib import Path
from livegen.training.network.lock import hold
hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_training_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    run = tmp_path / "folk"
    command = [sys.executable, "-c", HOLDER, str(run)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None and first.stdout.readline() == "held\n"
        with pytest.raises(SettingsError, match=rf"process {first.pid}\) is at work in .*folk; wait"):
            hold(run)
        hold(tmp_path / "other")  # another recipe is free
        first.kill()  # no time to tidy up: the lock file stays, and is stale
    assert (run / "training.pid").read_text() == f"{first.pid}\n"
    hold(run)
    hold(run)  # a process may train twice
    assert (run / "training.pid").read_text() == f"{os.getpid()}\n"


def test_a_run_directory_that_cannot_be_written_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "folk").write_text("a file in the way")
    with pytest.raises(FileError, match="cannot be written to"):
        hold(tmp_path / "folk")
