"""The commands, run as a user runs them."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from livegen.cli.main import main
from livegen.events import NoteOff, NoteOn
from livegen.journal import record
from livegen.midi import midifile
from livegen.settings import specs
from livegen.system.clock import date
from tests.support.command_line import livegen
from tests.support.fake_rtmidi import FakeMidi

COMMANDS = ["jam", "render", "export", "charts", "examples", "models", "ports", "doctor", "train", "evaluate"]


def test_help_names_every_command_and_setting() -> None:
    text = livegen("--help").stdout
    for command in COMMANDS:
        assert command in text
        assert within(command, "--help").output
    flags = within("jam", "--help").output
    for spec in specs():
        assert f"--{spec.name.replace('_', '-')}" in flags


def within(*args: str) -> Result:
    """A command in this process, which starts at once."""
    return CliRunner().invoke(main, args)


def test_the_settings_are_listed_under_the_headings_of_the_page_and_a_musician_reads_of_livegen() -> None:
    text = within("jam", "--help").output
    assert text.index("--no-page") < text.index("Whose beat:") < text.index("--metre") < text.index("Drums:")
    for command in main.commands:
        assert not re.search(r"\bplayer\b", within(command, "--help").output), command


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["jam", "--mode", "duett"], "did you mean duet?"),
        (["jam", "--model", "flok"], "did you mean folk?"),
        (["render", "in.mid", "out.mid", "--model", "nowhere.onnx"], "nowhere.onnx"),
        (["evaluate", "pianno"], "did you mean piano?"),
        (["train", "folks"], "did you mean folk?"),
        (["charts", "walz"], "did you mean waltz?"),
        (["jam", "--scale", "majro"], "Did you mean major?"),
        (["jam", "--with", "drms"], "did you mean drums?"),
    ],
)
def test_a_name_that_there_is_not_is_refused_with_the_nearest(args: list[str], says: str) -> None:
    done = within(*args)
    assert done.exit_code == 2 and says in done.output and len(done.output.splitlines()) == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(shell: str) -> None:
    assert f"_LIVEGEN_COMPLETE={shell}_source livegen" in within("completion", shell).output


def test_models_and_ports_are_listed_for_people_and_programs() -> None:
    assert "folk" in livegen("models").stdout
    assert json.loads(livegen("models", "--json").stdout)["models"][0]["sha256"]
    assert "Inputs" in livegen("ports").stdout
    assert set(json.loads(livegen("ports", "--json").stdout)) == {"system", "inputs", "outputs"}


def test_the_ports_say_which_of_them_livegen_takes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    keys, through, synth = "MPK mini:MPK mini MIDI 1 20:0", "Midi Through:Midi Through Port-0 14:0", "FLUID:in 128:0"
    monkeypatch.setitem(sys.modules, "rtmidi", FakeMidi("ALSA", [through, keys], [through, synth]))
    monkeypatch.setattr(sys, "platform", "linux")
    lines = within("ports").output.splitlines()
    assert f"  {keys}  (livegen hears it by itself)" in lines
    assert f"  {synth}  (livegen plays to it by itself)" in lines
    assert f'  {through}  (livegen jam --inputs "{through}")' in lines


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
        (["jam", "--config", "{unknown}"], 2, "did you mean temperature?"),
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
