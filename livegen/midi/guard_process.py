"""The process that owns the MIDI outputs and ends what sounds when livegen dies or hangs.

It imports next to nothing, so that it is there soon, and waits for nothing but its pipe. ``guard.py`` is its other
side. A frame is a kind (one byte), the length of what follows (two bytes, the higher first), and that. A kind below
``OPEN`` is the number of an output, and what follows is a MIDI message for it.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import sys
from typing import Any

from livegen.midi.binding import TROUBLE, OutputDevice, shut
from livegen.midi.owed import Owed
from livegen.midi.timed import Timed, pack_lates, unpack
from livegen.system.clock import now

# Commands. BEAT is answered; LEAVE is END where JACK stands still; LOAD names a binding that is to be opened soon.
# AT has a message sent when it is due, unless CANCEL comes first; the answer to BEAT says how late such messages were.
OPEN, CLOSE, BEAT, END, LEAVE, LOAD, AT, CANCEL = 200, 201, 202, 203, 204, 205, 206, 207
OPENED, REFUSED, FAILED = 210, 211, 212  # answers: an output's number, then the reason where it was refused
HANGS = 0.5  # seconds without a sign of life after which the main process hangs
LINGERS = 60  # seconds that a MIDI system has to take messages, before they are given up
_HEAD, _CHUNK = 3, 65536  # bytes
_AWAKE = 0.0003  # seconds before a message is due from which on the clock is watched: who sleeps wakes up late
_MOST_LATES = 300  # that are kept for one answer
_APART = 30  # milliseconds between the first and the second time that all is ended
_BURST, _BREATH = 64, 1  # messages, and milliseconds after them: JACK silently drops more
_CYCLES, _PATIENCE = 3, 1.0  # cycles of JACK's in which all that was sent gets through, and seconds to wait for each

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of Linux
_JACK = "JACK"  # how a binding's name of it ends

Ends = dict[int, list[bytes]]  # the messages that end what sounds, by output


def frame(kind: int, content: bytes = b"") -> bytes:
    """A frame of this kind."""
    return bytes((kind, len(content) >> 8, len(content) & 0xFF)) + content


class Frames:
    """Puts frames together from the pieces in which they come."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, piece: bytes) -> list[tuple[int, bytes]]:
        """The frames that are whole now, as kind and content."""
        data, at, found = self._rest + piece, 0, []
        while len(data) - at >= _HEAD:
            end = at + _HEAD + (data[at + 1] << 8 | data[at + 2])
            if end > len(data):
                break
            found.append((data[at], data[at + _HEAD : end]))
            at = end
        self._rest = data[at:]
        return found


