"""Steering a live server: controls, learning, presets, ramps, cues, bundles. Real UDP, real time."""

import asyncio
import struct
import tomllib
from pathlib import Path
from typing import Any

import mido  # type: ignore[import-untyped]
import pytest

from livegen.control.show import split
from livegen.events import ControlChange, NoteOff, NoteOn, ProgramChange
from livegen.journal import record
from livegen.journal.replay import Replay
from livegen.midi import midifile
from livegen.osc import packets as osc
from livegen.predictors.models import Untrained
from livegen.settings import Settings
from livegen.system import clock
from tests.support.osc_traffic import bundle, time_tag
from tests.support.steady import steady as steady
from tests.support.steered_server import Playing, steering_of
from tests.support.steered_server import playing as playing
from tests.support.waiting import PATIENCE, until


async def test_a_bound_knob_moves_its_setting_and_is_no_music(playing: Playing) -> None:
    playing.turn(21, 126, 100, 64)
    assert await playing.client.receive("/livegen/memory") == (pytest.approx(0.9921, abs=1e-4),)
    assert await playing.client.receive("/livegen/memory") == (pytest.approx(0.7857, abs=1e-4),)
    assert await playing.client.receive("/livegen/memory") == (0.5,)
    assert [entry[2:] for entry in playing.journal() if entry[0] == "set"][-1] == ("memory", 0.5)
    assert not [entry for entry in playing.journal() if entry[0] == "heard"]


async def test_the_chart_is_off_unless_asked_for(playing: Playing) -> None:
    playing.turn(20, 60, 64, 68)
    playing.client.send("/livegen/ping", 2)
    await playing.client.receive("/livegen/pong")
    assert playing.settings.temperature == 1.0
    assert [entry[1].control for entry in playing.journal() if entry[0] == "heard"] == [20] * 3
    playing.client.send("/livegen/controls", 1)
    await playing.client.receive("/livegen/controls")
    playing.turn(20, 60, 64, 68)
    await playing.client.receive("/livegen/temperature")


async def test_what_is_learned_is_kept_and_found_again(playing: Playing) -> None:
    playing.client.send("/livegen/learn", "follow")
    playing.client.send("/livegen/ping", 3)
    await playing.client.receive("/livegen/pong")
    playing.turn(74, 10, 40, channel=3)
    assert await playing.client.receive("/livegen/out/learned") == ("cc74-ch3", "follow")
    playing.turn(74, 62, 64, channel=3)
    await playing.client.receive("/livegen/follow")
    kept = playing.folder / "config" / "learned.toml"
    await until(kept.exists)
    again = steering_of(playing.server, kept)
    assert list(again.controls.rows()) == [("cc74-ch3", "follow")]
    playing.client.send("/livegen/unlearn", "follow")
    playing.client.send("/livegen/unlearn", "follow")
    assert "nothing is forgotten" in (await playing.client.receive("/livegen/error"))[1]


async def test_of_many_that_are_learned_at_once_all_are_kept(playing: Playing) -> None:
    steering = playing.server.steering
    names = ["touch", "follow", "memory", "answer", "patience"]
    for control, name in enumerate(names, 70):
        steering.learn(name)
        for step in (0, 127):
            steering.sift(ControlChange(clock.now(), control, step))
    kept = playing.folder / "config" / "learned.toml"
    await until(lambda: kept.exists() and len(tomllib.loads(kept.read_text())["bind"]) == 5)
    assert sorted(tomllib.loads(kept.read_text())["bind"].values()) == sorted(names)
    assert list(kept.parent.iterdir()) == [kept]  # nothing half-written lies about


async def test_what_cannot_be_kept_is_said(playing: Playing) -> None:
    steering = steering_of(playing.server, playing.folder)  # a folder is no file to write to
    assert steering.trouble is not None
    (playing.folder / "config").write_text("in the way of a folder")
    playing.client.send("/livegen/learn", "touch")
    playing.client.send("/livegen/ping", 7)
    await playing.client.receive("/livegen/pong")
    playing.turn(70, 0, 127)
    assert "it holds until the end" in (await playing.client.receive("/livegen/error"))[1]


