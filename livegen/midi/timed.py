"""Messages that are to be sent at a time of their own, in order of time. Pure, and quick to import."""

import struct
from bisect import insort
from typing import NamedTuple

_HEAD = struct.Struct(">Bd")
_LATE = struct.Struct(">df")


class TimedMessage(NamedTuple):
    """A MIDI message for the output of a ``number``, that is ``due`` then (seconds)."""

    due: float
    number: int
    message: bytes

    def pack(self) -> bytes:
        """The content of a frame."""
        return _HEAD.pack(self.number, self.due) + self.message


def unpack(content: bytes) -> TimedMessage:
    """The message in the content of a frame. Raises ``struct.error`` for another's."""
    number, due = _HEAD.unpack_from(content)
    return TimedMessage(due, number, content[_HEAD.size :])


def pack_lates(lates: list[tuple[float, float]]) -> bytes:
    """The content of a frame that says how late messages were sent: of each when it was due, and the seconds."""
    return b"".join([_LATE.pack(*each) for each in lates])


def unpack_lates(content: bytes) -> list[tuple[float, float]]:
    """The lateness of messages, of each when it was due, and the seconds."""
    return list(_LATE.iter_unpack(content))


class Timed:
    """The messages that wait."""

    def __init__(self) -> None:
        self._waiting: list[TimedMessage] = []

    @property
    def next_due(self) -> float | None:
        """The time of the first (seconds); None where none waits."""
        return self._waiting[0].due if self._waiting else None

    def add(self, message: TimedMessage) -> None:
        """Have a message wait."""
        insort(self._waiting, message)

    def cancel(self, message: TimedMessage) -> None:
        """Forget a message, unless it was taken already."""
        if message in self._waiting:
            self._waiting.remove(message)

    def take(self, now: float) -> TimedMessage | None:
        """The first message, if it is due; it waits no more."""
        return self._waiting.pop(0) if self._waiting and self._waiting[0].due <= now else None

    def forget(self, number: int) -> None:
        """Forget what waits for an output."""
        self._waiting = [each for each in self._waiting if each.number != number]
