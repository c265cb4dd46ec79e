"""MIDI clock over real MIDI ports: livegen follows another program's clock, and another program follows livegen's."""

import asyncio
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from livegen.beat.clock_in import ClockIn
from livegen.events import ClockMessage
from livegen.journal import record
from livegen.live.server import open_server
from livegen.midi.rig import Rig, find_system
from livegen.predictors.models import Untrained
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.system import clock
from tests.support import waiting
from tests.support.jack import Jack, Peer, private_jack, until
from tests.support.live_stage import live_stage, plain
from tests.support.parts import require
from tests.support.pauses import PAUSE, Pauses, is_busy

pytestmark = pytest.mark.jack
OUR_IN, OUR_OUT = "livegen:livegen in", "livegen-01:livegen out"


@pytest.fixture
def jack() -> Iterator[Jack]:
    require("jack_midi_clock")
    require("jack_mclk_dump")
    with private_jack() as server:
        yield server


@contextmanager
def master(jack: Jack, tempo: float) -> Iterator[None]:
    """jack_midi_clock, connected to us; its clock follows JACK's transport, which is started."""
    options = ["-B", "-b", str(tempo), "-d", "0", OUR_IN]
    process = subprocess.Popen(["jack_midi_clock", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: "jack_midi_clock:mclk_out" in jack.ports(), what="jack_midi_clock is there")
        roll = "play\nquit\n"
        subprocess.run(["jack_transport"], input=roll, text=True, check=True, capture_output=True, timeout=30)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # on which it leaves JACK in good order
        process.wait(5)


def give_up(what: str, pauses: list[float]) -> NoReturn:
    """JACK's dummy driver loses time where the machine stands still: what it carries then says nothing."""
    what += f"; the machine stood still for {pauses} s"
    if is_busy() or min(pauses) > PAUSE:
        pytest.skip(f"JACK's dummy driver keeps no time on this loaded machine: {what}")
    raise AssertionError(what)


def heard_of(jack: Jack, tempo: float) -> list[ClockMessage]:
    """122 messages of a foreign clock, as they come in."""
    heard: list[ClockMessage] = []
    rig = Rig(find_system(), "none", "none", lambda sentence: None)
    rig.open(lambda event, port: None, lambda message, port: heard.append(message))
    try:
        with master(jack, tempo):
            until(lambda: len(heard) > 122, what="there are 122 ticks")
    finally:
        rig.close()
    return heard[:122]


def astray(heard: list[ClockMessage], tempo: float) -> str:
    """A complaint about the tempo or the ticks that a follower of these messages finds; "" if there is none."""
    follower = ClockIn()
    ticks = 0
    for message in heard:
        found = follower.grid(message.at)
        if message.kind == "tick" and ticks >= 24:
            if found is None:
                return f"tick {ticks} is followed by no beat"
            if not abs(found.beat - ticks / 24) * found.length < 0.010:
                return f"tick {ticks} is taken for beat {found.beat}"
            if ticks == 24 and 60.0 / found.length != pytest.approx(tempo, rel=0.005):
                return f"a clock of {tempo} bpm is followed at {60.0 / found.length}"
        ticks += message.kind == "tick"
        follower.hear_clock(message, "jack_midi_clock")
    return ""


def test_a_clock_that_keeps_time_is_told_from_one_that_is_two_percent_off_or_loses_a_tick() -> None:
    ticks = [ClockMessage(1.0 + tick * 60.0 / 100.0 / 24, "tick") for tick in range(122)]
    heard = [ClockMessage(0.99, "start"), *ticks]
    assert not astray(heard, 100.0)
    assert "is followed at" in astray(heard, 102.0)
    assert "is taken for beat" in astray([*heard[:60], *heard[61:]], 100.0)


@pytest.mark.parametrize("tempo", [100.0, 174.0])
def test_a_foreign_clock_is_followed(jack: Jack, tempo: float) -> None:
    """After 24 ticks the tempo is within half a percent, and each tick within 10 ms of where it is due. It is tried
    three times, for the clock is only as good as JACK's time."""
    pauses = []
    for _ in range(3):
        with Pauses() as machine:
            heard = heard_of(jack, tempo)
        pauses.append(machine.longest)
        wrong = astray(heard, tempo)
        if not wrong:
            return
    give_up(wrong, pauses)


async def test_a_foreign_program_reads_our_clock(jack: Jack, tmp_path: Path) -> None:
    tempi: list[float] = []
    pauses = []
    for _ in range(3):
        with Pauses() as machine:
            text = await read_by_jack_mclk_dump(tmp_path, 128.0)
        pauses.append(machine.longest)
        assert text.lower().count("stop") >= 1, text[-500:]
        tempi = [float(found) for found in re.findall(r"flt:\s*([\d.]+)", text)]
        if len(tempi) > 100 and tempi[-1] == pytest.approx(128.0, rel=0.01):
            return
    give_up(f"our clock of 128 bpm is read as {tempi[-3:]}", pauses)


async def read_by_jack_mclk_dump(folder: Path, tempo: float) -> str:
    """Four seconds of a server's own clock, as jack_mclk_dump writes them."""
    settings = Settings(osc_port=0, osc_target="none", model="untrained", sync="own", tempo=tempo, send_clock=True)
    settings.inputs = settings.outputs = "none"
    now = clock.now()
    journal = record.Journal(folder, {"seed": 1}, clock.date(), now)
    rig = Rig(find_system(), "none", "none", lambda sentence: None)
    server = await open_server(Session(Untrained(), settings, 1, now), journal, lambda sentence: None, rig)
    command = ["stdbuf", "-oL", "jack_mclk_dump", "-n", OUR_OUT]
    reader = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    running = asyncio.create_task(server.run())
    await asyncio.sleep(4.0)
    server.stop()
    await running
    await asyncio.sleep(0.2)
    reader.send_signal(signal.SIGINT)
    return (await reader.communicate())[0].decode()


@contextmanager
def sequencer(jack: Jack) -> Iterator[Peer]:
    """Another program's clock, at 240 bpm; it ticks on while its song stands still, as many do, and does not hurry
    after a pause of the machine's."""
    over = threading.Event()
    with Peer("sequencer", "clock", plays=True) as peer:

        def tick() -> None:
            while not over.wait(60.0 / 240.0 / 24):
                peer.play(0xF8)

        ticks = threading.Thread(target=tick)
        jack.connect("sequencer:clock", OUR_IN)
        ticks.start()
        try:
            yield peer
        finally:
            over.set()
            ticks.join()


async def test_a_sequencer_leads_a_chart_by_start_stop_continue_and_song_position(jack: Jack, tmp_path: Path) -> None:
    rig = Rig(find_system(), "none", "none", lambda sentence: None)
    async with live_stage(tmp_path, plain(metre=2), rig=rig) as stage:
        session = stage.server.session
        stage.server.commands.do("chart_text", "metre: 2/4\n" + "| C | F " * 32)
        with sequencer(jack) as peer:
            await waiting.until(lambda: session.transport.source == "clock")
            peer.play(0xFA)
            while (await stage.client.receive("/livegen/out/bar"))[0] != 2:
                pass
            peer.play(0xFC)
            await waiting.until(lambda: not session.transport.running)
            stopped = session.player.changes.spot(clock.now()).bar
            await asyncio.sleep(1.0)  # two bars of ticks, which do not count
            peer.play(0xFB)
            await waiting.until(lambda: session.transport.running)
            assert session.player.changes.spot(clock.now()).bar - stopped in (0, 1)
            peer.play(0xFC)
            peer.play(0xF2, 0, 1)  # 128 sixteenths: bar 17
            peer.play(0xFB)
            told = 0
            while told < 17:
                told = (await stage.client.receive("/livegen/out/bar"))[0]
            assert told < 20
