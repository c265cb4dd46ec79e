"""The events that a session sent: the notes and turns among them, and whether they keep the promises."""

from collections.abc import Sequence
from itertools import pairwise

from livegen.events import Event, NoteOff, NoteOn, TurnChange


def check_order_and_pairs(out: Sequence[Event]) -> None:
    """Times never go back; a note-on is never repeated while it sounds; at the end nothing sounds."""
    last = 0.0
    sounding: dict[tuple[int, int], int] = {}
    for event in out:
        assert event.at >= last, f"{event} comes after {last}"
        last = event.at
        if isinstance(event, NoteOn):
            assert (event.pitch, event.channel) not in sounding, f"{event} struck again without a note-off"
            assert event.duration > 0
            sounding[event.pitch, event.channel] = event.id
        elif isinstance(event, NoteOff):
            assert sounding.pop((event.pitch, event.channel)) == event.id
    assert not sounding


def ons(out: Sequence[Event]) -> list[NoteOn]:
    """The note-ons."""
    return [event for event in out if isinstance(event, NoteOn)]


def turns(out: Sequence[Event]) -> list[tuple[str, float]]:
    """Each turn: who takes it, and when."""
    return [(event.who, event.at) for event in out if isinstance(event, TurnChange)]


def gaps(out: Sequence[Event]) -> list[float]:
    """Seconds from each note-on to the next."""
    return [after.at - note.at for note, after in pairwise(ons(out))]
