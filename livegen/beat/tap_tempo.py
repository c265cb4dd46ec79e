"""Tap tempo: finds the beat that the performer taps. Pure."""

from livegen.beat.transport import TAP, Grid

_RECENT = 8  # taps that count
_PAUSE = 2.5  # multiples of the beat, or seconds after the first tap, after which another series begins
_SHORTEST = 0.15  # seconds: a tap sooner than this is a key that bounced


class TapTempo:
    """A series of taps. The first is on a bar line; two give the tempo, the next ones make it surer."""

    def __init__(self) -> None:
        self._times: list[float] = []

    def hear_tap(self, at: float) -> Grid | None:
        """Take in one tap; the grid from now on, once two are known."""
        times = self._times
        if times:
            since = at - times[-1]
            if since < _SHORTEST:
                return None
            beat = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 1.0
            if since > _PAUSE * beat:
                times.clear()
        times.append(at)
        if len(times) < 2:
            return None
        # A line through the latest taps, one a beat.
        recent = times[-_RECENT:]
        middle, mean = (len(recent) - 1) / 2, sum(recent) / len(recent)
        spread = sum([(index - middle) ** 2 for index in range(len(recent))])
        length = sum([(index - middle) * (each - mean) for index, each in enumerate(recent)]) / spread
        last = len(times) - 1
        return Grid(at, last + (at - mean) / length - middle, length, TAP)
