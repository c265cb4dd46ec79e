"""Surprise and likely notes, sent by a real server after each note: to OSC programs and to the page."""

import json
from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from websockets.asyncio.client import connect

from livegen.live.readouts import Readouts
from livegen.player.surprise import Surprise
from livegen.settings import Settings
from livegen.system import clock
from tests.support.fixed_models import forecast
from tests.support.live_stage import Stage
from tests.support.live_stage import stage as stage
from tests.support.steady import SteadyTime
from tests.support.steady import steady as steady
from tests.support.web_stage import heard, web_stage


async def test_over_osc_surprise_and_what_is_likely_follow_each_note(stage: Stage) -> None:
    async def play(pitch: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        stage.client.send("/livegen/note", pitch, 90)
        await stage.client.receive("/livegen/out/next")
        return await stage.client.receive("/livegen/out/surprise"), await stage.client.receive("/livegen/out/likely")

    for pitch in (60, 62):
        (bits, entropy), likely = await play(pitch)
        assert bits > 0.0 and 0.0 < entropy < 13.0
        assert len(likely) == 10 and likely[1] >= likely[3] >= likely[9] > 0.0
    stage.client.send("/livegen/likely", 1)
    assert await stage.client.receive("/livegen/likely") == (1,)
    assert len((await play(64))[1]) == 2
    stage.client.send("/livegen/likely", 0)
    await stage.client.receive("/livegen/likely")
    stage.client.send("/livegen/note", 65, 90)
    await stage.client.receive("/livegen/out/next")
    with pytest.raises(TimeoutError):
        await stage.client.receive("/livegen/out/likely", within=0.5)


async def test_the_page_is_told_what_is_decided_before_it_sounds(tmp_path: Path, steady: SteadyTime) -> None:
    """The next note, and when; then it sounds, at that time."""
    async with web_stage(tmp_path, mode="autonomous") as theatre, connect(theatre.ws) as page:
        await page.send(json.dumps({"COMMAND": "LISTEN", "DATA": "/livegen/out"}))
        for _ in range(3):
            _, pitch, velocity, wait, duration, channel = await heard(page, "/livegen/out/plan")
            before = clock.now()
            played = await heard(page, "/livegen/out/note")
            assert played[1:5] == (pitch, velocity, pytest.approx(duration), channel)
            assert clock.now() - before < wait + 0.5


async def test_in_a_flood_of_notes_only_the_latest_surprise_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    even = forecast({3: 1.0}, {60: 0.25, 62: 0.25, 64: 0.5})
    player = SimpleNamespace(changes=SimpleNamespace(harmony=lambda at: None))
    session = SimpleNamespace(surprises=deque(), decided=lambda: [], player=player)
    told: list[str] = []
    out = SimpleNamespace(
        listeners=(), tell=lambda address, *args: told.append(address), tell_chord=lambda harmony: None
    )
    time = SimpleNamespace(at=100.0)
    monkeypatch.setattr("livegen.live.readouts.clock", SimpleNamespace(now=lambda: time.at))
    readouts: Any = Readouts(out, Settings())  # type: ignore[arg-type]

    def hear(notes: int, at: float) -> None:
        time.at = at
        session.surprises.extend([Surprise(even, 3, 60, even, 3)] * notes)
        readouts.tell_soon(session)

    def speak(at: float) -> int:
        told.clear()
        time.at = at
        readouts._tell(session)
        return told.count("/livegen/out/surprise")

    hear(3, 100.0)
    assert speak(100.003) == 3
    hear(5, 101.0)
    hear(5, 101.001)
    assert speak(101.002) == 0  # another may come at once
    hear(5, 101.0305)
    assert speak(101.031) == 1 and not session.surprises
    readouts.close()
