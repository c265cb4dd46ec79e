"""Counts the bars of a trade, in which performer and player have as many bars in turn. Pure."""

import math

from livegen.listening.performer import Performer
from livegen.player.bars import Bars

_PICKUP = 1.0  # beats before a bar line with which the first turn may begin


class Trades:
    """Knows the bar line at which the trading began: that of the performer's first phrase, once the beat is known."""

    def __init__(self, bars: Bars, performer: Performer) -> None:
        self._bars = bars
        self._performer = performer
        self._origin: float | None = None  # in beats, as the transport counts them

    def forget(self) -> None:
        """Trading begins with the next phrase."""
        self._origin = None

    def begin(self, beat: float) -> None:
        """Trading begins at a bar line that was counted in."""
        self._origin = beat

    def bars_since(self, at: float) -> float | None:
        """The bars since it began; None while there is no beat, or no phrase. A clock that goes back begins anew."""
        bars, start = self._bars, self._performer.phrase_start
        if not bars.running or (start is None and self._origin is None):
            self._origin = None
            return None
        here, bar = bars.count(at), bars.beats_per_bar
        if start is not None and (self._origin is None or here < self._origin - 2 * bar):
            begins = bars.count(start)
            self._origin = math.ceil((begins - bar + _PICKUP) / bar - 1e-9) * float(bar)
        return None if self._origin is None else (here - self._origin) / bar
