"""Hands notes that are decided to the processes that send them, so that none waits for what this process does then.

Theory of operation. What a drummer, a bass or chords play is decided some 60 ms before it sounds. It is handed over at
once, with its time. The session knows nothing of this: when it strikes the note, as it does in a replay, the note is
out already, and is only told of. The rules:
- A note that is moved, or is not to sound after all, is taken back. One that is due within a millisecond may be out by
  then. If the session strikes it a little later, it has sounded; otherwise it is ended after a tenth of a second.
- A process that strikes a key first ends what sounds there, so that no note-off comes after the note-on that it was to
  precede.
- Where there is no such process, an output is delayed, or the performer's notes are mixed in, they are sent as usual.
"""

import asyncio
from collections.abc import Iterable

from livegen.events import NoteOff, NoteOn
from livegen.live.absent import NoRig
from livegen.midi.rig import Rig
from livegen.system import clock

SURE = 0.001  # seconds before a note is due until which it can be taken back
SOON = 0.15  # seconds before which none is handed over
_STRAY = 0.1  # seconds after which a note that the session did not strike is ended

Key = tuple[float, int, int, int]


class Ahead:
    """The notes that are handed over, and those that could not be taken back."""

    def __init__(self, rig: Rig | NoRig) -> None:
        self._rig = rig
        self._handed: dict[Key, NoteOn] = {}
        self._strays: list[NoteOn] = []

    def hand(self, decided: Iterable[NoteOn]) -> None:
        """Hand over the notes that are decided, and take back all others."""
        now = clock.now()
        wanted = {_key(on): on for on in decided if on.at - now <= SOON}
        for key in [key for key in self._handed if key not in wanted]:
            self._take_back(self._handed.pop(key), now)
        for key, on in wanted.items():
            if key not in self._handed and on.at - now > SURE and self._stray(on) is None and self._rig.send_ahead(on):
                self._handed[key] = on

    def has(self, at: float) -> bool:
        """Whether the notes that are due then are handed over."""
        return any(key[0] == at for key in self._handed)

    def takes(self, on: NoteOn) -> bool:
        """Whether a note that the session strikes is out already."""
        if self._handed.pop(_key(on), None) is not None:
            return True
        stray = self._stray(on)
        if stray is not None:
            self._strays.remove(stray)
        return stray is not None

    def ends(self, off: NoteOff) -> bool:
        """Whether the process ends that note, because it strikes its key again about now."""
        soon = clock.now() + SURE
        where = off.pitch, off.channel
        return any((on.pitch, on.channel) == where and off.at <= on.at <= soon for on in self._handed.values())

    def _stray(self, on: NoteOn) -> NoteOn | None:
        """The note that is out in place of this one."""
        alike = (each for each in self._strays if (each.pitch, each.channel) == (on.pitch, on.channel))
        return next((each for each in alike if abs(each.at - on.at) <= _STRAY / 2), None)

    def _take_back(self, on: NoteOn, now: float) -> None:
        if on.at - now > SURE:
            self._rig.cancel(on)
            return
        self._strays.append(on)
        asyncio.get_running_loop().call_later(_STRAY, self._end_stray, on)

    def _end_stray(self, on: NoteOn) -> None:
        if on in self._strays:
            self._strays.remove(on)
            self._rig.send(NoteOff(clock.now(), on.pitch, on.channel, on.id))


def _key(on: NoteOn) -> Key:
    return on.at, on.pitch, on.channel, on.velocity
