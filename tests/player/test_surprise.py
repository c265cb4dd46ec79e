"""Surprise and what is likely: sums that can be done by hand, and the real server that tells them."""

import json
import math
from collections import deque
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import connect

from livegen.events import NoteOff, NoteOn
from livegen.live.readouts import Readouts
from livegen.player.surprise import Surprise
from livegen.predictors import models
from livegen.predictors.encoding import GAPS
from livegen.predictors.models import Forecast
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.system import clock
from tests.support.live_stage import Stage, stage
from tests.support.steady import SteadyTime, steady
from tests.support.web_stage import heard, web_stage

__all__ = ["stage", "steady"]


def forecast(gaps: dict[int, float], pitches: dict[int, float]) -> Forecast:
    """Of plain probabilities; the pitches' for each gap."""
    gap, pitch = np.full(len(GAPS), -np.inf, np.float32), np.full((len(GAPS), 128), -np.inf, np.float32)
    for index, share in gaps.items():
        gap[index] = math.log(share) + 3.0  # logits, of which only the differences count
    for index, share in pitches.items():
        pitch[:, index] = math.log(share) - 7.0
    return Forecast(gap, pitch)


def test_surprise_is_what_the_probabilities_say() -> None:
    even = forecast({3: 0.5, 4: 0.5}, {60: 0.25, 62: 0.25, 64: 0.5})
    assert Surprise(even, 3, 60, even, 3).bits() == pytest.approx((1.0 + 2.0, 1.0 + 1.5))
    assert Surprise(even, 4, 64, even, 3).bits() == pytest.approx((1.0 + 1.0, 1.0 + 1.5))
    assert Surprise(even, -1, 60, even, 3).bits() == pytest.approx((2.0, 1.5))  # it follows nothing
    assert Surprise(even, 3, 61, even, 3).bits()[0] == pytest.approx(1.0 + 64.0)  # was held to be impossible
    ((pitch, share),) = Surprise(even, 3, 60, even, 3).likely(1)
    assert pitch == 64 and share == pytest.approx(0.5)
    nothing = forecast({}, {})
    assert Surprise(nothing, 3, 60, nothing, 3).bits() == pytest.approx((math.log2(len(GAPS) * 128),) * 2)
    assert sum(share for _, share in Surprise(even, 3, 60, even, 3).likely(16)) == pytest.approx(1.0)


def test_a_model_is_told_the_surprise_that_plain_sums_find() -> None:
    session = Session(models.load("folk"), Settings(), 1)
    for index, pitch in enumerate([60, 62, 64, 65, 67, 61]):
        before = session.player.progress.heard.forecast
        session.receive(NoteOn(index * 0.25, pitch, 80))
        session.receive(NoteOff(index * 0.25 + 0.2, pitch))
    surprise = session.surprises[-1]
    assert surprise.foreseen is before and before is not None
    gaps, row = ([math.exp(logit) for logit in logits.tolist()] for logits in (before.gap, before.pitch[surprise.gap]))
    bits, entropy = surprise.bits()
    assert bits == pytest.approx(-math.log2(gaps[surprise.gap] / sum(gaps) * row[61] / sum(row)), abs=1e-4)
    expected = -sum(each / sum(odds) * math.log2(each / sum(odds)) for odds in (gaps, row) for each in odds if each)
    assert entropy == pytest.approx(expected, abs=1e-4)
    assert GAPS[surprise.gap] == 0.5


def test_what_comes_back_surprises_less_and_less() -> None:
    session = Session(models.load("folk"), Settings(), 1)
    sums, at = [], 0.0
    for _ in range(4):
        total = 0.0
        for pitch in (60, 67, 62, 69, 64, 71, 65, 61):
            session.receive(NoteOn(at, pitch, 80))
            session.receive(NoteOff(at + 0.2, pitch))
            total, at = total + session.surprises[-1].bits()[0], at + 0.25
        sums.append(total)
    assert sums[3] < sums[1] < sums[0]


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
            _, pitch, velocity, wait, duration = await heard(page, "/livegen/out/plan")
            before = clock.now()
            played = await heard(page, "/livegen/out/note")
            assert played[1:4] == (pitch, velocity, pytest.approx(duration))
            assert clock.now() - before < wait + 0.5


async def test_in_a_flood_of_notes_only_the_latest_surprise_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    even = forecast({3: 1.0}, {60: 0.25, 62: 0.25, 64: 0.5})
    session = SimpleNamespace(surprises=deque(), decided=lambda: [])
    told: list[str] = []
    out = SimpleNamespace(listeners=None, tell=lambda address, *args: told.append(address))
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
