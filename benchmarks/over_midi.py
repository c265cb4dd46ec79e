"""livegen's answers to MIDI over a private JACK server, next to a bare python-rtmidi program on the same server."""

import importlib.util
import random
import shutil
import struct
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.footprint import idle_share
from benchmarks.parts import children
from benchmarks.parts.children import Child
from benchmarks.parts.client import verb
from benchmarks.parts.counts import Counts
from benchmarks.parts.figures import Measure, spread

if TYPE_CHECKING:
    from tests.support.jack import Jack

PERIOD = 64  # frames of 1/48,000 s: JACK delivers once in 1.33 ms
_ON, _OFF = 0x90, 0x80
_LOST = 1.0  # seconds after which an answer counts as missing
_NEXT, _NOTE, _SOUNDS = b"/livegen/out/next\0", b"/livegen/note\0", b"/livegen/out/note\0"
_SOUNDING = struct.Struct(">iiif")  # id, pitch, velocity, duration, after the address and the type tags
_LONG = 0.08  # seconds that a note must last to be interrupted for certain
_FLOOR, _LIVEGEN = "bare rtmidi", "livegen"


class _Ears:
    """A MIDI input of this process: each message and its time (nanoseconds), as the driver's thread saw it."""

    def __init__(self, client: str) -> None:
        import rtmidi

        self.heard: list[tuple[int, list[int]]] = []
        self._device = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=client)
        self._device.set_callback(lambda got, _: self.heard.append((time.perf_counter_ns(), got[0])))
        self._device.open_virtual_port("in")

    def close(self) -> None:
        """The port vanishes."""
        self._device.delete()

    def wait_for(self, status: int, pitch: int) -> int | None:
        """The time at which this note began or ended, nanoseconds; None if it does not in time."""
        end = time.perf_counter() + _LOST
        while time.perf_counter() < end:
            for came, message in list(self.heard):
                if message[:2] == [status, pitch]:
                    return came
            time.sleep(0.0005)
        return None


class _Keys:
    """A MIDI output of this process."""

    def __init__(self, client: str) -> None:
        import rtmidi

        self._device = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=client)
        self._device.open_virtual_port("out")

    def close(self) -> None:
        """The port vanishes."""
        self._device.delete()

    def play(self, status: int, pitch: int, velocity: int) -> int:
        """Send one message; the time of sending, nanoseconds."""
        now = time.perf_counter_ns()
        self._device.send_message((status, pitch, velocity))
        return now


@dataclass
class _Line:
    """One program under test, a keyboard that plays to it, ears on its output; what was measured, milliseconds."""

    program: Child
    keys: _Keys
    ears: _Ears
    answer: bytes
    to_osc: list[float] = field(default_factory=list)
    to_midi: list[float] = field(default_factory=list)
    missing_osc: int = 0
    missing_midi: int = 0

    def took(self, sent: int, came: int | None) -> None:
        """Note how long an answer over MIDI took, both in nanoseconds; None never came."""
        if came is None:
            self.missing_midi += 1
        else:
            self.to_midi.append((came - sent) / 1e6)


def over_midi(counts: Counts) -> Measure:
    """A MIDI note in → prediction over OSC; a note in → the note-off of the answer that it interrupts."""
    if shutil.which("jackd") is None or shutil.which("jack_lsp") is None:
        return Measure("MIDI over JACK", notes=["not measured: jackd and the jack tools are not installed"])
    if any(importlib.util.find_spec(module) is None for module in ("rtmidi", "pytest")):
        return Measure("MIDI over JACK", notes=["not measured: python-rtmidi or pytest is not installed"])
    from tests.support.jack import Jack

    with Jack(PERIOD) as jack, _turns(jack) as floor:
        with _livegen(jack) as live:
            said = live.program.said("model")
            resting = {_FLOOR: floor.program, _LIVEGEN: live.program}
            idle = {name: idle_share(program, counts.idle_seconds) for name, program in resting.items()}
            for number in range(counts.rounds):
                _notes(floor, counts.over_midi, number)
                _notes(live, counts.over_midi, number)
                live.program.client.say(verb("reset"))
                time.sleep(counts.rest_seconds)
        with _livegen(jack, "--mode", "continuation") as interrupted:
            _interrupt(interrupted, counts.interruptions * counts.rounds)
    rows = [
        spread(f"to OSC, {_FLOOR}", floor.to_osc, floor.missing_osc),
        spread(f"to OSC, {_LIVEGEN}", live.to_osc, live.missing_osc),
        spread(f"to MIDI, {_FLOOR}", floor.to_midi, floor.missing_midi),
        spread(f"to MIDI, {_LIVEGEN}", interrupted.to_midi, interrupted.missing_midi),
    ]
    notes = [
        said,
        f"JACK's dummy driver, {PERIOD} frames a period, which is {PERIOD / 48:.2f} ms",
    ]
    floors = {rows[1].name: rows[0].name, rows[3].name: rows[2].name}
    numbers = {f"processor, idle, {name}": (share, "% of a core") for name, share in idle.items()}
    title = "MIDI note in over JACK → the prediction over OSC; → note-off over MIDI of the answer it interrupts"
    return Measure(title, rows, numbers, notes, floors)


