"""Has a MIDI output in a process of its own, which ends what sounds when this one dies or hangs; and replaces it.

``guard_process.py`` is that process. Here is what the rig sees: outputs that are opened and sent to as those of a
binding, and a mirror of what they owe, from which a new process ends what its predecessor left.
"""

import asyncio
import contextlib
import json
import os
import select
from collections.abc import Callable

from livegen.errors import PortError
from livegen.midi.guard_process import AT, BEAT, CANCEL, CLOSE, END, FAILED, LEAVE, OPEN, OPENED, REFUSED, Frames, frame
from livegen.midi.owed import Owed
from livegen.midi.second_process import SecondProcess
from livegen.midi.timed import TimedMessage, unpack_lates
from livegen.system import clock

BEAT_EVERY = 0.1  # seconds
UNANSWERED = 10  # beats, after which the process hangs
UNOPENED = 100  # the same while it opens its outputs, for which JACK may take long
OPENS_WITHIN = 10.0  # seconds
ENDS_WITHIN = 0.5  # seconds; a process that has not ended by then waits for its MIDI system alone
MOST_IN_A_ROW, IN_A_ROW = 3, 10.0  # replacements within so many seconds, after which there is no other
_NOTE_ON, _BEAT = 0x90, frame(BEAT)


class GuardedOutput:
    """One output of the process, used as an ``OutputDevice``."""

    def __init__(self, guard: "Guard", number: int, opening: bytes) -> None:
        self.number = number
        self.opening = opening  # the command
        self.owed = Owed()
        self.left = Owed()  # what a process that died owed, and the next one has not ended yet
        self._guard = guard

    def send_message(self, message: bytes) -> None:
        """Send; never waits."""
        self._guard.send(self, message)

    def send_ahead(self, message: bytes, due: float) -> bool:
        """Have the process send a note-on when it is due (seconds). False where it takes none now."""
        return self._guard.send_ahead(self, message, due)

    def cancel(self, message: bytes, due: float) -> None:
        """Have it not send that note-on, unless it is sent already."""
        self._guard.cancel(self, message, due)

    def take_lates(self) -> list[tuple[float, float]]:
        """The lateness of such note-ons, those that were told of since this was last asked: of each when it was due,
        and the seconds."""
        return self._guard.take_lates()

    def close_port(self) -> None:
        """End what sounds there, and close it."""
        self._guard.close(self)

    def delete(self) -> None:
        """There is nothing else to leave."""


