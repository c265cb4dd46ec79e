"""The commands, run as a user runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from livegen.events import NoteOff, NoteOn
from livegen.journal import record
from livegen.midi import midifile
from livegen.settings import specs
from livegen.system.clock import date
from tests.support.command_line import livegen

COMMANDS = ["jam", "render", "export", "models", "ports", "doctor", "train", "evaluate"]


def test_help_names_every_command_and_setting() -> None:
    text = livegen("--help").stdout
    for command in COMMANDS:
        assert command in text
        assert livegen(command, "--help").stdout
    flags = livegen("jam", "--help").stdout
    for spec in specs():
        assert f"--{spec.name.replace('_', '-')}" in flags


def test_models_and_ports_are_listed_for_people_and_programs() -> None:
    assert "folk" in livegen("models").stdout
    assert json.loads(livegen("models", "--json").stdout)["models"][0]["sha256"]
    assert "Inputs" in livegen("ports").stdout
    assert set(json.loads(livegen("ports", "--json").stdout)) == {"system", "inputs", "outputs"}


def test_the_doctor_names_one_next_step() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "livegen", "doctor"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (0, 1)
    assert done.stdout.splitlines()[-1].startswith("Next: ")


def test_render_writes_both_parts(tmp_path: Path) -> None:
    source, target = tmp_path / "in.mid", tmp_path / "out.mid"
    midifile.write(
        source, {"performer": [NoteOn(0.0, 60, 90), NoteOff(0.4, 60), NoteOn(0.5, 64, 90), NoteOff(0.9, 64)]}
    )
    livegen("render", source, target, "--mode", "continuation", "--tail", 5)
    assert len([event for event in midifile.read(target).events if isinstance(event, NoteOn)]) > 3


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["render", "nowhere.mid", "out.mid"], 1, "nowhere.mid"),
        (["render", "{broken}", "out.mid"], 1, "broken.mid"),
        (["jam", "--temperature", "9"], 2, "0.1 to 2"),
        (["jam", "--mode", "waltz"], 2, "call_and_response"),
        (["jam", "--mode", "no.such:mode"], 2, "no.such:mode"),
        (["render", "{broken}", "{broken}"], 2, "written over"),
        (["jam", "--config", "nowhere.toml"], 2, "nowhere.toml"),
        (["jam", "--config", "{toml}"], 2, "TOML"),
        (["jam", "--config", "{unknown}"], 2, "temprature"),
        (["export", "{broken}"], 1, "not a journal"),
        (["dance"], 2, "dance"),
    ],
)
def test_a_mistake_is_answered_in_one_sentence(tmp_path: Path, args: list[str], code: int, says: str) -> None:
    files = {
        "broken": ("broken.mid", b"MThd nonsense"),
        "toml": ("a.toml", b"a ="),
        "unknown": ("b.toml", b"temprature = 1"),
    }
    for key, (name, content) in files.items():
        (tmp_path / name).write_bytes(content)
        args = [arg.replace(f"{{{key}}}", str(tmp_path / name)) for arg in args]
    done = livegen(*args, code=code)
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 4  # click adds how to get help


def test_a_journal_is_exported_after_a_crash(tmp_path: Path) -> None:
    journal = record.Journal(tmp_path, {}, date(), 0.0)
    journal.heard(NoteOn(1.0, 60, 90))
    journal.flush()  # and never closed
    livegen("export", journal.path, tmp_path / "take.mid")
    assert midifile.read(tmp_path / "take.mid").events[0].pitch == 60  # type: ignore[union-attr]
    journal.close()
