"""How late a MIDI note comes out of livegen again while something loads it, with real-time priority and without.

    python -m benchmarks.loads [--seconds 15] [--only nothing,human,...] [--frames 128]

A note every 80 ms or so goes in over a private JACK server and out again (`thru`); it passes through the loop, where
all else is done, and through the guard. The times have two cycles of JACK's in them. Nothing is judged. All of it takes
under ten minutes on a machine that does nothing else.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.parts import loads
from benchmarks.parts.figures import Spread, spread
from livegen.system import process
from tests.support.jack import Jack, private_jack, until
from tests.support.jam_process import Jam, own_output
from tests.support.page_stage import free_port

STATUS = 0x9F  # note-ons on a channel that no load uses
GAP = 0.05, 0.11  # seconds from note to note
PATIENCE = 5.0  # seconds for the last notes
TRIES = 3  # of a row


class Probe:
    """Plays notes, and keeps when each went in and came out."""

    def __init__(self, jack: Jack) -> None:
        import rtmidi

        self._sent: list[int] = []
        self._came: list[int] = []
        self._on: set[tuple[int, int]] = set()
        self._out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name="probe")
        self._out.open_virtual_port("out")
        self._in = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="ears")
        self._in.set_callback(self._hear)
        self._in.open_virtual_port("in")
        jack.connect("probe:out", "livegen:livegen in")
        jack.connect(own_output(jack), "ears:in")

    def _hear(self, got: Any, _: object) -> None:  # noqa: ANN401 (rtmidi has no types)
        (status, pitch, *rest), now = got[0], time.perf_counter_ns()
        key = status & 0x0F, pitch
        if status == STATUS and rest[0]:
            self._came.append(now)
        if status & 0xF0 == 0x90 and rest[0]:
            self._on.add(key)
        elif status & 0xF0 in (0x80, 0x90):
            self._on.discard(key)
        elif status & 0xF0 == 0xB0 and pitch in (120, 123):
            self._on = {each for each in self._on if each[0] != key[0]}

    def play(self, seconds: float) -> Spread:
        """Play for so long; the milliseconds from in to out."""
        draw, end = random.Random(1), time.monotonic() + seconds
        self._sent.clear()
        self._came.clear()
        while time.monotonic() < end:
            pitch = draw.randint(48, 84)
            self._sent.append(time.perf_counter_ns())
            self._out.send_message((STATUS, pitch, 80))
            time.sleep(0.02)
            self._out.send_message((STATUS, pitch, 0))
            time.sleep(draw.uniform(*GAP) - 0.02)
        end = time.monotonic() + PATIENCE
        while len(self._came) < len(self._sent) and time.monotonic() < end:
            time.sleep(0.01)
        pairs = zip(self._sent, self._came, strict=False) if len(self._came) == len(self._sent) else ()
        return spread("", [(came - sent) / 1e6 for sent, came in pairs], len(self._sent) - len(self._came))

    def sounding(self) -> int:
        """The keys that are left on, once all has come to rest."""
        until_time = time.monotonic() + PATIENCE
        while self._on and time.monotonic() < until_time:
            time.sleep(0.05)
        return len(self._on)

    def close(self) -> None:
        """The ports vanish."""
        self._in.delete()
        self._out.delete()


@contextmanager
def livegen(jack: Jack, folder: Path, http: int, *flags: str) -> Iterator[Jam]:
    """livegen that passes notes on, with its page."""
    player = Jam(folder, "--thru", "on", "--page", "on", "--http-port", str(http), "--outputs", "none", *flags)
    try:
        until(lambda: any(name.endswith(":livegen out") for name in jack.ports()), what="its ports are open")
        yield player
    finally:
        player.end()


def tried(name: str, seconds: float, frames: int, *flags: str) -> tuple[Spread, int] | None:
    """The same as ``measure``, again where JACK takes no client or a program does not start; None after ``TRIES``."""
    for _ in range(TRIES):
        try:
            return measure(name, seconds, frames, *flags)
        except (AssertionError, StopIteration, OSError, subprocess.SubprocessError) as error:
            print(f"{name} once more: {error}", file=sys.stderr)
    return None


def measure(name: str, seconds: float, frames: int, *flags: str) -> tuple[Spread, int]:
    """The milliseconds of the notes under that load, and the keys that are left on. JACK runs before other programs
    where it may, as musicians have it."""
    http, before = free_port(), process.take_priority() is None
    with (
        tempfile.TemporaryDirectory() as folder,
        private_jack(frames, realtime=before) as jack,
        livegen(jack, Path(folder), http, *flags) as player,
        closing(Probe(jack)) as probe,
    ):
        probe.play(2.0)
        command = [sys.executable, "-m", "benchmarks.parts.loads", name, str(seconds + 1), str(player.port), str(http)]
        count = {"nothing": 0, "busy": (os.cpu_count() or 1) + 1}.get(name, 1)
        running = [subprocess.Popen(command) for _ in range(count)]
        time.sleep(1.0)
        found = probe.play(seconds)
        for one in running:
            one.wait()
        return found, probe.sounding()


KINDS = {
    "without a guard": ("nothing", "--note-guard", "off"),
    "nothing": ("nothing",),
    "a human: chords of ten, pedal": ("human",),
    "1,000 messages/s on each of 4 inputs": ("din",),
    "10,000 messages within 1 s, every 5 s": ("burst",),
    "OSC: 5,000 messages/s from 8 senders": ("osc",),
    "OSC: 50,000 datagrams/s of garbage": ("hostile",),
    "16 OSC listeners, 16 WebSockets (4 never read)": ("clients",),
    "8 more MIDI ports": ("ports",),
    "all cores busy": ("busy",),
}


def _cells(found: tuple[Spread, int] | None) -> str:
    if found is None:
        return " | ".join(["-"] * 7)
    row, left = found
    return f"{row.count} | {row.p50:.2f} | {row.p99:.2f} | {row.p999:.2f} | {row.max:.2f} | {row.missing} | {left}"


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=15.0)
    options.add_argument("--frames", type=int, default=128, help="of JACK's cycle, at 48 kHz")
    options.add_argument("--only", default=",".join(loads.LOADS) + ",nothing")
    given = options.parse_args()
    refused = process.take_priority()  # the measuring itself is to wait for nobody
    print(f"JACK and the measuring program: {refused or 'real-time'}; load average {os.getloadavg()[0]:.1f}")
    print("| load | priority | notes | p50 ms | p99 | p99.9 | longest | lost | left on |\n" + "| --- " * 9 + "|")
    for title, (name, *flags) in KINDS.items():
        for realtime in ("on", "off"):
            if name in given.only.split(","):
                found = tried(name, given.seconds, given.frames, "--realtime", realtime, *flags)
                priority = "real-time" if realtime == "on" else "ordinary"
                print(f"| {title} | {priority} | {_cells(found)} |", flush=True)
    print(f"load average at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
