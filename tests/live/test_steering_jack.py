"""Knobs, pads and programs over real MIDI ports, into `livegen jam` as a process."""

from pathlib import Path

import pytest

from tests.support.jack import Jack, until
from tests.support.jack import jack as jack
from tests.support.jam_process import wired

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
