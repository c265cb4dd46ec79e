"""Thru: what the performer plays goes to the outputs at once, and shares their channels with what the player plays."""

from collections import Counter
from collections.abc import Sequence

from livegen.events import (
    ALL_NOTES_OFF,
    RELEASING,
    RESET_CONTROLLERS,
    SUSTAIN,
    ControlChange,
    Event,
    Gesture,
    Heard,
    NoteOff,
    NoteOn,
)
from livegen.session.mixer import Mixer


class Thru:
    """Mixes the performer's events with the player's. True while a key or pedal that was passed on is down."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Everything was silenced."""
        self._mixer = Mixer()
        self._down: Counter[tuple[int, int]] = Counter()  # the strokes of each key that have no release yet
        self._pedals: set[int] = set()
        self._moved: set[tuple[int, int, int]] = set()  # the gestures that are not at rest

    def __bool__(self) -> bool:
        return bool(self._down or self._pedals or self._moved)

    def play(self, event: Heard | Gesture, on: bool) -> Sequence[Event | Gesture]:
        """The events to be sent for the performer's: itself if thru is ``on``; otherwise only the end of what began."""
        if isinstance(event, Gesture):
            return self._move(event, on)
        if isinstance(event, ControlChange):
            return self._turn(event, on)
        key = event.pitch, event.channel
        id = _id(*key)
        if isinstance(event, NoteOff):
            if key not in self._down:
                return [event] if on else []  # perhaps it was struck before thru was on
            if self._down[key] > 1:
                self._down[key] -= 1
                return []
            return self._end(event.at, *key)
        if not on:
            return []
        again = self._mixer.mix([NoteOff(event.at, *key, id)]) if key in self._down else []
        self._down[key] += 1
        return again + self._mixer.mix([NoteOn(event.at, event.pitch, event.velocity, event.channel, id)])

    def mix(self, event: NoteOn | NoteOff) -> list[Event]:
        """The events to be sent for the player's note."""
        return self._mixer.mix([event])

    def _move(self, gesture: Gesture, on: bool) -> list[Gesture]:
        begun = gesture.what in self._moved
        if gesture.rests:
            self._moved.discard(gesture.what)
        elif on:
            self._moved.add(gesture.what)
        return [gesture] if on or begun else []

    def _turn(self, event: ControlChange, on: bool) -> list[Event]:
        channel = event.channel
        if event.control == SUSTAIN:
            if event.value >= 64 and on:
                self._pedals.add(channel)
            elif event.value < 64 and channel in self._pedals:
                self._pedals.discard(channel)
                return [event]
        elif event.control == RESET_CONTROLLERS:
            begun = channel in self._pedals or any(what[1] == channel for what in self._moved)
            self._pedals.discard(channel)
            self._moved = {what for what in self._moved if what[1] != channel}
            return [event] if on or begun else []
        elif event.control in RELEASING:
            return [*self._end_all(event), *([event] if on and event.control != ALL_NOTES_OFF else [])]
        return [event] if on else []

    def _end_all(self, event: ControlChange) -> list[Event]:
        """The releases of the performer's keys on a channel: All Notes Off itself would end the player's too."""
        keys = [key for key in self._down if key[1] == event.channel]
        return [off for pitch, channel in keys for off in self._end(event.at, pitch, channel)]

    def _end(self, at: float, pitch: int, channel: int) -> list[Event]:
        del self._down[pitch, channel]
        return self._mixer.mix([NoteOff(at, pitch, channel, _id(pitch, channel))])


def _id(pitch: int, channel: int) -> int:
    return -1 - pitch - 128 * channel  # the player's are above 0
