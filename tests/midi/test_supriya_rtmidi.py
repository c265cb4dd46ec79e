"""supriya-midi's ports do what python-rtmidi's do. The library is a fake with its peculiarities, for any Python."""

import sys
from collections.abc import Callable
from enum import IntEnum
from types import ModuleType
from typing import Any

import pytest

from livegen.errors import PortError
from livegen.events import NoteOn, Received
from livegen.midi import libjack
from livegen.midi.rig import Rig, find_system


class Api(IntEnum):
    LINUX_ALSA, MACOSX_CORE, UNIX_JACK, WINDOWS_MM = range(4)


class LibraryError(Exception):
    """Not a RuntimeError."""


class Device:
    """A client: it is made even without a server, and raises when it is asked."""

    alive = True
    devices: list["Device"] = []  # noqa: RUF012

    def __init__(self, api: int, client_name: str = "RtMidi") -> None:
        if api != Api.MACOSX_CORE:
            raise RuntimeError("no such system here")
        self.callback: Callable[[Any, float, Any], None] | None = None
        self.sent: list[bytes] = []
        self._complain: Callable[[object, str, object], None] | None = None
        self.devices.append(self)

    def set_error_callback(self, callback: Callable[[object, str, object], None]) -> None:
        self._complain = callback

    def get_port_count(self) -> int:
        if not self.alive:
            self.fail("server not running?")
        return 1

    def get_ports(self) -> list[str]:
        return ["keys"] * self.get_port_count()

    def fail(self, sentence: str) -> None:
        if self._complain is None:
            raise LibraryError(sentence)
        self._complain("kind", sentence, None)

    def ignore_types(self, sysex: bool, timing: bool, active_sense: bool) -> None: ...

    def set_callback(self, callback: Callable[[Any, float, Any], None]) -> None:
        self.callback = callback

    def cancel_callback(self) -> None:
        if self.callback is None:
            self.fail("no callback function was set!")
        self.callback = None

    def open_virtual_port(self, name: str) -> "Device":
        return self

    def open_port(self, number: int, name: str) -> "Device":
        return self

    def get_message(self) -> None:
        return None

    def close_port(self) -> None: ...

    def delete(self) -> None:
        self.devices.remove(self)

    def send_message(self, message: bytes) -> None:
        self.sent.append(message)


@pytest.fixture(autouse=True)
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    fake, extension = ModuleType("supriya_midi"), ModuleType("supriya_midi.rtmidi_ext")
    fake.__dict__.update(MidiIn=Device, MidiOut=Device, get_compiled_apis=lambda: list(Api))
    extension.__dict__.update(RtMidiAPI=Api)
    for name, module in (("rtmidi", None), ("supriya_midi", fake), ("supriya_midi.rtmidi_ext", extension)):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(libjack, "load_system", lambda: None)
    monkeypatch.setattr(Device, "alive", True)
    Device.devices.clear()


def test_a_note_in_by_a_callback_and_a_note_out() -> None:
    system = find_system()
    assert system.name == "CoreMIDI"
    heard: list[Received] = []
    rig = Rig(system, "keys", "keys", lambda sentence: None)
    rig.open(lambda event, port: heard.append(event))
    called = [device for device in Device.devices if device.callback is not None]
    assert len(called) == 2, "livegen in, and the keyboard"
    assert called[1].callback is not None
    called[1].callback((0x90, 60, 100), 0.25, None)
    assert [(type(event), event.at > 0) for event in heard] == [(NoteOn, True)]
    rig.send(NoteOn(0.0, 64, 90))
    assert [device.sent for device in Device.devices if device.sent] == [[b"\x90\x40\x5a"]] * 2
    rig.close()
    assert Device.devices == []


def test_a_client_without_a_server_is_no_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Device, "alive", False)
    assert find_system().name == "none"


def test_its_errors_become_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    system = find_system()
    monkeypatch.setattr(Device, "open_port", lambda self, number, name: self.fail("it is busy."))
    with pytest.raises(PortError, match=r"keys cannot be opened \(it is busy\)"):
        Rig(system, "keys", "none", lambda sentence: None).open(lambda event, port: None)
    assert all(device.callback is None for device in Device.devices)


def test_an_input_that_is_asked_is_closed_without_a_callback() -> None:
    from livegen.midi import supriya_rtmidi

    device = supriya_rtmidi.open_input("MACOSX_CORE", "keys", False, None)
    device.cancel_callback()
    device.close_port()
    device.delete()
    assert Device.devices == []
