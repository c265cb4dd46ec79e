"""Follows a MIDI clock: 24 ticks a beat, start, stop, continue and song position (MIDI 1.0, "System Real Time
Messages"). Jitter is smoothed by a line through the ticks of the last two beats; if ticks cease without a stop
message, the beat continues. Pure: times come in with the messages."""

from collections import deque

from livegen.beat.transport import CLOCK, Grid
from livegen.events import ClockMessage

TICKS = 24  # a beat
_SIXTEENTH = 6  # ticks, the unit of a song position
_SLOWEST, _FASTEST = 20.0, 400.0  # beats a minute: others are not believed
_WINDOW = 48  # ticks that the line goes through
_STEADY = 8  # ticks after which a line replaces a better one
_LATEST = 4  # ticks that distinguish a jump of the tempo from jitter
_UNEVEN = 0.0015, 1.5  # a jump is more than this: seconds, and multiples of the usual jitter
_LOST = 6  # ticks that may be missing before the clock counts as silent
_GIVEN_UP = 10.0  # seconds of silence after which the performer's own beat is followed again, if that is wished


class ClockIn:
    """A MIDI clock from one port; clocks of other ports are ignored while it runs. ``said`` are sentences to show."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.port: str | None = None
        self._started: bool | None = None  # None: neither a start nor a stop was heard
        self._next = 0  # the number of the coming tick, counted from a bar line
        self._goes_on_at = 0  # and of the first one after a stop: ticks that come meanwhile do not move the song
        self._ticks: deque[tuple[int, float]] = deque(maxlen=_WINDOW)
        self._line: tuple[float, float] | None = None  # the time of tick 0, and the seconds a tick
        self._fitted = 0  # the number of ticks that the line is fitted to
        self._jitter = 0.0
        self._silent = False
        self._others: set[str] = set()

    def hear_clock(self, message: ClockMessage, port: str, in_ticks: bool = False) -> None:
        """Take in one message. ``in_ticks``: its song position counts ticks."""
        if self.port is not None and port != self.port:
            if self._is_alive(message.at):
                if port not in self._others:
                    self._others.add(port)
                    self.said.append(f"{port} sends a clock too; livegen goes on with that of {self.port}.")
                return
            self.__init__()  # type: ignore[misc]
        self.port = port
        if message.kind == "tick":
            self._tick(message.at)
        elif message.kind == "start":
            self._locate(0)
            self._started = True
        elif message.kind == "continue":
            if self._started is False:
                self._locate(self._goes_on_at)
            self._started = True
        elif message.kind == "stop":
            if self._started is not False:
                self._goes_on_at = self._next
            self._started = False
        else:
            self._goes_on_at = message.position * (1 if in_ticks else _SIXTEENTH)
            self._locate(self._goes_on_at)

    def _is_alive(self, now: float) -> bool:
        return bool(self._ticks) and now - self._ticks[-1][1] < 1.0

    def _locate(self, tick: int) -> None:
        """Give the coming tick this number; those already heard are renumbered to match."""
        apart = tick - self._next
        self._next = tick
        self._ticks = deque(((number + apart, at) for number, at in self._ticks), maxlen=_WINDOW)
        if self._line is not None:
            self._line = self._line[0] - apart * self._line[1], self._line[1]

    def _tick(self, at: float) -> None:
        if self._silent and self._line is not None:
            # The beat continued without ticks: the first tick that comes is the nearest one.
            self.said.append(f"The clock of {self.port} is back.")
            self._next = max(self._next, round((at - self._line[0]) / self._line[1]))
            self._ticks.clear()
            self._silent = False
        if self._ticks and at <= self._ticks[-1][1]:
            at = self._ticks[-1][1] + 1e-6
        self._ticks.append((self._next, at))
        self._next += 1
        if self._has_jumped():
            while len(self._ticks) > _LATEST:
                self._ticks.popleft()
            self._fitted = 0
        if len(self._ticks) >= max(2, min(_STEADY, self._fitted)):
            self._fit()

    def _has_jumped(self) -> bool:
        """Whether the latest ticks are all off the line in the same direction, further than jitter explains."""
        if self._line is None or len(self._ticks) <= _LATEST + 2:
            return False
        zero, length = self._line
        off = [at - zero - number * length for number, at in self._ticks]
        latest = off[-_LATEST:]
        self._jitter += 0.1 * (abs(off[-_LATEST - 1]) - self._jitter)
        least, factor = _UNEVEN
        mean = sum(latest) / _LATEST
        return abs(mean) > least + factor * self._jitter and all((each > 0) == (mean > 0) for each in latest)

    def _fit(self) -> None:
        self._fitted = count = len(self._ticks)
        middle = sum([number for number, _ in self._ticks]) / count
        mean = sum([at for _, at in self._ticks]) / count
        spread = sum([(number - middle) ** 2 for number, _ in self._ticks])
        length = sum([(number - middle) * (at - mean) for number, at in self._ticks]) / spread
        if 60.0 / _FASTEST <= length * TICKS <= 60.0 / _SLOWEST:
            self._line = mean - middle * length, length
        else:
            self._line = None

    @property
    def due(self) -> float | None:
        """The time at which the clock counts as silent, unless a tick comes first."""
        if self._line is None or self._silent or not self._ticks or self._started is False:
            return None
        return self._ticks[-1][1] + _LOST * max(self._line[1], 0.01)

    def pass_time(self, now: float) -> None:
        """Notice that ticks are missing."""
        due = self.due
        if due is not None and now >= due and self._line is not None:
            self._silent = True
            tempo = 60.0 / (self._line[1] * TICKS)
            self.said.append(f"The clock of {self.port} fell silent; livegen keeps its beat at {tempo:.1f} bpm.")

    def grid(self, now: float, forever: bool = False) -> Grid | None:
        """The grid of the beats, if the clock runs; one that fell silent counts for ten seconds, or ``forever``."""
        if self._line is None or self._started is False:
            return None
        if self._silent and not forever and now - self._ticks[-1][1] > _GIVEN_UP:
            return None
        zero, length = self._line
        return Grid(now, (now - zero) / (length * TICKS), length * TICKS, CLOCK)