class Guard:
    """The process. When it died or hangs, ``died`` is called, in the event loop where one runs, and otherwise by
    ``check``; after ``replace``, ``opened`` is called when the new process has opened the same outputs."""

    def __init__(
        self,
        died: Callable[[], None],
        opened: Callable[[], None],
        new_process: Callable[[], SecondProcess] = SecondProcess,
    ) -> None:
        self.dropped = 0  # notes that began while no process was ready for them
        self.failed: list[GuardedOutput] = []  # those that refused a message, or could not be opened again
        self._died = died
        self._opened = opened
        self._new_process = new_process
        self._outputs: dict[int, GuardedOutput] = {}
        self._process: SecondProcess | None = None
        self._frames = Frames()
        self._heard: dict[int, str] = {}  # by the number of an output that was asked for: why it was refused, or ""
        self._unanswered = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = False
        self._replaced: list[float] = []  # when
        self._lates: list[tuple[float, float]] = []
        self._parted: SecondProcess | None = None  # that was told to end

    @property
    def is_idle(self) -> bool:
        """Whether all its outputs were closed."""
        return not self._outputs

    @property
    def pid(self) -> int:
        """The process that runs now; 0 for none."""
        return 0 if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the process. Raises OSError where the system starts none."""
        self._process = process = self._new_process()
        self._frames, self._unanswered, self._ready = Frames(), 0, True
        with contextlib.suppress(RuntimeError):  # no loop runs; then ``check`` reads the answers
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(process.answers, self._read)
            self._timer = self._loop.call_later(BEAT_EVERY, self._beat)

    def open_output(self, module: str, api: str, name: str, virtual: bool) -> GuardedOutput:
        """Open an output there, by the binding in ``module``, and wait until it is open. Raises PortError."""
        number = next(number for number in range(OPEN) if number not in self._outputs)
        opening = {"number": number, "module": module, "api": api, "name": name, "virtual": virtual}
        output = self._outputs[number] = GuardedOutput(self, number, frame(OPEN, json.dumps(opening).encode()))
        self._write(output.opening)
        end = clock.now() + OPENS_WITHIN
        while number not in self._heard and self._process is not None and clock.now() < end:
            select.select([self._process.answers], [], [], 0.1)
            self._read()
        reason = self._heard.pop(number, "the process that sends MIDI does not respond")
        if reason:
            del self._outputs[number]
            raise PortError(
                f"The MIDI port {name} cannot be opened ({reason}); close the program that holds it, or name another."
            )
        return output

    def send(self, output: GuardedOutput, message: bytes) -> None:
        """Send a message; never waits. Note-ons are dropped while the process is replaced or takes nothing."""
        begins = message[0] & 0xF0 == _NOTE_ON and message[2] > 0
        if (self._ready or not begins) and self._write(frame(output.number, message)):
            output.owed.take(message)
        else:
            self.dropped += begins

    def send_ahead(self, output: GuardedOutput, message: bytes, due: float) -> bool:
        """Have the process send a note-on when it is due; it first ends what sounds there on that key. False where no
        process is ready."""
        if not self._ready or not self._write(frame(AT, TimedMessage(due, output.number, message).pack())):
            return False
        for each in (*output.owed.ends(message), message):
            output.owed.take(each)
        return True

    def cancel(self, output: GuardedOutput, message: bytes, due: float) -> None:
        """Have it not send that note-on, unless it is sent already."""
        self._write(frame(CANCEL, TimedMessage(due, output.number, message).pack()))
        output.owed.take(bytes((message[0] & 0x8F, message[1], 0)))

    def take_lates(self) -> list[tuple[float, float]]:
        """The lateness of such note-ons, those that the process told of since this was last asked: of each when it was
        due, and the seconds."""
        lates, self._lates = self._lates, []
        return lates

    def close(self, output: GuardedOutput) -> None:
        """Close an output, which ends what sounds there."""
        if self._outputs.pop(output.number, None) is not None:
            self._write(frame(CLOSE, bytes((output.number,))))

    def check(self) -> None:
        """Read the answers, where no loop does."""
        self._read()

    def replace(self) -> bool:
        """Start another process, and have it open the same outputs. False where too many died already.

        ``settle`` is to be called soon after ``opened``.
        """
        now = clock.now()
        self._replaced = [*(at for at in self._replaced if now - at < IN_A_ROW), now]
        if len(self._replaced) > MOST_IN_A_ROW:
            return False
        try:
            self.start()
        except OSError:
            return False
        self._ready = False
        self._heard.clear()
        for output in self._outputs.values():
            output.left.add(output.owed)
            output.owed.clear()
            self._write(output.opening)
        return True

    def settle(self, last: bool = True) -> None:
        """The new outputs are connected: end there what the process before owed, and go on.

        Until the ``last`` time it is said again, where nothing new sounds: a connection may not have carried it yet.
        """
        for output in self._outputs.values():
            if self._heard.pop(output.number, ""):
                self.failed.append(output)
            if not self._ready or not len(output.owed):
                for message in output.left.releases():
                    self._write(frame(output.number, message))
            if last:
                output.left.clear()
        self._ready = True

    def tell_to_end(self, stands: bool = False) -> None:
        """Have it end what sounds, close its ports and end; ``stands``: as soon as JACK goes on. Nothing waits."""
        self._write(frame(LEAVE if stands else END))
        self._parted = self._process
        self._part()

    def end(self, wait: float = ENDS_WITHIN) -> None:
        """Tell it to end, unless that was done, and wait for it for so many seconds at most."""
        if self._process is not None:
            self.tell_to_end()
        if self._parted is not None:
            self._parted.wait(wait)
            self._parted = None

    def kill(self) -> None:
        """End it at once, where it hangs; nothing more goes out."""
        process = self._process
        self._part()
        if process is not None:
            process.kill()

    def _part(self) -> None:
        """Close the pipes; from now on the process is alone."""
        if self._process is None:
            return
        if self._loop is not None:
            self._loop.remove_reader(self._process.answers)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._process.part()
        self._process, self._loop, self._ready = None, None, False

    def _write(self, data: bytes) -> bool:
        """Whether it could be passed on."""
        return self._process is not None and self._process.write(data)

    def _beat(self) -> None:
        assert self._loop is not None
        self._timer = self._loop.call_later(BEAT_EVERY, self._beat)
        self._unanswered += 1
        self._write(_BEAT)
        if self._unanswered > (UNANSWERED if self._ready else UNOPENED):
            self._lose()

    def _read(self) -> None:
        while self._process is not None:
            try:
                piece = os.read(self._process.answers, 4096)
            except BlockingIOError:
                return
            if not piece:
                self._lose()
                return
            for kind, content in self._frames.take(piece):
                self._hear(kind, content)

    def _hear(self, kind: int, content: bytes) -> None:
        if kind == BEAT:
            self._unanswered = 0
            self._lates += unpack_lates(content)
        elif kind == FAILED and content[0] in self._outputs:
            self.failed.append(self._outputs[content[0]])
        elif kind in (OPENED, REFUSED):
            self._heard[content[0]] = content[1:].decode(errors="replace")
            if not self._ready and all(number in self._heard for number in self._outputs):
                self._opened()

    def _lose(self) -> None:
        self.kill()
        self._died()