async def test_a_learned_file_that_cannot_be_read_is_left_as_it_is(playing: Playing) -> None:
    broken = playing.folder / "mine.toml"
    broken.write_text("[bind]\ncc21 = 'dance'\n")
    steering = steering_of(playing.server, broken)
    assert steering.trouble is not None and "mend or delete" in steering.trouble
    steering.controls.learn("touch")
    for step in (0, 100):
        steering.sift(ControlChange(clock.now(), 30, step))
    await asyncio.sleep(0.1)
    assert broken.read_text() == "[bind]\ncc21 = 'dance'\n"


async def test_a_pad_that_is_bound_is_no_note(playing: Playing) -> None:
    playing.server.hear_from_thread(NoteOn(clock.now(), 37, 90, 10))
    playing.server.hear_from_thread(NoteOff(clock.now(), 37, 10))
    assert await playing.client.receive("/livegen/guard") == (False,)
    playing.server.hear_from_thread(NoteOn(clock.now(), 37, 90, 10))
    assert await playing.client.receive("/livegen/guard") == (True,)
    assert not playing.server.session.performer.held


async def test_the_pedals_release_is_heard_even_if_it_was_bound_while_down(playing: Playing) -> None:
    del playing.server.steering.controls.own[
        next(key for key in playing.server.steering.controls.own if key.number == 64)
    ]
    playing.turn(64, 127)
    playing.client.send("/livegen/ping", 4)
    await playing.client.receive("/livegen/pong")
    assert playing.server.session.performer.pedals
    playing.client.send("/livegen/learn", "cue next")
    playing.client.send("/livegen/ping", 5)
    await playing.client.receive("/livegen/pong")
    playing.turn(64, 0, 127, 0)
    await playing.client.receive("/livegen/out/learned")
    playing.turn(64, 127, 0)
    await playing.client.receive("/livegen/out/cue")
    assert not playing.server.session.performer.pedals


async def test_a_preset_is_one_change_by_name_number_or_program(playing: Playing) -> None:
    playing.client.send("/livegen/preset", "calm")
    assert await playing.client.receive("/livegen/preset") == ("calm",)
    assert (playing.settings.temperature, playing.settings.mode) == (0.6, "duet")
    playing.client.send("/livegen/temperature", 1.5)
    playing.client.send("/livegen/preset", 5.0)  # as TouchDesigner sends it
    assert await playing.client.receive("/livegen/preset") == ("calm",)
    playing.client.send("/livegen/temperature", 1.5)
    await playing.client.receive("/livegen/temperature")
    playing.server.hear_from_thread(ProgramChange(clock.now(), 6))  # is no preset's
    playing.server.hear_from_thread(ProgramChange(clock.now(), 5))
    assert await playing.client.receive("/livegen/preset") == ("calm",)
    playing.client.send("/livegen/preset", "calm")  # an echo of what it said, which is not echoed
    with pytest.raises(TimeoutError):
        await playing.client.receive("/livegen/preset", within=0.3)
    playing.client.send("/livegen/preset", "loud")
    assert "there are calm" in (await playing.client.receive("/livegen/error"))[1]


async def test_a_ramp_arrives_and_a_hand_ends_it(playing: Playing) -> None:
    playing.client.send("/livegen/ramp", "temperature", 0.5, 1.5, 0.5)
    values: list[float] = []
    async with asyncio.timeout(PATIENCE):
        while not values or values[-1] != 1.5:
            (value,) = await playing.client.receive("/livegen/temperature")
            values.append(value)
    assert values == sorted(values) and len(values) >= 4
    playing.client.send("/livegen/ramp", "temperature", 0.5, 1.5, 64)
    await playing.client.receive("/livegen/temperature")
    playing.client.send("/livegen/temperature", 0.9)
    playing.client.send("/livegen/ping", 6)
    await playing.client.receive("/livegen/pong")
    await asyncio.sleep(0.3)
    assert playing.settings.temperature == pytest.approx(0.9)
    playing.client.send("/livegen/ramp", "mode", 0, 1, 4)
    assert "cannot be ramped" in (await playing.client.receive("/livegen/error"))[1]


