"""Real MIDI without hardware: a private JACK server, other programs' ports on it, a synth.

JACK keeps a slot, one of eight on a machine, for every server that was killed, until one of the same name starts; so
names come from a short list and are used again.
"""

import contextlib
import ctypes
import os
import re
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from livegen.midi import jack_server, libjack
from tests.support.parts import require
from tests.support.waiting import PATIENCE

NAMES = [f"livegen-test-{number}" for number in range(8)]
SOUNDS = Path("/usr/share/sounds/sf2")
ENVIRONMENT = ("JACK_DEFAULT_SERVER", "JACK_NO_START_SERVER", "JACK_NO_AUDIO_RESERVATION")


class Jack:
    """One server with the dummy driver, of which this process and its children become clients."""

    def __init__(self, period: int = 128, waits: bool = True, realtime: bool = False) -> None:
        self._period = period  # frames of 1/48,000 s
        self._waits = waits  # does it wait for clients that are late? JACK's own default is that it does not
        self._realtime = realtime  # does it, and its clients' threads, run before other programs? It needs rights
        self._process: subprocess.Popen[bytes] | None = None
        self._before = {name: os.environ.get(name) for name in ENVIRONMENT}
        self.name = ""

    def start(self) -> None:
        """Start, or start again under the same name."""
        os.environ.update(JACK_NO_START_SERVER="1", JACK_NO_AUDIO_RESERVATION="1")
        if self.name:
            assert self._starts(), f"jackd does not start again as {self.name}"
            return
        for self.name in NAMES:
            os.environ["JACK_DEFAULT_SERVER"] = self.name
            if not jack_server.is_alive(jack_server.address()) and self._starts():
                return
        raise AssertionError("No jackd starts; are eight running already?")

    def _starts(self) -> bool:
        """Whether the server runs. It does not if another took the name in the same moment."""
        # -r and -m: no real-time rights are needed; -t: a loaded machine; -S: no message is lost when a client is late
        waits = "-S -t 5000" if self._waits else "-t 500"
        priority = "-R -P 60" if self._realtime else "-r"
        options = f"{priority} -m {waits} -p 128 -n {self.name} -d dummy -r 48000 -p {self._period} -C 0 -P 0"
        process = subprocess.Popen(
            ["jackd", *options.split()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        until(lambda: _owner() or process.poll() is not None, PATIENCE, "jackd takes clients")
        if _owner() != process.pid:
            process.kill()
            process.wait(30)
            return False
        self._process = process
        return True

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the server; with SIGKILL it has no time to tidy up."""
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:  # a client that was killed can keep jackd from ending
                self._process.kill()
                self._process.wait(30)
            self._process = None

    def send(self, what: signal.Signals) -> None:
        """Have the server stand still, or go on."""
        assert self._process is not None
        self._process.send_signal(what)

    def ports(self) -> list[str]:
        """The full names of all ports."""
        return subprocess.run(["jack_lsp"], check=True, capture_output=True, text=True).stdout.split("\n")[:-1]

    def connect(self, source: str, target: str) -> None:
        """Connect two ports by their full names."""
        subprocess.run(["jack_connect", source, target], check=True, capture_output=True)

    def disconnect(self, source: str, target: str) -> None:
        """Part two ports by their full names."""
        subprocess.run(["jack_disconnect", source, target], check=True, capture_output=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        for name, value in self._before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _end_with_parent() -> None:
    """In the child: a test run that is killed leaves no server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _owner() -> int:
    """The process that takes clients under the name in the environment; 0 for none."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.setblocking(False)  # a server that hangs would keep us waiting
        try:
            probe.connect(str(jack_server.address()))
        except OSError:
            return 0
        return int(struct.unpack("iII", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])


@contextlib.contextmanager
def private_jack(period: int = 128, waits: bool = True, realtime: bool = False) -> Iterator[Jack]:
    """A server for a test or a module of tests; skips where there is no jackd."""
    require("jackd")
    require("jack_lsp")
    with Jack(period, waits, realtime) as jack:
        yield jack


@pytest.fixture(scope="module")
def jack() -> Iterator[Jack]:
    """One server for all tests of a module."""
    with private_jack() as server:
        yield server


def until(holds: Callable[[], Any], seconds: float = PATIENCE, what: str = "it happens") -> None:
    """Wait until something holds; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"waited {seconds} s in vain until {what}"
        time.sleep(0.005)


def carries(play: Callable[[int], object], heard: Callable[[int], object]) -> None:
    """Play numbers until the latest is heard: JACK takes a new connection up in its next period, and not before."""
    for number in range(100):
        play(number)
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            if heard(number):
                return
            time.sleep(0.005)
    raise AssertionError("nothing comes through a connection")


class Peer:
    """Another program's port: with ``plays`` it sends, otherwise it listens, and ``heard`` grows.

    It asks for what came instead of taking a callback, for in this process a callback would wait for the test.
    """

    def __init__(self, client: str, port: str, plays: bool) -> None:
        self._device = _taken("MidiOut", client) if plays else _taken("MidiIn", client, queue_size_limit=20_000)
        self._heard: list[tuple[int, ...]] = []
        self._device.open_virtual_port(port)

    def play(self, *message: int) -> None:
        """Send one message."""
        self._device.send_message(message)

    @property
    def heard(self) -> list[tuple[int, ...]]:
        """All messages that came so far."""
        while (got := self._device.get_message()) is not None:
            self._heard.append(tuple(got[0]))
        return self._heard

    def close(self) -> None:
        """The port vanishes."""
        self._device.close_port()
        self._device.delete()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _taken(kind: str, name: str, **options: int) -> Any:
    """A client of JACK's. A server may refuse one while another starts or ends beside it, so it is asked again."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return _client(kind, name, **options)
        except Exception:  # the libraries' own, which have no base in common
            if time.monotonic() > end:
                raise
        time.sleep(0.5)


def _client(kind: str, name: str, **options: int) -> Any:
    """A client of JACK's, by the library for MIDI that is installed."""
    try:
        import rtmidi
    except ImportError:
        libjack.load_system()
        import supriya_midi
        from supriya_midi.rtmidi_ext import RtMidiAPI

        return getattr(supriya_midi, kind)(RtMidiAPI.UNIX_JACK, name, **options)
    return getattr(rtmidi, kind)(rtmidi.API_UNIX_JACK, name=name, **options)


class Ears:
    """A program of its own that listens: it outlives other programs' deaths, which a client of this process may not."""

    def __init__(self, name: str, folder: Path) -> None:
        require("jack_midi_dump")
        self.port = f"{name}:input"
        self._file = (folder / f"{name}.heard").open("w+")
        self._process = subprocess.Popen(["stdbuf", "-oL", "jack_midi_dump", name], stdout=self._file)
        self.pid = self._process.pid
        self._came = (folder / f"{name}.heard").open()
        self._line = ""  # what came of one that has no end yet
        self._heard: list[tuple[int, ...]] = []

    @property
    def heard(self) -> list[tuple[int, ...]]:
        """All messages of three bytes that came so far."""
        *lines, self._line = (self._line + self._came.read()).split("\n")
        found = [re.match(r"\s*\d+:((?: [0-9a-f]{2}){3})(?: |$)", line) for line in lines]
        self._heard += [tuple(bytes.fromhex(each[1])) for each in found if each]
        return self._heard

    def __enter__(self) -> Self:
        until(lambda: self.port in _listed(), what=f"{self.port} is there")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait(30)
        self._file.close()
        self._came.close()


def _listed() -> list[str]:
    return subprocess.run(["jack_lsp"], capture_output=True, text=True, check=False).stdout.split("\n")[:-1]


@contextlib.contextmanager
def fluidsynth() -> Iterator[str]:
    """FluidSynth on the private server, sounding into its ports fluid:left and fluid:right. Its MIDI port's name."""
    require("fluidsynth")
    sounds = next(SOUNDS.glob("*.sf2"), None)
    if sounds is None:
        require(str(SOUNDS / "*.sf2"))
    options = (
        "-a jack -m jack -o audio.jack.autoconnect=0 -o midi.autoconnect=0 -o midi.jack.id=fluid"
        " -o audio.jack.id=fluid -o synth.sample-rate=48000"
    )
    process = subprocess.Popen(
        ["fluidsynth", *options.split(), str(sounds)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        found: list[str] = []

        def is_there() -> bool:
            found[:] = [name for name in _listed() if name.startswith("fluid:midi")]
            return bool(found)

        until(is_there, PATIENCE, "fluidsynth has its MIDI port")
        yield found[0]
    finally:
        process.communicate(b"quit\n", PATIENCE)
