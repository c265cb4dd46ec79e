"""The rig on real MIDI ports: JACK with its dummy driver, and other programs' ports next to ours."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from livegen.errors import PortError
from livegen.events import ControlChange, Gesture, NoteOff, NoteOn, Received
from livegen.midi.names import Ports
from livegen.midi.rig import Rig, find_system, list_ports
from tests.support.jack import Jack, Peer, carries, private_jack, until
from tests.support.jack import jack as jack
from tests.support.jam_process import jam
from tests.support.places import ROOT
from tests.support.waiting import until as until_in_loop

pytestmark = pytest.mark.jack
OUR_IN, OUR_OUT = "livegen:livegen in", "livegen-01:livegen out"
KEYSTATION = "Keystation [20] (capture)"  # a2j's way to show a hardware port

Open = Callable[[str, str], tuple[Rig, list[tuple[Received, str]]]]


@pytest.fixture
def opened(jack: Jack) -> Iterator[Open]:
    """Opens a rig: (rig, what it heard and where)."""
    rigs: list[Rig] = []

    def open_rig(inputs: str = "none", outputs: str = "none") -> tuple[Rig, list[tuple[Received, str]]]:
        heard: list[tuple[Received, str]] = []
        rigs.append(Rig(find_system(), inputs, outputs, print))
        rigs[-1].open(lambda event, port: heard.append((event, port)))
        return rigs[-1], heard

    yield open_rig
    for rig in rigs:
        rig.close()


KNOB = 119


def is_heard_by(rig_heard: list[tuple[Received, str]], keys: Peer) -> None:
    """Wait until what a keyboard plays comes in, and forget it."""
    carries(
        lambda number: keys.play(0xB0, KNOB, number),
        lambda number: any(isinstance(one, ControlChange) and one.value == number for one, _ in rig_heard),
    )
    rig_heard.clear()


def is_heard_of(rig: Rig, synth: Peer, channel: int = 1) -> None:
    """Wait until what we send goes out to a synth, and forget it."""
    status = 0xB0 + channel - 1
    carries(
        lambda number: rig.send(ControlChange(0.0, KNOB, number, channel)),
        lambda number: (status, KNOB, number) in synth.heard,
    )
    synth.heard.clear()


def test_notes_in_and_out(jack: Jack, opened: Open) -> None:
    rig, heard = opened("none", "none")
    assert rig.system.name == "JACK" and rig.system.virtual
    assert [port for port in jack.ports() if "livegen" in port] == [OUR_IN, OUR_OUT]
    with Peer("keys", "out", plays=True) as keys, Peer("synth", "in", plays=False) as synth:
        assert list_ports(rig.system) == (["keys:out"], ["synth:in"]), "our own ports are left out"
        jack.connect("keys:out", OUR_IN)
        jack.connect(OUR_OUT, "synth:in")
        is_heard_by(heard, keys)
        is_heard_of(rig, synth)
        before = time.perf_counter()
        for message in ((0x95, 60, 100), (0xF8,), (0xB5, 64, 127), (0xE0, 1, 2), (0x95, 60, 0)):
            keys.play(*message)
        until(lambda: len(heard) == 4)
        assert [(type(event), event.channel, port) for event, port in heard] == [
            (NoteOn, 6, "livegen in"),
            (ControlChange, 6, "livegen in"),
            (Gesture, 1, "livegen in"),
            (NoteOff, 6, "livegen in"),
        ]
        assert all(before < event.at < time.perf_counter() for event, _ in heard), "stamped when it came"
        rig.send(NoteOn(0.0, 64, 80, 16))
        rig.send(ControlChange(0.0, 1, 2, 3))
        rig.send(NoteOff(0.0, 64, 16))
        until(lambda: len(synth.heard) == 3)
        assert synth.heard == [(0x9F, 64, 80), (0xB2, 1, 2), (0x8F, 64, 0)]


def test_named_ports_and_several_inputs(jack: Jack, opened: Open) -> None:
    with (
        Peer("one", "out", plays=True) as one,
        Peer("two", "out", plays=True) as two,
        Peer("synth", "in", False) as ears,
    ):
        with pytest.raises(PortError, match="There is no MIDI port moog; there are one:out and two:out"):
            opened("moog", "none")
        rig, heard = opened("one, two:out", "SYNTH")
        is_heard_by(heard, one)
        is_heard_by(heard, two)
        is_heard_of(rig, ears)
        one.play(0x90, 60, 1)
        two.play(0x90, 61, 1)
        until(lambda: len(heard) == 2)
        assert sorted((event.pitch, port) for event, port in heard if isinstance(event, NoteOn)) == [
            (60, "one:out"),
            (61, "two:out"),
        ]
        rig.send(NoteOn(0.0, 62, 80))
        until(lambda: ears.heard == [(0x90, 62, 80)])
        assert not [name for name in jack.ports() if name in ("one:in",)]


def test_closing_silences_every_used_channel(opened: Open) -> None:
    with Peer("synth", "in", plays=False) as synth:
        rig, _ = opened("none", "synth")
        is_heard_of(rig, synth, 2)
        rig.send(NoteOn(0.0, 60, 80, 2))
        rig.send(NoteOn(0.0, 60, 80, 16))
        rig.close()
        until(lambda: len(synth.heard) == 6)
        assert synth.heard[2:] == [(0xB1, 64, 0), (0xB1, 123, 0), (0xBF, 64, 0), (0xBF, 123, 0)]


def test_our_echo_is_ignored(jack: Jack, opened: Open) -> None:
    rig, heard = opened("none", "none")
    jack.connect(OUR_OUT, OUR_IN)
    rig.echo.window = 0.0
    carries(
        lambda number: rig.send(NoteOn(0.0, number, 80)),
        lambda number: any(isinstance(one, NoteOn) and one.pitch == number for one, _ in heard),
    )
    heard.clear()
    rig.echo.window = 60.0  # a busy machine may bring it back late
    for pitch in range(50, 70):
        rig.send(NoteOn(0.0, pitch, 80))
        rig.send(NoteOff(0.0, pitch))
        time.sleep(0.003)
    until(lambda: rig.echo.dropped == 40)
    assert heard == []
    rig.echo.window = 0.0
    rig.send(NoteOn(0.0, 60, 80))
    until(lambda: len(heard) == 1)


def test_the_buttons_of_a_port_for_daws_are_no_notes(opened: Open, capsys: pytest.CaptureFixture[str]) -> None:
    name = "KeyLab mkII 61 [24] (capture): KeyLab mkII 61 "
    with Peer("a2j", f"{name}MIDI", plays=True) as keys, Peer("a2j", f"{name}DAW", plays=True) as buttons:
        rig, heard = opened("auto", "none")
        is_heard_by(heard, keys)
        for button in (94, 93, 104, 46, 47):
            buttons.play(0x90, button, 127)
        keys.play(0x90, 60, 90)
        until(lambda: bool(heard))
        time.sleep(0.2)
        assert [(type(event), port) for event, port in heard] == [(NoteOn, f"a2j:{name}MIDI")]
        assert capsys.readouterr().out.count(f"{name}DAW. Name such a port with --inputs") == 1
        keys.play(0x80, 60, 0)
        assert any(port.endswith("DAW") for port in list_ports(rig.system).inputs)


def test_a_keyboard_that_vanishes_and_returns(opened: Open) -> None:
    keys = Peer("a2j", KEYSTATION, plays=True)
    rig, heard = opened("auto", "none")
    is_heard_by(heard, keys)
    keys.play(0x90, 60, 1)
    until(lambda: len(heard) == 1)
    keys.close()
    assert len(rig.check()) == 1
    assert isinstance(heard[-1][0], NoteOff) and heard[-1][1] == f"a2j:{KEYSTATION}"
    with Peer("a2j", KEYSTATION, plays=True) as keys:
        assert rig.check() == [f"The MIDI input a2j:{KEYSTATION} is back."]
        is_heard_by(heard, keys)
        keys.play(0x90, 62, 1)
        until(lambda: [(type(event), port) for event, port in heard] == [(NoteOn, f"a2j:{KEYSTATION}")])


def test_a_synth_that_vanishes_and_returns(opened: Open) -> None:
    synth = Peer("fluidsynth", "in", plays=False)
    rig, _ = opened("none", "auto")
    is_heard_of(rig, synth)
    rig.send(NoteOn(0.0, 60, 80))
    until(lambda: len(synth.heard) == 1)
    synth.close()
    rig.send(NoteOff(0.0, 60))
    assert "gone" in rig.check()[0]
    with Peer("fluidsynth", "in", plays=False) as synth:
        assert "back" in rig.check()[0]
        until(lambda: synth.heard[:2] == [(0xB0, 64, 0), (0xB0, 123, 0)])
        rig.send(NoteOn(0.0, 62, 80))
        until(lambda: synth.heard[2:] == [(0x90, 62, 80)])


def test_replugging_under_fire_leaves_nothing_behind(jack: Jack, opened: Open) -> None:
    """Ports open and close while notes pour in on the driver's thread: no deadlock, no leak."""
    with Peer("stress", "out", plays=True):
        rig, heard = opened("stress", "none")
    rig.check()
    sizes: list[tuple[int, int]] = []
    for _ in range(40):
        with Peer("stress", "out", plays=True) as keys, _fire(keys):
            until(lambda: rig.check() == ["The MIDI input stress:out is back."], what="a busy JACK has it")
            heard.clear()
            until(lambda: heard, what="notes come in")
            rig._lose(Ports([], []))  # closed while it is played
        rig.check()
        sizes.append((len(list(Path("/proc/self/fd").iterdir())), threading.active_count()))
    assert sizes[-1] == sizes[4], sizes


