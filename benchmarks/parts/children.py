"""The programs that are measured, each a child process: started, waited for, asked what it uses, ended."""

import contextlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.parts import scheduling
from benchmarks.parts.client import LOOPBACK, Client, verb

_START = 30.0  # seconds a program may take to answer
_END = 10.0  # seconds it may take to end
_PONG = b"/livegen/pong\0"
JAM = ["-m", "livegen", "jam"]
ROOT = Path(__file__).parents[2]


@dataclass
class Child:
    """A running program. ``started`` is the time from its start to its first answer, seconds."""

    client: Client
    pid: int
    started: float
    output: Path

    def said(self, word: str) -> str:
        """The first line it printed that holds this word, or nothing."""
        return next((line for line in self.output.read_text(errors="replace").splitlines() if word in line), "")

    def memory(self) -> float:
        """Resident memory, MiB."""
        for line in Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return float("nan")

    def processor(self) -> float:
        """Processor time used so far by all its threads, seconds."""
        threads = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(path.read_text().split()[0]) for path in threads) / 1e9


def free_port() -> int:
    """A UDP port of the loopback that is free now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def echo() -> Iterator[Child]:
    """The bare asyncio echo."""
    port = free_port()
    with _started(["-m", "benchmarks.parts.echo", str(port)], port, Client(), verb("ping")) as child:
        yield child


@contextlib.contextmanager
def midi_echo() -> Iterator[Child]:
    """The bare python-rtmidi echo, on the JACK server that the environment names."""
    port = free_port()
    with _started(["-m", "benchmarks.parts.midi_echo", str(port)], port, Client(), verb("ping")) as child:
        yield child


@contextlib.contextmanager
def livegen(*flags: str) -> Iterator[Child]:
    """``livegen jam`` without MIDI ports unless ``flags`` say so, its journal in a folder that goes with it."""
    port, client = free_port(), Client()
    with tempfile.TemporaryDirectory() as folder:
        command = [*JAM, "--osc-port", str(port), "--osc-target", f"{LOOPBACK}:{client.port}"]
        command += ["--inputs", "none", "--outputs", "none", "--http-port", "0", "--journal", folder]
        command += ["--realtime", "on" if scheduling.is_wished() else "off", *flags]
        with _started(command, port, client, _PONG) as child:
            yield child


@contextlib.contextmanager
def _started(arguments: list[str], port: int, client: Client, answer: bytes) -> Iterator[Child]:
    """Run Python with these arguments until the block ends. ``answer`` is how its reply to a ping begins.

    Raises RuntimeError, with what the program said, if it does not start or ends too soon.
    """
    client.face(port)
    with tempfile.NamedTemporaryFile() as output:
        born = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        path = Path(output.name)
        try:
            while not _pings(client, answer):
                _check(process, path, time.perf_counter() - born)
            yield Child(client, process.pid, time.perf_counter() - born, path)
            _check(process, path)
        finally:
            _end(process)
            client.close()


def _check(process: subprocess.Popen[bytes], output: Path, waited: float = 0.0) -> None:
    if process.poll() is not None or waited > _START:
        what = "did not answer" if process.poll() is None else f"ended with {process.returncode}"
        raise RuntimeError(
            f"The program under test {what}: {output.read_text(encoding='utf-8', errors='replace').strip()[-2000:]}"
        )


def _pings(client: Client, answer: bytes) -> bool:
    client.say(verb("ping"))
    return bool(client.wait_for(answer, 0.005))


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        process.wait(_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
