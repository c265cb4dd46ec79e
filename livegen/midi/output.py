"""The open MIDI outputs: all get the same events, in order, at a pace that the drivers can follow."""

import asyncio
from collections import deque
from collections.abc import Callable

from livegen.beat import delays
from livegen.events import (
    ALL_NOTES_OFF,
    ALL_SOUND_OFF,
    SUSTAIN,
    ClockMessage,
    ControlChange,
    Gesture,
    Heard,
    NoteOn,
    ProgramChange,
    rest,
)
from livegen.midi import jack_server
from livegen.midi.binding import TROUBLE, OutputDevice
from livegen.midi.guard import GuardedOutput
from livegen.midi.input import Echo
from livegen.midi.messages import encode, encode_clock
from livegen.system.clock import now

Sent = Heard | Gesture | ProgramChange
BURST, BREATH = 64, 0.001  # at most this many messages to a port in this many seconds: JACK silently drops more
PROOF = jack_server.RING // 2  # messages between two looks: those sent since the look before last may still wait
PAUSE = 0.005  # seconds between looks at a server that has stopped
LATE = 1.0  # seconds after which everything that waits for a stopped server is dropped


class Outputs:
    """The open outputs. Events that must wait go out in the order in which they came.

    ``is_alive`` is asked before enough was sent for a dead JACK server to freeze the program; when it says no, ``died``
    is called, and must empty ``devices``. ``passed`` says whether everything sent before it was last asked has gone
    out: while it has not, as with a hung server, all events wait, and after a second they are dropped.
    """

    def __init__(
        self,
        echo: Echo,
        is_alive: Callable[[], bool],
        died: Callable[[], None],
        passed: Callable[[], bool] = lambda: True,
    ) -> None:
        self.devices: dict[str, OutputDevice] = {}
        self.failed: set[str] = set()  # the devices that refused a message
        self.delays: list[tuple[str, float]] = []  # parts of names, and seconds
        self._delayed: deque[tuple[asyncio.TimerHandle, str, bytes]] = deque()
        self._echo = echo
        self._is_alive = is_alive
        self._died = died
        self._passed = passed
        self._unproved = 0  # messages since the system was last seen alive
        self._stuck: float | None = None  # the time since which it has stopped
        self._looked = 0.0  # the time of the last look
        self._dropped = False  # was anything dropped since then?
        self._used: set[int] = set()  # channels
        self._moved: set[tuple[int, int, int]] = set()  # the things that are bent or pressed
        self._queue: deque[Sent] = deque()
        self._latest: deque[float] = deque(maxlen=BURST)  # the times of the latest messages
        self._timer: asyncio.TimerHandle | None = None

    def send(self, event: Sent) -> None:
        """Send to every output, now or as soon as the pace allows; never waits."""
        if self.devices:
            self._queue.append(event)
            self.flush()

    def send_ahead(self, on: NoteOn) -> bool:
        """Have the process of each output send a note when it is due. False where that cannot be: an output has none or
        is delayed, or something waits; then it is to be sent as usual."""
        if self._queue or self.delays or not self.devices or not self._has_room():
            return False
        message, outputs = encode(on), [each for each in self.devices.values() if isinstance(each, GuardedOutput)]
        if len(outputs) < len(self.devices):
            return False
        for number, output in enumerate(outputs):
            if not output.send_ahead(message, on.at):
                for other in outputs[:number]:
                    other.cancel(message, on.at)
                return False
        self._unproved += 1
        self._used.add(on.channel)
        self._echo.sent(on, on.at)
        self._latest.append(now())
        return True

    def cancel(self, on: NoteOn) -> None:
        """Have a note that was sent ahead not sent, unless it is already."""
        for output in self.devices.values():
            if isinstance(output, GuardedOutput):
                output.cancel(encode(on), on.at)

    def take_lates(self) -> list[tuple[float, float]]:
        """The lateness of the notes that were sent ahead, those of the first output that were told of since this
        was last asked: of each when it was due, and the seconds."""
        told = [each.take_lates() for each in self.devices.values() if isinstance(each, GuardedOutput)]
        return told[0] if told else []

    def send_clock(self, message: ClockMessage) -> None:
        """Send our clock's message before everything that waits: a tick cannot wait."""
        if not self._has_room():
            return
        self._unproved += 1
        for name in self.devices:
            self._pass(name, encode_clock(message))

    def flush(self) -> bool:
        """Send what waits, as far as the pace allows. Returns whether anything still waits.

        Where an event loop runs, its timer flushes the rest; otherwise the caller does.
        """
        if self._dropped:
            self._has_room()  # which also ends the notes that lost their ends
        while self._queue and (len(self._latest) < BURST or now() - self._latest[0] >= BREATH):
            if not self._has_room() or not self._queue:  # where JACK died, all is forgotten
                break
            self._emit(self._queue.popleft())
        if self._stuck is not None and now() - self._stuck > LATE:
            self._dropped |= bool(self._queue)
            self._queue.clear()
        if (self._queue or self._dropped) and self._timer is None:
            try:
                wait = BREATH if self._stuck is None else PAUSE
                self._timer = asyncio.get_running_loop().call_later(wait, self._on_timer)
            except RuntimeError:
                return True
        return bool(self._queue)

    def panic(self) -> None:
        """Pedals up, all notes and all sound off, on every channel of every output."""
        self._queue.clear()
        for channel in range(1, 17):
            for control in (SUSTAIN, ALL_NOTES_OFF, ALL_SOUND_OFF):
                self.send(ControlChange(now(), control, 0, channel))
        for what in sorted(self._moved):
            self.send(rest(what, now()))

    def quiet(self) -> None:
        """Send what waits except note-ons, then lift the pedals and end all notes on the channels that were used."""
        waiting = [event for event in self._queue if not isinstance(event, NoteOn)]
        delayed = [(name, message) for _, name, message in self._delayed if message[0] & 0xF0 != 0x90]
        self.clear()
        self.delays = []
        for name, message in delayed:
            self._hand(name, message)
        for event in waiting:
            self._emit(event)
        for control in self._silence():
            self._emit(control)

    def calm(self, name: str) -> None:
        """Lift the pedals and end all notes on one output that was away, because it may have kept notes."""
        for event in self._silence():
            self._hand(name, encode(event))

    def clear(self) -> None:
        """Forget everything that waits."""
        self._queue.clear()
        for timer, _, _ in self._delayed:
            timer.cancel()
        self._delayed.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_timer(self) -> None:
        self._timer = None
        self.flush()

    def _emit(self, event: Sent) -> None:
        if not self._has_room():
            return
        self._unproved += 1
        self._used.add(event.channel)
        if isinstance(event, Gesture):
            (self._moved.discard if event.rests else self._moved.add)(event.what)
        self._echo.sent(event, now())
        message = encode(event)
        for name in self.devices:
            self._pass(name, message)
        self._latest.append(now())

    def _has_room(self) -> bool:
        """Check now and then whether the MIDI system is still there and accepts messages."""
        if self._unproved < PROOF:
            return True
        if self._stuck is not None and now() - self._looked < PAUSE:
            return False
        self._looked = now()
        if not self._is_alive():
            self._died()
        elif not self._passed():
            self._stuck = self._stuck or self._looked
            return False
        self._unproved = 0
        self._stuck = None
        if self._dropped:  # notes may have lost their ends
            self._dropped = False
            self._queue.extendleft(reversed(self._silence()))
        return True

    def _pass(self, name: str, message: bytes) -> None:
        """Hand it over now, or after the delay of that output; delayed messages keep their order."""
        late = delays.of(self.delays, name) if self.delays else 0.0
        if not late:
            self._hand(name, message)
            return
        timer = asyncio.get_running_loop().call_later(late, self._hand_next, name)
        self._delayed.append((timer, name, message))

    def _hand_next(self, name: str) -> None:
        """Hand over the first delayed message of that output."""
        found = next(each for each in self._delayed if each[1] == name)
        self._delayed.remove(found)
        if name in self.devices:
            self._hand(name, found[2])

    def _hand(self, name: str, message: bytes) -> None:
        try:
            self.devices[name].send_message(message)
        except TROUBLE:
            self.failed.add(name)

    def _silence(self) -> list[Sent]:
        """Pedals up and all notes off on every channel that was used, and nothing bent or pressed."""
        controls = [
            ControlChange(now(), control, 0, channel)
            for channel in sorted(self._used)
            for control in (SUSTAIN, ALL_NOTES_OFF)
        ]
        return [*controls, *(rest(what, now()) for what in sorted(self._moved))]
