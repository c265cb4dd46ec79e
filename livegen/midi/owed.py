"""The debts of an output to its receiver: notes, pedals and bends that are not ended yet. Pure, and quick to import."""

_PEDALS = (64, 66, 67, 69)  # sustain, sostenuto, soft, hold 2
_RESET, _ENDING = 121, (120, 123, 124, 125, 126, 127)  # mode messages that lift pedals, and that end notes
_NOTES_OFF = 123
_MOST = 16  # strokes of one key that are counted

Place = tuple[int, int]  # the channel from 0, and a pitch or a control


class Owed:
    """Takes the messages of one output as bytes; ``releases`` ends all that they began."""

    def __init__(self) -> None:
        self._strokes: dict[Place, int] = {}
        self._pedals: set[Place] = set()
        self._moved: dict[Place, bytes] = {}  # by status and pitch: the message that brings it to rest

    def __len__(self) -> int:
        """The number of keys, pedals, bends and pressures that are owed."""
        return len(self._strokes) + len(self._pedals) + len(self._moved)

    @property
    def sounding(self) -> list[Place]:
        """The keys whose release is owed, as channel from 0 and pitch."""
        return list(self._strokes)

    def take(self, message: bytes) -> None:
        """The next message that was sent."""
        if len(message) < 2 or message[0] >= 0xF0:
            return
        kind, channel, first = message[0] & 0xF0, message[0] & 0x0F, message[1]
        value = message[2] if len(message) > 2 else 0
        key = channel, first
        if kind == 0x90 and value:
            self._strokes[key] = min(_MOST, self._strokes.get(key, 0) + 1)
        elif kind in (0x80, 0x90):
            if self._strokes.get(key, 0) > 1:
                self._strokes[key] -= 1
            else:
                self._strokes.pop(key, None)
        elif kind == 0xB0:
            self._control(channel, first, value)
        elif kind != 0xC0:
            self._move(kind, message)

    def releases(self) -> list[bytes]:
        """Messages that end all that is owed; it stays owed until they are taken."""
        pedals = [bytes((0xB0 | channel, control, 0)) for channel, control in sorted(self._pedals)]
        ends = [
            bytes((0x80 | channel, pitch, 0)) for (channel, pitch), times in self._strokes.items() for _ in range(times)
        ]
        channels = sorted({channel for channel, _ in self._strokes})
        # Pedals first, for a note-off under a pedal ends nothing; all notes off last, for a receiver that lost one.
        return [*pedals, *ends, *self._moved.values(), *(bytes((0xB0 | one, _NOTES_OFF, 0)) for one in channels)]

    def ends(self, message: bytes) -> list[bytes]:
        """Messages that end what sounds on the key of a note-on."""
        key = message[0] & 0x0F, message[1]
        return [bytes((0x80 | key[0], key[1], 0))] * self._strokes.get(key, 0)

    def add(self, other: "Owed") -> None:
        """Owe what another owes too."""
        for message in other.begun():
            self.take(message)

    def begun(self) -> list[bytes]:
        """Messages that begin all that is owed."""
        return [
            *(bytes((0xB0 | channel, control, 127)) for channel, control in self._pedals),
            *(bytes((0x90 | key[0], key[1], 1)) for key, times in self._strokes.items() for _ in range(times)),
            *(bytes((*at_rest[:-1], at_rest[-1] ^ 1)) for at_rest in self._moved.values()),
        ]

    def clear(self) -> None:
        """Owe nothing."""
        self._strokes.clear()
        self._pedals.clear()
        self._moved.clear()

    def _control(self, channel: int, control: int, value: int) -> None:
        if control in _PEDALS:
            (self._pedals.add if value >= 64 else self._pedals.discard)((channel, control))
        elif control == _RESET:
            self._pedals = {place for place in self._pedals if place[0] != channel}
            for what in [what for what in self._moved if what[0] & 0x0F == channel]:
                del self._moved[what]
        elif control in _ENDING:
            for key in [key for key in self._strokes if key[0] == channel]:
                del self._strokes[key]

    def _move(self, kind: int, message: bytes) -> None:
        """A bend, or the pressure of a channel or key."""
        centre = {0xE0: (0, 64), 0xA0: (message[1], 0)}.get(kind, (0,))
        what = message[0], message[1] if kind == 0xA0 else -1
        at_rest = bytes((message[0], *centre))
        if message == at_rest:
            self._moved.pop(what, None)
        else:
            self._moved[what] = at_rest
