"""The one ledger of the player's sounding notes: the only place from which a note-off can be owed."""

import heapq

from livegen.events import NoteOff, NoteOn


class Ledger:
    """The notes that sound, and when each is due to end."""

    def __init__(self) -> None:
        self._sounding: dict[tuple[int, int], NoteOn] = {}
        self._ends: list[tuple[float, int, NoteOn]] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._sounding)

    def sounding(self) -> list[NoteOn]:
        """The notes that sound, in the order they were struck."""
        return list(self._sounding.values())

    def strike(self, on: NoteOn) -> list[NoteOff | NoteOn]:
        """The note-on, after the note-off of the same pitch where it still sounds."""
        key = on.pitch, on.channel
        released: list[NoteOff | NoteOn] = []
        former = self._sounding.get(key)
        if former is not None:
            released.append(NoteOff(on.at, on.pitch, on.channel, former.id))
        self._sounding[key] = on
        self._order += 1
        heapq.heappush(self._ends, (on.at + on.duration, self._order, on))
        return [*released, on]

    def next_end(self) -> float | None:
        """The time of the next note-off (seconds); None if no note sounds."""
        while (
            self._ends
            and self._sounding.get((self._ends[0][2].pitch, self._ends[0][2].channel)) is not self._ends[0][2]
        ):
            heapq.heappop(self._ends)
        return self._ends[0][0] if self._ends else None

    def release(self, at: float) -> list[NoteOff]:
        """Note-offs of all notes whose end is due by ``at``, stamped with when they were due."""
        offs = []
        while (end := self.next_end()) is not None and end <= at:
            on = heapq.heappop(self._ends)[2]
            del self._sounding[on.pitch, on.channel]
            offs.append(NoteOff(end, on.pitch, on.channel, on.id))
        return offs

    def end(self, on: NoteOn, at: float) -> list[NoteOff]:
        """The note-off, now, of this very note, if it still sounds."""
        key = on.pitch, on.channel
        if self._sounding.get(key) is not on:
            return []
        del self._sounding[key]
        return [NoteOff(at, on.pitch, on.channel, on.id)]

    def silence(self, at: float) -> list[NoteOff]:
        """Note-offs, now, of everything that sounds."""
        offs = [NoteOff(at, on.pitch, on.channel, on.id) for on in self._sounding.values()]
        self._sounding.clear()
        self._ends.clear()
        return offs
