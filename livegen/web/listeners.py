"""The WebSocket listeners and the addresses that they listen to. A note never waits for them: messages are only queued.

A moment later each listener gets them in one write; a listener that does not read is dropped.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence

from livegen.control.addresses import METHODS, Method
from livegen.errors import PacketError
from livegen.osc.packets import Argument, encode
from livegen.osc.patterns import compile_pattern, is_pattern

EVERY = 0.004  # seconds between writes, at least
MOST_UNREAD = 256 * 1024  # bytes that may wait for one listener
MOST_LISTENERS = 64

Said = tuple[Argument, ...]

logger = logging.getLogger(__name__)


class Listener:
    """One WebSocket, by the transport below it: the same bytes go to all, and nothing waits for any of them."""

    def __init__(self, transport: asyncio.Transport, readable: frozenset[str]) -> None:
        self.transport = transport
        self._readable = readable
        self.wanted: frozenset[str] = frozenset()  # addresses

    def listen(self, path: str) -> None:
        """Listen to an address, to all addresses in a container, or to those that a pattern matches."""
        self.wanted |= self._addresses(path)

    def ignore(self, path: str) -> None:
        """Stop listening to them."""
        self.wanted -= self._addresses(path)

    def _addresses(self, path: str) -> frozenset[str]:
        """The readable addresses that a path names. Raises PacketError when there is none.

        The proposal has single methods; containers and patterns are ours, so that a page can hear a new address too.
        """
        readable = self._readable
        if is_pattern(path):
            matches = compile_pattern(path)
            found = frozenset(address for address in readable if matches(address))
        else:
            inside = path.rstrip("/") + "/"
            found = readable & {path} or frozenset(address for address in readable if address.startswith(inside))
        if not found:
            raise PacketError(f"There is nothing to listen to at {path[:60]}.")
        return found


class Listeners:
    """Receives every message that livegen sends. ``said`` keeps the latest of each address of ``methods``."""

    def __init__(self, methods: Sequence[Method] = METHODS) -> None:
        self._readable = frozenset(method.address for method in methods if method.access != "in")
        self.said: dict[str, Said] = {}
        self.dropped = 0
        self._listeners: list[Listener] = []
        self._waiting: list[tuple[str, Said]] = []
        self._flush: asyncio.Handle | None = None
        self._flushed = 0.0
        self._loop = asyncio.get_running_loop()

    def __len__(self) -> int:
        return len(self._listeners)

    def admit(self, transport: asyncio.Transport) -> Listener | None:
        """Add a listener; None when there are too many."""
        if len(self._listeners) >= MOST_LISTENERS:
            return None
        self._listeners.append(Listener(transport, self._readable))
        return self._listeners[-1]

    def leave(self, listener: Listener) -> None:
        """Remove a listener that has gone."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def hear_message(self, address: str, args: Said) -> None:
        """Queue a message. This is on the path of a note, so it writes nothing."""
        self.said[address] = args
        if self._listeners:
            self._waiting.append((address, args))
            if self._flush is None:
                # In a burst the notes go first, and the listeners get many messages in one write.
                self._flush = self._loop.call_at(self._flushed + EVERY, self.flush)

    def answer(self, listener: Listener, address: str, args: Said) -> None:
        """Send to one listener alone, whatever it listens to. Raises PacketError if OSC cannot carry it."""
        self._write(listener, _frame(address, args))

    def flush(self) -> None:
        """Send the queued messages to their listeners; each is encoded once."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        self._flushed = self._loop.time()
        waiting, self._waiting = self._waiting, []
        frames = list(_frames(waiting))
        joined: dict[frozenset[str], bytes] = {}
        for listener in tuple(self._listeners):
            wanted = listener.wanted
            if wanted not in joined:
                joined[wanted] = b"".join(frame for address, frame in frames if address in wanted)
            if joined[wanted]:
                self._write(listener, joined[wanted])

    def _write(self, listener: Listener, frames: bytes) -> None:
        transport = listener.transport
        if transport.is_closing() or transport.get_write_buffer_size() + len(frames) > MOST_UNREAD:
            self.dropped += 1
            self.leave(listener)
            transport.abort()
        else:
            transport.write(frames)


def _frames(said: Iterable[tuple[str, Said]]) -> Iterator[tuple[str, bytes]]:
    """Each message as bytes. One that OSC cannot carry, such as a sentence with a zero byte in it, is left out."""
    for address, args in said:
        try:
            yield address, _frame(address, args)
        except PacketError as error:
            logger.warning("to the page: %s", error)


def _frame(address: str, args: Said) -> bytes:
    """A message as a binary WebSocket frame of a server (RFC 6455, 5.2): whole, and not masked."""
    packet = encode(address, *args)
    if len(packet) < 126:
        return bytes((0x82, len(packet))) + packet
    return b"\x82\x7e" + len(packet).to_bytes(2, "big") + packet
