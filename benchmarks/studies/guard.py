"""The time in which all notes end when livegen is killed, and when its guard is; and the guard's own cost.

    python -m benchmarks.studies.guard [--kills 100] [--both 20] [--period 256] [--only cost,driver,main,guard,both]

On a private JACK server with its dummy driver, eight notes sound on two ports: FluidSynth's (where livegen is killed; a
program hears what is sent there) and that of a program that listens. A message that JACK itself loses when a client
dies is counted as a note that was left. Each output has a guard; they are killed in turn, and the time is that of the
output whose guard was killed. Where all are killed at once the time is that from the next start.
"""

import argparse
import contextlib
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from livegen.midi.binding import OutputDevice
from livegen.midi.guard import Guard
from livegen.midi.second_process import SecondProcess
from livegen.system import process as system
from tests.support.jack import Ears, Jack, fluidsynth, private_jack
from tests.support.jam_process import Jam, own_output, sounding

PITCHES = range(60, 68)
PATIENCE = 5.0  # seconds after which a note is left for good
COST = "benchmarks.parts.stamped_binding"


def cost(messages: int = 2000) -> dict[str, list[float]]:
    """The microseconds from a send until the driver has the message, with the guard and without."""
    from benchmarks.parts import stamped_binding

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "stamps")
        ahead = system.take_priority() is None  # as livegen does, where it may
        new = partial(SecondProcess, system.PRIORITY if ahead else 0)
        guard = Guard(lambda: None, lambda: None, new)
        guard.start()
        outputs: dict[str, OutputDevice] = {
            "guarded": guard.open_output(COST, path + ".guarded", "out", True),
            "here": stamped_binding.open_output(path + ".here", "out", True),
        }
        took: dict[str, list[float]] = {}
        for name, output in outputs.items():
            sent = []
            for number in range(messages):
                time.sleep(0.002)
                sent.append(time.perf_counter_ns())
                output.send_message(bytes((0x90, number % 128, number % 2)))
            time.sleep(0.2)
            came = [int(line) for line in Path(f"{path}.{name}").read_text().splitlines()]
            took[name] = [(end - begin) / 1e3 for begin, end in zip(sent, came, strict=True)]
        guard.end()
    return took


_PARENT = """
import sys, time
from livegen.midi.guard import Guard
from livegen.midi.second_process import SecondProcess
from livegen.predictors import models
from livegen.system import process
model = models.load("folk")  # so that the process is as large as livegen's
ahead = process.take_priority() is None
guards = []
for name in ("one", "two"):
    guards.append(Guard(print, print, lambda: SecondProcess(process.PRIORITY if ahead else 0)))
    guards[-1].start()
    output = guards[-1].open_output(sys.argv[1], sys.argv[2] + "." + name, name, False)
    for pitch in range(60, 68):
        output.send_message(bytes((0x90, pitch, 80)))
print("ready", flush=True)
while True:
    time.sleep(0.01)
"""


def reactions(count: int) -> list[float | None]:
    """The seconds from ``kill -9`` of the main process until the driver has the last of the ends, JACK left out."""
    draw, took = random.Random(1), list[float | None]()
    for _ in range(count):
        with tempfile.TemporaryDirectory() as folder:
            stamps = str(Path(folder) / "stamps")
            parent = subprocess.Popen([sys.executable, "-c", _PARENT, COST, stamps], stdout=subprocess.PIPE, text=True)
            assert parent.stdout is not None and parent.stdout.readline() == "ready\n"
            time.sleep(0.05 + draw.random() * 0.1)
            files = [Path(f"{stamps}.{name}") for name in ("one", "two")]
            killed = time.perf_counter_ns()
            parent.kill()
            parent.wait()
            times = _within(lambda files=files: all(_ended(file) for file in files), PATIENCE)  # type: ignore[misc]
            ends = [int(file.read_text().splitlines()[len(PITCHES) * 2 - 1]) for file in files] if times else []
            took.append((max(ends) - killed) / 1e9 if ends else None)
    return took


def _ended(stamps: Path) -> bool:
    """Whether as many messages ended notes as began them."""
    return len(stamps.read_text().splitlines()) >= 2 * len(PITCHES)


