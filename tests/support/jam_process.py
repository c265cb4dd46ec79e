"""`livegen jam` as a process of its own, an OSC socket that listens to it, and its wiring on JACK."""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from livegen.osc import packets
from tests.support.jack import Jack, Peer, carries, until
from tests.support.waiting import PATIENCE

NO_MIDI = {"JACK_DEFAULT_SERVER": "livegen-no-such-server", "JACK_NO_START_SERVER": "1"}

# A busy machine may be late with a note or a step; no note is to be left out for it, and no model to give way.
LATE = ("--late", "2", "--deadline", "2")


class Jam:
    """A running `livegen jam`, and an OSC socket that listens to it."""

    def __init__(
        self, folder: Path, *flags: str, screen: int | None = None, midi: bool = True, module: str = "livegen"
    ) -> None:
        self.folder = folder
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)  # a test may send much before it reads
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE)
        own = self.socket.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        places = ["--osc-port", str(self.port), "--osc-target", f"127.0.0.1:{own}", "--journal", str(folder)]
        self.output = (folder / "output").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, "jam", *places, "--seed", "1", "--page", "off", *LATE, *flags],
            stdout=self.output if screen is None else screen,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | ({} if midi else NO_MIDI),
        )
        until(self._is_ready, 60.0, "livegen is ready")
        assert self.process.poll() is None, self.said()

    def _is_ready(self) -> bool:
        """Whether it answers over OSC, or has ended."""
        self.send("/livegen/ping", 1)
        ready = bool(select.select([self.socket], [], [], 0.1)[0])
        return ready or self.process.poll() is not None

    def said(self) -> str:
        """The text on the screen."""
        return (self.folder / "output").read_text()

    def send(self, address: str, *args: Any) -> None:
        self.socket.sendto(packets.encode(address, *args), ("127.0.0.1", self.port))

    def receive(self, address: str, within: float = PATIENCE) -> tuple[Any, ...]:
        """The arguments of the next message to this address."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            message = packets.decode(self.socket.recv(8192), 0.0)[0]
            if message.address == address:
                return message.args
        raise TimeoutError(address)

    def overhear(self) -> None:
        """Take no notice of what was said until now: a socket that nobody reads is full some day."""
        while select.select([self.socket], [], [], 0)[0]:
            self.socket.recv(8192)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(PATIENCE)
        self.socket.close()
        self.output.close()
        return code

    def journal(self) -> Path:
        (path,) = self.folder.glob("*.jsonl")
        return path


@contextlib.contextmanager
def jam(folder: Path, *flags: str, midi: bool = True, module: str = "livegen") -> Iterator[Jam]:
    running = Jam(folder, *flags, midi=midi, module=module)
    try:
        yield running
    finally:
        assert running.end() == 0, running.said()


def own_output(jack: Jack) -> str:
    """livegen's output as JACK names it: in and out are two clients to JACK, so the second's name has a number."""
    return next(name for name in jack.ports() if name.endswith(":livegen out"))


def sounding(messages: list[tuple[int, ...]]) -> set[int]:
    """Pitches with a note-on and no note-off after it."""
    on: set[int] = set()
    for status, pitch, velocity in messages:
        if status & 0xF0 == 0x90 and velocity:
            on.add(pitch)
        elif status & 0xF0 in (0x80, 0x90):
            on.discard(pitch)
    return on


@contextlib.contextmanager
def wired(jack: Jack, folder: Path, *flags: str) -> Iterator[tuple[Jam, Peer, Peer]]:
    """livegen on JACK, a keyboard played into it, an instrument that hears it."""
    with jam(folder, *flags) as player, Peer("keys", "out", True) as keys, Peer("synth", "in", False) as synth:
        jack.connect("keys:out", "livegen:livegen in")
        jack.connect(own_output(jack), "synth:in")
        player.send("/livegen/thru", 1)
        carries(lambda number: keys.play(0xB0, 119, number), lambda number: (0xB0, 119, number) in synth.heard)
        player.send("/livegen/thru", 0)
        while player.receive("/livegen/thru") != (False,):
            pass
        synth.heard.clear()
        yield player, keys, synth
