"""The time in which all notes end when livegen is killed, and when its guard is; and the guard's own cost.

    python -m benchmarks.studies.guard [--kills 100] [--both 20] [--period 256] [--only cost,driver,main,guard,both]

On a private JACK server with its dummy driver, eight notes sound on two ports: FluidSynth's (where livegen is killed; a
program hears what is sent there) and that of a program that listens. A message that JACK itself loses when a client
dies is counted as a note that was left. Each output has a guard; they are killed at random, of a livegen that goes on,
and the time is that of the output whose guard was killed. Where all are killed at once the time is that from the next
start. `--only main,guard,both` makes the kills of docs/faults.md.
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
from tests.support.jam_process import Jam, own_output

PITCHES = range(60, 68)
PATIENCE = 5.0  # seconds after which a note is left for good
WITHIN, TIMES = 1.5, 4  # seconds in which notes are to sound, and how often they are struck
GUARDS = 3  # processes: one for each output, and one that waits
SETTLED = 1.9  # seconds after a guard was replaced: a livegen whose guards die more often does without
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

    def __init__(self, bench: "Bench", folder: Path) -> None:
        self.ears = bench.ears
        self._from = [len(each.heard) for each in self.ears]
        self.player = Jam(folder, "--outputs", bench.synth, "--thru", "on")
        self._wire(bench.jack, own_output(bench.jack), 0)
        if bench.synth not in self.ears[1].port:
            self._wire(bench.jack, _to(bench.jack, bench.synth), 1)

    def _wire(self, jack: Jack, source: str, number: int) -> None:
        """Connect an output to a program that listens, until notes come through: JACK, while clients come and go, may
        make a connection that carries nothing. Raises Void."""
        ears = self.ears[number]
        for _ in range(TIMES):
            jack.connect(source, ears.port)
            for velocity in (90, 0):
                self.player.send("/livegen/note", PITCHES[0], velocity)
            if _within(lambda: len(ears.heard) > self._from[number], WITHIN) is not None:
                return
            jack.disconnect(source, ears.port)
        raise Void("JACK's connection carries nothing")

    def strike(self, wait: float) -> None:
        """Have eight notes sound, for so many seconds. Raises Void."""
        for _ in range(TIMES):  # JACK itself may lose a message where a client is late
            for pitch in PITCHES:
                self.player.send("/livegen/note", pitch, 90)
            if _within(self._all_sound, WITHIN) is not None:
                break
            for pitch in PITCHES:
                self.player.send("/livegen/note", pitch, 0)
        else:
            raise Void("not all notes came through")
        time.sleep(wait)
        if not self._all_sound():
            raise Void("the machine stood still so long that the guards took livegen for dead")

    def _all_sound(self) -> bool:
        return all(set(PITCHES) <= self.sounds(each) for each in (0, 1))

    def sounds(self, number: int) -> set[int]:
        """The pitches that sound where the first or second program listens."""
        on: set[tuple[int, int]] = set()
        for status, pitch, velocity in self.ears[number].heard[self._from[number] :]:
            kind, channel = status & 0xF0, status & 0x0F
            if kind == 0x90 and velocity:
                on.add((channel, pitch))
            elif kind in (0x80, 0x90):
                on.discard((channel, pitch))
            elif kind == 0xB0 and pitch in (120, 123):  # all sound off, all notes off
                on = {each for each in on if each[0] != channel}
        return {pitch for _, pitch in on}

    @property
    def guards(self) -> list[int]:
        """The processes that send, and last the one that waits to replace one of them."""
        parent = str(self.player.process.pid)
        found = subprocess.run(["pgrep", "-f", "-P", parent, "guard_process"], capture_output=True, text=True)
        return sorted(map(int, found.stdout.split()))

    def released(self, *numbers: int) -> float | None:
        """The seconds until nothing sounds in all these places; None if something is left."""
        return _within(lambda: not any(self.sounds(number) for number in numbers), PATIENCE)

    def hush(self) -> None:
        """Have everything end, and wait until each guard that died is replaced. Raises Void."""
        self.player.send("/livegen/panic")
        self.player.overhear()
        if self.released(0, 1) is None or _within(lambda: len(self.guards) == GUARDS, PATIENCE, 0.1) is None:
            raise Void("livegen did not come to rest")
        self._from = [len(each.heard) for each in self.ears]

    def end(self) -> None:
        """End it, whatever is left of it."""
        self.player.end(signal.SIGKILL)


class Void(Exception):
    """A try that says nothing."""


class Bench(contextlib.ExitStack):
    """JACK, FluidSynth where ``whom`` is to be killed is livegen, and two programs that listen; used until it fails."""

    def __init__(self, period: int, whom: str) -> None:
        super().__init__()
        self._whom = whom
        self._period = period

    def __enter__(self) -> "Bench":
        super().__enter__()
        with contextlib.ExitStack() as stack:
            ahead = system.take_priority() is None  # and so does JACK, where it may, as musicians have it
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            self.jack = stack.enter_context(private_jack(self._period, waits=False, realtime=ahead))
            self.ears = tuple(stack.enter_context(Ears(name, folder)) for name in ("foreign", "named"))
            for each in self.ears if ahead else ():  # what listens is to wait for nobody, as the study itself
                os.sched_setscheduler(each.pid, os.SCHED_FIFO, os.sched_param(1))
            # Wires that others laid to a named output are not laid again, so where a guard is killed it is a program's.
            self.synth = stack.enter_context(fluidsynth()) if self._whom == "main" else "named"
            self._line: Line | None = None
            self.push(stack.pop_all())
        return self

    def line(self) -> Line:
        """livegen, started now."""
        folder = Path(self.enter_context(tempfile.TemporaryDirectory()))
        line = Line(self, folder)
        self.callback(line.end)
        return line

    def kill(self, wait: float) -> float | None:
        """Kill once, when notes have sounded for so long; the seconds until all is silent. Raises Void."""
        if self._whom == "guard":
            return self._kill_guard(wait)
        line = self.line()
        line.strike(wait)
        if self._whom == "both":
            return self._kill_both(line)
        os.kill(line.player.process.pid, signal.SIGKILL)
        return line.released(0, 1)

    def _kill_guard(self, wait: float) -> float | None:
        """Kill a guard of a livegen that goes on."""
        if self._line is None:
            self._line = self.line()
            self._line.hush()
        time.sleep(SETTLED)  # so that livegen has seen who is connected to it, and has not replaced too many in a row
        self._line.strike(wait)
        *guards, _ = self._line.guards
        if len(guards) != GUARDS - 1:
            raise Void("a guard is not there yet")
        os.kill(random.choice(guards), signal.SIGKILL)
        took = _within(lambda: not (self._sounds(0) and self._sounds(1)), PATIENCE)
        self._line.hush()
        return took

    def _sounds(self, number: int) -> bool:
        return self._line is not None and bool(self._line.sounds(number))

    def _kill_both(self, line: Line) -> float | None:
        for process in (*line.guards, line.player.process.pid):
            os.kill(process, signal.SIGKILL)
        line.player.process.wait()
        if not set(PITCHES) <= line.sounds(1):
            raise Void("a guard was quicker")
        began = time.perf_counter()
        again = Jam(line.player.folder, "--outputs", "named")
        try:
            return None if line.released(1) is None else time.perf_counter() - began
        finally:
            again.end(signal.SIGKILL)


def _to(jack: Jack, synth: str) -> str:
    """The port with which livegen sends to a synth."""
    return next(name for name in jack.ports() if f"to {synth.partition(':')[0]}" in name)


def kills(count: int, period: int, whom: str) -> tuple[list[float | None], list[str]]:
    """The seconds until all is silent, for each kill of ``main``, of a ``guard`` or of ``both``; and why tries were
    void, after each of which all is made anew: a JACK that hangs or takes no client is no finding of this study."""
    draw = random.Random(1)
    took: list[float | None] = []
    voids: list[str] = []
    while len(took) < count and len(voids) <= count // 2 + 5:
        try:
            with Bench(period, whom) as bench:
                while len(took) < count:
                    took.append(bench.kill(draw.random() * 0.1))
        except (AssertionError, StopIteration, OSError, TimeoutError, subprocess.SubprocessError, Void) as error:
            voids.append(str(error) or type(error).__name__)
    return took, voids


def _within(holds: Callable[[], bool], seconds: float, every: float = 0.0005) -> float | None:
    began = time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds:
        if holds():
            return passed
        time.sleep(every)
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
            began = time.perf_counter()
            found, voids = kills(count, given.period, whom)
            for line in _told(whom, found):
                print(line, flush=True)
            passed, load = time.perf_counter() - began, os.getloadavg()[0]
            print(f"  {passed:.0f} s, load {load:.1f}; {len(voids)} void: {'; '.join(voids) or 'none'}", flush=True)


def _told(whom: str, seconds: list[float | None]) -> Iterator[str]:
    known = [each * 1e3 for each in seconds if each is not None]
    times = f"p50 {statistics.median(known):.1f} ms, max {max(known):.1f} ms" if known else "none"
    yield f"kill -9 of {whom}: released {len(known)} of {len(seconds)}; {times}"


if __name__ == "__main__":
    main()
