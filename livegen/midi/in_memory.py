"""A rig that needs no MIDI system: what comes in and goes out stays in memory."""

from collections.abc import Callable

from livegen.events import Received
from livegen.midi.backends import MEMORY
from livegen.midi.input import Input
from livegen.midi.rig import IN, OUT, Rig
from livegen.system import clock


class InMemoryRig(Rig):
    """A rig without a MIDI system, for tests and for programs that feed livegen themselves.

    ``sent`` keeps each message with the time it went out; ``hear`` plays one; what a port sends, those connected hear.
    """

    def __init__(self, receive: Callable[[Received, str], None]) -> None:
        super().__init__(MEMORY, "none", "none", receive, lambda sentence: None)
        self.sent: list[tuple[float, bytes]] = []
        self._listeners: list[InMemoryRig] = []

    def open(self) -> None:
        """Open the one input and the one output."""
        port = Input(IN, self._receive, self.echo, self._hear_clock)
        port.device = self
        self._inputs[IN] = port
        self._out.devices[OUT] = self

    def connect(self, listener: "InMemoryRig") -> None:
        """From now on the listener hears what this port sends."""
        self._listeners.append(listener)

    def hear_message(self, message: bytes) -> None:
        """A MIDI message comes in."""
        if IN in self._inputs:
            self._inputs[IN].hear_message((list(message), 0.0), None)

    def send_message(self, message: bytes) -> None:
        """What the output's driver does elsewhere."""
        self.sent.append((clock.now(), message))
        for listener in self._listeners:
            listener.hear_message(message)

    def _nothing(self) -> None:
        """Nothing is to be closed."""

    cancel_callback = close_port = delete = get_message = _nothing