async def test_a_foot_switch_goes_from_cue_to_cue(playing: Playing) -> None:
    playing.client.send("/livegen/cue")
    assert await playing.client.receive("/livegen/out/cue") == ("show", "", 0, 3, "intro")
    playing.turn(64, 127, 0)
    assert await playing.client.receive("/livegen/out/cue") == ("show", "intro", 1, 3, "build")
    assert await playing.client.receive("/livegen/mode") == ("duet",)
    playing.turn(64, 127, 0)
    assert await playing.client.receive("/livegen/out/cue") == ("show", "build", 2, 3, "later")
    async with asyncio.timeout(PATIENCE):
        while (await playing.client.receive("/livegen/memory")) != (1.0,):
            pass
    assert playing.settings.temperature == pytest.approx(0.9)
    beat = playing.server.session.transport.next_beat(clock.now())
    playing.client.send("/livegen/cue", 3.0)
    assert await playing.client.receive("/livegen/out/cue") == ("show", "later", 3, 3, "")
    assert await playing.client.receive("/livegen/touch") == (0.5,)
    assert clock.now() >= beat - 0.01, "it waits for its beat"
    playing.turn(64, 127)
    assert await playing.client.receive("/livegen/error") == ("settings", "That was the last cue.")
    entries = playing.journal()
    assert "forget" in [entry[0] for entry in entries]
    assert [entry[2:] for entry in entries if entry[0] == "cue"] == [("show", c) for c in ("intro", "build", "later")]


async def test_settings_in_a_bundle_are_one_change(playing: Playing) -> None:
    changes = []
    session = playing.server.session
    taken_up = session.settings_changed

    def counted(now: float) -> Any:
        changes.append((session.settings.lowest, session.settings.highest))
        return taken_up(now)

    session.settings_changed = counted  # type: ignore[method-assign]
    moved = [osc.encode("/livegen/lowest", 50), osc.encode("/livegen/highest", 60), osc.encode("/livegen/touch", 7)]
    playing.client.socket.sendto(bundle(*moved), playing.client._server)
    assert await playing.client.receive("/livegen/highest") == (60,)
    assert changes == [(50, 60)]
    dated = time_tag(clock.date().timestamp() + 0.1)
    playing.client.socket.sendto(
        bundle(*[osc.encode(f"/livegen/{end}", 70) for end in ("lowest", "highest")], tag=dated), playing.client._server
    )
    assert await playing.client.receive("/livegen/highest") == (70,)
    assert changes == [(50, 60), (70, 70)]
    assert [entry[2:] for entry in playing.journal() if entry[0] == "together"] == [
        ("lowest", 50, "highest", 60),
        ("lowest", 70, "highest", 70),
    ]


async def test_a_note_in_a_bundle_meets_the_settings_before_it_and_not_those_after(playing: Playing) -> None:
    playing.client.socket.sendto(
        bundle(
            osc.encode("/livegen/channel_in", 2),
            osc.encode("/livegen/note", 60, 90, 2, 7),
            osc.encode("/livegen/channel_in", 3),
        ),
        playing.client._server,
    )
    assert (await playing.client.receive("/livegen/out/next"))[0] == 7
    playing.client.send("/livegen/note", 60, 0, 2, 7)


async def test_floats_alone_and_messages_without_type_tags_are_understood(playing: Playing) -> None:
    """As TouchDesigner's OSC Out sends its channels: a bundle of floats. Others leave the type tags out."""
    channels = {"lowest": 50.0, "guard": 0.0, "touch": 0.25, "mode": 3.0, "channel_out": 2.0}
    packets = [osc.encode(f"/livegen/{name}", value) for name, value in channels.items()]
    playing.client.socket.sendto(bundle(*packets), playing.client._server)
    assert await playing.client.receive("/livegen/channel_out") == (2,)
    settings = playing.settings
    assert (settings.lowest, settings.guard, settings.touch, settings.mode) == (50, False, 0.25, "duet")
    playing.client.socket.sendto(b"/livegen/touch\0\0" + struct.pack(">f", 0.75), playing.client._server)
    assert await playing.client.receive("/livegen/touch") == (0.75,)
    playing.client.socket.sendto(b"/livegen/touch\0\0", playing.client._server)
    assert await playing.client.receive("/livegen/touch") == (0.75,)


