"""A fake of python-rtmidi, with ports that a test plugs in, pulls out, and plays."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from tests.support.jack import until

API = {"ALSA": 2, "CoreMIDI": 1, "JACK": 3, "Windows MIDI": 4}


class FakeMidi(ModuleType):
    """Stands in for the module ``rtmidi``; one system works, the others raise as the real ones do."""

    API_MACOSX_CORE, API_LINUX_ALSA, API_UNIX_JACK, API_WINDOWS_MM = 1, 2, 3, 4

    def __init__(self, system: str, inputs: list[str] | None = None, outputs: list[str] | None = None) -> None:
        super().__init__("rtmidi")
        self.api = API.get(system, 0)
        self.inputs = inputs or []
        self.outputs = outputs or []
        self.busy: set[str] = set()
        self.devices: list[FakeDevice] = []

    def get_compiled_api(self) -> list[int]:
        return list(API.values())

    def MidiIn(self, api: int, name: str, queue_size_limit: int = 1024) -> "FakeDevice":
        return self._device(api, self.inputs)

    def MidiOut(self, api: int, name: str) -> "FakeDevice":
        return self._device(api, self.outputs)

    def _device(self, api: int, names: list[str]) -> "FakeDevice":
        if api != self.api:
            raise OSError("this system is not running")
        self.devices.append(FakeDevice(self, names))
        return self.devices[-1]

    def open_ports(self) -> list[str]:
        """The names of the ports that are open, the virtual ones among them."""
        return sorted(device.name for device in self.devices if device.name)

    def opened(self, name: str, side: list[str] | None = None) -> "FakeDevice":
        """The open device of that name."""
        return next(d for d in self.devices if d.name == name and (side is None or d.names is side))

    def play(self, name: str, *message: int) -> None:
        """A message comes in through an open port."""
        device = self.opened(name)
        if device.callback is None:
            device.waiting.append((list(message), 0.0))
            asked = device.asked_in_vain
            until(lambda: device.asked_in_vain > asked + 1)  # then what came before it was heard too
        else:
            device.callback((list(message), 0.0), None)


class FakeDevice:
    """One client of the system."""

    def __init__(self, midi: FakeMidi, names: list[str]) -> None:
        self.midi = midi
        self.names = names
        self.name = ""
        self.fails = False
        self.callback: Callable[[tuple[list[int], float], Any], None] | None = None
        self.waiting: list[tuple[list[int], float]] = []
        self.asked_in_vain = 0
        self.sent: list[tuple[int, ...]] = []

    def get_ports(self) -> list[str]:
        return list(self.names)

    def ignore_types(self, sysex: bool, timing: bool, active_sense: bool) -> None: ...

    def set_callback(self, callback: Callable[[tuple[list[int], float], Any], None]) -> None:
        self.callback = callback

    def cancel_callback(self) -> None:
        self.callback = None

    def get_message(self) -> tuple[list[int], float] | None:
        if self.waiting:
            return self.waiting.pop(0)
        self.asked_in_vain += 1
        return None

    def open_virtual_port(self, name: str) -> None:
        if self.midi.api == FakeMidi.API_WINDOWS_MM:
            raise RuntimeError("not on Windows")
        self.name = name

    def open_port(self, place: int, title: str) -> None:
        if self.names[place] in self.midi.busy:
            raise OSError("it is busy.")
        self.name = self.names[place]

    def close_port(self) -> None:
        self.name = ""

    def delete(self) -> None:
        assert not self.name, "deleted while open"
        self.midi.devices.remove(self)

    def send_message(self, message: bytes) -> None:
        if self.fails:
            raise OSError("the cable is out")
        self.sent.append(tuple(message))