class GuardProcess:
    """Reads commands from one descriptor until it ends, and writes answers to another."""

    def __init__(self, commands: int, answers: int, death: int = -1) -> None:
        self._commands = commands
        self._death = death  # from which something can be read when a thread of the main process has died
        self._parent = os.getppid()
        self._answers = answers
        self._frames = Frames()
        self._devices: dict[int, OutputDevice] = {}
        self._owed: dict[int, Owed] = {}
        self._timed = Timed()
        self._lates: list[tuple[float, float]] = []  # when a message was due, and the seconds that it was late
        self._failed: set[int] = set()
        self._on_jack = False
        self._ended = False
        self._sure = False  # does the MIDI system run, as far as the main process knows?

    def run(self) -> None:
        """Serve until the pipe ends or ``END`` comes; then end all that sounds, and close the ports."""
        descriptors = [each for each in (self._commands, self._death) if each >= 0]
        hangs = now() + HANGS
        while not self._ended:
            signal.alarm(LINGERS)  # a system that hangs keeps this process no longer, for it would not see the pipe end
            ready, _, _ = select.select(descriptors, [], [], self._wait(hangs))
            self._send_due()
            if not ready:
                if now() >= hangs:
                    self.release()
                    hangs = now() + HANGS
                continue
            hangs = now() + HANGS
            if self._death in ready and os.read(self._death, _CHUNK) and _is_dying(self._parent):
                break
            if self._commands not in ready:
                continue
            piece = os.read(self._commands, _CHUNK)
            if not piece:
                break
            for kind, content in self._frames.take(piece):
                self._obey(kind, content)
        if self._death >= 0:
            signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # it would cut short what waits for JACK
        signal.alarm(LINGERS)
        self._leave()

    def _wait(self, hangs: float) -> float:
        """The seconds until something is to be done: a message is nearly due, or the main process hangs."""
        due = self._timed.next_due
        return max(0.0, (hangs if due is None else min(hangs, due - _AWAKE)) - now())

    def _send_due(self) -> None:
        """Send what is due, and what is so nearly due that it is not worth sleeping."""
        while (due := self._timed.next_due) is not None and due - now() <= _AWAKE:
            while now() < due:
                pass
            timed = self._timed.take(due)
            owed = None if timed is None else self._owed.get(timed.number)
            if timed is None or owed is None:
                continue
            for message in (*owed.ends(timed.message), timed.message):
                self._send(timed.number, message)
                owed.take(message)
            self._lates = [*self._lates[1 - _MOST_LATES :], (due, now() - due)]

    def _leave(self) -> None:
        """End all that sounds, more than once, for a system that is in disorder may lose messages; close the ports.

        To close one on a JACK that stands still drops what waits there. So where nobody says that it runs, this waits
        until it does, and says the ends again.
        """
        ends = self._ends()
        self._say(ends)
        if any(ends.values()):
            select.poll().poll(_APART)
            self._say(ends)
            if self._on_jack and not self._sure:
                _await_jack()
                self._say(ends)
        for number in list(self._devices):
            self._close(number)

    def release(self) -> None:
        """End all that sounds on every output."""
        self._say(self._ends())

    def _ends(self) -> Ends:
        """The messages that end what sounds; from now on nothing is owed."""
        ends = {number: owed.releases() for number, owed in self._owed.items()}
        for owed in self._owed.values():
            owed.clear()
        return ends

    def _say(self, ends: Ends) -> None:
        for number, messages in ends.items():
            for count, message in enumerate(messages, 1):
                self._send(number, message)
                if count % _BURST == 0:
                    select.poll().poll(_BREATH)

    def _obey(self, kind: int, content: bytes) -> None:
        if kind < OPEN:
            if kind in self._owed:
                self._send(kind, content)
                self._owed[kind].take(content)
        elif kind == AT:
            self._timed.add(unpack(content))
        elif kind == CANCEL:
            self._timed.cancel(unpack(content))
        elif kind == BEAT:
            lates, self._lates = self._lates, []
            self._answer(frame(BEAT, pack_lates(lates)))
        elif kind == OPEN:
            self._open(**json.loads(content))
        elif kind == CLOSE:
            self._close(content[0])
        elif kind == LOAD:
            with contextlib.suppress(ImportError, *TROUBLE):  # ``OPEN`` will say it
                _load(content.decode())
        elif kind in (END, LEAVE):
            self._ended, self._sure = True, kind == END

    def _open(self, number: int, module: str, api: str, name: str, virtual: bool) -> None:
        try:
            self._devices[number] = _load(module).open_output(api, name, virtual)
        except (ImportError, *TROUBLE) as error:
            reason = str(error).rstrip(".") or type(error).__name__
            self._answer(frame(REFUSED, bytes((number,)) + reason.encode(errors="replace")[:1000]))
            return
        self._on_jack = self._on_jack or api.endswith(_JACK)
        self._owed[number] = Owed()
        self._failed.discard(number)
        self._answer(frame(OPENED, bytes((number,))))

    def _close(self, number: int) -> None:
        self._timed.forget(number)
        device = self._devices.pop(number, None)
        owed = self._owed.pop(number, None)
        if device is not None and owed is not None:
            for message in owed.releases():
                with contextlib.suppress(*TROUBLE):
                    device.send_message(message)
            shut(device)

    def _send(self, number: int, message: bytes) -> None:
        try:
            self._devices[number].send_message(message)
        except TROUBLE:
            if number not in self._failed:
                self._failed.add(number)
                self._answer(frame(FAILED, bytes((number,))))

    def _answer(self, answer: bytes) -> None:
        with contextlib.suppress(OSError):  # nobody is there, or nobody reads
            os.write(self._answers, answer)


def _load(module: str) -> Any:  # noqa: ANN401 (a module that is a ``Binding``)
    """The binding in a module. Raises ImportError or one of TROUBLE."""
    binding: Any = importlib.import_module(module)
    binding.load()
    return binding


def _await_jack() -> None:
    """Wait until JACK runs: it takes no client before. A server that died is not waited for."""
    from livegen.midi.jack_watch import Heartbeat  # needed here alone, where there is time

    with contextlib.suppress(OSError):
        pulse = Heartbeat()
        for _ in range(_CYCLES):
            pulse.hangs(_PATIENCE)


def _feel_death() -> int:
    """A descriptor from which something can be read when the thread has died that started this process; -1 where the
    system does not tell. It is known sooner than the end of the pipe, for which all threads must have died and all
    memory must be free."""
    try:
        import ctypes

        prctl = ctypes.CDLL(None).prctl
        told, tells = os.pipe()
        os.set_blocking(tells, False)
        signal.signal(signal.SIGUSR1, lambda number, frame: None)
        signal.set_wakeup_fd(tells, warn_on_full_buffer=False)
        return told if prctl(_SET_DEATH_SIGNAL, int(signal.SIGUSR1), 0, 0, 0) == 0 else -1
    except (ImportError, OSError, AttributeError):
        return -1


def _is_dying(process: int) -> bool:
    """Whether the first thread of a process has ended; a process is told of the death of other threads, too."""
    try:
        stat = os.open(f"/proc/{process}/stat", os.O_RDONLY)
        try:
            return os.read(stat, _CHUNK).rpartition(b")")[2].split()[0] in (b"Z", b"X")
        finally:
            os.close(stat)
    except OSError:
        return True


def main(commands: int, answers: int, priority: int) -> None:
    """Run, with this real-time priority if it is not 0 and may be had. Only the end of the pipe ends it, no signal."""
    gc.disable()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    if priority:
        with contextlib.suppress(OSError, AttributeError):
            os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))
    GuardProcess(commands, answers, _feel_death()).run()
    signal.raise_signal(signal.SIGKILL)  # the libraries' own endings may wait for a system that is gone


if __name__ == "__main__":  # in a bundled app
    main(*map(int, sys.argv[1:4]))
