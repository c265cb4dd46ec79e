"""Opens MIDI ports, watches them, and opens them again when they come back."""

import os
from collections.abc import Callable, Mapping

from livegen.beat import delays
from livegen.errors import PortError
from livegen.events import ClockMessage, ControlChange, Event, Gesture, NoteOff, NoteOn, ProgramChange, Received
from livegen.midi import jack_server
from livegen.midi.backends import Backend, Scanner, find_system, list_ports, open_input
from livegen.midi.binding import OutputDevice, shut
from livegen.midi.daw_ports import keyboards, left_alone
from livegen.midi.input import Echo, Fetcher, Input
from livegen.midi.jack_watch import JackWatch
from livegen.midi.names import JACK, NONE, Ports, is_loopback, is_synth, match, plain
from livegen.midi.note_guard import NoteGuard
from livegen.midi.output import Outputs

__all__ = ["Backend", "Echo", "Rig", "find_system", "list_ports"]

IN, OUT = "livegen in", "livegen out"  # our own ports, for others to connect to
AT_THE_END = 2.0  # seconds that JACK has to respond before its ports are left as they are
GUARDED_AT_THE_END = 0.3  # the same where the guard stays behind, and ends what sounds when JACK responds

Receive = Callable[[Received, str], None]  # an event, and the name of the port that it came through
Follow = Callable[[ClockMessage, str], None]


