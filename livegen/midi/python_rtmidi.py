"""python-rtmidi as a ``Binding``: ALSA, JACK, CoreMIDI and Windows MIDI. ``api`` is the end of its API_ names."""

from livegen.midi import jack_server
from livegen.midi.binding import CLIENT, QUEUE, TROUBLE, Callback, InputDevice, Lister, OutputDevice
from livegen.midi.rtmidi_devices import RtMidiLister, connect


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


def list_with(api: str) -> Lister:
    """A client that lists the ports for as long as it is open."""
    import rtmidi

    return RtMidiLister(rtmidi.MidiIn(_number(api), name=CLIENT), rtmidi.MidiOut(_number(api), name=CLIENT))


def open_input(api: str, name: str, virtual: bool, callback: Callback | None) -> InputDevice:
    """A virtual input of this name, or a connection to the input of this name. Raises one of TROUBLE."""
    import rtmidi

    with jack_server.hushed():
        device = rtmidi.MidiIn(_number(api), name=CLIENT, queue_size_limit=QUEUE)
        device.ignore_types(sysex=True, timing=False, active_sense=False)
        if callback is not None:
            device.set_callback(callback)
        connect(device, name, f"from {name}", virtual)
        opened: InputDevice = device
        return opened


def open_output(api: str, name: str, virtual: bool) -> OutputDevice:
    """A virtual output of this name, or a connection to the output of this name. Raises one of TROUBLE."""
    import rtmidi

    with jack_server.hushed():
        device = rtmidi.MidiOut(_number(api), name=CLIENT)
        connect(device, name, f"to {name}", virtual)
        opened: OutputDevice = device
        return opened


def _number(api: str) -> int:
    import rtmidi

    return int(getattr(rtmidi, f"API_{api}"))