@contextmanager
def _turns(jack: "Jack") -> Iterator[_Line]:
    with children.midi_echo() as program, _line(jack, program, "floor", _NOTE) as line:
        yield line


@contextmanager
def _livegen(jack: "Jack", *flags: str) -> Iterator[_Line]:
    with children.livegen(*flags) as program, _line(jack, program, "livegen", _NEXT) as line:
        yield line


@contextmanager
def _line(jack: "Jack", program: Child, client: str, answer: bytes) -> Iterator[_Line]:
    """Connect a keyboard and ears to the client's input and output."""
    own = [name for name in jack.ports() if name.startswith(client)]
    with closing(_Keys(f"keys-{client}")) as keys, closing(_Ears(f"ears-{client}")) as ears:
        jack.connect(f"keys-{client}:out", next(name for name in own if name.endswith("in")))
        jack.connect(next(name for name in own if name.endswith("out")), f"ears-{client}:in")
        yield _Line(program, keys, ears, answer)


def _notes(line: _Line, count: int, seed: int) -> None:
    """Notes at a performer's pace; the bare program also sends them back over MIDI."""
    draw, client = random.Random(seed), line.program.client
    for _ in range(count):
        gap, pitch = draw.uniform(0.02, 0.08), draw.randint(48, 84)
        client.drain()
        line.ears.heard.clear()
        sent = line.keys.play(_ON, pitch, 80)
        if client.wait_for(line.answer, _LOST):
            line.to_osc.append((time.perf_counter_ns() - sent) / 1e6)
        else:
            line.missing_osc += 1
        if line.answer == _NOTE:
            line.took(sent, line.ears.wait_for(_ON, pitch))
        time.sleep(gap / 2)
        line.keys.play(_OFF, pitch, 0)
        time.sleep(gap / 2)


def _interrupt(line: _Line, count: int) -> None:
    """Play, let livegen answer, and play again while one of its notes sounds: how soon is that note released?"""
    draw = random.Random(1)
    for _ in range(count):
        pitch = _until_it_plays(line)
        if pitch is None:
            line.missing_midi += 1
            continue
        time.sleep(draw.uniform(0.005, 0.02))
        line.ears.heard.clear()
        # Another pitch, for livegen takes a note that it has just sent itself for an echo.
        sent = line.keys.play(_ON, pitch + 1, 80)
        line.took(sent, line.ears.wait_for(_OFF, pitch))
        line.keys.play(_OFF, pitch + 1, 0)


def _until_it_plays(line: _Line) -> int | None:
    """Play four notes and wait until a long enough note of its answer sounds; its pitch. None if none does."""
    for pitch in (60, 62, 64, 62):
        line.keys.play(_ON, pitch, 80)
        time.sleep(0.11)
        line.keys.play(_OFF, pitch, 0)
        time.sleep(0.01)
    line.program.client.drain()
    for _ in range(16):
        datagram = line.program.client.wait_for(_SOUNDS, 4.0)
        if not datagram:
            return None
        _, pitch, _, duration = _SOUNDING.unpack_from(datagram, 28)
        if duration > _LONG:
            return int(pitch)
    return None
