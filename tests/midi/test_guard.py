"""The process that sends MIDI: what sounds ends when this process dies or hangs, and when that one does."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from livegen.errors import PortError
from livegen.midi import guard as guards
from livegen.midi import second_process
from livegen.midi.guard import Guard, GuardedOutput
from livegen.midi.guard_process import OPEN, OPENED, frame
from livegen.system import clock
from tests.support import recorded_binding
from tests.support.jack import until
from tests.support.waiting import until as until_in_loop

pytestmark = pytest.mark.skipif(not second_process.available(), reason="no second process can be had on this system")

ON, OFF = bytes((0x90, 60, 80)), bytes((0x80, 60, 0))
MODULE = recorded_binding.__name__
PARENT = """
import sys, time
from livegen.midi.guard import Guard
guard = Guard(print, print)
guard.start()
for name in ("one", "two"):
    output = guard.open_output(sys.argv[1], sys.argv[2], name, False)
    for pitch in range(60, 64):
        output.send_message(bytes((0x90, pitch, 80)))
    output.send_message(bytes((0xB0, 64, 127)))
    output.send_message(bytes((0xE0, 0, 10)))
print(guard.pid, flush=True)
time.sleep(60)
"""


def lines(sent: Path, name: str) -> list[str]:
    """The messages of one output, in a file of them."""
    rows = sent.read_text().splitlines() if sent.exists() else []
    return [row.partition(": ")[2] for row in rows if f" {name}:" in row]


class Stage:
    """A guard and the file of what its outputs sent."""

    def __init__(self, folder: Path) -> None:
        self.sent = folder / "sent"
        self.died = 0
        self.opened = 0
        self.guard = Guard(self._die, self._open)

    def output(self, name: str = "synth") -> GuardedOutput:
        if not self.guard.pid:
            self.guard.start()
        return self.guard.open_output(MODULE, str(self.sent), name, False)

    def lines(self, name: str = "synth") -> list[str]:
        return lines(self.sent, name)

    def _die(self) -> None:
        self.died += 1

    def _open(self) -> None:
        self.opened += 1


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.guard.end()


def sounding(lines: list[str]) -> int:
    """The keys that are down and the pedals and bends that are not at rest."""
    state: dict[str, bool] = {}
    for line in lines:
        status, first, *value = line.split()
        kind = status[0]
        if kind in "89":
            state[f"{status[1]} {first}"] = kind == "9" and value != ["00"]
        elif (kind, first) == ("b", "40"):
            state[f"{status} {first}"] = value != ["00"]
        elif kind == "e":
            state[status] = [first, *value] != ["00", "40"]
    return sum(state.values())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_all_outputs_fall_silent_when_the_main_process_is_killed_or_hangs(tmp_path: Path, how: signal.Signals) -> None:
    sent = tmp_path / "sent"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, MODULE, str(sent)], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        guard = int(parent.stdout.readline())
        until(lambda: sounding(lines(sent, "two")) == 6)
        assert sounding(lines(sent, "one")) == 6
        parent.send_signal(how)
        until(lambda: not sounding(lines(sent, "one")) and not sounding(lines(sent, "two")), what="all is released")
    finally:
        parent.kill()
        parent.communicate()
    until(lambda: not Path(f"/proc/{guard}/cmdline").exists() or ended(guard), what="no process is left behind")


def ended(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return "\nState:\tZ" in Path(f"/proc/{process}/status").read_text()


def test_a_note_is_sent_ahead_and_ends_what_sounds_on_its_key_unless_it_is_cancelled(stage: Stage) -> None:
    output = stage.output()
    output.send_message(ON)
    os.kill(stage.guard.pid, signal.SIGSTOP)  # so that it reads all that follows at once
    due = clock.now() + 0.01
    cancelled = bytes((0x90, 62, 80))
    assert output.send_ahead(cancelled, due) and output.send_ahead(ON, due + 0.01)
    output.cancel(cancelled, due)
    assert output.owed.sounding == [(0, 60)]
    os.kill(stage.guard.pid, signal.SIGCONT)
    until(lambda: stage.lines()[-1:] == ["90 3c 50"] and len(stage.lines()) == 3)
    assert stage.lines()[1] == "80 3c 00"
    output.send_message(OFF)
    until(lambda: stage.lines()[-1] == "80 3c 00")
    assert len(stage.lines()) == 4 and not len(output.owed)


async def test_no_note_that_is_sent_ahead_comes_too_soon_and_how_late_it_is_is_told(stage: Stage) -> None:
    output = stage.output()
    due = clock.now() + 0.1
    dues = [due - 1.0, *(due + number * 0.00025 for number in range(40))]  # so near that there is no time to sleep
    for number, at in enumerate(dues):
        assert output.send_ahead(bytes((0x90, 40 + number, 80)), at)
    told: list[tuple[float, float]] = []

    def is_told() -> bool:
        told.extend(output.take_lates())
        return len(told) == len(dues)

    await until_in_loop(is_told)
    assert [at for at, _ in told] == dues
    assert told[0][1] > 0.89 and all(0.0 <= late < 30.0 for _, late in told)
    assert [line[3:5] for line in stage.lines()] == [f"{40 + number:02x}" for number in range(len(dues))]


async def test_a_guard_that_dies_is_replaced_and_the_next_ends_what_it_owed(stage: Stage) -> None:
    output = stage.output()
    output.send_message(ON)
    output.send_message(bytes((0xB0, 64, 127)))
    await until_in_loop(lambda: len(stage.lines()) == 2)
    os.kill(stage.guard.pid, signal.SIGKILL)
    await until_in_loop(lambda: stage.died == 1)
    output.send_message(OFF)  # meanwhile nobody can send it
    assert stage.guard.replace()
    output.send_message(bytes((0x90, 62, 80)))
    await until_in_loop(lambda: stage.opened == 1)
    stage.guard.settle()
    output.send_message(bytes((0x90, 64, 80)))
    await until_in_loop(lambda: stage.lines()[-1:] == ["90 40 50"])
    assert stage.lines()[2:] == ["b0 40 00", "80 3c 00", "b0 7b 00", "90 40 50"]
    assert stage.guard.dropped == 1, "a note that would be late is not played"
    stage.guard.end()
    twice = ["80 40 00", "b0 7b 00"] * 2
    await until_in_loop(lambda: stage.lines()[-4:] == twice)  # should one be lost


async def test_a_guard_that_hangs_is_replaced_and_nobody_waits_for_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = stage.output("hangs")
    began = time.monotonic()
    for _ in range(50_000):  # more than a pipe takes
        output.send_message(ON)
    assert time.monotonic() - began < 20 and stage.guard.dropped
    await until_in_loop(lambda: stage.died == 1)
    assert stage.guard.replace()


async def test_after_too_many_deaths_there_is_no_other(stage: Stage) -> None:
    stage.output()
    replaced: list[bool] = []
    for _ in range(guards.MOST_IN_A_ROW + 1):
        os.kill(stage.guard.pid, signal.SIGKILL)
        await until_in_loop(lambda: stage.died > len(replaced))
        replaced.append(stage.guard.replace())
    assert replaced == [True] * guards.MOST_IN_A_ROW + [False]


def test_an_output_that_cannot_be_opened_or_fails_is_named(stage: Stage) -> None:
    with pytest.raises(PortError, match=r"none such cannot be opened \(there is none\); close the program"):
        stage.output("none such")
    output = stage.output("cable out")
    output.send_message(ON)

    def failed() -> bool:
        stage.guard.check()
        return stage.guard.failed == [output]

    until(failed)


def test_a_guard_that_hangs_in_the_midi_system_does_not_outlive_its_main_process_for_long(tmp_path: Path) -> None:
    """Nobody is left to replace it."""
    commands, tell = os.pipe()
    opened = {"number": 0, "module": MODULE, "api": str(tmp_path / "sent"), "name": "hangs", "virtual": False}
    os.write(tell, frame(OPEN, json.dumps(opened).encode()) + frame(0, ON))
    os.close(tell)
    code = f"from livegen.midi import guard_process as p; p.LINGERS = 1; p.GuardProcess({commands}, 1).run()"
    process = subprocess.run([sys.executable, "-c", code], pass_fds=[commands], stdout=subprocess.PIPE, timeout=60)
    os.close(commands)
    assert process.stdout == frame(OPENED, b"\0") and process.returncode == -signal.SIGALRM


def test_closing_an_output_ends_what_sounds_there_alone(stage: Stage) -> None:
    one, two = stage.output("one"), stage.output("two")
    one.send_message(ON)
    two.send_message(ON)
    one.close_port()
    until(lambda: stage.lines("one") == ["90 3c 50", "80 3c 00", "b0 7b 00"])
    assert stage.lines("two") == ["90 3c 50"]
    assert stage.output("three").number == one.number, "its number is free again"


async def test_the_process_imports_no_more_than_it_needs() -> None:
    """It must be there again within half a second."""
    asked = "import sys, livegen.midi.guard_process as own, livegen.midi.python_rtmidi; print(*sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", asked, stdout=subprocess.PIPE)
    said, _ = await process.communicate()
    assert not {"numpy", "onnxruntime", "pydantic", "asyncio", "aiohttp", "mido"} & set(said.decode().split())
