"""Whether JACK's cycles go on. A server that hangs, or lost its sound card, takes clients all the same.

python-rtmidi cannot tell, and its calls wait for such a server, Python's lock in hand: to open, to close, to send when
16 KiB wait already. So libjack itself is asked, by a client of its own, without ports: it answers from shared memory.
"""

import contextlib
import ctypes
import threading
from pathlib import Path

from livegen.midi import jack_server
from livegen.system import clock

STANDS = 0.3  # seconds; no cycle of JACK's is so long
TELL_AFTER = 3.0  # seconds that it stands still before it is said
_STANDS = "JACK stands still, so no MIDI goes in or out; livegen plays on. If it stays so, start JACK again."
_GOES_ON = "JACK goes on, and MIDI with it."
_PATIENCE = 1.0  # seconds that a server has to take a client
_NO_START_SERVER, _NAME = 0x01, b"livegen pulse"
_MAPPED = Path("/proc/self/maps")


_asking: list[threading.Thread] = []  # the one that asks, if any does


def answers() -> bool:
    """Whether the server that is there takes a client, or refuses it, within a second.

    Who asks one that hangs waits until it goes on. So a thread asks, and while it waits nobody else does.
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
    """Over the JACK server that ports are on. Where there is none, none dies and none hangs."""

    def __init__(self) -> None:
        self._server: Path | None = None
        self._pulse: Heartbeat | None = None  # where it can be felt
        self._stands = False  # and this was said

    def begin(self) -> None:
        """Watch the server that is there now, if one is."""
        if jack_server.is_alive(jack_server.address()):
            self._server = jack_server.address()
            with contextlib.suppress(OSError), jack_server.hushed():
                self._pulse = Heartbeat()

    def end(self) -> None:
        """Leave the server, which must not stand still or be dead."""
        if self._pulse is not None:
            self._pulse.close()
        self.give_up()

    def give_up(self) -> None:
        """The server is dead or hangs: it can not even be left."""
        self._server, self._pulse, self._stands = None, None, False

    def is_alive(self) -> bool:
        """Whether it takes clients, now or later."""
        return self._server is None or jack_server.is_alive(self._server)

    def passed(self) -> bool:
        """Whether what was sent before this was last asked has gone out by now."""
        return self._pulse is None or self._pulse.passed()

    def hangs(self, patience: float = STANDS) -> bool:
        """Whether a port that is opened or closed now would wait for it."""
        return self._pulse is not None and self._pulse.hangs(patience)

    def stands(self) -> tuple[bool, list[str]]:
        """Whether it stands still, as far as was looked, and what is to be said of that."""
        standing = self._pulse.standing() if self._pulse is not None else 0.0
        before, self._stands = self._stands, standing > TELL_AFTER
        told = [] if self._stands == before else [_STANDS if self._stands else _GOES_ON]
        return standing > STANDS, told


class Heartbeat:
    """Of the server that is there now. Raises OSError where it cannot be felt."""

    def __init__(self) -> None:
        self._jack = _library()
        self._client = self._jack.jack_client_open(_NAME, _NO_START_SERVER, None)
        if not self._client:
            raise OSError("JACK takes no client")
        self._asked = self._seen = self._cycle()
        self._at = clock.now()

    def passed(self) -> bool:
        """Whether a cycle has begun since this was last asked: what was sent before has gone out by now."""
        before, self._asked = self._asked, self._cycle()
        return self._asked != before

    def standing(self) -> float:
        """For how many seconds no cycle has begun, as far as was looked."""
        before, self._seen = self._seen, self._cycle()
        if self._seen != before:
            self._at = clock.now()
        return clock.now() - self._at

    def hangs(self, patience: float = STANDS) -> bool:
        """Whether no cycle begins now, for which this waits so many seconds if it must."""
        before, end = self._cycle(), clock.now() + patience
        while self._cycle() == before:
            if clock.now() > end:
                return True
            clock.rest(0.001)
        return False

    def close(self) -> None:
        """Leave the server, which must not stand still or be dead."""
        self._jack.jack_client_close(self._client)

    def _cycle(self) -> int:
        """The frame with which the latest cycle began."""
        return int(self._jack.jack_last_frame_time(self._client))


def _library() -> ctypes.CDLL:
    """The libjack that python-rtmidi has loaded; a second one in the process would not do. Raises OSError."""
    lines = [line.split(maxsplit=5) for line in _MAPPED.read_text().splitlines() if "/libjack" in line]
    if not lines:
        raise OSError("libjack is not loaded")
    jack = ctypes.CDLL(lines[0][5])
    jack.jack_client_open.restype = ctypes.c_void_p
    jack.jack_client_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    jack.jack_client_close.argtypes = jack.jack_last_frame_time.argtypes = [ctypes.c_void_p]
    jack.jack_last_frame_time.restype = ctypes.c_uint32
    return jack
