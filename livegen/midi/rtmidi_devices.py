"""The part that the two Python bindings of RtMidi have alike: the devices that they make."""

from typing import Any

from livegen.midi.binding import TROUBLE, shut


class RtMidiLister:
    """A ``Lister`` of an input and an output of RtMidi, which it closes at its end."""

    def __init__(self, listening: Any, playing: Any) -> None:  # noqa: ANN401 (the bindings have no types)
        self._input = listening
        self._output = playing

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


def connect(device: Any, name: str, title: str, virtual: bool) -> None:  # noqa: ANN401
    """Open a virtual port of this name, or one called ``title`` to the port of this name. Raises one of TROUBLE, and
    has closed the device then."""
    try:
        if virtual:
            device.open_virtual_port(name)
        else:
            device.open_port(device.get_ports().index(name), title.replace(":", " ")[:40])
    except TROUBLE:
        shut(device)
        raise
