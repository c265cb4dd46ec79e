"""Finds a controller that gives each note a channel of its own (MPE) by the bends that come before its notes."""

from collections import Counter

from livegen.events import RELEASING, ControlChange, Gesture, NoteOff, NoteOn, Received
from livegen.listening.zones import LOWER, UPPER

TIMBRE = 74  # the control that such controllers move for each note, beside bend and pressure
_SOON = 0.02  # seconds from the last of them to the note
_ENOUGH = 3  # notes in a row, each on another channel


class OwnChannels:
    """Hears all that a controller sends, in order of time. Once it is ``found`` nothing more is looked for."""

    def __init__(self) -> None:
        self.found = False
        self._moved: dict[int, float] = {}  # by channel: when it was last bent, pressed or coloured
        self._sounding: Counter[int] = Counter()
        self._led: list[int] = []  # the channels of the last notes that such a movement led to
        self._used: set[int] = set()

    def find(self, event: Received) -> int | None:
        """Take in an event. Returns the channel that manages the others, if this note shows that there is one."""
        if self.found:
            return None
        channel = event.channel
        if isinstance(event, Gesture) or (isinstance(event, ControlChange) and event.control == TIMBRE):
            self._moved[channel] = event.at
        elif isinstance(event, NoteOff):
            self._sounding[channel] = max(0, self._sounding[channel] - 1)
        elif isinstance(event, ControlChange) and event.control in RELEASING:
            del self._sounding[channel]
        elif isinstance(event, NoteOn):
            return self._strike(event)
        return None

    def _strike(self, on: NoteOn) -> int | None:
        """A note that its own channel's movement led to, while no channel that is silent moved, is one of many."""
        moving = {channel for channel, at in self._moved.items() if on.at - at <= _SOON}
        others = [channel for channel in moving if channel != on.channel]
        led = on.channel in moving and not self._sounding[on.channel] and all(self._sounding[each] for each in others)
        self._moved.pop(on.channel, None)  # it led to this note
        self._sounding[on.channel] += 1
        self._used.add(on.channel)
        if not led:
            self._led.clear()
            return None
        if on.channel not in self._led:
            self._led.append(on.channel)
        self.found = len(self._led) >= _ENOUGH
        if not self.found:
            return None
        return UPPER if LOWER in self._used else LOWER
