"""A back end is one row: a rig plays through whatever library the row names."""

import pytest

from livegen.events import NoteOn, Received
from livegen.midi import backends
from livegen.midi.backends import BACKENDS, Backend, find_system, list_ports
from livegen.midi.binding import Callback, InputDevice, OutputDevice
from livegen.midi.rig import Rig


class Port:
    """Both an input and an output, and the list of ports, of a library that is not there."""

    def __init__(self, callback: Callback | None = None) -> None:
        self.callback = callback
        self.sent: list[bytes] = []
        self.open = True

    def inputs(self) -> list[str]:
        return ["keys"]

    def outputs(self) -> list[str]:
        return ["synth"]

    def close(self) -> None:
        self.open = False

    close_port = delete = cancel_callback = close

    def get_message(self) -> None:
        return None

    def send_message(self, message: bytes) -> None:
        self.sent.append(message)


class OtherLibrary:
    def __init__(self, here: bool = True) -> None:
        self.here = here
        self.ports: dict[str, Port] = {}

    def load(self) -> None:
        if not self.here:
            raise ImportError("no such library")

    def offers(self, api: str) -> bool:
        return True

    def works(self, api: str) -> bool:
        return self.here

    def list_with(self, api: str) -> Port:
        return Port()

    def open_input(self, api: str, name: str, virtual: bool, callback: Callback | None) -> InputDevice:
        self.ports[name] = Port(callback)
        return self.ports[name]

    def open_output(self, api: str, name: str, virtual: bool) -> OutputDevice:
        self.ports[name] = Port()
        return self.ports[name]


def test_another_library_is_one_more_row(monkeypatch: pytest.MonkeyPatch) -> None:
    library = OtherLibrary()
    row = Backend("other", True, "MIDI: other.", library)
    absent = Backend("absent", True, "MIDI: absent.", OtherLibrary(here=False))
    monkeypatch.setattr(backends, "BACKENDS", (absent, row))
    assert find_system() is row and list_ports(row) == (["keys"], ["synth"])
    heard: list[Received] = []
    rig = Rig(row, "keys", "synth", lambda sentence: None)
    rig.open(lambda event, port: heard.append(event))
    assert rig.open_ports == (["livegen in", "keys"], ["livegen out", "synth"])
    called = library.ports["keys"].callback
    assert called is not None
    called(([0x90, 60, 100], 0.0), None)
    assert isinstance(heard[0], NoteOn) and heard[0].pitch == 60
    rig.send(NoteOn(0.0, 64, 90))
    assert library.ports["synth"].sent == [b"\x90\x40\x5a"]
    rig.close()
    assert not any(port.open for port in library.ports.values())


def test_each_back_end_has_a_name_of_its_own_and_says_what_to_do() -> None:
    assert len({row.name for row in BACKENDS}) == len(BACKENDS)
    assert all(row.binding is not None and row.api and row.sentence.endswith(".") for row in BACKENDS)
