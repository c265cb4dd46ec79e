"""Places the player's notes and turns in the beats and bars of the transport: docs/time.md. Pure."""

import math

from livegen.beat.transport import AUTO, BEAT, FREELY, PULSE, Transport
from livegen.listening.performer import Performer
from livegen.settings import Settings

_METRES = {2: "2/4", 3: "3/4", 4: "4/4", 6: "3/2"}  # beats in a bar -> the metre's name in the encoding
_PARTS = 12  # of a beat: how finely a model is given a place in the bar
_EVEN, _TERNARY = 4, 6  # places a beat that notes are quantised to
_HALVES, _THIRDS = 2, 3  # of a beat: where answers begin
_OVER = 0.5  # beats: so long may a phrase's last note reach into the next bar
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

    def last_beat(self, at: float) -> float | None:
        """The last beat that is not after ``at``; None where no beat is worth following."""
        transport = self._transport
        return transport.time_of(math.floor(transport.beat_at(at) + 1e-9)) if transport.running else None

    def enters(self, at: float, due: float) -> float | None:
        """The half beat, or third of a beat in three, that is nearest to ``due`` and not before ``at``, swung as the
        performer swings; None where no beat is worth following."""
        transport, pulse = self._transport, self._performer.pulse
        if not transport.running:
            return None
        parts = _THIRDS if pulse.felt.ternary else _HALVES
        place = round(transport.beat_at(due) * parts)
        while (time := self._swung(place / parts)) < at - _NEAR * transport.beat:
            place += 1
        return time

    def _swung(self, place: float) -> float:
        """The time of a place in the beats, as the performer swings."""
        timing, pulse = self._performer.timing, self._performer.pulse
        late = 0.0 if pulse.felt.ternary else timing.shift(place % 1.0, pulse.beat, self._settings.touch)
        return self._transport.time_of(place) + (late or 0.0)

    def bars_of(self, start: float, end: float) -> tuple[float, float] | None:
        """The times of the bar line where a phrase from ``start`` to ``end`` begins, and of the one where it is over.
        None where no clock gives the bars: those heard from the performer are too uncertain."""
        transport, bar = self._transport, self._transport.beats_per_bar
        if transport.source == PULSE or not transport.running:
            return None
        first = round(transport.beat_at(start) / bar)
        last = max(first + 1, math.ceil((transport.beat_at(end) - _OVER) / bar))
        return transport.time_of(first * bar), transport.time_of(last * bar)

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
