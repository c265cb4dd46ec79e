"""Opens each output in a guarded process of its own, where that is wished and can be had; otherwise in this one.

One process for each: where a process with several clients dies, JACK takes no other client for half a second for each.
"""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

from livegen.errors import PortError
from livegen.midi import backends
from livegen.midi.backends import Backend
from livegen.midi.binding import TROUBLE, OutputDevice
from livegen.midi.guard import ENDS_WITHIN, Guard, GuardedOutput
from livegen.midi.guard_process import LOAD, frame
from livegen.midi.jack_watch import JackWatch
from livegen.midi.second_process import SecondProcess
from livegen.system import clock, process

AGAIN = 0.01  # seconds between looks at a JACK that stands
SETTLES = (backends.SETTLE, 0.1, 0.4, 1.5)  # seconds after which a new connection carries notes, the earliest first
_NONE = "The notes have no guard here, for no second process can be had: if livegen is killed, what sounds goes on."
_REPLACED = "The process that sends MIDI stopped; another is there, and has ended what sounded."
_GIVEN_UP = "The process that sends MIDI stops again and again, so livegen sends by itself from now on."


class NoteGuard:
    """The outputs' way to their processes, and what is done when one dies. ``devices`` are all open outputs by name."""

    def __init__(self, jack: JackWatch, devices: dict[str, OutputDevice], report: Callable[[str], None]) -> None:
        self.wished = False
        self.realtime = False
        self._jack = jack
        self._devices = devices
        self._report = report
        self._guards: dict[str, Guard] = {}  # by the name of the output
        self._dropped = 0  # by those that are no more
        self._spare: SecondProcess | None = None  # that has started, so that a dead one is replaced sooner
        self._system: Backend | None = None
        self._virtual = ""  # the name of our own output
        self._own: set[str] = set()  # its full name on JACK
        self._before: set[str] = set()  # the outputs of that name before ours was opened
        self._cycles: dict[str, int] = {}  # of JACK's, at the last look
        self._wires: list[str] = []  # where others connected our own output to

    @property
    def guards(self) -> bool:
        """Whether processes have the outputs."""
        return bool(self._guards)

    @property
    def dropped(self) -> int:
        """The notes that were not sent, because no process was ready for them."""
        return self._dropped + sum(guard.dropped for guard in self._guards.values())

    def open_output(self, system: Backend, name: str, virtual: bool) -> OutputDevice:
        """An output, as ``backends.open_output`` opens one. Raises PortError."""
        guard = self._begin(name) if self.wished else None
        if guard is None:
            return backends.open_output(system, name, virtual)
        self._system = system
        if virtual:
            self._virtual, self._before = name, self._jack.outputs(name)
        try:
            device = guard.open_output(getattr(system.binding, "__name__", ""), system.api, name, virtual)
        except PortError:
            self._forget(name)
            raise
        if virtual:
            self._own = self._jack.outputs(name) - self._before
        elif system.settle:
            clock.rest(system.settle)
        return device

    def check(self) -> list[str]:
        """The names of the outputs that refused a message; a process that could not be replaced yet is replaced."""
        failed = []
        for name, guard in list(self._guards.items()):
            guard.check()
            if guard.is_idle:  # its output was closed
                self._forget(name)
            elif not guard.pid:
                self._replace(name)
            elif name == self._virtual and self._own:
                self._wires = self._jack.targets(next(iter(self._own))) or self._wires
            if guard.failed:
                guard.failed.clear()
                failed.append(name)
        if self._guards and (self._spare is None or self._spare.has_ended):
            self._keep_spare()
        return failed

    def end(self) -> None:
        """Have the processes end what sounds, close their outputs and end."""
        self._leave(stands=False, wait=ENDS_WITHIN)

    def leave(self) -> None:
        """JACK hangs: have the processes end as soon as JACK goes on, and do not wait for them."""
        self._leave(stands=True, wait=0.0)

    def kill(self) -> None:
        """JACK died: the processes can only be ended."""
        for name in list(self._guards):
            self._guards[name].kill()
            self._forget(name)
        self._drop_spare()

    def _leave(self, stands: bool, wait: float) -> None:
        for guard in self._guards.values():
            if guard.pid:
                guard.tell_to_end(stands)
        end = clock.now() + wait
        for name in list(self._guards):
            self._forget(name, max(0.0, end - clock.now()))
        self._drop_spare()

    def _forget(self, name: str, wait: float = 0.0) -> None:
        """Part with the process of an output, which ends."""
        guard = self._guards.pop(name)
        self._dropped += guard.dropped
        guard.end(wait)

    def _begin(self, name: str) -> Guard | None:
        """A process for that output; None where none can be had, which is said."""
        if name in self._guards:
            self._forget(name)
        guard = Guard(partial(self._replace, name), partial(self._connect, name), self._new_process)
        try:
            guard.start()
        except OSError:
            self.wished = False
            self._report(_NONE)
            return None
        self._guards[name] = guard
        return guard

    def _new_process(self) -> SecondProcess:
        """The one that is kept, or a new one. Raises OSError."""
        spare, self._spare = self._spare, None
        if spare is None or spare.has_ended:
            return SecondProcess(process.PRIORITY if self.realtime else 0)
        return spare

    def _keep_spare(self) -> None:
        """Have a process that waits, with its library loaded, until it is to take the place of another."""
        self._drop_spare()
        with contextlib.suppress(OSError):
            self._spare = self._new_process()
            if self._system is not None:
                self._spare.write(frame(LOAD, getattr(self._system.binding, "__name__", "").encode()))

    def _drop_spare(self) -> None:
        spare, self._spare = self._spare, None
        if spare is not None:
            spare.part()
            spare.wait(0.0)

    def _replace(self, name: str) -> None:
        """Have another process, as soon as JACK runs: on one that stands no port can be opened."""
        guard = self._guards.get(name)
        if guard is None or guard.pid or not self._jack.is_alive():
            return
        before, cycle = self._cycles.get(name), self._jack.cycle()
        self._cycles[name] = cycle
        if before in (None, cycle):
            with contextlib.suppress(RuntimeError):  # without a loop ``check`` comes back to it
                asyncio.get_running_loop().call_later(AGAIN, self._replace, name)
            return
        if name == self._virtual:
            self._before = self._jack.outputs(name)
        if not guard.replace():
            self._give_up(name)

    def _connect(self, name: str) -> None:
        """The new process has opened its output: connect ours as it was, and let it end what sounds."""
        if name == self._virtual:
            there = self._jack.outputs(name)
            self._own = (there - self._before) or (there & self._own)
            for port in self._own:
                for target in self._wires:
                    self._jack.connect(port, target)
        self._report(_REPLACED)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            clock.rest(SETTLES[0])
            self._settle(name, SETTLES[-1])
            return
        for wait in SETTLES:
            loop.call_later(wait, self._settle, name, wait)

    def _settle(self, name: str, waited: float) -> None:
        guard = self._guards.get(name)
        if guard is not None and guard.pid:
            guard.settle(last=waited == SETTLES[-1])

    def _give_up(self, name: str) -> None:
        """Open the output in this process, and end there what sounded; those that are opened later are, too."""
        self.wished = False
        self._dropped += self._guards.pop(name).dropped
        device = self._devices.pop(name, None)
        if isinstance(device, GuardedOutput) and self._system is not None:
            with contextlib.suppress(PortError, *TROUBLE):
                here = self._devices[name] = backends.open_output(self._system, name, name == self._virtual)
                for message in (*device.left.releases(), *device.owed.releases()):
                    here.send_message(message)
        self._report(_GIVEN_UP)
