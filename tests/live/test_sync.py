"""The beat in a live server: a clock comes in over a MIDI port, ours is sent, taps and beats travel over OSC."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from livegen.events import NoteOff, NoteOn
from livegen.journal import record
from livegen.journal.replay import Replay
from livegen.midi.in_memory import InMemoryRig
from livegen.predictors.models import Untrained
from livegen.system import clock
from tests.support.live_stage import Stage, live_stage, plain
from tests.support.steady import SteadyTime
from tests.support.steady import steady as steady
from tests.support.waiting import until

TICK, START, STOP = b"\xf8", b"\xfa", b"\xfc"


class Band:
    """A server with a MIDI port of its own, and an OSC client that listens."""

    def __init__(self, stage: Stage, rig: InMemoryRig) -> None:
        self.rig, self.server, self.client, self.said = rig, stage.server, stage.client, stage.said
        self.journal, self.running = stage.journal, stage.running

    async def clock(self, ticks: int, tempo: float, start: bool = True) -> float:
        """Play a MIDI clock to it; when the last tick was."""
        if start:
            self.rig.hear_message(START)
        began = clock.now()
        for number in range(ticks):
            await asyncio.sleep(max(0.0, began + number * 2.5 / tempo - clock.now()))
            self.rig.hear_message(TICK)
        await asyncio.sleep(0.005)
        return began + (ticks - 1) * 2.5 / tempo


@pytest.fixture
async def band(tmp_path: Path, steady: SteadyTime) -> AsyncIterator[Band]:
    async with live_stage(tmp_path, plain(), midi=True) as stage:
        rig = stage.server.output.rig
        assert isinstance(rig, InMemoryRig)
        yield Band(stage, rig)


async def test_a_clock_leads_the_band_and_its_beats_are_told(band: Band) -> None:
    last = await band.clock(60, 200.0)
    transport = band.server.session.transport
    assert (transport.source, transport.running) == ("clock", True)
    assert transport.tempo == pytest.approx(200.0, rel=0.01)
    assert transport.beat_at(last) == pytest.approx(59 / 24, abs=0.05)
    assert [await band.client.receive("/livegen/out/beat") for _ in range(3)] == [(1, 0), (2, 1), (3, 2)]
    tempo, sure, swing, source = await band.client.receive("/livegen/out/tempo")
    assert (tempo, sure, swing, source) == (pytest.approx(200.0, rel=0.05), 1.0, 0.5, "clock")
    band.rig.hear_message(STOP)
    await until(lambda: (transport.source, transport.running) == ("pulse", False))
    assert transport.tempo == pytest.approx(200.0, rel=0.01)


async def test_no_beat_is_lost_when_the_tick_on_it_comes_before_our_own_timer(band: Band) -> None:
    for beat in range(3):
        last = await band.clock(24, 100.0, start=not beat)
        while clock.now() < last + 0.025 + 0.002:  # the loop stands still: tick and timer wait for it together
            pass
    band.rig.hear_message(TICK)
    told = [await band.client.receive("/livegen/out/beat") for _ in range(4)]
    assert told == [(1, 0), (2, 1), (3, 2), (4, 3)]


async def test_a_clock_that_falls_silent_is_announced(band: Band) -> None:
    await band.clock(30, 240.0)
    await until(lambda: [sentence for sentence in band.said if "fell silent" in sentence])
    assert band.server.session.transport.running


async def test_what_a_clock_did_is_in_the_journal_and_plays_again(band: Band) -> None:
    ticking = asyncio.create_task(band.clock(60, 180.0))
    for number in range(6):
        band.server.hear_event(NoteOn(clock.now(), 60 + number, 90))
        await asyncio.sleep(0.1)
        band.server.hear_event(NoteOff(clock.now(), 60 + number))
        await asyncio.sleep(0.07)
    await ticking
    await asyncio.sleep(1.2)
    band.server.stop()
    await band.running
    rows = [json.loads(line) for line in band.journal.read_text().splitlines()]
    follows = [row for row in rows[1:] if row[0] == "follow"]
    assert 2 <= len(follows) < 30
    assert follows[-1][2:][2:] == ["clock", True]
    replayed = Replay(record.read(band.journal), load=lambda name: Untrained()).run()
    assert replayed.differs is None
    assert replayed.expected > 2


async def test_taps_set_the_tempo_and_everybody_is_told(band: Band) -> None:
    began = clock.now()
    for number in range(5):
        band.client.send("/livegen/tap", 1.0)
        await asyncio.sleep(0.1)
        band.client.send("/livegen/tap", 0.0)  # the button is let go
        await asyncio.sleep(began + 0.4 * (number + 1) - clock.now())
    transport = band.server.session.transport
    assert (transport.source, transport.running) == ("tap", True)
    assert transport.tempo == pytest.approx(150.0, rel=0.03)
    assert (await band.client.receive("/livegen/tempo"))[0] == pytest.approx(150.0, rel=0.06)
    assert (await band.client.receive("/livegen/out/tempo"))[3] == "tap"
    band.client.send("/livegen/reset")
    await until(lambda: transport.source == "pulse")


async def test_the_performers_own_beat_is_told(band: Band) -> None:
    times = []
    for number in range(14):
        now = clock.now()
        times.append(now)
        band.server.hear_event(NoteOn(now, 60 + number, 90))
        band.server.hear_event(NoteOff(now + 0.01, 60 + number))
        await asyncio.sleep(now + (0.36 if number % 3 == 2 else 0.18) - clock.now())
    transport = band.server.session.transport
    assert transport.source == "pulse"
    assert transport.tempo == pytest.approx(60 / 0.36, rel=0.05)
    await band.client.receive("/livegen/out/beat")
    _, sure, swing, source = await band.client.receive("/livegen/out/tempo")
    assert 0.5 <= sure <= 1.0
    assert (swing, source) == (0.5, "pulse")


async def test_our_own_clock_ticks_starts_and_stops(band: Band) -> None:
    band.client.send("/livegen/tempo", 240.0)
    band.client.send("/livegen/send_clock", 1)
    band.client.send("/livegen/sync", "own")
    began = clock.now()
    await asyncio.sleep(1.2)
    band.client.send("/livegen/send_clock", 0)
    await until(lambda: [message for _, message in band.rig.sent if message == STOP])
    due = (clock.now() - began) * 96
    sent = [(at, message) for at, message in band.rig.sent if message in (TICK, START, STOP)]
    ticks = [at for at, message in sent if message == TICK]
    assert due - 12 <= len(ticks) <= due + 12
    assert [message for _, message in sent if message != TICK] == [START, STOP]


async def test_our_own_clock_is_not_followed(band: Band) -> None:
    band.rig.connect(band.rig)  # a loopback
    band.client.send("/livegen/send_clock", 1)
    await asyncio.sleep(0.3)
    assert band.server.session.transport.source == "pulse"


@pytest.mark.parametrize("asleep", [60.0, 8 * 3600.0])
async def test_after_a_sleep_no_beat_and_no_tick_comes_in_a_burst(
    band: Band, asleep: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine slept: what was due meanwhile is gone, and the beat goes on."""
    band.client.send("/livegen/tempo", 240.0)
    band.client.send("/livegen/sync", "own")
    band.client.send("/livegen/send_clock", 1)
    await asyncio.sleep(0.5)
    real, before = clock.now, len(band.rig.sent)
    loop = asyncio.get_running_loop()
    awake = loop.time
    monkeypatch.setattr(clock, "now", lambda: real() + asleep)
    monkeypatch.setattr(loop, "time", lambda: awake() + asleep)
    await asyncio.sleep(0.4)
    ticks = [message for _, message in band.rig.sent[before:] if message == TICK]
    assert 5 < len(ticks) < 80  # 38 are due in the time that was awake
    transport = band.server.session.transport
    assert transport.beat_at(clock.now()) == pytest.approx((asleep + 0.9) * 4, abs=6)
    monkeypatch.undo()


async def test_a_wall_clock_that_jumps_moves_nothing(band: Band, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    ticking = asyncio.create_task(band.clock(60, 200.0))
    await asyncio.sleep(0.2)
    real = time.time
    for hours in (1, -1):
        monkeypatch.setattr(time, "time", lambda hours=hours: real() + hours * 3600.0)
        await asyncio.sleep(0.2)
    last = await ticking
    transport = band.server.session.transport
    assert transport.tempo == pytest.approx(200.0, rel=0.02)
    assert transport.beat_at(last) == pytest.approx(59 / 24, abs=0.1)
    assert not [sentence for sentence in band.said if "held up" in sentence]
