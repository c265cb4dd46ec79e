"""Our own MIDI clock: 24 ticks a beat, made from the transport. Pure; the shell sends what is due."""

import math

from livegen.beat.transport import Transport
from livegen.events import ClockMessage

TICKS = 24
_SIXTEENTH = 6  # ticks, the unit of a song position
_MOST = 2**14  # song positions there are
_LEAST, _LONGEST = 0.5, 2.0  # shares of a tick's length: how far the distance of two may be bent to catch up
_LOST = 12.0  # ticks: a follower that is further off is sent the place again


class ClockOut:
    """Sends ticks all the time, a start before the first tick of the bar in which the beat becomes known, and a stop
    when it is no longer known. ``next`` is the time of the next message."""

    def __init__(self) -> None:
        self.next: float | None = None
        self._latest: float | None = None  # the time at which the last tick was due
        self._count = 0  # the number of the coming tick, from a bar line
        self._zero = 0  # the number of the tick that a start went before
        self._playing = False

    def stop(self, now: float) -> list[ClockMessage]:
        """The messages that end the clock."""
        was, self._playing, self.next, self._latest = self._playing, False, None, None
        return [ClockMessage(now, "stop")] if was else []

    def due(self, transport: Transport, now: float) -> list[ClockMessage]:
        """The messages due by now, in order. After a stall, the ticks missed are not sent in a burst."""
        tick = transport.beat / TICKS
        place = transport.beat_at(now) * TICKS
        if self._latest is None or now - self._latest > _LOST * tick:
            self._count, self._latest = math.ceil(place - 1e-6), now - tick
        out: list[ClockMessage] = []
        if abs(place - self._count) > _LOST:
            self._count = math.ceil(place - 1e-6)
            if self._playing:
                out += self._relocate(now)
        due = self._due(transport)
        while due <= now:
            if transport.running and not self._playing and self._count % (TICKS * transport.beats_per_bar) == 0:
                self._playing, self._zero = True, self._count
                out.append(ClockMessage(due, "start"))
            elif self._playing and not transport.running:
                self._playing = False
                out.append(ClockMessage(due, "stop"))
            out.append(ClockMessage(due, "tick"))
            self._latest, self._count = due, self._count + 1
            due = self._due(transport)
        self.next = due
        return out

    def _due(self, transport: Transport) -> float:
        """The time of the next tick: on the grid, but neither too near to the last tick nor too far from it."""
        assert self._latest is not None
        tick = transport.beat / TICKS
        wished = transport.time_of(self._count / TICKS)
        return max(self._latest + _LEAST * tick, min(self._latest + _LONGEST * tick, wished))

    def _relocate(self, at: float) -> list[ClockMessage]:
        """Send followers the place: stop, the position of the next sixteenth, continue."""
        self._count = math.ceil(self._count / _SIXTEENTH) * _SIXTEENTH
        return [ClockMessage(at, "stop"), *self._place(at)]

    def _place(self, at: float) -> list[ClockMessage]:
        position = (self._count - self._zero) // _SIXTEENTH % _MOST
        return [ClockMessage(at, "position", position), ClockMessage(at, "continue")]