async def test_verbs_in_a_bundle_come_in_their_order_among_its_settings(playing: Playing) -> None:
    words = [("lowest", 50), ("forget",), ("highest", 70), ("touch", 0.5)]
    packets = [osc.encode(f"/livegen/{name}", *value) for name, *value in words]
    playing.client.socket.sendto(bundle(*packets), playing.client._server)
    await playing.client.receive("/livegen/touch")
    verbs = [entry[0] for entry in playing.journal()]
    assert verbs[verbs.index("set") :][:3] == ["set", "forget", "together"]


async def test_a_cue_reaches_the_voices_and_names_the_one_that_is_not_there(playing: Playing) -> None:
    table = tomllib.loads('[[cue]]\n"voice/bass/density" = 0.5\ntouch = 0.25\n[bind]\ncc9 = "voice/bass/density"')
    playing.server.steering.show = split(table)[1]
    playing.client.send("/livegen/cue", "next")
    assert "There is no voice bass" in (await playing.client.receive("/livegen/error"))[1]
    assert await playing.client.receive("/livegen/touch") == (0.25,)
    playing.server.steering.controls.own = playing.server.steering.show.bindings
    playing.turn(9, 0, 64)
    assert "no voice" in (await playing.client.receive("/livegen/error"))[1]


async def test_what_hands_did_replays_bit_for_bit(playing: Playing) -> None:
    client = playing.client
    client.send("/livegen/mode", "autonomous")
    await client.receive("/livegen/out/note")
    client.send("/livegen/ramp", "temperature", 0.5, 1.5, 1)
    playing.turn(64, 127, 0)
    client.send("/livegen/note", 60, 90)
    await asyncio.sleep(0.3)
    client.send("/livegen/note", 60, 0)
    playing.turn(64, 127, 0)
    playing.turn(21, 0, 40, 60, 127)
    client.socket.sendto(bundle(osc.encode("/livegen/lowest", 50), osc.encode("/livegen/highest", 70)), client._server)
    client.send("/livegen/mode", "autonomous")
    await asyncio.sleep(3.0)
    client.send("/livegen/panic")
    client.send("/livegen/ping", 9)
    await client.receive("/livegen/pong")
    playing.server.journal.flush()
    (path,) = playing.folder.glob("*.jsonl")
    replayed = Replay(record.read(path), lambda name: Untrained()).run()
    assert replayed.differs is None
    assert replayed.notes > 3


def test_the_cues_of_a_journal_are_markers_in_its_midi_file(tmp_path: Path) -> None:
    journal = record.Journal(tmp_path, {}, clock.date(), 10.0)
    journal.heard(NoteOn(10.0, 60, 90))
    journal.noted(11.0, record.CUE, "Opener", "intro")
    journal.noted(12.5, record.CUE, "Opener", "Verse 2")
    journal.close()
    take = record.read(journal.path)
    assert take.marks == [(1.0, "Opener: intro"), (2.5, "Opener: Verse 2")]
    midifile.write(tmp_path / "take.mid", {"performer": take.heard}, marks=take.marks)
    file = mido.MidiFile(tmp_path / "take.mid")
    at, found = 0.0, []
    for message in file:
        at += message.time
        if message.type == "marker":
            found.append((round(at, 3), message.text))
    assert found == take.marks


@pytest.mark.parametrize("flags", [("--config", "examples/show.toml")])
def test_the_example_show_is_read(flags: tuple[str, str]) -> None:
    settings, show = split(tomllib.loads(Path(flags[1]).read_text()))
    assert Settings.from_table(settings).model == "folk"
    names = []
    for _ in range(5):
        show.place = show.cue("next")
        names.append(show.told()[1])
    assert names == ["intro", "build", "trade", "together", "alone"]
    assert len(show.bindings) == 4
