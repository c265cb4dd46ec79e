"""The protocol of a library for MIDI ports: the functions that its module must offer."""

import contextlib
from collections.abc import Callable
from typing import Protocol

CLIENT = "livegen"
QUEUE = 16_384  # messages that may wait to be asked for: 0.4 s of a flood of 40,000 a second
TROUBLE = (OSError, ValueError, RuntimeError)  # the bases of the errors that devices raise

Callback = Callable[[tuple[list[int], float], object], None]  # (message, seconds since the one before), nothing


class Device(Protocol):
    """The part that inputs and outputs share."""

    def close_port(self) -> None:
        """Close."""

    def delete(self) -> None:
        """Leave the system."""


class InputDevice(Device, Protocol):
    """An open input."""

    def cancel_callback(self) -> None:
        """Hear no more."""

    def get_message(self) -> tuple[list[int], float] | None:
        """The next message, of an input without a callback."""


class OutputDevice(Device, Protocol):
    """An open output."""

    def send_message(self, message: bytes) -> None:
        """Send."""


class Lister(Protocol):
    """A client of a MIDI system that lists its ports."""

    def inputs(self) -> list[str]:
        """The names of the inputs that can be heard."""

    def outputs(self) -> list[str]:
        """The names of the outputs that can be played."""

    def close(self) -> None:
        """Leave the system."""


class Binding(Protocol):
    """A library for MIDI ports. ``api`` is its own name of a system; each function raises one of TROUBLE."""

    def load(self) -> None:
        """Import it. Raises ImportError or one of TROUBLE, whose words go on from "MIDI is off, for"."""

    def offers(self, api: str) -> bool:
        """Whether it was built for this system."""

    def works(self, api: str) -> bool:
        """Whether the system is here and takes a client."""

    def list_with(self, api: str) -> Lister:
        """A client that lists the ports for as long as it is open."""

    def open_input(self, api: str, name: str, virtual: bool, callback: Callback | None) -> InputDevice:
        """A virtual input of this name, or a connection to the input of this name."""

    def open_output(self, api: str, name: str, virtual: bool) -> OutputDevice:
        """A virtual output of this name, or a connection to the output of this name."""


def shut(device: Device) -> None:
    """Close a port and leave the system, whatever state it is in."""
    with contextlib.suppress(*TROUBLE):
        device.close_port()
    with contextlib.suppress(*TROUBLE):
        device.delete()
