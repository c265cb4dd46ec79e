"""Compares the notes that sound with a model written from the rule alone; every reader finds the same notes in a
written file."""

import random

import pytest

from livegen.events import RELEASING, ControlChange, Heard, Note, NoteOff, NoteOn, pair
from livegen.midi.closed_keys import ClosedKeys
from livegen.midi.messages import decode, encode


def strokes(dice: random.Random) -> list[Heard]:
    """Strokes that overlap on few keys and channels, releases too many and too few, pedals and mode messages."""
    events: list[Heard] = []
    at = 0
    for _ in range(dice.randint(0, 24)):
        at += dice.choice((0, 0, 1, 2))
        pitch, channel = dice.choice((60, 61)), dice.choice((1, 2))
        what = dice.random()
        if what < 0.48:
            events.append(NoteOn(at, pitch, dice.randint(1, 127), channel))
        elif what < 0.94:
            events.append(NoteOff(at, pitch, channel))
        else:
            events.append(ControlChange(at, dice.choice((64, 120, 121, 123, 124, 127)), dice.choice((0, 127)), channel))
    return events


def model(events: list[Heard]) -> list[Note]:
    """From the rule: each release goes to the oldest stroke without one; a note lasts until its last stroke is
    released, or the key is struck at another time."""
    keys = [(pitch, channel) for pitch in (60, 61) for channel in (1, 2)]
    return sorted((note for key in keys for note in _of_key(events, *key)), key=_order)


def _of_key(events: list[Heard], pitch: int, channel: int) -> list[Note]:
    struck, released = _matched(events, pitch, channel)
    last = max((event.at for event in events), default=0.0)
    groups: list[list[int]] = []  # strokes that are one note
    for number, (place, on) in enumerate(struck):
        together = bool(groups) and struck[groups[-1][0]][1].at == on.at and released[number - 1] > place
        if together:
            groups[-1].append(number)
        else:
            groups.append([number])
    notes: list[Note] = []
    for group, following in zip(groups, [*groups[1:], [-1]], strict=False):
        on = struck[group[-1]][1]
        end = events[released[group[-1]]].at if released[group[-1]] < len(events) else last
        end = min(end, struck[following[0]][1].at) if following != [-1] else end
        notes.append(Note(on.at, end - on.at, pitch, on.velocity, channel))
    return notes


def _matched(events: list[Heard], pitch: int, channel: int) -> tuple[list[tuple[int, NoteOn]], list[int]]:
    """The strokes of a key, and which event releases each (one past the last: none)."""
    struck: list[tuple[int, NoteOn]] = []
    released: list[int] = []
    for place, event in enumerate(events):
        if event.channel != channel:
            continue
        if isinstance(event, ControlChange):
            released += [place] * (len(struck) - len(released)) * (event.control in RELEASING)
        elif event.pitch == pitch and isinstance(event, NoteOn):
            struck.append((place, event))
        elif event.pitch == pitch and len(released) < len(struck):
            released.append(place)
    return struck, released + [len(events)] * (len(struck) - len(released))


def _order(note: Note) -> tuple[float, ...]:
    return note.onset, note.pitch, note.channel, note.duration, note.velocity


@pytest.mark.parametrize("seed", range(20))
def test_pairs_are_those_of_the_model_and_writing_keeps_them(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(500):
        events = strokes(dice)
        wanted = model(events)
        assert sorted(pair(events), key=_order) == wanted, events
        keys = ClosedKeys()
        for event in events:
            keys.add(event.at, encode(event))
        end = max((event.at for event in events), default=0.0)
        for key in keys.sounding:
            keys.release(end, key)
        rows = sorted(keys.rows, key=lambda row: row[0])
        decoded = [decode(message, at) for at, message in rows]
        written = [event for event in decoded if isinstance(event, NoteOn | NoteOff | ControlChange)]
        assert sorted(pair(written), key=_order) == wanted, events
        sounding: set[tuple[int, int]] = set()
        for event in written:
            if isinstance(event, NoteOn):
                assert (event.pitch, event.channel) not in sounding
                sounding.add((event.pitch, event.channel))
            elif isinstance(event, NoteOff):
                sounding.remove((event.pitch, event.channel))
        assert not sounding
