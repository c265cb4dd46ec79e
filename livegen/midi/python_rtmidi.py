"""python-rtmidi as a ``Binding``: ALSA, JACK, CoreMIDI and Windows MIDI. ``api`` is the end of its API_ names."""

from typing import Any

from livegen.midi import jack_server
from livegen.midi.binding import CLIENT, TROUBLE, Callback, InputDevice, OutputDevice, shut


def load() -> None:
    """Import it. Raises ImportError or one of TROUBLE."""
    with jack_server.hushed():
        import rtmidi  # noqa: F401


def offers(api: str) -> bool:
    """Whether it was built for this system."""
    import rtmidi

    return _number(api) in rtmidi.get_compiled_api()


def works(api: str) -> bool:
    """Whether the system is here and takes a client."""
    import rtmidi

    try:
        with jack_server.hushed():
            rtmidi.MidiIn(_number(api), name=CLIENT).delete()
    except TROUBLE:
        return False
    return True


def list_with(api: str) -> "_Lister":
    """A client that lists the ports for as long as it is open."""
    return _Lister(api)


def open_input(api: str, name: str, virtual: bool, callback: Callback | None) -> InputDevice:
    """A virtual input of this name, or a connection to the input of this name. Raises one of TROUBLE."""
    import rtmidi

    with jack_server.hushed():
        device = rtmidi.MidiIn(_number(api), name=CLIENT)
        device.ignore_types(sysex=True, timing=False, active_sense=True)
        if callback is not None:
            device.set_callback(callback)
        _connect(device, name, f"from {name}", virtual)
        opened: InputDevice = device
        return opened


def open_output(api: str, name: str, virtual: bool) -> OutputDevice:
    """A virtual output of this name, or a connection to the output of this name. Raises one of TROUBLE."""
    import rtmidi

    with jack_server.hushed():
        device = rtmidi.MidiOut(_number(api), name=CLIENT)
        _connect(device, name, f"to {name}", virtual)
        opened: OutputDevice = device
        return opened


class _Lister:
    def __init__(self, api: str) -> None:
        import rtmidi

        self._input = rtmidi.MidiIn(_number(api), name=CLIENT)
        self._output = rtmidi.MidiOut(_number(api), name=CLIENT)

    def inputs(self) -> list[str]:
        """The names of the inputs that can be heard."""
        return list(self._input.get_ports())

    def outputs(self) -> list[str]:
        """The names of the outputs that can be played."""
        return list(self._output.get_ports())

    def close(self) -> None:
        """Leave the system."""
        self._input.delete()
        self._output.delete()


def _number(api: str) -> int:
    import rtmidi

    return int(getattr(rtmidi, f"API_{api}"))


def _connect(device: Any, name: str, title: str, virtual: bool) -> None:  # noqa: ANN401 (python-rtmidi has no types)
    try:
        if virtual:
            device.open_virtual_port(name)
        else:
            device.open_port(device.get_ports().index(name), title.replace(":", " ")[:40])
    except TROUBLE:
        shut(device)
        raise