class Rig:
    """The open MIDI ports of one live session.

    ``inputs`` and ``outputs`` are the settings of those names. ``echo.window`` may be set at any time.
    """

    def __init__(self, system: Backend, inputs: str, outputs: str, report: Callable[[str], None]) -> None:
        self.system = system
        self.echo = Echo()
        self._wished_inputs = inputs
        self._wished_outputs = outputs
        self._receive: Receive = _ignore
        self._follow: Follow = _ignore
        self.realtime = False  # should the thread that asks the inputs run before other programs?
        self._report = report
        self._inputs: dict[str, Input] = {}
        self._jack = JackWatch()
        self._out = Outputs(self.echo, self._jack.is_alive, lambda: report(self._bury()), self._jack.passed)
        self.guard = NoteGuard(self._jack, self._out.devices, report)  # its wishes are set before ``open``
        self._gone: set[tuple[str, str]] = set()  # kind and plain name of each port that vanished once
        self._refused: set[tuple[str, str]] = set()  # kind and name of each port that would not open, as was reported
        self._left: set[str] = set()  # the ports for DAWs, as was reported
        self._running = False
        self._scanner: Scanner | None = None
        self._fetcher: Fetcher | None = None

    def open(self, receive: Receive, follow: Follow | None = None) -> None:
        """Open livegen's own ports and the wanted ones. Raises PortError for a named port that cannot be opened.

        ``receive(event, port)``, and ``follow(message, port)`` for a MIDI clock, are called on another thread, and by
        ``check`` and ``close``; the rest runs on the caller's.
        """
        self._running = True
        self._receive, self._follow = receive, follow or _ignore
        if self.system.name == NONE:
            named = _names(self._wished_inputs) + _names(self._wished_outputs)
            if named:
                raise PortError(f"{named[0]} cannot be opened. {self.system.sentence}")
            return
        try:
            self._open_own()
            for sentence in self._find(strict=True):
                self._report(sentence)
        except BaseException:
            self.close()
            raise

    @property
    def open_ports(self) -> Ports:
        """The names of the ports that are open now, our own among them."""
        return Ports(list(self._inputs), list(self._out.devices))

    @property
    def devices(self) -> Mapping[str, OutputDevice]:
        """The open outputs by name, for whoever sends to one alone."""
        return self._out.devices

    @property
    def dropped(self) -> int:
        """The notes that were not sent, because no process was ready to send them."""
        return self.guard.dropped

    def send(self, event: Event | Gesture | ProgramChange) -> None:
        """Send a note, control, gesture or program to every output, now or as soon as the pace allows; never waits."""
        if isinstance(event, NoteOn | NoteOff | ControlChange | Gesture | ProgramChange):
            self._out.send(event)

    def send_ahead(self, on: NoteOn) -> bool:
        """Have a note sent when it is due, however busy this process is then. False where that cannot be."""
        return self._out.send_ahead(on)

    def cancel(self, on: NoteOn) -> None:
        """Have a note that was sent ahead not sent, unless it is already."""
        self._out.cancel(on)

    def take_lates(self) -> list[tuple[float, float]]:
        """The lateness of the notes that were sent ahead, those told of since this was last asked: of each when it was
        due, and the seconds."""
        return self._out.take_lates()

    def delay(self, wish: str) -> None:
        """Send to some outputs later, as the setting ``delays`` says."""
        self._out.delays = delays.read(wish)

    def send_clock(self, message: ClockMessage) -> None:
        """Send our clock's message to every output, at once."""
        self._out.send_clock(message)

    def flush(self) -> bool:
        """Send what waits for the pace; only needed where no event loop runs. Returns whether anything still waits."""
        return self._out.flush()

    def panic(self) -> None:
        """Pedals up, all notes and all sound off, on every channel of every output."""
        self._out.panic()

    def check(self) -> list[str]:
        """The changes since the last call, as sentences; to be called every two seconds or so.

        A port that vanished is closed, and the keys held on it are released. A port that came back is opened, and so is
        a new keyboard where inputs are found automatically. The death and return of a JACK server are noticed.
        """
        self._out.flush()
        self._out.failed.update(self.guard.check())
        said = []
        for name, port in self._inputs.items():
            if port.fault is not None:
                said.append(f"A note from {name} could not be used: {port.fault!r}.")
                port.fault = None
            if port.fell_silent():
                said.append(f"{name} has stopped saying that it is there; what was held on it is released.")
        if self._scanner is None:
            return said + self._revive()
        if not self._jack.is_alive():
            return [*said, self._bury()]
        stands, told = self._jack.stands()
        if stands:  # opening or closing a port would block
            return said + told
        return said + told + self._lose(self._scanner.ports()) + self._find()

    def close(self) -> None:
        """Leave silence, and close every port."""
        self._running = False
        if not self._jack.is_alive():
            self._bury()
        elif self._jack.hangs(GUARDED_AT_THE_END if self.guard.guards else AT_THE_END, cycles=3):
            self._leave()
        self._out.quiet()
        self._part()

    def _part(self) -> None:
        self._stop_fetching()
        self._jack.end()
        for name in list(self._inputs):
            self._inputs.pop(name).close()
        for name in list(self._out.devices):
            shut(self._out.devices.pop(name))
        self.guard.end()
        if self._scanner is not None:
            self._scanner.close()
            self._scanner = None

    # Opening

    def _open_own(self) -> None:
        """Open the virtual ports first, so that they have the client's plain name, then the scanner."""
        if self.system.name == JACK:
            self._jack.begin()
        if self.system.virtual:
            self._open_input(IN, virtual=True)
            self._open_output(OUT, virtual=True)
        self._scanner = Scanner(self.system)
        if self.system.asked:
            self._fetcher = Fetcher(lambda: list(self._inputs.values()), self.realtime)
            self._fetcher.start()

    def _open_input(self, name: str, virtual: bool = False) -> None:
        port = Input(name, self._receive, self.echo, self._follow)
        port.device = open_input(self.system, name, virtual, port.hear_message)
        self._inputs[name] = port

    def _open_output(self, name: str, virtual: bool = False) -> None:
        self._out.devices[name] = self.guard.open_output(self.system, name, virtual)

    def _find(self, strict: bool = False) -> list[str]:
        """Open the wanted ports that exist and are not open yet. Only if ``strict``, a named port raises PortError."""
        assert self._scanner is not None
        ports = self._scanner.ports()
        played, for_daws = keyboards(ports.inputs, self.system.name)
        synths = [name for name in ports.outputs if is_synth(name)][:1]
        if any(name != OUT for name in self._out.devices):
            synths = []
        said: list[str] = []
        for kind, wish, names, likely in (
            ("input", self._wished_inputs, ports.inputs, played),
            ("output", self._wished_outputs, ports.outputs, synths),
        ):
            wanted = likely if wish.strip() == "auto" else self._named(wish, names, strict)
            for name in wanted:
                said += self._take(kind, name, strict and wanted is not likely)
        new = [name for name in for_daws if name not in self._left]
        if new and self._wished_inputs.strip() == "auto":
            self._left.update(new)
            said.append(left_alone(new))
        return said

    def _named(self, wish: str, names: list[str], strict: bool) -> list[str]:
        found = []
        for wanted in _names(wish):
            try:
                found.append(match(wanted, names, self.system.name))
            except PortError:
                if strict:
                    raise
        return found

    def _take(self, kind: str, name: str, strict: bool) -> list[str]:
        """Open one port that exists. Returns the sentences to report."""
        if name in (self._inputs if kind == "input" else self._out.devices):
            return []
        if self._jack.hangs():
            return []
        try:
            self._refuse_loop(kind, name)
            (self._open_input if kind == "input" else self._open_output)(name)
        except PortError as error:
            if strict:
                raise
            told = (kind, name) in self._refused
            self._refused.add((kind, name))
            return [] if told else [str(error)]
        self._refused.discard((kind, name))
        key = kind, plain(name, self.system.name)
        back = key in self._gone
        if back and kind == "output":
            self._out.calm(name)
        return [f"The MIDI {kind} {name} is {'back' if back else 'open'}."]

    def _refuse_loop(self, kind: str, name: str) -> None:
        """Raises PortError for a loopback whose other end is open: livegen would hear itself."""
        others = self._out.devices if kind == "input" else self._inputs
        ends = {plain(other, self.system.name) for other in others}
        if is_loopback(name) and plain(name, self.system.name) in ends:
            raise PortError(
                f"{name} is a loopback, and livegen would hear itself; use one for input, another for output."
            )

    # Losing

    def _lose(self, ports: Ports) -> list[str]:
        """Close the ports that vanished or failed."""
        said: list[str] = []
        gone = [name for name in self._inputs if name != IN and name not in ports.inputs]
        others = [name for name in self._out.devices if name != OUT]
        lost = [name for name in others if name in self._out.failed or name not in ports.outputs]
        if (gone or lost) and self._jack.hangs():
            return said
        for name in gone:
            self._inputs.pop(name).close()
            said.append(self._miss("input", name))
        self._out.failed = set()
        for name in lost:
            shut(self._out.devices.pop(name))
            said.append(self._miss("output", name))
        return said

    def _miss(self, kind: str, name: str) -> str:
        self._gone.add((kind, plain(name, self.system.name)))
        return f"The MIDI {kind} {name} is gone; livegen plays on and takes it again when it is back."

    def _stop_fetching(self) -> None:
        if self._fetcher is not None:
            self._fetcher.stop()
            self._fetcher = None

    def _leave(self) -> None:
        """Part with every port of a hung JACK server, where closing one would block, also at the end of the program."""
        self._stop_fetching()
        for port in self._inputs.values():
            jack_server.put_away(port.part())
            port.close()
        self._inputs.clear()
        for device in (*self._out.devices.values(), self._scanner):
            jack_server.put_away(device)
        self.guard.leave()
        self._out.devices.clear()
        self._out.clear()
        self._scanner = None
        self._jack.give_up()

    def _bury(self) -> str:
        """Part with every port of a dead JACK server, in the one order that neither blocks nor crashes."""
        for name in self._out.devices:
            self._miss("output", name)
        for device in self._out.devices.values():
            jack_server.put_away(device)
        self.guard.kill()
        self._out.devices.clear()
        self._out.clear()
        self._stop_fetching()
        with jack_server.hushed():
            for name in list(self._inputs):
                self._miss("input", name)
                self._inputs.pop(name).close()
            if self._scanner is not None:
                self._scanner.close()
        self._scanner = None
        self._jack.give_up()
        return "JACK stopped, so no MIDI goes in or out; livegen plays on and opens its ports again when JACK is back."

    def _revive(self) -> list[str]:
        """Look for a MIDI system where there was none, but only if a quick check says that there may be one."""
        sequencer = os.access("/dev/snd/seq", os.R_OK | os.W_OK)
        if not self._running or not (sequencer or jack_server.is_alive(jack_server.address())):
            return []
        system = find_system()
        if system.name == NONE:
            return []
        self.system = system
        try:
            self._open_own()
        except PortError:
            self._part()
            return []
        return [f"{system.name} is here, and livegen's MIDI ports are open.", *self._find()]


def _ignore(event: Received | ClockMessage, port: str) -> None:
    pass


def _names(wish: str) -> list[str]:
    """The ports named in a setting; none for "auto" and "none"."""
    return [] if wish.strip() in ("auto", "none") else [part.strip() for part in wish.split(",") if part.strip()]
