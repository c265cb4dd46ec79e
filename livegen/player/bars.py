"""Places the player's notes and turns in the beats and bars of the transport: docs/time.md. Pure."""

from livegen.beat.transport import AUTO, BEAT, FREELY, PULSE, Transport
from livegen.listening.performer import Performer
from livegen.settings import Settings

_METRES = {2: "2/4", 3: "3/4", 4: "4/4", 6: "3/2"}  # beats in a bar -> the metre's name in the encoding
_PARTS = 12  # of a beat: how finely a model is given a place in the bar
_EVEN, _TERNARY = 4, 6  # places a beat that notes are quantised to
_NEAR = 0.05  # beats: this soon after a beat still counts as on it


class Bars:
    """Finds the place of a time in the beats and bars, and the times at which a player's answers and notes may come."""

    def __init__(self, settings: Settings, transport: Transport, performer: Performer) -> None:
        self._settings = settings
        self._transport = transport
        self._performer = performer

    @property
    def beat(self) -> float:
        """The length of a beat in seconds."""
        return self._transport.beat

    def beat_at(self, at: float) -> float:
        """Beats since a bar line; while no beat is worth following, since the performer's phrase began."""
        transport, start = self._transport, self._performer.phrase_start
        if transport.running or start is None:
            return transport.beat_at(at)
        return (at - start) / transport.beat

    def place(self, at: float) -> tuple[float | None, str | None]:
        """The place of a time in the bar (beats) and the bar's metre, where a clock gives them; otherwise None, None.

        Bars heard from the performer alone are too uncertain for a model: a wrong bar misleads it more than the right
        one helps.
        """
        transport = self._transport
        metre = _METRES.get(transport.beats_per_bar)
        if transport.source == PULSE or not transport.running or metre is None:
            return None, None
        return round(transport.beat_at(at) * _PARTS) / _PARTS % transport.beats_per_bar, metre

    def begins(self, at: float) -> float | None:
        """The time at which an answer that could begin at ``at`` begins; None: at the time of its first note."""
        every = self._every(self._settings.begin)
        transport = self._transport
        return None if every is None else transport.next_beat(at - _NEAR * transport.beat, every)

    def ends(self, at: float) -> float:
        """The time at which an answer that could end at ``at`` ends."""
        every = self._every(self._settings.end)
        transport = self._transport
        return at if every is None else max(at, transport.next_beat(at - _NEAR * transport.beat, every))

    def quantised(self, due: float) -> float:
        """The time of a note, moved to the grid as far as the setting ``quantise`` says."""
        transport, share = self._transport, self._settings.quantise
        if not share or not transport.running:
            return due
        parts = _TERNARY if self._performer.pulse.felt.ternary else _EVEN
        nearest = transport.time_of(round(transport.beat_at(due) * parts) / parts)
        return due + share / 100.0 * (nearest - due)

    def _every(self, wish: str) -> float | None:
        """The beats between two times at which it may happen; None: it may happen at any time."""
        transport = self._transport
        if wish == FREELY or not transport.running:
            return None
        if wish == AUTO:
            return None if transport.source == PULSE else 1.0
        return 1.0 if wish == BEAT else float(transport.beats_per_bar)
