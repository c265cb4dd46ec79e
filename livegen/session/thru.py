"""Thru: what the performer plays goes to the outputs at once, and shares their channels with what the player plays."""

from collections.abc import Sequence

from livegen.events import SUSTAIN, ControlChange, Event, Gesture, Heard, NoteOff, NoteOn
from livegen.session.mixer import Mixer


class Thru:
    """Mixes the performer's events with the player's. True while a key or pedal that was passed on is down."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Everything was silenced."""
        self._mixer = Mixer()
        self._down: set[tuple[int, int]] = set()
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
        id = -1 - event.pitch - 128 * event.channel  # the player's are above 0
        if isinstance(event, NoteOff):
            if key not in self._down:
                return [event] if on else []  # perhaps it was struck before thru was on
            self._down.discard(key)
            return self._mixer.mix([NoteOff(event.at, *key, id)])
        if not on:
            return []
        again = self._mixer.mix([NoteOff(event.at, *key, id)]) if key in self._down else []
        self._down.add(key)
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
        if event.control == SUSTAIN:
            if event.value >= 64 and on:
                self._pedals.add(event.channel)
            elif event.value < 64 and event.channel in self._pedals:
                self._pedals.discard(event.channel)
                return [event]
        return [event] if on else []
