"""The soak's own OSC client: it asks livegen for a sign of life each second and keeps what livegen says of itself."""

import select
import statistics
import time

from livegen.live.health import Report
from livegen.osc import packets
from tests.support.jam_process import Jam

_EVERY, _LOST = 1.0, 10.0  # seconds: from ping to ping; without an answer


class Watch:
    """What was heard since ``begin_minute``; milliseconds, counts from the beginning on."""

    def __init__(self, player: Jam) -> None:
        self.unanswered = 0
        self.last: Report | None = None
        self._player = player
        self._number = 1
        self._waiting: dict[int, float] = {}
        self._ping_at = 0.0
        self.begin_minute()

    def begin_minute(self) -> None:
        """Count the minute's own anew."""
        self.played = self.trouble = 0
        self.latest = self.answer = 0.0
        self._middles: list[float] = []

    @property
    def middle(self) -> float:
        """The median of the seconds' medians, milliseconds."""
        return statistics.median(self._middles) if self._middles else 0.0

    def turn(self, seconds: float) -> None:
        """Listen for so long, and ask when it is time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._ask(time.monotonic())
            if select.select([self._player.socket], [], [], left)[0]:
                self._hear(self._player.socket.recv(65536))

    def _ask(self, now: float) -> None:
        if now < self._ping_at:
            return
        lost = [number for number, at in self._waiting.items() if now - at > _LOST]
        self.unanswered += len(lost)
        for number in lost:
            del self._waiting[number]
        self._ping_at, self._number = now + _EVERY, self._number + 1
        self._waiting[self._number] = now
        self._player.send("/livegen/ping", self._number)

    def _hear(self, datagram: bytes) -> None:
        for message in packets.decode(datagram, 0.0):
            if message.address == "/livegen/pong" and message.args and message.args[0] in self._waiting:
                took = time.monotonic() - self._waiting.pop(int(message.args[0]))
                self.answer = max(self.answer, 1000.0 * took)
            elif message.address == "/livegen/out/health":
                self._keep(Report._make(message.args))

    def _keep(self, said: Report) -> None:
        played = said.notes - (self.last.notes if self.last is not None else 0)
        self.played += played
        self.trouble += said.trouble
        self.latest = max(self.latest, said.latest)
        self._middles += [said.p50] if played else []
        self.last = said
