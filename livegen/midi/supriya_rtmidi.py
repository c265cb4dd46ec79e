"""supriya-midi as a ``Binding``: RtMidi for the Pythons that python-rtmidi has no wheels for.

It differs in four ways. Its errors are of a kind of their own. Without a JACK server a client is made all the same, and
fails only when it is asked something. A callback gets a message and its time apart. And to cancel a callback that was
never set is an error.
"""

from typing import Any, NoReturn

from livegen.midi import jack_server, libjack
from livegen.midi.binding import CLIENT, TROUBLE, Callback, InputDevice, Lister, OutputDevice
from livegen.midi.rtmidi_devices import RtMidiLister, connect


def load() -> None:
    """Import it. Raises ImportError or one of TROUBLE."""
    libjack.load_system()
    with jack_server.hushed():
        import supriya_midi  # noqa: F401


def offers(api: str) -> bool:
    """Whether it was built for this system."""
    import supriya_midi

    return _number(api) in supriya_midi.get_compiled_apis()


def works(api: str) -> bool:
    """Whether the system is here and takes a client."""
    try:
        with jack_server.hushed():
            _client("MidiIn", api).delete()
    except TROUBLE:
        return False
    return True


def list_with(api: str) -> Lister:
    """A client that lists the ports for as long as it is open. Raises one of TROUBLE."""
    return RtMidiLister(_client("MidiIn", api), _client("MidiOut", api))


def open_input(api: str, name: str, virtual: bool, callback: Callback | None) -> InputDevice:
    """A virtual input of this name, or a connection to the input of this name. Raises one of TROUBLE."""
    with jack_server.hushed():
        device = _client("MidiIn", api)
        device.ignore_types(sysex=True, timing=False, active_sense=False)
        if callback is not None:
            device.set_callback(lambda message, wait, data: callback((list(message), wait), data))
        connect(device, name, f"from {name}", virtual)
        return _Input(device, callback is not None)


def open_output(api: str, name: str, virtual: bool) -> OutputDevice:
    """A virtual output of this name, or a connection to the output of this name. Raises one of TROUBLE."""
    with jack_server.hushed():
        device = _client("MidiOut", api)
        connect(device, name, f"to {name}", virtual)
        opened: OutputDevice = device
        return opened


class _Input:
    def __init__(self, device: Any, called: bool) -> None:  # noqa: ANN401 (as in rtmidi_devices)
        self._device = device
        self._called = called
        self.get_message = device.get_message
        self.close_port = device.close_port

    def cancel_callback(self) -> None:
        """Hear no more."""
        if self._called:
            self._called = False
            self._device.cancel_callback()

    def delete(self) -> None:
        """Leave the system."""
        self._device.delete()


def _client(kind: str, api: str) -> Any:  # noqa: ANN401 (an object of either of its two classes)
    import supriya_midi

    client = getattr(supriya_midi, kind)(_number(api), CLIENT)
    client.set_error_callback(_refuse)
    client.get_port_count()  # raises where there is no server
    return client


def _refuse(kind: object, sentence: str, data: object) -> NoReturn:
    raise OSError(sentence)


def _number(api: str) -> int:
    from supriya_midi.rtmidi_ext import RtMidiAPI

    return getattr(RtMidiAPI, api)  # type: ignore[no-any-return]
