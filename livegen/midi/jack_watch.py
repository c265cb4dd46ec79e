"""Watches whether JACK still runs its cycles. A server that hangs or lost its sound card accepts clients all the same.

RtMidi cannot see this, and its calls to open, to close, or to send when 16 KiB wait already, block on such a
server while they hold the GIL. So a client of our own, without ports, asks libjack, which answers from shared memory.
"""

import contextlib
import itertools
import re
import threading
from pathlib import Path
from typing import Any

from livegen.midi import jack_server, libjack
from livegen.system import clock

STANDS = 0.3  # seconds; no cycle of JACK's is as long
TELL_AFTER = 3.0  # seconds without a cycle before the musician is warned
_STANDS = (
    "JACK has stopped responding, so no MIDI gets through. livegen keeps playing; if JACK does not recover, restart it."
)
_GOES_ON = "JACK responds again, and MIDI gets through."
_PATIENCE = 1.0  # seconds that a server has to accept a client
_NO_START_SERVER, _NAME = 0x01, b"livegen pulse"
_IS_OUTPUT = 0x2


_asking: list[threading.Thread] = []  # the thread that asks, if one does


def answers() -> bool:
    """Whether the server that is there accepts or refuses a client within a second.

    Opening a client on a hung server blocks. So a thread asks, and only one thread at a time.
    """
    if any(thread.is_alive() for thread in _asking):
        return False
    _asking[:] = [threading.Thread(target=_ask, name="livegen asks JACK", daemon=True)]
    _asking[0].start()
    _asking[0].join(_PATIENCE)
    return not _asking[0].is_alive()


def _ask() -> None:
    with contextlib.suppress(OSError):
        Heartbeat().close()


class JackWatch:
    """Watches the JACK server that has our ports. Without a server it reports neither death nor a hang."""

    def __init__(self) -> None:
        self._server: Path | None = None
        self._pulse: Heartbeat | None = None  # where it can be watched
        self._stands = False  # as last reported to the musician

    def begin(self) -> None:
        """Watch the server that is there now, if one is."""
        if jack_server.is_alive(jack_server.address()):
            self._server = jack_server.address()
            with contextlib.suppress(OSError), jack_server.hushed():
                self._pulse = Heartbeat()

    def end(self) -> None:
        """Leave the server, which must not be hung or dead."""
        if self._pulse is not None:
            self._pulse.close()
        self.give_up()

    def give_up(self) -> None:
        """Forget the server without leaving it, since it is dead or hangs."""
        self._server, self._pulse, self._stands = None, None, False

    def is_alive(self) -> bool:
        """Whether it accepts clients, now or later."""
        return self._server is None or jack_server.is_alive(self._server)

    def passed(self) -> bool:
        """Whether everything sent before this was last asked has gone out by now."""
        return self._pulse is None or self._pulse.passed()

    def hangs(self, patience: float = STANDS, cycles: int = 1) -> bool:
        """Whether opening or closing a port now would block; a server that has just stopped may begin one cycle yet."""
        return self._pulse is not None and any(self._pulse.hangs(patience) for _ in range(cycles))

    def stands(self) -> tuple[bool, list[str]]:
        """Whether it has stopped, as of the last two looks, and the sentences to show about it."""
        standing = self._pulse.standing() if self._pulse is not None else 0.0
        before, self._stands = self._stands, standing > TELL_AFTER
        told = [] if self._stands == before else [_STANDS if self._stands else _GOES_ON]
        return standing > STANDS, told

    def cycle(self) -> int:
        """A number that changes from one cycle to the next, and always where there is nothing to watch."""
        return int(clock.now() * 1e9) if self._pulse is None else self._pulse.cycle()

    def outputs(self, name: str) -> set[str]:
        """The full names of the outputs that are called ``name``, whichever client has them."""
        return set() if self._pulse is None else self._pulse.outputs(name)

    def targets(self, port: str) -> list[str]:
        """The full names of the inputs that an output is connected to."""
        return [] if self._pulse is None else self._pulse.targets(port)

    def connect(self, port: str, target: str) -> None:
        """Connect an output to an input, if both are there. The server must not hang."""
        if self._pulse is not None:
            self._pulse.connect(port, target)


class Heartbeat:
    """The cycles of the server that is there now. Raises OSError where they cannot be seen."""

    def __init__(self) -> None:
        self._jack = libjack.in_use()
        self._client = self._jack.jack_client_open(_NAME, _NO_START_SERVER, None)
        if not self._client:
            raise OSError("JACK accepts no client")
        self._asked = self._seen = self.cycle()
        self._at = clock.now()

    def passed(self) -> bool:
        """Whether a cycle has begun since this was last asked: everything sent before it has gone out by now."""
        before, self._asked = self._asked, self.cycle()
        return self._asked != before

    def standing(self) -> float:
        """The seconds without a new cycle, as of the last two looks."""
        before, self._seen = self._seen, self.cycle()
        if self._seen != before:
            self._at = clock.now()
        return clock.now() - self._at

    def hangs(self, patience: float = STANDS) -> bool:
        """Whether no cycle begins within ``patience`` seconds; returns as soon as one does."""
        before, end = self.cycle(), clock.now() + patience
        while self.cycle() == before:
            if clock.now() > end:
                return True
            clock.rest(0.001)
        return False

    def outputs(self, name: str) -> set[str]:
        """The full names of the outputs that are called ``name``."""
        pattern = f":{re.escape(name)}$".encode()
        return set(self._names(self._jack.jack_get_ports(self._client, pattern, None, _IS_OUTPUT)))

    def targets(self, port: str) -> list[str]:
        """The full names of the inputs that an output is connected to."""
        found = self._jack.jack_port_by_name(self._client, port.encode())
        return self._names(self._jack.jack_port_get_all_connections(self._client, found)) if found else []

    def connect(self, port: str, target: str) -> None:
        """Connect an output to an input, if both are there."""
        with jack_server.hushed():
            self._jack.jack_connect(self._client, port.encode(), target.encode())

    def _names(self, array: Any) -> list[str]:  # noqa: ANN401 (a pointer of ctypes)
        """The names in an array of libjack's, which is freed."""
        if not array:
            return []
        names = [name.decode(errors="replace") for name in itertools.takewhile(bool, array)]
        self._jack.jack_free(array)
        return names

    def close(self) -> None:
        """Leave the server, which must not be hung or dead."""
        self._jack.jack_client_close(self._client)

    def cycle(self) -> int:
        """The frame with which the latest cycle began."""
        return int(self._jack.jack_last_frame_time(self._client))