@contextlib.contextmanager
def _fire(keys: Peer) -> Iterator[None]:
    """A thread that plays two thousand notes a second."""
    ended = threading.Event()

    def play() -> None:
        while not ended.wait(0.0005):
            keys.play(0x90, 60, 1)

    thread = threading.Thread(target=play)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


async def test_ten_thousand_messages_arrive_and_sending_never_waits() -> None:
    """Without the pace the driver's ring is full before JACK's period of 21 ms ends, and all Python waits for it."""
    worst: list[float] = []
    with private_jack(period=1024), Peer("synth", "in", plays=False) as synth:
        rig = Rig(find_system(), "none", "synth", print)
        rig.open(lambda event, port: None)
        is_heard_of(rig, synth)
        for _ in range(3):
            synth.heard.clear()
            worst.append(0.0)
            for i in range(5000):
                before = time.thread_time()  # who waits there turns in a circle; a busy machine's pauses do not count
                rig.send(NoteOn(0.0, i % 128, 1 + i % 127))
                rig.send(NoteOff(0.0, i % 128))
                worst[-1] = max(worst[-1], time.thread_time() - before)
            await until_in_loop(lambda: len(synth.heard) >= 10_000)
            assert len(synth.heard) == 10_000
            assert synth.heard[::2] == [(0x90, i % 128, 1 + i % 127) for i in range(5000)]
        rig.close()
    assert min(worst) < 0.008, worst


