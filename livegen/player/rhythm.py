"""The performer's rhythm as a drummer hears it: when they play, how loud, and on which pads. Pure."""

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import NamedTuple

from livegen.events import NoteOn
from livegen.music import drums

_KEPT = 512  # strokes
_LOUD = 0.15  # how far one stroke moves the mean loudness
_ECHO = 0.15  # seconds after a stroke of the player's own in which the same key is its echo


class Stroke(NamedTuple):
    """A stroke of the performer: on the pad of a ``drum``, or on no pad (None)."""

    at: float
    velocity: int
    drum: int | None
    pitch: int = 60


@dataclass(eq=False)
class Rhythm:
    """The performer's latest strokes, the mean ``loudness`` (velocity; None before any), and the ``pads`` they use."""

    strokes: deque[Stroke] = field(default_factory=lambda: deque(maxlen=_KEPT))
    loudness: float | None = None
    pads: dict[int, Counter[int]] = field(default_factory=dict)  # by drum, how often each key
    _own: dict[int, float] = field(default_factory=dict)  # by key, when the player struck it last

    def forget(self) -> None:
        """As if nothing had been heard."""
        self.strokes.clear()
        self.pads.clear()
        self._own.clear()
        self.loudness = None

    def hear_note(self, on: NoteOn, on_pad: bool) -> None:
        """Hear a note, or a stroke on a pad."""
        drum = None
        if on_pad:
            drum = drums.any_drum(on.pitch)
            self.pads.setdefault(drum, Counter())[on.pitch] += 1
        self.strokes.append(Stroke(on.at, on.velocity, drum, on.pitch))
        loud = self.loudness
        self.loudness = float(on.velocity) if loud is None else loud + _LOUD * (on.velocity - loud)

    def strike(self, key: int, at: float) -> None:
        """The player strikes a key itself."""
        self._own[key] = at

    def is_echo(self, on: NoteOn) -> bool:
        """Whether a pad only repeats what the player has just struck: its own sound that comes back."""
        own = self._own.get(on.pitch)
        return own is not None and 0.0 <= on.at - own < _ECHO

    def since(self, at: float) -> list[Stroke]:
        """The strokes at that time or later, in order."""
        found: list[Stroke] = []
        for stroke in reversed(self.strokes):
            if stroke.at < at:
                break
            found.append(stroke)
        return found[::-1]

    def pad(self, drum: int) -> int | None:
        """The key of the performer's own that sounds a drum, or the nearest that they have; None if they have none."""
        for each in (drum, *drums.INSTEAD.get(drum, ())):
            if each in self.pads:
                return self.pads[each].most_common(1)[0][0]
        return None

    def most_used(self) -> int | None:
        """The pad that the performer strikes most; None if they have struck none."""
        whole: Counter[int] = sum(self.pads.values(), Counter())
        return whole.most_common(1)[0][0] if whole else None
