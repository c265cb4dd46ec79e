"""The live server in this process: real UDP in and out, real time."""

import asyncio
import os
import signal
import threading
from pathlib import Path

import pytest

from livegen.events import NoteOff, NoteOn
from livegen.journal import record
from livegen.live.output import Destinations, Output
from livegen.live.stage import Stage as LiveStage
from livegen.live.upkeep import look_after
from livegen.midi.in_memory import InMemoryRig
from livegen.player.modes import MODES, Situation, Turn, find
from livegen.settings import Settings
from livegen.system import clock
from tests.support.live_stage import Stage, plain
from tests.support.live_stage import stage as stage
from tests.support.spies import Failing
from tests.support.waiting import PATIENCE, until


async def test_a_note_is_answered_with_what_is_expected_next(stage: Stage) -> None:
    stage.client.send("/livegen/note", 60, 100, 1, 42)
    id, pitch, gap, velocity, duration = await stage.client.receive("/livegen/out/next")
    assert id == 42
    assert 36 <= pitch <= 96
    assert gap > 0 and duration > 0
    assert velocity == 100


async def test_a_phrase_is_answered_with_notes_that_all_end(stage: Stage) -> None:
    for pitch in (60, 62, 64, 65):
        stage.client.send("/livegen/note", float(pitch), 90.0)  # as Pure Data sends them
        await asyncio.sleep(0.12)
        stage.client.send("/livegen/note", pitch, 0)
    assert await stage.client.receive("/livegen/out/turn") == ("player",)
    id, pitch, velocity, duration, channel = await stage.client.receive("/livegen/out/note")
    assert (velocity, channel) == (90, 1)
    assert await stage.client.receive("/livegen/out/off") == (id, pitch, channel)
    assert duration > 0


async def test_an_answer_is_told_and_shown_in_writing(stage: Stage) -> None:
    for name, value in (("scale", "minor"), ("key", "F#"), ("answer", 0.5)):
        stage.client.send(f"/livegen/{name}", value)
    for pitch in (66, 68, 69, 71):
        stage.client.send("/livegen/note", pitch, 90)
        await asyncio.sleep(0.12)
        stage.client.send("/livegen/note", pitch, 0)
    (line,) = await stage.client.receive("/livegen/out/line", within=PATIENCE)
    assert "[K:F#m]" in line and line.endswith("|")
    assert line in stage.said


@pytest.mark.parametrize("stage", ["autonomous"], indirect=True)
async def test_panic_is_silence(stage: Stage) -> None:
    await stage.client.receive("/livegen/out/note")
    stage.client.send("/livegen/panic")
    assert await stage.client.receive("/livegen/out/turn") == ("performer",)
    assert not len(stage.server.session.ledger)
    with pytest.raises(TimeoutError):
        await stage.client.receive("/livegen/out/note", within=1.5)


@pytest.mark.parametrize("stage", ["autonomous"], indirect=True)
async def test_after_a_panic_the_mode_that_was_set_plays_on_when_it_is_set_again(stage: Stage) -> None:
    await stage.client.receive("/livegen/out/note")
    stage.client.send("/livegen/panic")
    assert await stage.client.receive("/livegen/out/turn") == ("performer",)
    stage.client.send("/livegen/mode", "autonomous")
    assert await stage.client.receive("/livegen/mode") == ("autonomous",)
    await stage.client.receive("/livegen/out/note")


async def test_settings_are_changed_asked_for_and_refused_in_one_sentence(stage: Stage) -> None:
    stage.client.send("/livegen/temperature", 0.5)
    assert await stage.client.receive("/livegen/temperature") == (0.5,)
    stage.client.send("/livegen/temperature", 0.5)  # is so already: an echo, which is not echoed
    with pytest.raises(TimeoutError):
        await stage.client.receive("/livegen/temperature", within=0.3)
    stage.client.send("/livegen/lowest")
    assert await stage.client.receive("/livegen/lowest") == (36,)
    stage.client.send("/livegen/temperature", 99.0)
    code, text = await stage.client.receive("/livegen/error")
    assert code == "settings"
    assert "0.1 to 2" in text
    stage.client.send("/livegen/model", "nowhere")
    code, text = await stage.client.receive("/livegen/error")
    assert code == "model" and "nowhere" in text
    stage.client.send("/livegen/note", 60, 100)
    await stage.client.receive("/livegen/out/next")


@pytest.mark.parametrize("mode", MODES)
async def test_modes_change_while_playing_and_no_note_hangs(stage: Stage, mode: str) -> None:
    first = "duet" if mode == "autonomous" else "autonomous"
    stage.client.send("/livegen/mode", first)
    assert await stage.client.receive("/livegen/mode") == (first,)
    stage.client.send("/livegen/note", 60, 90)
    await stage.client.receive("/livegen/out/note")
    stage.client.send("/livegen/mode", mode)
    assert await stage.client.receive("/livegen/mode") == (mode,)


async def test_over_osc_a_mode_is_a_name_and_ones_own_is_one_once_it_was_loaded(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MODES, "interjection", MODES["duet"])  # so that it is as it was afterwards
    del MODES["interjection"]
    stage.client.send("/livegen/mode", "interjection")
    assert "there are call_and_response" in (await stage.client.receive("/livegen/error"))[1]
    find("examples.my_mode:interjection")
    stage.client.send("/livegen/mode", "interjection")
    assert await stage.client.receive("/livegen/mode") == ("interjection",)


