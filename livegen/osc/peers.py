"""The OSC targets and their leases, and how much another machine may send. No socket, no clock: times are passed in."""

import math
from collections.abc import Sequence

from livegen.errors import PacketError

LEASE = 60.0  # seconds that a registration lasts
MOST_REGISTERED = 16
RATE, BURST = 2000.0, 500.0  # messages a second, and at once, from one other machine
MOST_SOURCES = 1024  # other machines whose rate is tracked

Source = tuple[str, int]  # numeric host, port


def is_local(host: str) -> bool:
    """Whether a numeric host is this machine's loopback."""
    return host.startswith("127.") or host == "::1"


class Targets:
    """The configured targets, and those that registered themselves until their lease ends."""

    def __init__(self, configured: Sequence[Source], own_port: int, lan: bool) -> None:
        self._configured = tuple(configured)
        self._own_port = own_port
        self._lan = lan
        self._until: dict[Source, float] = {}
        self.now = self._configured  # the current targets
        self.first_expiry = math.inf  # the time at which ``expire`` has something to do

    def register(self, host: str, port: int, at: float) -> None:
        """Send to ``host`` and ``port`` for LEASE seconds from ``at``. Raises PacketError if that is not allowed."""
        if not is_local(host) and not self._lan:
            raise PacketError("Only programs on this machine may listen; start livegen with --lan for others.")
        if not 1 <= port <= 65535 or (is_local(host) and port == self._own_port):
            raise PacketError(f"livegen cannot send to port {port}; name the port on which you listen.")
        self.expire(at)
        if (host, port) not in self._until and len(self._until) >= MOST_REGISTERED:
            raise PacketError(f"{MOST_REGISTERED} programs listen already; stop one and wait {LEASE:.0f} s.")
        self._until[host, port] = at + LEASE
        self._gather()

    def expire(self, at: float) -> None:
        """Forget the registrations whose lease has ended at ``at``."""
        for target in [target for target, until in self._until.items() if until <= at]:
            del self._until[target]
        self._gather()

    def _gather(self) -> None:
        self.now = tuple(dict.fromkeys((*self._configured, *self._until)))
        self.first_expiry = min(self._until.values(), default=math.inf)


class Allowances:
    """The number of messages that each other machine may still send: RATE more every second, BURST at most."""

    def __init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}  # messages, and the time when there were so many

    def take(self, host: str, now: float) -> bool:
        """Use one message's worth at ``now``. False: nothing is left."""
        left, at = self._left.get(host, (BURST, now))
        left = min(BURST, left + (now - at) * RATE)
        if host not in self._left and len(self._left) >= MOST_SOURCES:
            del self._left[next(iter(self._left))]
        self._left[host] = (left - 1.0 if left >= 1.0 else left), now
        return left >= 1.0

    def charge(self, host: str, messages: int) -> None:
        """Use the worth of several messages, for a bundle; a debt is paid by waiting."""
        left, at = self._left[host]
        self._left[host] = left - messages, at
