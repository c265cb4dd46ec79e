"""The keys in a stream of MIDI messages, each note closed before its key sounds again. Pure."""

from collections import Counter

from livegen.events import RELEASING


def is_strike(message: bytes) -> bool:
    """Whether it is a note-on that begins a note."""
    return message[0] & 0xF0 == 0x90 and bool(message[2])


class ClosedKeys:
    """Messages in time order, so that every reader finds the same notes in them: strokes counted as ``events.pair``
    counts them, a key released before it is struck again, and struck once where strokes fall together.

    Releases of keys that do not sound are dropped, unless ``strays`` are kept: they may be of another track's notes.
    """

    def __init__(self, strays: bool = False) -> None:
        self._strays = strays
        self.rows: list[tuple[float, bytes]] = []
        self._struck: dict[tuple[int, int], int] = {}  # the sounding keys (channel from 0, pitch): which row it was
        self._strokes: Counter[tuple[int, int]] = Counter()
        self._silenced: dict[tuple[int, int], float] = {}  # when a mode message ended what a key of these held

    @property
    def sounding(self) -> list[tuple[int, int]]:
        """The keys that have no release yet, as channel from 0 and pitch."""
        return list(self._struck)

    def add(self, at: float, message: bytes) -> None:
        """The next message."""
        if message[0] & 0xE0 == 0x80:
            key = message[0] & 0x0F, message[1]
            if is_strike(message):
                self._strike(at, message, key)
            elif key in self._struck:
                self._lift(at, message, key)
            elif self._strays:
                self.rows.append((at, message))
            return
        if message[0] & 0xF0 == 0xB0 and message[1] in RELEASING:
            for key in self._struck:
                if key[0] == message[0] & 0x0F:
                    self._silenced.setdefault(key, at)
        self.rows.append((at, message))

    def release(self, at: float, key: tuple[int, int]) -> None:
        """End a sounding key, whatever its strokes."""
        del self._struck[key]
        self.rows.append((self._silenced.pop(key, at), bytes((0x80 | key[0], key[1], 0))))

    def _strike(self, at: float, message: bytes, key: tuple[int, int]) -> None:
        if key in self._silenced:
            self.release(at, key)
            self._strokes[key] = 0
        self._strokes[key] += 1
        if (index := self._struck.get(key)) is not None:
            if self.rows[index][0] == at:
                self.rows[index] = at, message
                return
            self.release(at, key)
        self._struck[key] = len(self.rows)
        self.rows.append((at, message))

    def _lift(self, at: float, message: bytes, key: tuple[int, int]) -> None:
        self._strokes[key] -= 1
        if key in self._silenced or not self._strokes[key]:
            del self._struck[key], self._strokes[key]
            self._silenced.pop(key, None)
            self.rows.append((at, message))