class Line:
    """livegen with notes sounding on its own port and on one that it opened by name, with a program that hears each."""

    def __init__(self, jack: Jack, ears: tuple[Ears, Ears], folder: Path, synth: str) -> None:
        self.player = Jam(folder, "--outputs", synth, "--thru", "on")
        self.ears = ears
        jack.connect(own_output(jack), ears[0].port)
        if synth not in ears[1].port:
            jack.connect(_to(jack, synth), ears[1].port)
        time.sleep(0.7)  # so that livegen has seen who is connected to it

    def strike(self) -> bool:
        """Have eight notes sound; whether they do."""
        for pitch in PITCHES:
            self.player.send("/livegen/note", pitch, 90)
        return _within(lambda: all(set(PITCHES) <= sounding(each.heard) for each in self.ears), PATIENCE) is not None

    @property
    def guards(self) -> list[int]:
        """The processes that send, that of the own port first, and last the one that waits to replace one of them."""
        parent = str(self.player.process.pid)
        found = subprocess.run(["pgrep", "-f", "-P", parent, "guard_process"], capture_output=True, text=True)
        return sorted(map(int, found.stdout.split()))

    def released(self, *ears: Ears) -> float | None:
        """The seconds until nothing sounds, there or anywhere; None if something is left."""
        return _within(lambda: not any(sounding(each.heard) for each in ears or self.ears), PATIENCE)

    def end(self) -> None:
        """End it, whatever is left of it."""
        self.player.end(signal.SIGKILL)


def _to(jack: Jack, synth: str) -> str:
    """The port with which livegen sends to a synth."""
    return next(name for name in jack.ports() if f"to {synth.partition(':')[0]}" in name)


def kills(count: int, period: int, whom: str) -> list[float | None]:
    """The seconds until all is silent, for each kill of ``main``, of a ``guard`` or of ``both`` that came about."""
    draw = random.Random(1)
    took: list[float | None] = []
    for number in range(count):
        # A server that hangs after the kill before, or takes no client yet, is no finding of this study.
        with contextlib.suppress(AssertionError, StopIteration), tempfile.TemporaryDirectory() as name:
            took += _kill(Path(name), period, f"{whom}{number % 2 if whom == 'guard' else ''}", draw.random() * 0.1)
    return took


def _kill(folder: Path, period: int, whom: str, wait: float) -> list[float | None]:
    with contextlib.ExitStack() as stack:
        ahead = system.take_priority() is None  # and so does JACK, where it may, as musicians have it
        jack = stack.enter_context(private_jack(period, waits=False, realtime=ahead))
        ears = stack.enter_context(Ears("foreign", folder)), stack.enter_context(Ears("named", folder))
        # Wires that others laid to a named output are not laid again, so where a guard is killed it is the program's.
        synth = stack.enter_context(fluidsynth()) if whom == "main" else "named"
        line = Line(jack, ears, folder, synth)
        stack.callback(line.end)
        if not line.strike():
            return []
        time.sleep(wait)
        if not all(set(PITCHES) <= sounding(each.heard) for each in ears):
            return []  # the machine stood still so long that the guards took livegen for dead
        if whom == "main":
            os.kill(line.player.process.pid, signal.SIGKILL)
            return [line.released()]
        if whom == "both":
            return [_both(line, folder, ears[1])]
        at = int(whom[-1])
        os.kill(line.guards[at], signal.SIGKILL)
        return [line.released(ears[at])]


def _both(line: Line, folder: Path, named: Ears) -> float | None:
    for process in (*line.guards, line.player.process.pid):
        os.kill(process, signal.SIGKILL)
    line.player.process.wait()
    assert set(PITCHES) <= sounding(named.heard), "nobody is left to end them"
    began = time.perf_counter()
    again = Jam(folder, "--outputs", "named")
    try:
        return None if line.released(named) is None else time.perf_counter() - began
    finally:
        again.end(signal.SIGKILL)


def _within(holds: Callable[[], bool], seconds: float) -> float | None:
    began = time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        if holds():
            return passed
        time.sleep(0.0005)
    return None


def main() -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--both", type=int, default=20)
    options.add_argument("--period", type=int, default=256, help="frames of JACK's cycle, at 48 kHz")
    options.add_argument("--only", default="cost,driver,main,guard,both", help="parts of the study")
    given = options.parse_args()
    parts = given.only.split(",")
    if "cost" in parts:
        for name, took in cost().items():
            p50, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
            print(f"a message to the driver, {name}: p50 {p50:.0f} µs, p99 {p99:.0f} µs, of {len(took)}", flush=True)
    if "driver" in parts:
        for line in _told("main, to the driver", reactions(given.kills)):
            print(line, flush=True)
    for whom, count in (("main", given.kills), ("guard", given.kills), ("both", given.both)):
        if whom in parts:
            for line in _told(whom, kills(count, given.period, whom)):
                print(line, flush=True)


def _told(whom: str, seconds: list[float | None]) -> Iterator[str]:
    known = [each * 1e3 for each in seconds if each is not None]
    times = f"p50 {statistics.median(known):.1f} ms, max {max(known):.1f} ms" if known else "none"
    yield f"kill -9 of {whom}: released {len(known)} of {len(seconds)}; {times}"


if __name__ == "__main__":
    main()
