"""An open MIDI input, the thread that asks inputs for messages, and the filter that drops our own echo."""

import threading
from collections.abc import Callable, Iterable

from livegen.events import (
    RELEASING,
    RESET_CONTROLLERS,
    SOSTENUTO,
    SUSTAIN,
    ClockMessage,
    ControlChange,
    NoteOff,
    NoteOn,
    Received,
)
from livegen.midi.binding import TROUBLE, InputDevice, shut
from livegen.midi.messages import decode, decode_clock
from livegen.system import clock, process

GRACE = 0.005  # seconds
ACTIVE_SENSING = 0xFE
_TIMES = 4  # of one note that are remembered
SILENT = 0.42  # seconds without a message after which a device that sends active sensing is gone; it has 0.3
BUSY, IDLE, STAYS_BUSY = (
    0.001,
    0.004,
    5.0,
)  # seconds between two questions while busy and idle, and seconds busy after the last event


class Echo:
    """Recognises notes that we sent ourselves and receive again, from a loopback or a synth that passes them on."""

    def __init__(self, window: float = 0.02) -> None:
        self.window = window  # seconds
        self.dropped = 0
        # By pitch, channel and velocity (0 for a note-off) the latest times; some are ahead.
        self._sent: dict[tuple[int, int, int], tuple[float, ...]] = {}

    def sent(self, event: Received, at: float) -> None:
        """Remember an event that was sent, or is sent then."""
        if isinstance(event, NoteOn | NoteOff):
            key = _key(event)
            self._sent[key] = (*self._sent.get(key, ())[1 - _TIMES :], at)

    def is_ours(self, event: Received, held: bool = False) -> bool:
        """Whether to drop an event that came in. ``held``: somebody holds that key, so its release is theirs."""
        if not isinstance(event, NoteOn | NoteOff) or (held and isinstance(event, NoteOff)):
            return False
        ours = any(0.0 <= event.at - sent <= self.window for sent in self._sent.get(_key(event), ()))
        self.dropped += ours
        return ours


def _key(event: NoteOn | NoteOff) -> tuple[int, int, int]:
    return event.pitch, event.channel, event.velocity if isinstance(event, NoteOn) else 0


class Input:
    """One open input. ``hear_message`` and ``fetch`` run on another thread than ``close``."""

    def __init__(
        self,
        name: str,
        receive: Callable[[Received, str], None],
        echo: Echo,
        follow: Callable[[ClockMessage, str], None] | None = None,
    ) -> None:
        self.device: InputDevice | None = None
        self.fault: Exception | None = None
        self._name = name
        self._receive = receive
        self._follow = follow  # a clock
        self._echo = echo
        self._held: dict[tuple[int, int], int] = {}  # the strokes of each key (pitch, channel) not released yet
        self._pedals: set[tuple[int, int]] = set()  # control and channel
        self._lock = threading.Lock()
        self._senses = False  # does the device say again and again that it is there (active sensing)?
        self._latest = 0.0  # when a message came
        self._silent = False  # was it found silent?

    def hear_message(self, message: tuple[list[int], float], _: object) -> None:
        """Stamp, decode, pass on. Never raises, because the driver would swallow the error; ``fault`` keeps it."""
        try:
            at = self._latest = clock.now()
            if message[0][0] == ACTIVE_SENSING:
                self._senses = True
                return
            event = decode(message[0], at)
            if event is None:
                said = decode_clock(message[0], at)
                if said is not None and self._follow is not None:
                    self._follow(said, self._name)
                return
            if isinstance(event, ControlChange):
                self._turn(event)
            elif isinstance(event, NoteOn | NoteOff):
                key = event.pitch, event.channel
                if self._echo.is_ours(event, key in self._held):
                    return
                strokes = self._held.get(key, 0) + (1 if isinstance(event, NoteOn) else -1)
                if strokes > 0:
                    self._held[key] = strokes
                elif not strokes:
                    del self._held[key]
            self._receive(event, self._name)
        except Exception as error:
            self.fault = error

    def _turn(self, event: ControlChange) -> None:
        if event.control in (SUSTAIN, SOSTENUTO):
            (self._pedals.add if event.value >= 64 else self._pedals.discard)((event.control, event.channel))
        elif event.control == RESET_CONTROLLERS:
            self._pedals = {pedal for pedal in self._pedals if pedal[1] != event.channel}
        elif event.control in RELEASING:
            for key in [key for key in self._held if key[1] == event.channel]:
                del self._held[key]

    def fetch(self) -> bool:
        """Receive the messages that wait at an input without a callback. Returns whether there were any."""
        heard = False
        with self._lock:
            try:
                while self.device is not None and (message := self.device.get_message()) is not None:
                    heard = True
                    self.hear_message(message, None)
            except TROUBLE as error:
                self.fault = error
            self._notice_silence()
        return heard

    def fell_silent(self) -> bool:
        """Whether a device that sent active sensing stopped, since this was last asked."""
        with self._lock:
            self._notice_silence()
            silent, self._silent = self._silent, False
        return silent

    def _notice_silence(self) -> None:
        """Release what is held on a device that said that it was there, and says so no more."""
        if self._senses and clock.now() - self._latest > SILENT:
            self._senses, self._silent = False, True
            self._release()

    def part(self) -> InputDevice | None:
        """Stop asking the device. The caller then closes or leaves it."""
        with self._lock:
            device, self.device = self.device, None
        return device

    def close(self) -> None:
        """Close the port and release the keys that are held on it."""
        device = self.part()
        if device is not None:
            device.cancel_callback()
            # A callback under way needs the GIL, which is held while a port closes.
            clock.rest(GRACE)
            shut(device)
        self._release()

    def _release(self) -> None:
        held, self._held = self._held, {}
        pedals, self._pedals = self._pedals, set()
        for pitch, channel in sorted(held):
            for _ in range(held[pitch, channel]):
                self._receive(NoteOff(clock.now(), pitch, channel), self._name)
        for control, channel in sorted(pedals):
            self._receive(ControlChange(clock.now(), control, 0, channel), self._name)


class Fetcher(threading.Thread):
    """Asks inputs for their messages: a thousand times a second while somebody plays, otherwise less often.

    For JACK, because a callback would make the server's audio cycle wait for Python, and a port that opens or closes
    while a note comes in would block until the server's timeout of seconds. For ALSA, because an input that closes
    while a note comes in would free the callback that the driver's thread is about to call, or wait for it for ever.
    """

    def __init__(self, inputs: Callable[[], Iterable[Input]], realtime: bool = False) -> None:
        super().__init__(name="livegen MIDI in", daemon=True)
        self._inputs = inputs
        self._realtime = realtime
        self._ended = threading.Event()

    def run(self) -> None:
        """Ask until ``stop``."""
        if self._realtime:
            process.take_priority()  # the loop's thread has reported a refusal already
        busy = 0.0
        while not self._ended.wait(BUSY if clock.now() < busy else IDLE):
            if sum(port.fetch() for port in self._inputs()):
                busy = clock.now() + STAYS_BUSY

    def stop(self) -> None:
        """End the thread, even if it was never started."""
        self._ended.set()
        if self.is_alive():
            self.join()
