"""The keys and pedals of the performer, by MIDI 1.0 and RP-015: which are down, and which a pedal keeps sounding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from livegen.events import (
    ALL_SOUND_OFF,
    RELEASING,
    RESET_CONTROLLERS,
    SOSTENUTO,
    SUSTAIN,
    ControlChange,
    Heard,
    NoteOff,
    NoteOn,
)

DOUBLE = 0.01  # seconds: a note-on this soon after another of its pitch is the same stroke, on its second way
LOST = 10.0  # seconds after which a stroke whose key is struck again no longer waits for its release
_DOWN = 64  # and above: a pedal is down, half a pedal too

Place = tuple[int, int]  # pitch, channel


@dataclass(slots=True, eq=False)
class _Key:
    """A pitch that sounds, heard on ``channel``; a layered keyboard strikes it on other channels too."""

    channel: int
    at: float  # of the latest stroke, seconds
    strokes: dict[int, int] = field(default_factory=dict)  # by channel, those that have no release yet
    kept: set[int] = field(default_factory=set)  # the channels on which it was released, and a pedal holds it


class Keys:
    """Counts the strokes of each key, so that a release belongs to the oldest stroke that has none; a key that arrives
    twice (on two channels, through two ports) is one. Pedals and mode messages hold for their channel."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """As if nothing were down."""
        self._keys: dict[Place, _Key] = {}  # by each place that it is struck on
        self._heard: dict[Place, _Key] = {}  # by the one that it is heard on
        self._latest: dict[int, _Key] = {}  # by pitch, the key that was struck last
        self._sustained: set[int] = set()  # channels
        self._held_still: set[int] = set()  # the channels whose sostenuto pedal is down
        self._caught: set[Place] = set()  # what it holds

    def hear(self, event: Heard) -> Sequence[Heard]:
        """Take in one event. Returns what came of it: a stroke or a release that counts, or a pedal that moved.

        A release is that of the channel on which its key was heard; a mode message comes as releases and pedals.
        """
        if isinstance(event, NoteOn):
            return self._strike(event)
        if isinstance(event, NoteOff):
            return self._lift(event)
        if event.control == SUSTAIN:
            return self._sustain(event)
        if event.control == SOSTENUTO:
            return self._hold_still(event)
        if event.control == RESET_CONTROLLERS:
            return self._reset(event)
        return self._end_all(event) if event.control in RELEASING else ()

    def is_struck(self, off: NoteOff) -> bool:
        """Whether the release belongs to a stroke that was heard."""
        key = self._keys.get((off.pitch, off.channel))
        return key is not None and off.channel in key.strokes

    def sounds(self, place: Place) -> bool:
        """Whether the key that was heard there (pitch, channel) is down, or kept by a pedal."""
        return place in self._heard

    # Strokes

    def _strike(self, on: NoteOn) -> Sequence[Heard]:
        place = on.pitch, on.channel
        latest, key = self._latest.get(on.pitch), self._keys.get(place) or self._heard.get(place)
        if latest is not None and latest.strokes and on.at - latest.at < DOUBLE:
            joined = () if key is None or key is latest else self._join(key, latest, on)
            self._keys[place] = latest
            latest.strokes[on.channel] = latest.strokes.get(on.channel, 0) + 1
            return joined
        if key is None:
            key = self._heard[place] = _Key(on.channel, on.at)
        elif on.at - key.at >= LOST:
            key.strokes.pop(on.channel, None)
        self._keys[place] = key
        key.strokes[on.channel] = key.strokes.get(on.channel, 0) + 1
        key.at = on.at
        self._latest[on.pitch] = key
        return (on,) if key.channel == on.channel else (replace(on, channel=key.channel),)

    def _join(self, key: _Key, other: _Key, on: NoteOn) -> Sequence[Heard]:
        """Two keys of one pitch were struck as one, and are one from now on."""
        down = bool(key.strokes)
        for channel, count in key.strokes.items():
            other.strokes[channel] = other.strokes.get(channel, 0) + count
        other.kept |= key.kept
        for channel in (*key.strokes, *key.kept):
            self._keys[on.pitch, channel] = other
        del self._heard[on.pitch, key.channel]
        return (NoteOff(on.at, on.pitch, key.channel, on.id),) if down else ()

    def _lift(self, off: NoteOff) -> Sequence[Heard]:
        place = off.pitch, off.channel
        key = self._keys.get(place)
        if key is None or off.channel not in key.strokes:
            return ()
        if key.strokes[off.channel] > 1:
            key.strokes[off.channel] -= 1
            return ()
        return self._release(off, key)

    def _release(self, off: NoteOff, key: _Key) -> Sequence[Heard]:
        """All strokes on the channel are released. Returns the release, if it was the last channel."""
        place = off.pitch, off.channel
        del key.strokes[off.channel]
        if off.channel in self._sustained or place in self._caught:
            key.kept.add(off.channel)
        self._tidy(place, key)
        if key.strokes:
            return ()
        return (off,) if key.channel == off.channel else (replace(off, channel=key.channel),)

    def _tidy(self, place: Place, key: _Key) -> None:
        """Forget a place where nothing sounds any longer, and a key that sounds nowhere."""
        if place[1] not in key.strokes and place[1] not in key.kept:
            del self._keys[place]
        if not key.strokes and not key.kept:
            del self._heard[place[0], key.channel]

    # Pedals

    def _sustain(self, event: ControlChange) -> Sequence[Heard]:
        down = event.value >= _DOWN
        if down == (event.channel in self._sustained):
            return ()
        (self._sustained.add if down else self._sustained.discard)(event.channel)
        if not down:
            self._drop(event.channel)
        return (event,)

    def _hold_still(self, event: ControlChange) -> Sequence[Heard]:
        """The sostenuto pedal holds the keys that are down when it goes down."""
        down = event.value >= _DOWN
        if down == (event.channel in self._held_still):
            return ()
        if down:
            self._held_still.add(event.channel)
            self._caught.update(place for place, key in self._on(event.channel) if event.channel in key.strokes)
        else:
            self._let_go(event.channel)
        return ()

    def _let_go(self, channel: int) -> None:
        self._held_still.discard(channel)
        self._caught = {place for place in self._caught if place[1] != channel}
        self._drop(channel)

    def _drop(self, channel: int) -> None:
        """End what no pedal holds any longer."""
        if channel in self._sustained:
            return
        for place, key in self._on(channel):
            if channel in key.kept and place not in self._caught:
                key.kept.discard(channel)
                self._tidy(place, key)

    def _on(self, channel: int) -> Iterable[tuple[Place, _Key]]:
        return [(place, key) for place, key in self._keys.items() if place[1] == channel]

    # Mode messages

    def _reset(self, event: ControlChange) -> Sequence[Heard]:
        """All pedals are up."""
        up = self._sustain(ControlChange(event.at, SUSTAIN, 0, event.channel))
        self._let_go(event.channel)
        return up

    def _end_all(self, event: ControlChange) -> Sequence[Heard]:
        """All keys of the channel are up. The pedals stay, and keep what they hold, unless it is All Sound Off."""
        channel = event.channel
        released: list[Heard] = []
        if event.control == ALL_SOUND_OFF:
            self._caught = {place for place in self._caught if place[1] != channel}
        for place, key in self._on(channel):
            if channel in key.strokes:
                released += self._release(NoteOff(event.at, *place), key)
            if event.control == ALL_SOUND_OFF and channel in key.kept:
                key.kept.discard(channel)
                self._tidy(place, key)
        return released
