"""Mixes several players' notes: on one channel a pitch sounds once, for as long as any of them holds it."""

from collections.abc import Iterable

from livegen.events import Event, NoteOff, NoteOn


class _Key:
    """A pitch that sounds on a channel: the note that was sent for it, and the notes that hold it."""

    __slots__ = ("at", "holders", "id")

    def __init__(self, on: NoteOn) -> None:
        self.id = on.id
        self.at = on.at
        self.holders = {on.id}


class Mixer:
    """Passes on the events of several ledgers, which do not know each other. No two players use the same id."""

    def __init__(self) -> None:
        self._keys: dict[tuple[int, int], _Key] = {}

    def mix(self, events: Iterable[Event]) -> list[Event]:
        """The events to be sent for these, which are in order of time.

        A note of a pitch that another player holds is struck again; a release is passed on when nobody holds it, or
        when it is of a note that never passed here.
        """
        out: list[Event] = []
        for event in events:
            if isinstance(event, NoteOn):
                self._strike(event, out)
            elif isinstance(event, NoteOff):
                self._release(event, out)
            else:
                out.append(event)
        return out

    def _strike(self, on: NoteOn, out: list[Event]) -> None:
        key = self._keys.get((on.pitch, on.channel))
        if key is None:
            self._keys[on.pitch, on.channel] = _Key(on)
        else:
            key.holders.add(on.id)
            if key.at == on.at:
                return  # two players meet on one pitch: one note is enough
            out.append(NoteOff(on.at, on.pitch, on.channel, key.id))
            key.id, key.at = on.id, on.at
        out.append(on)

    def _release(self, off: NoteOff, out: list[Event]) -> None:
        key = self._keys.get((off.pitch, off.channel))
        if key is None:
            out.append(off)
            return
        if off.id not in key.holders:
            return
        key.holders.discard(off.id)
        if not key.holders:
            del self._keys[off.pitch, off.channel]
            out.append(NoteOff(off.at, off.pitch, off.channel, key.id))
