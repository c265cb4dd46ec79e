"""Several voices on a live server: over OSC, in the journal, and when one of them fails."""

import asyncio
import threading
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from livegen.control.show import split
from livegen.events import ControlChange, NoteOn
from livegen.journal import record, replay
from livegen.predictors import models
from livegen.predictors.drum_predictor import DrumPredictor
from livegen.predictors.models import Predictor, Untrained, load
from livegen.session import voices
from livegen.session.band import Band
from livegen.settings import Settings
from livegen.system import clock
from tests.support.live_stage import Stage, live_stage
from tests.support.spies import Failing
from tests.support.waiting import until


def scales(name: str) -> Predictor:
    return Untrained()


def band(*tables: dict[str, Any], **settings: object) -> Band:
    own = Settings.from_table({"model": "untrained", **settings})
    session = voices.assembled(voices.declared(tables, own), own, scales, 1, clock.now())
    assert isinstance(session, Band)
    return session


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    session = band(
        {"name": "lead", "mode": "call_and_response"},
        {"name": "bass", "mode": "duet"},
        {"name": "drone", "mode": "autonomous", "hears": ["bass"]},
        osc_port=0,
        osc_target="none",
    )
    async with live_stage(tmp_path, session) as stage:
        yield stage


async def test_each_voice_says_what_it_expects_and_plays_on_its_channel(stage: Stage) -> None:
    stage.client.send("/livegen/note", 60, 90, 1, 42)
    assert (await stage.client.receive("/livegen/out/next"))[0] == 42
    assert (await stage.client.receive("/livegen/out/voice/bass/next"))[0] == 42
    channels = {(await stage.client.receive("/livegen/out/note"))[4] for _ in range(12)}
    assert channels == {2, 3}


async def test_a_voice_is_changed_alone(stage: Stage) -> None:
    stage.client.send("/livegen/voice/bass/temperature", 0.5)
    assert await stage.client.receive("/livegen/voice/bass/temperature") == (0.5,)
    stage.client.send("/livegen/voice/lead/temperature", 0.25)
    assert await stage.client.receive("/livegen/temperature") == (0.25,)
    assert await stage.client.receive("/livegen/voice/lead/temperature") == (0.25,)
    stage.client.send("/livegen/voice/bass/hears", "drone", "performer")
    assert await stage.client.receive("/livegen/voice/bass/hears") == ("drone", "performer")
    stage.client.send("/livegen/voice/bass/hears", "nobody")
    assert await stage.client.receive("/livegen/voice/bass/hears") == ("nobody",)
    stage.client.send("/livegen/voice/drone/mode", "duet")
    assert await stage.client.receive("/livegen/out/voice/drone/turn") == ("performer",)
    assert await stage.client.receive("/livegen/voice/drone/mode") == ("duet",)
    stage.client.send("/livegen/voice/bass/model", "folk")
    assert await stage.client.receive("/livegen/voice/bass/model") == ("folk",)
    for wrong in (("bass/hears", "flute"), ("bass/mode", "waltz"), ("flute/touch", 1), ("bass/touch", 9)):
        stage.client.send(f"/livegen/voice/{wrong[0]}", wrong[1])
        assert await stage.client.receive("/livegen/error")
    server = stage.server
    assert isinstance(server.session, Band)
    assert (server.settings.temperature, server.session.voice("bass").settings.temperature) == (0.25, 0.5)
    assert server.session.predictor.name == "untrained"
    assert server.session.voice("bass").predictor.name == "folk"


async def test_a_voice_that_fails_is_mended_and_the_others_play_on(stage: Stage) -> None:
    session = stage.server.session
    assert isinstance(session, Band)
    now, failing = clock.now(), Failing()
    session.change("drone", lambda one: one.set_predictor(failing, now), now)
    failing.broken = True
    assert "The model broke" in (await stage.client.receive("/livegen/error", within=10.0))[1]
    assert await stage.client.receive("/livegen/voice/drone/model") == ("untrained",)
    assert any("The voice drone plays plain scales" in sentence for sentence in stage.said)
    channels = [(await stage.client.receive("/livegen/out/note"))[4] for _ in range(3)]
    assert channels == [3, 3, 3]
    stage.client.send("/livegen/note", 60, 90, 1, 7)
    assert (await stage.client.receive("/livegen/out/next"))[0] == 7


async def test_the_journal_of_a_band_is_replayed_bit_for_bit(stage: Stage) -> None:
    client = stage.client

    def played() -> list[NoteOn]:
        return [event for event in record.read(stage.journal).sent if isinstance(event, NoteOn)]

    for number, pitch in enumerate((60, 62, 64, 65, 67, 69)):
        client.send("/livegen/note", pitch, 90)
        await asyncio.sleep(0.15)
        client.send("/livegen/note", pitch, 0)
        if number == 1:
            client.send("/livegen/voice/bass/model", "folk")
            client.send("/livegen/voice/drone/temperature", 1.5)
        if number == 3:
            client.send("/livegen/voice/bass/hears", "drone", "performer")
    await until(lambda: {2, 3} <= {event.channel for event in played()} and len(played()) > 10)
    stage.server.stop()
    await stage.running
    take = record.read(stage.journal)
    assert [one["name"] for one in take.header["voices"]] == ["lead", "bass", "drone"]
    replayed = replay.Replay(take, load).run()
    assert replayed.differs is None
    assert replayed.notes > 10
    assert {event.channel for event in replayed.played} >= {2, 3}


async def test_a_knob_and_a_cue_move_one_voice(stage: Stage) -> None:
    table = '[bind]\ncc9 = "voice/bass/density"\n[[cue]]\nname = "thin"\n"voice/bass/density" = 0.5\n'
    steering = stage.server.steering
    steering.show = split(tomllib.loads(table))[1]
    steering.controls.own = steering.show.bindings
    for step in (
        0,
        20,
        40,
        64,
        127,
        126,
    ):  # it takes hold at 1.0, which the bass has, whatever the lead has
        stage.server.hear_from_thread(ControlChange(clock.now(), 9, step))
    assert await stage.client.receive("/livegen/voice/bass/density") == (4.0,)
    stage.client.send("/livegen/cue", "thin")
    assert await stage.client.receive("/livegen/voice/bass/density") == (0.5,)
    assert stage.server.settings.density == 1.0


@pytest.mark.parametrize("address", ["/livegen/drums", "/livegen/voice/bass/drums"])
async def test_a_drummer_is_read_beside_the_loop_before_it_plays(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = []

    def read(path: Path) -> Predictor:
        readers.append(threading.current_thread())
        return DrumPredictor(path)

    monkeypatch.setattr(models, "_drummers", {})
    monkeypatch.setattr(models, "read", read)
    session = band({"name": "lead"}, {"name": "bass"}, osc_port=0, osc_target="none", drums="off")
    async with live_stage(tmp_path, session) as stage:
        stage.client.send(address, "drums")
        assert await stage.client.receive(address) == ("drums",)
        assert [each is threading.main_thread() for each in readers] == [False]
        stage.client.send(address, "off")
        assert await stage.client.receive(address) == ("off",)
        journal = stage.journal
    told = [entry for entry in record.read(journal).entries if entry[0] == "drummer"]
    assert [entry[2:] for entry in told] == [("drums", models.drummer("drums").digest)]
