"""Watches whether JACK still runs its cycles. A server that hangs or lost its sound card accepts clients all the same.

python-rtmidi cannot see this, and its calls to open, to close, or to send when 16 KiB wait already, block on such a
server while they hold the GIL. So a client of our own, without ports, asks libjack, which answers from shared memory.
"""

import contextlib
import ctypes
import threading
from pathlib import Path

from livegen.midi import jack_server
from livegen.system import clock

STANDS = 0.3  # seconds; no cycle of JACK's is as long
TELL_AFTER = 3.0  # seconds without a cycle before the musician is warned
_STANDS = (
    "JACK has stopped responding, so no MIDI gets through. livegen keeps playing; if JACK does not recover, restart it."
)
_GOES_ON = "JACK responds again, and MIDI gets through."
_PATIENCE = 1.0  # seconds that a server has to accept a client
_NO_START_SERVER, _NAME = 0x01, b"livegen pulse"
_MAPPED = Path("/proc/self/maps")


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

    def hangs(self, patience: float = STANDS) -> bool:
        """Whether opening or closing a port now would block."""
        return self._pulse is not None and self._pulse.hangs(patience)

    def stands(self) -> tuple[bool, list[str]]:
        """Whether it has stopped, as of the last two looks, and the sentences to show about it."""
        standing = self._pulse.standing() if self._pulse is not None else 0.0
        before, self._stands = self._stands, standing > TELL_AFTER
        told = [] if self._stands == before else [_STANDS if self._stands else _GOES_ON]
        return standing > STANDS, told


class Heartbeat:
    """The cycles of the server that is there now. Raises OSError where they cannot be seen."""

    def __init__(self) -> None:
        self._jack = _library()
        self._client = self._jack.jack_client_open(_NAME, _NO_START_SERVER, None)
        if not self._client:
            raise OSError("JACK accepts no client")
        self._asked = self._seen = self._cycle()
        self._at = clock.now()

    def passed(self) -> bool:
        """Whether a cycle has begun since this was last asked: everything sent before it has gone out by now."""
        before, self._asked = self._asked, self._cycle()
        return self._asked != before

    def standing(self) -> float:
        """The seconds without a new cycle, as of the last two looks."""
        before, self._seen = self._seen, self._cycle()
        if self._seen != before:
            self._at = clock.now()
        return clock.now() - self._at

    def hangs(self, patience: float = STANDS) -> bool:
        """Whether no cycle begins within ``patience`` seconds; returns as soon as one does."""
        before, end = self._cycle(), clock.now() + patience
        while self._cycle() == before:
            if clock.now() > end:
                return True
            clock.rest(0.001)
        return False

    def close(self) -> None:
        """Leave the server, which must not be hung or dead."""
        self._jack.jack_client_close(self._client)

    def _cycle(self) -> int:
        """The frame with which the latest cycle began."""
        return int(self._jack.jack_last_frame_time(self._client))


def _library() -> ctypes.CDLL:
    """The libjack that python-rtmidi has loaded; a second copy would not share its state. Raises OSError."""
    lines = [line.split(maxsplit=5) for line in _MAPPED.read_text().splitlines() if "/libjack" in line]
    if not lines:
        raise OSError("libjack is not loaded")
    jack = ctypes.CDLL(lines[0][5])
    jack.jack_client_open.restype = ctypes.c_void_p
    jack.jack_client_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    jack.jack_client_close.argtypes = jack.jack_last_frame_time.argtypes = [ctypes.c_void_p]
    jack.jack_last_frame_time.restype = ctypes.c_uint32
    return jack
