"""How an answer in a tala ends: it goes on to the next sam, the first beat of the avartana, and its last note is Sa."""

from livegen.player.modes import Turn

_NEAR = 0.3  # beats: a note this soon before sam falls on it
_STILL = 0.05  # aksharas: this soon after one has begun it is still its beginning
_APPROACH = 0.5  # beats: less than this before sam nothing can lead to it


class Cadence:
    """The end of one answer. ``sam``: when its last note sounds (seconds), once the answer is to end."""

    def __init__(self) -> None:
        self.sam: float | None = None
        self._end = 0.0
        self._beat = 0.5  # seconds

    def begin(self, at: float, since: float, aksharas: int, beat: float) -> None:
        """The answer is to end on the next sam. It is ``since`` aksharas after one, of ``beat`` seconds each."""
        self._beat = beat
        self.sam = at + beat * (_APPROACH + (-since - _APPROACH) % aksharas)
        self._end = self.sam + beat

    def cancel(self) -> None:
        """There is nothing to end."""
        self.sam = None

    def goes_on(self, at: float) -> bool:
        """Whether the answer has not come to its end yet; its last note has an akshara to itself."""
        return self.sam is not None and at < self._end

    def turn(self, feed: bool) -> Turn:
        """The turn until then."""
        return Turn(listen=True, play=True, feed=feed, until=self._end)

    def is_last(self, due: float) -> bool:
        """Whether the note that is due then is to be the last."""
        return self.sam is not None and due >= self.sam - _NEAR * self._beat

    def is_over(self, onset: float | None) -> bool:
        """Whether the last note sounded, if the line's latest did then."""
        return self.sam is not None and onset is not None and onset >= self.sam


def next_akshara(at: float, since: float, beat: float) -> float:
    """When the next akshara begins, not before ``at``, which is ``since`` aksharas after sam, of ``beat`` seconds."""
    return at if since % 1.0 < _STILL else at + beat * (-since % 1.0)
