"""The count-in: a bar of clicks before the music begins. Pure."""

from livegen.beat.transport import Transport

KEY = 37  # General MIDI's side stick, on the drums' channel
LENGTH = 0.05  # seconds
_FIRST, _OTHERS = 100, 78  # velocities


class CountIn:
    """The clicks that are still to come, by the beats of the transport, wherever these move meanwhile."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.coming: list[tuple[float, int]] = []  # beat, velocity

    def begin(self, beat: float, beats: int) -> None:
        """Click so many beats, from one on."""
        self.coming = [(beat + number, _OTHERS if number else _FIRST) for number in range(beats)]

    def drop(self) -> None:
        """Click no more."""
        self.coming.clear()

    def next_due(self) -> float | None:
        """The time of the next click (seconds)."""
        return self._transport.time_of(self.coming[0][0]) if self.coming else None

    def take(self, at: float) -> int | None:
        """The velocity of the click that is due by then; None if none is."""
        due = self.next_due()
        return self.coming.pop(0)[1] if due is not None and due <= at else None
