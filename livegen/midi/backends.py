"""The MIDI back ends: the systems that carry MIDI on a computer, each with the library that reaches it.

To add a back end, add a row to ``BACKENDS``; for another library, write a module that has the functions of ``Binding``
(``rtmidi_binding.py`` is one) and name it in the row. The first row that works here is used.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from livegen.errors import PortError
from livegen.midi import jack_server, jack_watch
from livegen.midi.binding import TROUBLE, Binding, Callback, InputDevice, OutputDevice
from livegen.midi.names import ALSA, CORE_MIDI, JACK, NONE, WINDOWS, Ports, card, is_ours
from livegen.midi.rtmidi_binding import RTMIDI
from livegen.system import clock

CARDS = Path("/sys/class/sound")
SETTLE = 0.025  # seconds: a JACK connection carries notes from its next period on, which is seldom longer


def _never_hangs() -> str | None:
    return None


def _jack_hangs() -> str | None:
    with jack_server.hushed():
        if not jack_server.is_alive(jack_server.address()) or jack_watch.answers():
            return None
    return (
        "JACK is there but has stopped responding, so livegen plays over OSC alone; once JACK responds again,"
        " livegen's ports open. If it does not recover, restart JACK."
    )


@dataclass(frozen=True)
class Backend:
    """A system that carries MIDI. ``virtual`` is whether it lets us make ports that others connect to."""

    name: str
    virtual: bool
    sentence: str  # for the musician
    binding: Binding | None = None  # None: ports in this program's memory, or none at all
    api: str = ""  # the binding's name of it
    asked: bool = False  # do we ask its inputs for messages (see ``input.Fetcher``)? Otherwise the driver calls us
    platform: str = ""  # the only one where it is used
    settle: float = 0.0  # seconds until a new connection carries notes
    hangs: Callable[[], str | None] = _never_hangs  # a sentence where it is here, but would block whoever opens a port


BACKENDS = (
    Backend(
        ALSA,
        True,
        "MIDI: ALSA; connect to the ports livegen in and livegen out.",
        RTMIDI,
        "LINUX_ALSA",
        asked=True,
    ),
    Backend(
        JACK,
        True,
        "MIDI: JACK; connect to the ports livegen in and livegen out.",
        RTMIDI,
        "UNIX_JACK",
        asked=True,
        platform="linux",
        settle=SETTLE,
        hangs=_jack_hangs,
    ),
    Backend(
        CORE_MIDI,
        True,
        "MIDI: CoreMIDI; choose livegen in and livegen out in your programs.",
        RTMIDI,
        "MACOSX_CORE",
    ),
    Backend(
        WINDOWS,
        False,
        "MIDI: Windows has no virtual ports of livegen's own; to reach a DAW, make a port with loopMIDI or"
        " Windows 11's loopback and name it with --inputs or --outputs.",
        RTMIDI,
        "WINDOWS_MM",
    ),
)
MEMORY = Backend("memory", True, "MIDI stays in this program's memory.")


def find_system() -> Backend:
    """The first MIDI system that works, in the order of ``BACKENDS``. Named "none" when there is none."""
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    missing = ""
    for backend in BACKENDS:
        assert backend.binding is not None
        try:
            backend.binding.load()
        except (ImportError, *TROUBLE) as error:
            missing = f"MIDI is off, for {error}. Until then livegen plays over OSC alone."
            continue
        if backend.platform in ("", sys.platform) and backend.binding.offers(backend.api):
            sentence = backend.hangs()
            if sentence is not None:
                return Backend(NONE, False, sentence)
            if backend.binding.works(backend.api):
                return backend
    advice = "; on Linux, start JACK or load snd-seq" if sys.platform == "linux" else ""
    return Backend(NONE, False, missing or f"No MIDI system was found, so livegen plays over OSC alone{advice}.")


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
        assert system.binding is not None
        self._lister = system.binding.list_with(system.api)
        self._pluggings: dict[str, int] = {}  # by port, as of the last look

    def ports(self) -> Ports:
        """All ports but livegen's.

        A port that was replugged since the last look, under the same name, is left out once: whoever had it open has
        lost it.
        """
        inputs, outputs = self._lister.inputs(), self._lister.outputs()
        before, self._pluggings = self._pluggings, {name: _plugging(name) for name in {*inputs, *outputs}}
        away = {name for name, plugging in self._pluggings.items() if before.get(name, plugging) != plugging}
        return Ports(*([n for n in side if not is_ours(n) and n not in away] for side in (inputs, outputs)))

    def close(self) -> None:
        """Leave the system."""
        self._lister.close()


def _plugging(name: str) -> int:
    """A number that changes when the ALSA hardware that has this port is plugged in again; 0 for all other ports."""
    number = card(name)
    try:
        return 0 if number is None else (CARDS / f"card{number}").stat().st_ino
    except OSError:
        return 0


def open_input(system: Backend, name: str, virtual: bool, callback: Callback) -> InputDevice:
    """A virtual input of this name, or a connection to the input of this name. Raises PortError.

    ``callback`` is called by the driver, except where the system's inputs are ``asked``.
    """
    assert system.binding is not None
    with _named(name):
        return system.binding.open_input(system.api, name, virtual, None if system.asked else callback)


def open_output(system: Backend, name: str, virtual: bool) -> OutputDevice:
    """A virtual output of this name, or a connection to the output of this name. Raises PortError."""
    assert system.binding is not None
    with _named(name):
        device = system.binding.open_output(system.api, name, virtual)
        if not virtual and system.settle:
            clock.rest(system.settle)
        return device


@contextlib.contextmanager
def _named(name: str) -> Iterator[None]:
    """An error of the library, as a PortError about this port."""
    try:
        yield
    except TROUBLE as error:
        raise PortError(
            f"The MIDI port {name} cannot be opened ({str(error).rstrip('.') or type(error).__name__});"
            " close the program that holds it, or name another."
        ) from None
