"""The events of a session: notes, controls, predictions, turns. Times (``at``) are seconds on the session's clock."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

SUSTAIN, SOSTENUTO = 64, 66  # MIDI 1.0 control numbers
ALL_SOUND_OFF, RESET_CONTROLLERS, ALL_NOTES_OFF = 120, 121, 123
RELEASING = frozenset({ALL_SOUND_OFF, *range(ALL_NOTES_OFF, 128)})  # 124 to 127 are All Notes Off too
BEND, PRESSURE, KEY_PRESSURE = 0xE0, 0xD0, 0xA0  # MIDI 1.0 status bytes, without the channel
_T = TypeVar("_T")


@dataclass_transform(frozen_default=True)
def _value(cls: type[_T]) -> type[_T]:
    """A frozen dataclass, as far as the type checker is concerned. Python takes three times as long to make one that it
    freezes itself, and several are made on the path of every note."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


@_value
class NoteOn:
    """A note begins: pitch 0-127, velocity 1-127, channel 1-16. Only the player's have a ``duration`` (seconds)."""

    at: float
    pitch: int
    velocity: int
    channel: int = 1
    id: int = 0
    duration: float = 0.0


@_value
class NoteOff:
    """A note ends."""

    at: float
    pitch: int
    channel: int = 1
    id: int = 0


@_value
class ControlChange:
    """A control (0-127) moved to a value (0-127)."""

    at: float
    control: int
    value: int
    channel: int = 1


@_value
class ProgramChange:
    """A program (1-128, as keyboards show it) was chosen. It is not part of the music: it chooses a preset."""

    at: float
    program: int
    channel: int = 1


@_value
class Gesture:
    """A bend or a pressure (``kind``), with its data bytes: no model hears it, but thru passes it on."""

    at: float
    kind: int
    data: tuple[int, ...]
    channel: int = 1

    @property
    def what(self) -> tuple[int, int, int]:
        """The thing that is bent or pressed: the kind, the channel, and the key (-1: all of the channel's)."""
        return self.kind, self.channel, self.data[0] if self.kind == KEY_PRESSURE else -1

    @property
    def rests(self) -> bool:
        """Whether the hand has let go."""
        return self.data == (0, 64) if self.kind == BEND else not self.data[-1]


def rest(what: tuple[int, int, int], at: float) -> Gesture:
    """The gesture that lets go of ``Gesture.what``."""
    kind, channel, key = what
    return Gesture(at, kind, {BEND: (0, 64), PRESSURE: (0,)}.get(kind, (key, 0)), channel)


@_value
class Prediction:
    """The note expected next, sent at once after a note is heard. ``gap`` and ``duration`` are seconds.

    ``voice`` names the voice that expects it, where several play; the first of them has no name.
    """

    at: float
    id: int
    pitch: int
    gap: float
    velocity: int
    duration: float
    voice: str = ""


@_value
class Remark:
    """One sentence for the musician, when something differs from what they may expect."""

    at: float
    text: str


@_value
class TurnChange:
    """The player begins (``who`` is "player") or stops ("performer") playing; or the next bar of a trade begins: its
    number from 1, of so many ``bars``. 0: nobody counts."""

    at: float
    who: str
    voice: str = ""
    bar: int = 0
    bars: int = 0


@_value
class ClockMessage:
    """A message of a MIDI clock: ``kind`` is tick, start, continue, stop or position (in sixteenths)."""

    at: float
    kind: str
    position: int = 0


Heard = NoteOn | NoteOff | ControlChange
Received = Heard | ProgramChange | Gesture
Event = NoteOn | NoteOff | ControlChange | Prediction | Remark | TurnChange


@_value
class Note:
    """A finished note, for files and training."""

    onset: float
    duration: float
    pitch: int
    velocity: int = 64
    channel: int = 1


def pair(events: Iterable[Event]) -> list[Note]:
    """Notes from note-ons and note-offs in time order, by onset.

    Strokes of a key are counted: a release belongs to the oldest stroke that has none yet. A re-struck pitch ends its
    former note; strokes at one onset are one note, as long as the longest; the mode messages end what their channel
    holds; a note never released ends with the last event.

    >>> pair([NoteOn(0.0, 60, 90), NoteOff(0.5, 60)])
    [Note(onset=0.0, duration=0.5, pitch=60, velocity=90, channel=1)]
    """
    sounding: dict[tuple[int, int], NoteOn] = {}
    strokes: Counter[tuple[int, int]] = Counter()  # of each key, those that have no release yet
    notes: list[Note] = []
    last = 0.0

    def end(key: tuple[int, int], at: float) -> None:
        on = sounding.pop(key)
        notes.append(Note(on.at, at - on.at, on.pitch, on.velocity, on.channel))

    for event in events:
        last = max(last, event.at)
        if isinstance(event, NoteOn):
            key = event.pitch, event.channel
            if key in sounding and sounding[key].at != event.at:
                end(key, event.at)
            sounding[key] = event
            strokes[key] += 1
        elif isinstance(event, NoteOff):
            key = event.pitch, event.channel
            strokes[key] -= key in sounding
            if key in sounding and not strokes[key]:
                end(key, event.at)
        elif isinstance(event, ControlChange) and event.control in RELEASING:
            for key in [key for key in sounding if key[1] == event.channel]:
                strokes[key] = 0
                end(key, event.at)
    for key in list(sounding):
        end(key, last)
    return sorted(notes, key=lambda note: (note.onset, note.pitch))
