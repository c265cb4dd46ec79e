"""The chords that an accompaniment plays: those that are set, the chart's, or the ones heard, held until it is time to
move.

A chord that is heard from a melody alone is a guess. A player who changes with every guess is no ground to play on, so
an unsure guess is taken up on the strong beats of a bar alone, or where the chord that sounds lacks a note of the
melody. What it then plays is not the likeliest chord but the one whose root and notes are least wrong to be expected: a
guess at F or Dm is played as what both have in common.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from livegen.music import chord_symbol, chords
from livegen.music.chord_symbol import Chord
from livegen.music.chords import LeftHand
from livegen.music.key import C_MAJOR, Key
from livegen.player.changes import Changes, Harmony
from livegen.settings import Settings

_SURE = 0.5  # certainty from which a chord that is heard is taken up at once
_NEAR = 0.1  # beats: a chord that comes so soon is meant for this beat
_TYPES = ("", "m", "7", "m7", "maj7", "m7b5", "dim7", "6", "sus4", "dim", "aug")


class ChordsAhead(NamedTuple):
    """The chord now, the next one, the beats until it (None: not known), the key, and how certain they are (0 to 1).
    ``told``: by a chart or a setting, and not heard."""

    now: Chord
    next: Chord | None
    wait: float | None
    key: Key
    certainty: float = 1.0
    told: bool = True

    @property
    def last(self) -> "ChordsAhead":
        """The same where the music ends: on the key's tonic, if a chart has led elsewhere."""
        if not self.told or self.now.root == self.key.tonic:
            return self
        third = 3 if self.key.minor else 4
        return self._replace(now=Chord(self.key.tonic, ((1, 0), (3, third), (5, 7))))

    @property
    def sure(self) -> bool:
        """Whether they are no guess."""
        return self.certainty >= _SURE


class GroundChords:
    """Gives the chords at a time."""

    def __init__(self, settings: Settings, changes: Changes, left_hand: LeftHand) -> None:
        self._settings = settings
        self._left_hand = left_hand
        self._changes = changes
        self._held: Chord | None = None  # taken up from what was heard

    def begin(self) -> None:
        """Hold no chord that was heard."""
        self._held = None

    def at(self, time: float, beat: float, strong: bool, heard: Sequence[int] = ()) -> ChordsAhead | None:
        """The chords at a time (seconds); a ``beat`` takes so many seconds. ``strong``: a chord may change by a guess;
        ``heard``: the pitches of the beats before. None: no chord sounds."""
        harmony = self._changes.harmony(time + _NEAR * beat)
        key = C_MAJOR if harmony is None else harmony.key
        if self._changes.chart is None and (fixed := self._set()) is not None:
            return ChordsAhead(fixed, None, None, Key(fixed.root, fixed.family == chord_symbol.MINOR))
        if harmony is None:
            return None
        if self._changes.chart is not None:
            if harmony.now is None:
                return None
            wait = None if harmony.wait is None else harmony.wait + _NEAR
            return ChordsAhead(harmony.now, harmony.next, wait, key)
        return self._take_up(harmony, strong, frozenset(pitch % 12 for pitch in heard))

    def _set(self) -> Chord | None:
        """The chord of the setting, or of the left hand's zone."""
        name = self._settings.chord
        if name == chords.LEFT_HAND:
            return chord_of(self._left_hand.chord)
        return None if name in (chords.OFF, chords.AUTO) else chords.chord(name)

    def _take_up(self, harmony: Harmony, strong: bool, heard: frozenset[int]) -> ChordsAhead | None:
        sure = harmony.certainty >= _SURE
        if sure or strong or (self._held is not None and not heard <= self._held.classes):
            hedges = not sure and self._settings.safe_chords
            self._held = harmony.safest if hedges and harmony.safest is not None else harmony.now
        if self._held is None:
            return None
        following = harmony.next if sure else None
        return ChordsAhead(self._held, following, None, harmony.key, harmony.certainty, told=False)


@cache
def chord_of(classes: frozenset[int]) -> Chord | None:
    """The chord whose notes are these pitch classes, or most like them; None of fewer than two."""
    if len(classes) < 2:
        return None
    made = [Chord(root, chord_symbol.tones_of(name) or ()) for name in _TYPES for root in range(12)]
    return min(made, key=lambda chord: (len(chord.classes ^ classes), -(chord.root in classes)))