async def test_a_mode_that_fails_ends_in_silence_and_a_sentence(stage: Stage) -> None:
    def broken(situation: Situation, settings: Settings) -> Turn:
        raise ZeroDivisionError("my mode")

    stage.client.send("/livegen/mode", "autonomous")
    await stage.client.receive("/livegen/out/note")
    stage.server.session.player.turns.mode = broken
    stage.client.send("/livegen/note", 60, 100)
    code, text = await stage.client.receive("/livegen/error")
    assert code == "session" and "my mode" in text
    assert stage.server.settings.mode == "call_and_response"
    assert not len(stage.server.session.ledger)
    stage.client.send("/livegen/note", 62, 100, 1, 7)
    assert (await stage.client.receive("/livegen/out/next"))[0] == 7


async def test_after_the_machine_slept_nothing_is_played_in_a_burst(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.client.send("/livegen/mode", "autonomous")
    await stage.client.receive("/livegen/out/note")
    loop, real, looped = asyncio.get_running_loop(), clock.now, asyncio.get_running_loop().time
    monkeypatch.setattr(clock, "now", lambda: real() + 30.0)
    monkeypatch.setattr(loop, "time", lambda: looped() + 30.0)
    assert await stage.client.receive("/livegen/out/turn") == ("performer",)
    assert await stage.client.receive("/livegen/out/turn") == ("player",)
    assert any("held up" in sentence for sentence in stage.said)
    await stage.client.receive("/livegen/out/note", within=15.0)


async def test_a_model_that_fails_while_playing_is_replaced_and_said_once(stage: Stage) -> None:
    failing = Failing()
    failing.broken = True
    stage.server.session.set_predictor(failing, clock.now())
    for pitch in (60, 62, 64):
        stage.client.send("/livegen/note", pitch, 90)
    assert "The model broke" in (await stage.client.receive("/livegen/error"))[1]
    assert await stage.client.receive("/livegen/model") == ("untrained",)
    await stage.client.receive("/livegen/out/next")
    assert len([sentence for sentence in stage.said if "The model broke" in sentence]) == 1


async def test_the_last_model_asked_for_is_the_one_that_plays(stage: Stage) -> None:
    for name in ("folk", "markov", "untrained", "folk"):
        stage.client.send("/livegen/model", name)
    assert await stage.client.receive("/livegen/model") == ("folk",)
    await until(lambda: not stage.server.commands.model_loader._tasks)
    assert stage.server.session.predictor.name == stage.server.settings.model == "folk"
    stage.server.journal.flush()
    assert [row[3] for row in record.read(stage.journal).changes if row[2] == "model"] == ["folk"], "no other came on"


async def test_a_model_that_is_not_there_does_not_hold_up_the_next(stage: Stage) -> None:
    stage.client.send("/livegen/model", "nowhere")
    stage.client.send("/livegen/model", "folk")
    assert "nowhere" in (await stage.client.receive("/livegen/error"))[1]
    assert await stage.client.receive("/livegen/model") == ("folk",)
    assert stage.server.session.predictor.name == "folk"


async def test_looking_after_the_ports_survives_a_fault(tmp_path: Path) -> None:
    looks = 0

    class Faulty(InMemoryRig):
        def check(self) -> list[str]:
            nonlocal looks
            looks += 1
            if looks == 1:
                raise RuntimeError("once")
            return ["A port is back."]

    said: list[str] = []
    journal = record.Journal(tmp_path, {}, clock.date(), 0.0)
    output = Output(Settings(), journal, said.append, Destinations(rig=Faulty()))
    caring = asyncio.create_task(look_after(LiveStage(plain(), journal, output, said.append, lambda: None)))
    await until(lambda: "A port is back." in said)
    caring.cancel()
    journal.close()
    assert "once" in said[0]


async def test_a_note_too_late_to_play_is_not_journalled_as_sent(tmp_path: Path) -> None:
    journal = record.Journal(tmp_path, {}, clock.date(), 0.0)
    out = Output(Settings(), journal, lambda sentence: None)
    now = clock.now()
    out.send([NoteOn(now - 5.0, 60, 90, id=1), NoteOn(now, 62, 90, id=2), NoteOff(now, 60, id=1)])
    journal.close()
    assert [(type(event), event.id) for event in record.read(journal.path).sent] == [(NoteOn, 2), (NoteOff, 1)]  # type: ignore[union-attr]


async def test_a_signal_in_a_flood_of_notes_is_not_lost(stage: Stage) -> None:
    """As when MIDI floods in while the loop stands still."""

    def flood() -> None:
        for number in range(3000):
            stage.server.hear_from_thread(NoteOn(clock.now(), 40 + number % 40, 90))
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=flood)
    thread.start()
    thread.join()  # the loop stands still meanwhile
    async with asyncio.timeout(PATIENCE):
        await stage.running
    assert len([event for event in record.read(stage.journal).heard if isinstance(event, NoteOn)]) == 3000


async def test_everything_is_in_the_journal(stage: Stage) -> None:
    stage.client.send("/livegen/note", 60, 100, 3, 5)
    await stage.client.receive("/livegen/out/next")
    stage.client.send("/livegen/temperature", 0.5)
    await stage.client.receive("/livegen/temperature")
    await until(lambda: len(record.read(stage.journal).changes) == 1, what="the journal has it")
    take = record.read(stage.journal)
    assert [(on.pitch, on.velocity, on.channel, on.id) for on in take.heard] == [(60, 100, 3, 5)]  # type: ignore[union-attr]
    assert [change[2:] for change in take.changes] == [("temperature", 0.5)]
