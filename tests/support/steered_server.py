"""A live server with a show file (bindings, a preset, cues), steered over OSC and by control changes."""

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from livegen.control.show import split
from livegen.events import ControlChange
from livegen.journal import record
from livegen.live.resources import Resources
from livegen.live.server import Server
from livegen.live.steering import Steering
from livegen.settings import Settings
from livegen.system import clock
from tests.support.live_stage import Client, live_stage, plain
from tests.support.steady import SteadyTime

SHOW = """
[bind]
cc21 = "memory"
cc64 = "cue next"
note36-ch10 = "panic"
note37-ch10 = "guard"

[preset.calm]
program = 5
temperature = 0.6
mode = "duet"

[[cue]]
name = "intro"
preset = "calm"
[[cue]]
name = "build"
temperature = 0.9
ramp = { memory = [0.0, 1.0, 1] }
do = ["forget"]
[[cue]]
name = "later"
at = "beat"
touch = 0.5
"""


def steering_of(server: Server, learned: Path) -> Steering:
    """Another steering of the same stage, with a file of learned controls."""
    commands = server.commands
    parts = commands.setting_commands, commands.voice_commands, commands.act
    return Steering(server.stage, *parts, Resources(learned=learned))


class Playing:
    """A running server and a program that listens to it."""

    def __init__(self, server: Server, client: Client, folder: Path) -> None:
        self.server, self.client, self.folder = server, client, folder

    @property
    def settings(self) -> Settings:
        return self.server.settings

    def turn(self, control: int, *steps: int, channel: int = 1) -> None:
        """Move a control, as a MIDI thread says it."""
        for step in steps:
            self.server.hear_from_thread(ControlChange(clock.now(), control, step, channel))

    def journal(self) -> list[tuple[Any, ...]]:
        (path,) = self.folder.glob("*.jsonl")
        self.server.journal.flush()
        return record.read(path).entries


@pytest.fixture
async def playing(tmp_path: Path, steady: SteadyTime) -> AsyncIterator[Playing]:
    show = split(tomllib.loads(SHOW))[1]
    resources = Resources(show, learned=tmp_path / "config" / "learned.toml")
    async with live_stage(tmp_path, plain(), resources) as stage:
        yield Playing(stage.server, stage.client, tmp_path)
