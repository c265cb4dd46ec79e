"""What comes in: one open MIDI input, and the filter that drops our own echo."""

from collections.abc import Callable

from livegen.clock import now
from livegen.events import SUSTAIN, ControlChange, Heard, NoteOff, NoteOn
from livegen.midi import decode
from livegen.midi_system import InputDevice, shut


class Echo:
    """Tells what we sent ourselves and hear again, from a loopback or a synth that passes on what it gets."""

    def __init__(self, window: float = 0.02) -> None:
        self.window = window  # seconds
        self.dropped = 0
        self._sent: dict[tuple[int, int, int], float] = {}  # pitch, channel, velocity (0 for a note-off) -> when

    def sent(self, event: Heard, at: float) -> None:
        """Remember what went out."""
        if not isinstance(event, ControlChange):
            self._sent[_key(event)] = at

    def is_ours(self, event: Heard, held: bool = False) -> bool:
        """Whether to drop what came in. ``held``: somebody holds that key there, so its release is theirs."""
        if isinstance(event, ControlChange) or (held and isinstance(event, NoteOff)):
            return False
        sent = self._sent.get(_key(event))
        ours = sent is not None and event.at - sent <= self.window
        self.dropped += ours
        return ours


def _key(event: NoteOn | NoteOff) -> tuple[int, int, int]:
    return event.pitch, event.channel, event.velocity if isinstance(event, NoteOn) else 0


class Input:
    """One open input. ``hear`` runs on the driver's thread."""

    def __init__(self, name: str, receive: Callable[[Heard, str], None], echo: Echo) -> None:
        self.device: InputDevice | None = None
        self.fault: Exception | None = None
        self._name = name
        self._receive = receive
        self._echo = echo
        self._held: set[tuple[int, int]] = set()
        self._pedals: set[int] = set()

    def hear(self, message: tuple[list[int], float], _: object) -> None:
        """Stamp, decode, pass on. Never raises, for the driver would swallow it; ``fault`` keeps it."""
        try:
            event = decode(message[0], now())
            if event is None:
                return
            if isinstance(event, ControlChange):
                if event.control == SUSTAIN:
                    (self._pedals.add if event.value >= 64 else self._pedals.discard)(event.channel)
            else:
                key = event.pitch, event.channel
                if self._echo.is_ours(event, key in self._held):
                    return
                (self._held.add if isinstance(event, NoteOn) else self._held.discard)(key)
            self._receive(event, self._name)
        except Exception as error:
            self.fault = error

    def close(self) -> None:
        """Close the port and release what is held on it."""
        if self.device is not None:
            self.device.cancel_callback()
            shut(self.device)
        for pitch, channel in sorted(self._held):
            self._receive(NoteOff(now(), pitch, channel), self._name)
        for channel in sorted(self._pedals):
            self._receive(ControlChange(now(), SUSTAIN, 0, channel), self._name)
