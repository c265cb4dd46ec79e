"""Measures how long a note takes through each MIDI output that is wired to an input, and makes ``delays`` of it."""

import random
import re
import threading
import tomllib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import click

from livegen.beat import delays
from livegen.cli.screen import printable
from livegen.errors import FileError, PortError
from livegen.events import NoteOff, NoteOn, Received
from livegen.midi.binding import OutputDevice
from livegen.midi.messages import encode
from livegen.midi.names import NONE
from livegen.midi.rig import Rig, find_system
from livegen.system import clock

PITCHES = range(36, 96)
LENGTH = 0.02  # seconds that a note lasts
APART = (0.03, 0.08)  # seconds from one note's end to the next, at random: no cycle of the system is to be met
GIVEN_UP = 1.0  # seconds after which a note does not come back
NEARLY = 1.0  # milliseconds: a smaller difference between outputs is no reason for a delay


class Measured(NamedTuple):
    """The milliseconds that each note took through one output; ``lost`` did not come back."""

    name: str
    took: list[float]
    lost: int

    @property
    def usual(self) -> float:
        """The median."""
        return median(self.took)

    def sentence(self) -> str:
        """The result for a musician."""
        if not self.took:
            return f"{self.name}: nothing came back; wire it to an input that livegen hears, and run this again."
        slow = quantiles(self.took, n=100)[98] if len(self.took) > 1 else self.usual
        lost = f"; {self.lost} did not come back" if self.lost else ""
        times = f"half within {self.usual:.1f} ms, 99 % within {slow:.1f}, all within {max(self.took):.1f}"
        return f"{self.name}: {len(self.took)} notes, {times}{lost}."


class Ear:
    """Waits for notes to come back. ``hear`` is called on another thread."""

    def __init__(self) -> None:
        self._came = threading.Event()
        self._wanted = -1
        self._at = 0.0

    def hear(self, event: Received, port: str) -> None:
        """An event came in."""
        if isinstance(event, NoteOn) and event.pitch == self._wanted and not self._came.is_set():
            self._at = event.at
            self._came.set()

    def took(self, device: OutputDevice, pitch: int, patience: float) -> float | None:
        """The milliseconds that a note takes through that output; None where it does not come back."""
        self._came.clear()
        self._wanted = pitch
        sent = clock.now()
        device.send_message(bytes(encode(NoteOn(sent, pitch, 64))))
        came = self._came.wait(patience)
        clock.rest(LENGTH)
        device.send_message(bytes(encode(NoteOff(clock.now(), pitch))))
        return (self._at - sent) * 1e3 if came else None


def measure(ear: Ear, name: str, device: OutputDevice, notes: int, patience: float) -> Measured:
    """Play notes through one output, once it is wired; ``patience``: seconds that the musician has to wire it."""
    draw, took, lost = random.Random(1), list[float](), 0
    end = clock.now() + patience
    while ear.took(device, PITCHES[0], 0.1) is None:
        if clock.now() > end:
            return Measured(name, [], 0)
    for number in range(notes):
        clock.rest(draw.uniform(*APART))
        found = ear.took(device, PITCHES[number % len(PITCHES)], GIVEN_UP)
        if found is None:
            lost += 1
        else:
            took.append(found)
    return Measured(name, took, lost)


def proposal(measured: Sequence[Measured]) -> str:
    """The setting ``delays`` with which the quicker outputs are as late as the slowest; "" where none is needed."""
    known = [each for each in measured if each.took]
    slowest = max((each.usual for each in known), default=0.0)
    late = {each.name: slowest - each.usual for each in known if slowest - each.usual >= NEARLY}
    found = ", ".join(f"{re.sub('[,=]', ' ', name).strip().lower()}={ms:.1f}" for name, ms in late.items())
    return delays.named(found)


def with_delays(text: str, wish: str) -> str:
    """A settings file's text with this value of ``delays``. Raises ValueError where it is no TOML."""
    tomllib.loads(text)
    line = f'delays = "{wish}"'.replace("\\", "\\\\")
    head, table, rest = re.match(r"(.*?)(^\[.*|\Z)(.*)", text, re.DOTALL | re.MULTILINE).groups()  # type: ignore[union-attr]
    head, count = re.subn(r"^delays\s*=.*$", lambda _: line, head, flags=re.MULTILINE)
    if not count:
        head = f"{line}\n{head}"
    written: str = head + table + rest
    tomllib.loads(written)
    return written


def _write(path: Path, wish: str) -> None:
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(with_delays(text, wish), encoding="utf-8")
    except (OSError, ValueError) as error:
        raise FileError(f"The delays cannot be written to {path} ({error}); give another file.") from None


@click.command()
@click.option("--outputs", default="none", help="MIDI outputs besides our own, with commas between them")
@click.option("--inputs", default="none", help="MIDI inputs besides our own, with commas between them")
@click.option("--notes", type=click.IntRange(1, 10_000), default=50, help="notes for each output (default 50)")
@click.option("--wait", type=click.FloatRange(0, 600), default=20.0, help="seconds in which you wire each output")
@click.option("--write", type=click.Path(path_type=Path), help="write the delays to this settings file")
def latency(outputs: str, inputs: str, notes: int, wait: float, write: Path | None) -> None:
    """Measure how long a note takes through each output that you wire to an input, and propose `delays`."""
    ear = Ear()
    system = find_system()
    if system.name == NONE:
        raise PortError(f"There is nothing to measure. {system.sentence}")
    rig = Rig(system, inputs, outputs, lambda sentence: click.echo(printable(sentence)))
    rig.echo.window = 0.0  # our own notes are what is waited for
    rig.guard.wished = True
    measured = []
    with ExitStack() as stack:
        rig.open(ear.hear)
        stack.callback(rig.close)
        for name, device in rig.devices.items():
            click.echo(printable(f"Wire {name} to an input; {notes} notes are played there."))
            measured.append(measure(ear, name, device, notes, wait))
            click.echo(printable(measured[-1].sentence()))
    wish = proposal(measured)
    if not any(each.took for each in measured):
        raise PortError("Nothing was measured, for no note came back.")
    click.echo(printable(f'delays = "{wish}"') if wish else "The outputs need no delays.")
    if write is not None:
        _write(write, wish)
        click.echo(printable(f"Wrote {write}."))
