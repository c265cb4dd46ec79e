"""Where the player's notes and turns lie in the beats and bars of the transport: docs/time.md. Pure."""

from livegen.beat.transport import AUTO, BEAT, FREELY, PULSE, Transport
from livegen.settings import Settings

_METRES = {2: "2/4", 3: "3/4", 4: "4/4", 6: "3/2"}  # beats in a bar -> as the encoding knows it
_PARTS = 12  # of a beat, in which places are told to a model
_EVEN, _TERNARY = 4, 6  # places a beat that notes are drawn to
_NEAR = 0.05  # beats: this soon after a beat is still on it


def place(transport: Transport, at: float) -> tuple[float | None, str | None]:
    """Where in the bar (beats) that is, and the bar's metre, where a clock knows; the performer's own bars are too
    uncertain to be told to a model, which a wrong bar would mislead further than the right one helps."""
    metre = _METRES.get(transport.beats_per_bar)
    if transport.source == PULSE or not transport.running or metre is None:
        return None, None
    return round(transport.beat_at(at) * _PARTS) / _PARTS % transport.beats_per_bar, metre


def begins(settings: Settings, transport: Transport, at: float) -> float | None:
    """When an answer begins that could begin at ``at``; None: whenever its first note likes."""
    every = _every(settings.begin, transport)
    return None if every is None else transport.next_beat(at - _NEAR * transport.beat, every)


def ends(settings: Settings, transport: Transport, at: float) -> float:
    """When an answer ends that could end at ``at``."""
    every = _every(settings.end, transport)
    return at if every is None else max(at, transport.next_beat(at - _NEAR * transport.beat, every))


def _every(wish: str, transport: Transport) -> float | None:
    """The beats between where it may happen; None: it may at any time."""
    if wish == FREELY or not transport.running:
        return None
    if wish == AUTO:
        return None if transport.source == PULSE else 1.0
    return 1.0 if wish == BEAT else float(transport.beats_per_bar)


def drawn(settings: Settings, transport: Transport, due: float, ternary: bool) -> float:
    """The time of a note, drawn to the grid by the setting ``quantise``."""
    if not settings.quantise or not transport.running:
        return due
    parts = _TERNARY if ternary else _EVEN
    nearest = transport.time_of(round(transport.beat_at(due) * parts) / parts)
    return due + settings.quantise / 100.0 * (nearest - due)
