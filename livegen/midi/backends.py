"""The MIDI system of this computer, and the ports that other programs and devices have there."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from livegen.errors import PortError
from livegen.midi import jack_server, jack_watch
from livegen.midi.names import ALSA, CORE_MIDI, JACK, NONE, WINDOWS, Ports, card, is_ours
from livegen.system import clock

CLIENT = "livegen"
CARDS = Path("/sys/class/sound")
SETTLE = 0.025  # seconds: a JACK connection carries notes from its next period on, which is seldom longer
TROUBLE = (OSError, ValueError, RuntimeError)  # the bases of what python-rtmidi raises
_STANDS = (
    "JACK is there but stands still, so livegen plays over OSC alone; once JACK goes on, livegen's ports open. "
    "If it stays so, start JACK again."
)
_SENTENCES = {
    ALSA: "MIDI: ALSA; connect to the ports livegen in and livegen out.",
    JACK: "MIDI: JACK; connect to the ports livegen in and livegen out.",
    CORE_MIDI: "MIDI: CoreMIDI; choose livegen in and livegen out in your programs.",
    WINDOWS: "MIDI: Windows has no virtual ports of livegen's own; to reach a DAW, make a port with loopMIDI or"
    " Windows 11's loopback and name it with --inputs or --outputs.",
}


Callback = Callable[[tuple[list[int], float], object], None]  # (message, seconds since the one before), nothing


class Device(Protocol):
    """What both sides of python-rtmidi have in common here."""

    def close_port(self) -> None:
        """Close."""

    def delete(self) -> None:
        """Leave the system."""


class InputDevice(Device, Protocol):
    """An open input of python-rtmidi."""

    def cancel_callback(self) -> None:
        """Hear no more."""

    def get_message(self) -> tuple[list[int], float] | None:
        """The next message, of an input without a callback."""


class OutputDevice(Device, Protocol):
    """An open output of python-rtmidi."""

    def send_message(self, message: bytes) -> None:
        """Send."""


@dataclass(frozen=True)
class Backend:
    """What carries MIDI on this computer. ``virtual`` is whether it lets us make ports that others connect to."""

    name: str
    virtual: bool
    sentence: str  # what a musician should know about it
    api: int = 0  # python-rtmidi's number of it


def find_system() -> Backend:
    """The first MIDI system that works: ALSA, then JACK; CoreMIDI; Windows MIDI. Named "none" when there is none."""
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    try:
        with jack_server.hushed():
            import rtmidi
    except (ImportError, OSError, ValueError) as error:
        return Backend(
            NONE, False, f"MIDI is off, for python-rtmidi does not load ({error}); livegen plays over OSC alone."
        )
    candidates = {
        ALSA: rtmidi.API_LINUX_ALSA,
        JACK: rtmidi.API_UNIX_JACK,
        CORE_MIDI: rtmidi.API_MACOSX_CORE,
        WINDOWS: rtmidi.API_WINDOWS_MM,
    }
    for name, api in candidates.items():
        if api in rtmidi.get_compiled_api() and not (name == JACK and sys.platform != "linux"):
            try:
                with jack_server.hushed():
                    if name == JACK and jack_server.is_alive(jack_server.address()) and not jack_watch.answers():
                        return Backend(NONE, False, _STANDS)
                    rtmidi.MidiIn(api, name=CLIENT).delete()
            except TROUBLE:
                continue
            return Backend(name, name != WINDOWS, _SENTENCES[name], api)
    advice = "; on Linux, start JACK or load snd-seq" if sys.platform == "linux" else ""
    return Backend(NONE, False, f"No MIDI system was found, so livegen plays over OSC alone{advice}.")


def list_ports(system: Backend) -> Ports:
    """The names of all ports that others opened."""
    if system.name == NONE:
        return Ports([], [])
    scanner = Scanner(system)
    try:
        return scanner.ports()
    finally:
        scanner.close()


class Scanner:
    """Lists the ports. One for the life of a rig, since each new one costs a client of the system."""

    def __init__(self, system: Backend) -> None:
        import rtmidi

        self._input = rtmidi.MidiIn(system.api, name=CLIENT)
        self._output = rtmidi.MidiOut(system.api, name=CLIENT)
        self._pluggings: dict[str, int] = {}  # by port, as of the last look

    def ports(self) -> Ports:
        """All ports but livegen's.

        What was replugged since the last look, under the same name, is left out once: who had it open has lost it.
        """
        inputs, outputs = self._input.get_ports(), self._output.get_ports()
        before, self._pluggings = self._pluggings, {name: _plugging(name) for name in {*inputs, *outputs}}
        away = {name for name, plugging in self._pluggings.items() if before.get(name, plugging) != plugging}
        return Ports(*([n for n in side if not is_ours(n) and n not in away] for side in (inputs, outputs)))

    def close(self) -> None:
        """Leave the system."""
        self._input.delete()
        self._output.delete()


def open_input(system: Backend, name: str, virtual: bool, callback: Callback | None) -> InputDevice:
    """A virtual input of this name, or a connection to the input of this name. Raises PortError."""
    import rtmidi

    with _named(name), jack_server.hushed():
        device = rtmidi.MidiIn(system.api, name=CLIENT)
        device.ignore_types(sysex=True, timing=False, active_sense=True)
        if callback is not None:
            device.set_callback(callback)
        _connect(device, name, f"from {name}", virtual)
        opened: InputDevice = device
        return opened


def open_output(system: Backend, name: str, virtual: bool) -> OutputDevice:
    """A virtual output of this name, or a connection to the output of this name. Raises PortError."""
    import rtmidi

    with _named(name), jack_server.hushed():
        device = rtmidi.MidiOut(system.api, name=CLIENT)
        _connect(device, name, f"to {name}", virtual)
        if system.name == JACK and not virtual:
            clock.rest(SETTLE)
        opened: OutputDevice = device
        return opened


def _plugging(name: str) -> int:
    """A number that changes when the ALSA hardware that has this port is plugged in anew; 0 for all else."""
    number = card(name)
    try:
        return 0 if number is None else (CARDS / f"card{number}").stat().st_ino
    except OSError:
        return 0


def shut(device: Device) -> None:
    """Close a port and leave the system."""
    with contextlib.suppress(*TROUBLE):
        device.close_port()
    with contextlib.suppress(*TROUBLE):
        device.delete()


def _connect(device: Any, name: str, title: str, virtual: bool) -> None:  # noqa: ANN401 (python-rtmidi has no types)
    try:
        if virtual:
            device.open_virtual_port(name)
        else:
            device.open_port(device.get_ports().index(name), title.replace(":", " ")[:40])
    except TROUBLE:
        shut(device)
        raise


@contextlib.contextmanager
def _named(name: str) -> Iterator[None]:
    """What python-rtmidi raises, as a PortError about this port."""
    try:
        yield
    except TROUBLE as error:
        raise PortError(
            f"The MIDI port {name} cannot be opened ({str(error).rstrip('.') or type(error).__name__});"
            " close the program that holds it, or name another."
        ) from None
