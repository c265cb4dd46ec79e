"""The UDP port that receives and sends OSC. Dated bundles wait without delaying others; all losses are counted.

``localhost`` may mean 127.0.0.1 or ::1: the port is heard at both, and each peer is answered at its own. What is turned
away is said once for each kind and peer.

Nothing is sent to an address that is neither configured nor registered, so a forged sender gains nothing.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from livegen.errors import PacketError
from livegen.osc.notices import Notices, Tell
from livegen.osc.packets import Argument, Message, decode, encode
from livegen.osc.peers import Allowances, Source, Targets, is_local
from livegen.osc.schedule import Schedule
from livegen.osc.target import resolve
from livegen.system import clock
from livegen.system.sockets import open_udp, open_udp_loopback6

HORIZON = 2.0  # seconds that a bundle may be dated ahead
MOST_WAITING = 4096  # messages that wait for their time
BUFFER = 1 << 20  # bytes the system may hold for us while the loop is busy
AT_ONCE = 32  # datagrams received before the loop runs again
# Seconds: when several notes wait, the answers to all but the first within this time are sent together. Waking a
# listener takes a tenth of the time of an answer, and a listener that is awake need not be woken again.
TOGETHER = 0.0006
_LONGEST = 1 << 16  # bytes that UDP can carry
NEVER_LIMITED = b"/livegen/panic\0"
_NOTE = b"/livegen/note\0"

Receive = Callable[[Message, Source], None]
Together = Callable[[], contextlib.AbstractContextManager[None]]


@dataclass(slots=True)
class Counters:
    """Messages received and sent. A datagram that cannot be read, or is refused unread, counts as one message.

    received = handled + late (handled at once, though dated in the past) + limited + waiting + all of rejected.
    """

    received: int = 0
    handled: int = 0
    late: int = 0
    limited: int = 0
    waiting: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    sent: int = 0
    unsent: int = 0


class Endpoint:
    """One UDP port. It can send at once; it receives from ``start`` on, and until then the system keeps what comes.

    ``loopback6`` is a socket with the same port at ::1, where the system has one.
    """

    def __init__(
        self,
        sock: socket.socket,
        targets: Sequence[Source] = (),
        lan: bool = False,
        loopback6: socket.socket | None = None,
    ) -> None:
        self.counters = Counters()
        self.port: int = sock.getsockname()[1]
        self._receive: Receive = _ignore
        self._together: Together = contextlib.nullcontext
        self._done: Callable[[], None] = _do_nothing
        self._socket = sock
        self._loopback6 = loopback6
        # One buffer for all datagrams: allocating one for each would cost ten times as much as receiving it.
        self._room = memoryview(bytearray(_LONGEST))
        self._lan = lan
        self._targets = Targets(targets, self.port, lan)
        self._allowances = Allowances()
        self._agenda = Schedule(self._release)
        self._closed = False
        self._holding = False
        self._held: list[tuple[bytes, Source]] = []  # to be sent soon
        self._loop = asyncio.get_running_loop()
        self._notices = Notices()

    def start(
        self,
        receive: Receive,
        together: Together = contextlib.nullcontext,
        done: Callable[[], None] | None = None,
        tell: Tell | None = None,
    ) -> None:
        """Receive from now on: ``receive`` is called in the loop for each message when it is due.

        The messages of a bundle come without a break, within ``together()``; ``done`` is called when all that came at
        once has been received, ``tell`` with a sentence on what is turned away.
        """
        self._receive, self._together, self._done = receive, together, done or _do_nothing
        self._notices.tell = tell or self._notices.tell
        for sock in self._sockets:
            self._loop.add_reader(sock, self._hear, sock)

    @property
    def _sockets(self) -> list[socket.socket]:
        return [self._socket] if self._loopback6 is None else [self._socket, self._loopback6]

    # Hearing

    def _hear(self, sock: socket.socket) -> None:
        try:
            self._hear_waiting(sock)
        finally:
            self._holding = False
            self._let_go()
        self._done()

    def _hear_waiting(self, sock: socket.socket) -> None:
        """Receive all that waits: asyncio's own transport would go round its loop for each datagram of a chord."""
        room, since = self._room, 0.0
        for count in range(AT_ONCE):
            try:
                size, source = sock.recvfrom_into(room)
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                return self._unreached(error)
            data, now = bytes(room[:size]), clock.now()
            self._holding = data.startswith(_NOTE)  # other messages may take longer
            if count == 1 or not self._holding or now - since > TOGETHER:  # the answer to the first note is never held
                self._let_go()
                since = now
            self.datagram_received(data, source[:2])
            if self._closed:
                return

    def _let_go(self) -> None:
        """Send the held packets, in order."""
        for packet, target in self._held:
            self._transmit(packet, target)
        self._held.clear()

    def datagram_received(self, data: bytes, addr: Source) -> None:
        """Receive one datagram: pass its messages on, keep them until they are due, or count why not."""
        local = is_local(addr[0])
        if not local and not self._admit(data, addr):
            return
        bundled = data.startswith(b"#")
        refused: list[PacketError] = []
        try:
            messages = decode(data, self._agenda.date() if bundled else 0.0, refused)
        except PacketError as error:
            return self._reject("malformed", 1, str(error), addr)
        if bundled:
            if not local:
                self._allowances.charge(addr[0], max(0, len(messages) + len(refused) - 1))
            if refused:
                self._reject("malformed", len(refused), str(refused[0]), addr)
            return self._take_bundle(self._in_step(messages, addr), addr)
        self.counters.received += 1
        self.counters.handled += 1
        self._hand_on(messages[0], addr)

    def _admit(self, data: bytes, source: Source) -> bool:
        """Whether another machine may send this now; counted if not."""
        if not self._lan:
            self._reject("another machine", 1, "start livegen with --lan to hear other machines.", source)
            return False
        if self._allowances.take(source[0], clock.now()) or data.startswith(NEVER_LIMITED):
            return True
        self.counters.received += 1
        self.counters.limited += 1
        return False

    def _unreached(self, error: OSError) -> None:
        """A target's port is closed (Windows says so through our own socket); receiving continues."""
        self.counters.unsent += 1
        self._notices.give("icmp", "", f"An OSC target does not listen: {error}.", aloud=False)

    def _hand_on(self, message: Message, source: Source) -> None:
        try:
            self._receive(message, source)
        except Exception as error:  # a fault in one message must not cost the rest of its bundle
            self._loop.call_exception_handler({"message": f"OSC {message.address} failed", "exception": error})

    def _reject(self, reason: str, messages: int, sentence: str, source: Source) -> None:
        self.counters.received += messages
        self.counters.rejected[reason] = self.counters.rejected.get(reason, 0) + messages
        self._notices.give(reason, source, f"OSC from {source[0]} turned away ({reason}): {sentence}")

    # Bundles

    def _in_step(self, messages: list[Message], source: Source) -> list[Message]:
        """The messages of a bundle, without dates if its sender is another machine whose clock is wrong."""
        off = [message.due for message in messages if message.due is not None and abs(message.due) > HORIZON]
        if is_local(source[0]) or not off:
            return messages
        self._notices.give(
            "clock",
            source[0],
            f"The clock of {source[0]} is {abs(off[0]):.0f} s {'ahead' if off[0] > 0 else 'behind'}, so its dates "
            "count for nothing; set it by the network.",
        )
        return [message._replace(due=None) for message in messages]

    def _take_bundle(self, messages: list[Message], source: Source) -> None:
        ahead: dict[float, list[Message]] = {}
        with self._together():
            for message in messages:
                if message.due is not None and message.due > 0.0:
                    ahead.setdefault(message.due, []).append(message)
                    continue
                self.counters.received += 1
                if message.due is None or message.due == 0.0:
                    self.counters.handled += 1
                else:
                    self.counters.late += 1
                self._hand_on(message, source)
        for due, group in ahead.items():
            if due > HORIZON:
                wait = f"a bundle is dated {due:.0f} s ahead; livegen waits {HORIZON:.0f} s at most, so send it later."
                self._reject("too far ahead", len(group), wait, source)
            elif self.counters.waiting + len(group) > MOST_WAITING:
                most = f"at most {MOST_WAITING} messages wait for their time; send them when they are due."
                self._reject("too many waiting", len(group), most, source)
            else:
                self.counters.received += len(group)
                self.counters.waiting += len(group)
                self._agenda.add(due, group, source)

    def _release(self, messages: list[Message], source: Source) -> None:
        """Pass on messages that have waited for their time."""
        self.counters.waiting -= len(messages)
        self.counters.handled += len(messages)
        with self._together():
            for message in messages:
                self._hand_on(message, source)

    # Sending

    def send(self, address: str, *args: Argument) -> None:
        """Send one message to every target; one that cannot be reached is counted, and costs the others nothing."""
        targets = self.targets()
        if targets:
            packet = encode(address, *args)
            for target in targets:
                if self._holding:
                    self._held.append((packet, target))
                else:
                    self._transmit(packet, target)

    def targets(self) -> tuple[Source, ...]:
        """The current targets: first the configured ones, then the registered ones."""
        if self._targets.first_expiry <= clock.now():
            self._targets.expire(clock.now())
        return self._targets.now

    def register(self, host: str, port: int, at: float) -> None:
        """Send to ``host`` and ``port`` too, for a minute from ``at``. Raises PacketError when that is not allowed."""
        self._targets.register(host, port, at)

    def close(self) -> None:
        """Free the port at once. Messages that still wait are counted as rejected."""
        dropped, self.counters.waiting = self.counters.waiting, 0
        if dropped:
            self.counters.rejected["closed"] = dropped
        self._agenda.clear()
        if not self._closed:
            self._let_go()
            self._closed = True
            for sock in self._sockets:
                self._loop.remove_reader(sock)
                sock.close()

    def _transmit(self, packet: bytes, target: Source) -> None:
        try:
            sock = self._loopback6 if self._loopback6 is not None and ":" in target[0] else self._socket
            sock.sendto(packet, target)
            self.counters.sent += 1
        except OSError as error:
            self.counters.unsent += 1
            self._notices.give("send", target, f"OSC cannot be sent to {target[0]}:{target[1]}: {error.strerror}.")


def _ignore(message: Message, source: Source) -> None:
    pass


def _do_nothing() -> None:
    pass


async def open_endpoint(port: int, target: str = "none", lan: bool = False) -> Endpoint:
    """Take UDP ``port`` (0: a free one) for OSC, from this machine alone unless ``lan``; send to ``target``.

    ``target`` is host:port or none. Raises SettingsError for a wrong target, PortError when the port cannot be had.
    """
    targets = await resolve(target, port, lan)
    sock = open_udp(port, lan, "--osc-port")
    loopback6 = open_udp_loopback6(sock.getsockname()[1])
    for each in (sock, loopback6):
        with contextlib.suppress(OSError):  # a system may allow less
            if each is not None:
                each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    return Endpoint(sock, targets, lan, loopback6)