DYING = """
import faulthandler, gc, signal, sys, threading, time
faulthandler.dump_traceback_later(40, exit=True)
from livegen.events import NoteOff, NoteOn
from livegen.midi.names import Ports
from livegen.midi.rig import Rig, find_system
from tests.support.jack import Jack, until

gc.disable()
gaps = [0.0]
def tick():
    last = time.perf_counter()
    while True:
        time.sleep(0.002)
        last, before = time.perf_counter(), last
        gaps.append(last - before)

how = signal.Signals[sys.argv[1]]
with Jack() as jack:
    heard, said = [], []
    rig = Rig(find_system(), "none", "none", said.append)
    rig.echo.window = 0.0
    rig.open(lambda event, port: heard.append(event))
    for round in range(3):
        jack.connect("livegen-01:livegen out", "livegen:livegen in")
        rig.send(NoteOn(0.0, 60 + round, 90))
        until(lambda: heard and heard[-1] == NoteOn(heard[-1].at, 60 + round, 90), what="a note goes round")
        if not round:
            threading.Thread(target=tick, daemon=True).start()
        time.sleep(0.01)
        gaps.clear()
        jack.stop(how)
        if round == 1:
            said += rig.check()  # between two notes; else in the middle of a run, on and on, far beyond what freezes
        end = time.monotonic() + 20
        while len(said) == round and time.monotonic() < end:
            rig.send(NoteOn(0.0, 1, 1))
            rig.flush()
        assert len(said) == round + 1 and "JACK stopped" in said[-1], said
        rig.send(NoteOn(0.0, 1, 1))
        assert {event.pitch for event in heard[-2:] if isinstance(event, NoteOff)} >= {60 + round}, heard[-2:]
        assert rig.check() == []
        time.sleep(0.02)
        print("stalled", max(gaps), flush=True)
        jack.start()
        until(lambda: any("JACK is here" in line for line in rig.check()), what="JACK is found")
        gc.collect()  # the old ports' turn, with new ones open: this crashes if they may be collected
    rig.close()
print("END", flush=True)
"""


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_jack_dies_while_sounding_and_comes_back(how: str) -> None:
    """Three times, in a process of its own, for the wrong order there freezes or crashes it."""
    from tests.support.parts import require

    require("jackd")
    root = ROOT
    child = subprocess.run(
        [sys.executable, "-c", DYING, how], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    assert child.returncode == 0, (
        f"{signal.strsignal(-child.returncode) if child.returncode < 0 else ''} {child.stderr}"
    )
    lines = child.stdout.split("\n")
    stalls = [float(line.split()[1]) for line in lines if line.startswith("stalled")]
    assert len(stalls) == 3 and lines[-2] == "END"
    assert max(stalls) < 3.0, "the rest of the program goes on meanwhile"


def test_system_exclusive_without_an_end_stops_nothing_for_good(jack: Jack, opened: Open) -> None:
    """RtMidi drops what comes in through JACK after it, until an end comes; what is held is heard all the same."""
    _, heard = opened("none", "none")
    with Peer("keys", "out", plays=True) as keys:
        jack.connect("keys:out", OUR_IN)
        is_heard_by(heard, keys)
        for _ in range(40):
            keys.play(0xF0, *[1] * 4000)
        keys.play(0xF7)

        def played() -> bool:
            keys.play(0x90, 60, 80)
            return any(isinstance(event, NoteOn) for event, _ in heard)

        until(played)
        assert all(isinstance(event, NoteOn) for event, _ in heard), "and nothing of it is taken for music"


def test_a_device_may_have_any_name(jack: Jack, tmp_path: Path) -> None:
    """JACK itself takes no more than 64 bytes, and no NUL."""
    hostile = f"\u202e\U0001f3b9\x1b[2J{'x' * 40}"
    with Peer(hostile, "keys", plays=True), Peer("synth", "in", plays=False):
        listed = subprocess.run([sys.executable, "-m", "livegen", "ports"], capture_output=True, check=True).stdout
        with jam(tmp_path, "--inputs", "xxxx") as player:
            until(lambda: "is open" in player.said(), what="it is open")
    for text in (listed.decode(), (tmp_path / "output").read_text()):
        assert "\U0001f3b9" in text and "\x1b[2J" not in text and "\u202e" not in text
