"""Voices as musicians declare them, and on stage: over OSC, in the journal, and when one of them fails."""

import asyncio
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from livegen.cli.main import _prepared
from livegen.control.show import split
from livegen.errors import SettingsError
from livegen.events import ControlChange, NoteOn
from livegen.journal import record, replay
from livegen.predictors.models import Predictor, Untrained, load
from livegen.session import voices
from livegen.session.band import Band
from livegen.settings import Settings
from livegen.system import clock
from tests.support.live_stage import Stage, live_stage
from tests.support.places import EXAMPLES
from tests.support.spies import Failing
from tests.support.waiting import until

EXAMPLE = EXAMPLES / "band.toml"


def scales(name: str) -> Predictor:
    return Untrained()


def band(*tables: dict[str, Any], **settings: object) -> Band:
    own = Settings.from_table({"model": "untrained", **settings})
    session = voices.assembled(voices.declared(tables, own), own, scales, 1, clock.now())
    assert isinstance(session, Band)
    return session


def test_the_example_declares_three_voices_that_play() -> None:
    settings, _, declared = _prepared(EXAMPLE, {"temperature": "0.5", "mode": "duet"})
    assert [(one.name, one.hears[0], one.settings.channel_out) for one in declared] == [
        ("lead", "performer", 1),
        ("bass", "lead", 2),
        ("chords", "performer", 3),
    ]
    assert declared[0].settings is settings
    assert [one.settings.mode for one in declared] == ["duet"] * 3  # a flag counts more than the first voice's table
    assert {one.settings.temperature for one in declared} == {0.5}
    assert [one.settings.model for one in declared] == ["folk", "markov", "piano"]
    session = voices.assembled(declared, settings, load, 1)
    for number in range(12):
        session.advance(0.3 * number)
        session.receive(NoteOn(0.3 * number, 60 + number, 90))
    out = session.advance(20.0) + session.panic(20.0)
    assert {event.channel for event in out if isinstance(event, NoteOn)} == {1, 2, 3}


def test_voices_take_channels_of_their_own() -> None:
    tables = [{"name": f"v{number}"} for number in range(15)] + [{"name": "bass", "channel_out": 3}]
    settings = Settings()
    declared = voices.declared(tables, settings)
    channels = [one.settings.channel_out for one in declared]
    assert channels[0] == 1 and channels[-1] == 3 and 10 not in channels
    assert len(set(channels[:14])) == 14


@pytest.mark.parametrize(
    ("table", "because"),
    [
        ([{"hears": []}], "A voice needs a name"),
        ([{"name": "Big Band"}], "A voice needs a name"),
        ([{"name": "a"}, {"name": "a"}], "There are two called a"),
        ([{"name": "performer"}], "two called performer"),
        ([{"name": "a", "hears": ["b"]}], "The voice a cannot hear 'b'; there are performer, a"),
        ([{"name": "a", "hears": ["a"]}], "leave it out"),
        ([{"name": "a", "hears": "performer"}], "hears a list of names"),
        ([{"name": "a", "tempo": 90}], "tempo is the same for all voices"),
        ([{"name": "a", "osc_port": 90}], "osc_port is the same for all voices"),
        ([{"name": "a", "temprature": 1}], "did you mean temperature"),
        ([{"name": "a"}, {"name": "b", "touch": 7}], "touch cannot be '7'"),
        ([{"name": f"v{number}"} for number in range(65)], "at most 64"),
        ({"name": "a"}, r"\[\[voice\]\] tables"),
    ],
)
def test_what_is_wrong_with_a_voice_is_said(table: Any, because: str) -> None:
    with pytest.raises(SettingsError, match=because):
        voices.declared(voices.split({"voice": table})[1], Settings())


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
    for step in (0, 10, 127, 126):  # it takes hold when it passes 1.0, which the bass has, whatever the lead has
        stage.server.hear_from_thread(ControlChange(clock.now(), 9, step))
    assert await stage.client.receive("/livegen/voice/bass/density") == (4.0,)
    stage.client.send("/livegen/cue", "thin")
    assert await stage.client.receive("/livegen/voice/bass/density") == (0.5,)
    assert stage.server.settings.density == 1.0
