"""Knobs, pads and programs over real MIDI ports, into `livegen jam` as a process."""

from pathlib import Path

import pytest

from tests.support.jack import Jack, until
from tests.support.jack import jack as jack
from tests.support.jam_process import sounding, wired

FILE = """
[bind]
cc21 = "memory"
note36-ch10 = "mode duet"

[preset.calm]
program = 5
temperature = 0.6
"""


@pytest.mark.jack
def test_knobs_pads_and_programs_of_a_real_keyboard(
    jack: Jack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "rig.toml").write_text(FILE)
    flags = ("--config", str(tmp_path / "rig.toml"))
    (tmp_path / "one").mkdir()
    with wired(jack, tmp_path / "one", *flags) as (player, keys, _):
        keys.play(0xB0, 21, 126)
        keys.play(0xB0, 21, 64)
        while player.receive("/livegen/memory") != (0.5,):
            pass
        keys.play(0xC0, 4)  # what keyboards show as 5
        assert player.receive("/livegen/temperature") == (pytest.approx(0.6),)
        assert player.receive("/livegen/preset") == ("calm",)
        keys.play(0x99, 36, 100)
        keys.play(0x89, 36, 0)
        assert player.receive("/livegen/mode") == ("duet",)
        player.send("/livegen/learn", "follow")
        player.send("/livegen/ping", 1)
        player.receive("/livegen/pong")
        keys.play(0xB2, 74, 10)
        keys.play(0xB2, 74, 64)
        assert player.receive("/livegen/out/learned") == ("cc74-ch3", "follow")
        until((tmp_path / "config" / "livegen" / "learned.toml").exists, what="what was learned is kept")
    (tmp_path / "two").mkdir()
    with wired(jack, tmp_path / "two", *flags) as (player, keys, _):
        keys.play(0xB2, 74, 64)
        keys.play(0xB2, 74, 127)
        while player.receive("/livegen/follow") != (1.0,):
            pass


@pytest.mark.jack
def test_endless_knobs_pairs_and_parameters_of_a_real_controller(
    jack: Jack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with wired(jack, tmp_path) as (player, keys, _):
        player.send("/livegen/learn", "temperature")
        player.send("/livegen/ping", 1)
        player.receive("/livegen/pong")
        for control, value in ((101, 127), (100, 127), (0, 3), (32, 90), (0, 60), (32, 1)):  # a keyboard by itself
            keys.play(0xB0, control, value)
        for value in range(40, 46):
            for control, part in ((99, 70), (98, 5), (6, value), (38, 0)):
                keys.play(0xB0, control, part)
        assert "sends NRPNs, which livegen cannot learn" in str(player.receive("/livegen/error")[1])
        for _ in range(3):
            keys.play(0xB0, 22, 1)
        assert player.receive("/livegen/out/learned") == ("cc22-ch1", "temperature")
        keys.play(0xB0, 22, 1)
        assert player.receive("/livegen/temperature") == (pytest.approx(1.0 + 1.9 / 127, abs=0.001),)
        keys.play(0xB0, 22, 127)
        assert player.receive("/livegen/temperature") == (pytest.approx(1.0, abs=0.001),)
        player.send("/livegen/learn", "memory")
        player.send("/livegen/ping", 1)
        player.receive("/livegen/pong")
        for position in range(8000, 8101, 10):
            keys.play(0xB0, 7, position >> 7)
            keys.play(0xB0, 39, position & 127)
        assert player.receive("/livegen/out/learned") == ("cc7-ch1", "memory")
        learned = tmp_path / "config" / "livegen" / "learned.toml"
        until(lambda: learned.exists() and "cc7-ch1" in learned.read_text(), what="both are kept")
        assert 'cc22-ch1-relative = "temperature"' in learned.read_text()


@pytest.mark.jack
def test_pedals_and_mode_messages_are_heard_while_a_control_is_learned(
    jack: Jack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with wired(jack, tmp_path, "--mode", "harmonise", "--harmony", "octave") as (player, keys, synth):
        player.send("/livegen/learn", "memory")
        player.send("/livegen/ping", 1)
        player.receive("/livegen/pong")
        keys.play(0x90, 60, 90)
        until(lambda: sounding(synth.heard) == {48}, what="the key is heard")
        keys.play(0xB0, 123, 0)
        until(lambda: sounding(synth.heard) == set(), what="all notes off is heard")
