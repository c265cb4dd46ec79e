"""Stand-ins for the parts that a live server may lack. Each does nothing, so that no caller has to check for None."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from livegen.events import ClockMessage, Event, Gesture, NoteOn
from livegen.midi.input import Echo
from livegen.midi.names import Ports
from livegen.midi.rig import Follow, Receive
from livegen.osc.endpoint import Receive as OscReceive
from livegen.osc.endpoint import Together
from livegen.osc.packets import Argument
from livegen.osc.peers import Source


class NoEndpoint:
    """No OSC."""

    port = 0

    def start(
        self,
        receive: OscReceive,
        together: Together,
        done: Callable[[], None],
        tell: Callable[[str], None],
    ) -> None:
        """Nothing is received."""

    def send(self, address: str, *args: Argument) -> None:
        """There is no target."""

    def register(self, host: str, port: int, at: float) -> None:
        """There is nothing to send from."""

    def datagram_received(self, data: bytes, addr: Source) -> None:
        """Nobody hears it."""

    def close(self) -> None:
        """Nothing is open."""


class NoRig:
    """No MIDI."""

    def __init__(self) -> None:
        self.echo = Echo()
        self.open_ports: Ports | None = None
        self.dropped = 0

    def open(self, receive: Receive, follow: Follow | None = None) -> None:
        """There is nothing to open."""

    def delay(self, wish: str) -> None:
        """There is no output."""

    def send(self, event: Event | Gesture) -> None:
        """There is no output."""

    def send_ahead(self, on: NoteOn) -> bool:
        """There is no output."""
        return False

    def cancel(self, on: NoteOn) -> None:
        """There is no output."""

    def take_lates(self) -> list[tuple[float, float]]:
        """Nothing was sent."""
        return []

    def send_clock(self, message: ClockMessage) -> None:
        """There is no output."""

    def panic(self) -> None:
        """Nothing sounds."""

    def check(self) -> list[str]:
        """Nothing comes or goes."""
        return []

    def close(self) -> None:
        """Nothing is open."""


class NoListeners:
    """No page and no line in the terminal."""

    said: Mapping[str, tuple[Argument, ...]] = MappingProxyType({})

    def __len__(self) -> int:
        return 0

    def hear_message(self, address: str, args: tuple[Argument, ...]) -> None:
        """Nobody hears it."""


class NoAnswerText:
    """No answer is written down."""

    def hear_events(self, events: Iterable[Event]) -> None:
        """They are not written down."""

    def line(self) -> str:
        """Nothing was written."""
        return ""


class NoPage:
    """No page is served."""

    url = ""

    def serve(self) -> None:
        """There is nothing to serve."""

    def deafen(self) -> None:
        """It hears nothing."""

    async def close(self) -> None:
        """Nothing is served."""
