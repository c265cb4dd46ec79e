"""Charts over OSC, on a real server: chosen by name, told chord by chord, kept in the journal, and played again."""

import asyncio
from pathlib import Path

from livegen.events import NoteOff, NoteOn
from livegen.journal import record
from livegen.journal.replay import Replay
from livegen.live.resources import Resources
from livegen.predictors.models import Untrained
from livegen.system import clock
from tests.support.live_stage import live_stage, plain
from tests.support.steady import SteadyTime
from tests.support.steady import steady as steady


async def test_a_chart_is_played_and_told_and_comes_again_from_the_journal(tmp_path: Path, steady: SteadyTime) -> None:
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "short.txt").write_text("title: Short\nkey: Eb\nmetre: 1/4\ntempo: 240\n| Cm | Ab7 |")
    session = plain(sync="own", mode="autonomous", chord="auto")
    async with live_stage(tmp_path, session, Resources(charts=tmp_path / "charts")) as stage:
        client = stage.client
        client.send("/livegen/chart", "short")
        assert await client.receive("/livegen/chart") == ("Short",)
        assert (session.settings.metre, session.settings.tempo) == (1, 240.0)
        told = [await client.receive("/livegen/out/chord") for _ in range(4)]
        assert {row[:3] for row in told} == {("Cm", "Ab7", 1.0), ("Ab7", "Cm", 1.0)}
        assert all(0.0 <= row[3] <= 1.0 for row in told)
        rows = [await client.receive("/livegen/out/bar") for _ in range(2)]
        assert {row[1:] for row in rows} == {(2, 1, 0, 0)} and {row[0] for row in rows} == {1, 2}
        client.send("/livegen/transpose", 2)
        while (await client.receive("/livegen/out/chord"))[0] not in ("Dm", "Bb7"):
            pass
        client.send("/livegen/section", "nowhere")
        assert "no section 'nowhere'" in (await client.receive("/livegen/error"))[1]
        client.send("/livegen/chart", "../short")
        assert "There is no chart '../short'; did you mean short?" in (await client.receive("/livegen/error"))[1]
        client.send("/livegen/chart", "off")
        assert await client.receive("/livegen/chart") == ("off",)
        while any(await client.receive("/livegen/out/bar")):
            pass
        await asyncio.sleep(0.5)
    replayed = Replay(record.read(stage.journal), load=lambda name: Untrained()).run()
    assert replayed.differs is None and replayed.expected > 8


async def test_without_a_chart_the_chord_that_is_heard_is_told(tmp_path: Path, steady: SteadyTime) -> None:
    async with live_stage(tmp_path, plain()) as stage:
        for pitch in (43, 47, 50, 53):
            stage.server.hear_event(NoteOn(clock.now(), pitch, 80))
        now, _, sure, wait = await stage.client.receive("/livegen/out/chord")
        while now != "G7":  # the notes come one by one
            now, _, sure, wait = await stage.client.receive("/livegen/out/chord")
        assert sure > 0.5 and wait == -1.0
        for pitch in (43, 47, 50, 53):
            stage.server.hear_event(NoteOff(clock.now(), pitch))


async def test_a_bar_is_counted_in_over_osc_and_the_chart_begins_there(tmp_path: Path, steady: SteadyTime) -> None:
    session = plain(mode="accompany", part="bass", tempo=200.0, metre=2)
    async with live_stage(tmp_path, session) as stage:
        stage.server.commands.do("chart_text", "metre: 2/4\n| Eb | Ab |")
        stage.client.send("/livegen/count_in")
        clicks = [await stage.client.receive("/livegen/out/note") for _ in range(2)]
        assert [(note[1], note[4]) for note in clicks] == [(37, 10), (37, 10)]
        bass = await stage.client.receive("/livegen/out/note")
        assert bass[1] % 12 == 3 and bass[4] == 1
        assert session.transport.source == "tap"
    replayed = Replay(record.read(stage.journal), load=lambda name: Untrained()).run()
    assert replayed.differs is None and replayed.expected > 3
