"""`livegen latency`: what it measures, what it proposes, and what it writes."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from livegen.cli.latency import Measured, proposal, with_delays
from tests.support.jack import Jack, Peer
from tests.support.jack import jack as jack


def test_the_quicker_outputs_are_to_wait_for_the_slowest() -> None:
    slow, quick = Measured("FLUID Synth, left=1", [30.0, 31.0, 29.0], 0), Measured("Volca", [4.0, 5.5, 5.0], 1)
    assert proposal([slow, quick, Measured("unwired", [], 0)]) == "volca=25.0"
    assert proposal([quick, slow._replace(took=[5.6])]) == "", "nobody hears a difference as small"
    assert proposal([slow._replace(took=[1.0]), quick]) == "fluid synth  left 1=4.0"
    assert "half within 5.0 ms" in quick.sentence() and "1 did not come back" in quick.sentence()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tempo = 90\n",
        'delays = "old=3"  # by hand\ntempo = 90\n',
        'tempo = 90\n\n[[voice]]\nname = "a"\ndelays = "x=1"\n',
    ],
)
def test_a_settings_file_keeps_all_else(text: str) -> None:
    before, after = tomllib.loads(text), tomllib.loads(with_delays(text, "volca=25.0"))
    assert after == before | {"delays": "volca=25.0"}


@pytest.mark.jack
def test_a_wire_is_measured_and_the_delays_are_written(jack: Jack, tmp_path: Path) -> None:
    target, first = tmp_path / "livegen.toml", ""
    with Peer("synth", "in", plays=False):
        running = subprocess.Popen(
            [
                *(sys.executable, "-m", "livegen", "latency", "--notes", "5", "--outputs", "synth"),
                "--write",
                str(target),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert running.stdout is not None
        while "Wire" not in (line := running.stdout.readline()):  # its ports are open then
            assert line, "it ended before"
            first += line
        first += line
        for port in jack.ports():
            if port.startswith("livegen") and not port.endswith("livegen in"):
                jack.connect(port, "livegen:livegen in")
        said = first + running.communicate(timeout=120)[0]
    assert running.returncode == 0, said
    assert "livegen out: 5 notes, half within" in said and "synth:in: 5 notes" in said
    assert "delays" in tomllib.loads(target.read_text())
