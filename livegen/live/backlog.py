"""The events that wait for the event loop: in a flood, those that are too old to be answered are passed over."""

from collections import Counter, deque
from collections.abc import Callable, Iterator

from livegen.events import NoteOff, NoteOn, Received
from livegen.system import clock

TURN = 0.01  # seconds that a turn of the loop may take for them; then timers and OSC have theirs
OLD = 0.25  # seconds after which a note is not answered
FLOOD = 4096  # events that wait, below which every note is heard, however old it is


class Backlog:
    """Filled by other threads, emptied by the loop. ``pass_over`` is told of each note that is left out."""

    def __init__(self, pass_over: Callable[[NoteOn | NoteOff], None]) -> None:
        self.passed_over = 0  # notes
        self._waiting: deque[tuple[Received, str]] = deque()
        self._pass_over = pass_over
        self._strokes: Counter[tuple[int, int]] = Counter()  # left out and not released yet, by pitch and channel

    def __len__(self) -> int:
        return len(self._waiting)

    def append(self, event: Received, port: str) -> None:
        """Another event, on any thread."""
        self._waiting.append((event, port))

    def turn(self) -> Iterator[tuple[Received, str]]:
        """The events to be heard now: those that were there when it began, as far as the time of a turn goes."""
        end = clock.now() + TURN
        for _ in range(len(self._waiting)):
            event, port = self._waiting.popleft()
            if not self._leaves_out(event):
                yield event, port
            if clock.now() > end:
                return

    def _leaves_out(self, event: Received) -> bool:
        """Whether it is passed over, as a note that is too old in a flood, and as the release of such a note."""
        if isinstance(event, NoteOn):
            if len(self._waiting) < FLOOD or clock.now() - event.at < OLD:
                return False
            self._strokes[event.pitch, event.channel] += 1
            self.passed_over += 1
        elif isinstance(event, NoteOff) and self._strokes and self._strokes[event.pitch, event.channel] > 0:
            self._strokes[event.pitch, event.channel] -= 1
        else:
            return False
        self._pass_over(event)
        return True
