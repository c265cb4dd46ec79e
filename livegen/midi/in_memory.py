"""A rig that needs no MIDI system: all messages stay in memory."""

from livegen.midi.backends import MEMORY
from livegen.midi.input import Input
from livegen.midi.rig import IN, OUT, Follow, Receive, Rig
from livegen.system import clock


class InMemoryRig(Rig):
    """A rig without a MIDI system, for tests and for programs that feed livegen themselves.

    ``sent`` keeps each message with its time; ``hear_message`` receives one; connected rigs hear what this one sends.
    """

    def __init__(self) -> None:
        super().__init__(MEMORY, "none", "none", lambda sentence: None)
        self.sent: list[tuple[float, bytes]] = []
        self._listeners: list[InMemoryRig] = []

    def open(self, receive: Receive, follow: Follow | None = None) -> None:
        """Open the one input and the one output."""
        port = Input(IN, receive, self.echo, follow)
        port.device = self
        self._inputs[IN] = port
        self._out.devices[OUT] = self

    def connect(self, listener: "InMemoryRig") -> None:
        """Let the listener hear all that this port sends from now on."""
        self._listeners.append(listener)

    def hear_message(self, message: bytes) -> None:
        """A MIDI message comes in."""
        if IN in self._inputs:
            self._inputs[IN].hear_message((list(message), 0.0), None)

    def send_message(self, message: bytes) -> None:
        """Do what the driver of an output does on other rigs."""
        self.sent.append((clock.now(), message))
        for listener in self._listeners:
            listener.hear_message(message)

    def _nothing(self) -> None:
        """Close nothing."""

    cancel_callback = close_port = delete = get_message = _nothing
