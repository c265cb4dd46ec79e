"""MIDI messages to events and back (MIDI 1.0). Channels are 1-16 in events and 0-15 on the wire."""

from collections.abc import Sequence

from livegen.events import (
    BEND,
    KEY_PRESSURE,
    PRESSURE,
    ClockMessage,
    ControlChange,
    Gesture,
    NoteOff,
    NoteOn,
    ProgramChange,
    Received,
)

_REAL_TIME = {0xF8: "tick", 0xFA: "start", 0xFB: "continue", 0xFC: "stop"}


def decode(message: Sequence[int], at: float) -> Received | None:
    """One complete MIDI message as an event; a note-on of velocity 0 is a note-off.

    None for every other kind and for a message of the wrong length; never an exception.
    """
    if len(message) != 3:
        if len(message) != 2 or message[1] > 127:
            return None
        if message[0] & 0xF0 == 0xC0:
            return ProgramChange(at, message[1] + 1, (message[0] & 0x0F) + 1)
        if message[0] & 0xF0 == PRESSURE:
            return Gesture(at, PRESSURE, (message[1],), (message[0] & 0x0F) + 1)
        return None
    status, first, second = message
    if first > 127 or second > 127:
        return None
    kind = status & 0xF0
    if kind == 0x90 and second:
        return NoteOn(at, first, second, (status & 0x0F) + 1)
    if kind == 0x80 or kind == 0x90:
        return NoteOff(at, first, (status & 0x0F) + 1)
    if kind == 0xB0:
        return ControlChange(at, first, second, (status & 0x0F) + 1)
    if kind in (BEND, KEY_PRESSURE):
        return Gesture(at, kind, (first, second), (status & 0x0F) + 1)
    return None


def decode_clock(message: Sequence[int], at: float) -> ClockMessage | None:
    """A message of a MIDI clock; None for every other message, never an exception."""
    if len(message) == 1 and message[0] in _REAL_TIME:
        return ClockMessage(at, _REAL_TIME[message[0]])
    if len(message) == 3 and message[0] == 0xF2 and message[1] < 128 and message[2] < 128:
        return ClockMessage(at, "position", message[1] | message[2] << 7)
    return None


def encode_clock(message: ClockMessage) -> bytes:
    """The bytes of a clock's message."""
    if message.kind == "position":
        return bytes((0xF2, message.position & 0x7F, message.position >> 7 & 0x7F))
    return bytes((next(status for status, kind in _REAL_TIME.items() if kind == message.kind),))


def encode(event: Received) -> bytes:
    """The bytes of a message for one channel."""
    if isinstance(event, NoteOn):
        return bytes((0x8F + event.channel, event.pitch, event.velocity))
    if isinstance(event, NoteOff):
        return bytes((0x7F + event.channel, event.pitch, 0))
    if isinstance(event, ProgramChange):
        return bytes((0xBF + event.channel, event.program - 1))
    if isinstance(event, Gesture):
        return bytes((event.kind - 1 + event.channel, *event.data))
    return bytes((0xAF + event.channel, event.control, event.value))
