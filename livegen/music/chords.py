"""Chords: their pitch classes by name, and the chord that the performer's left hand holds."""

import re
from functools import cache

from livegen.errors import SettingsError
from livegen.events import ALL_NOTES_OFF, ALL_SOUND_OFF, ControlChange, Heard, NoteOff, NoteOn
from livegen.music import chord_symbol
from livegen.music.chord_symbol import Chord

OFF, LEFT_HAND, AUTO = "off", "left-hand", "auto"
TAKES = (
    "off, left-hand (see zone), auto (the chart's, or the one heard), or a chord: C, Am, F#m7, Bbmaj7, G7sus4, Edim, "
    "Dm7b5, C/E"
)


def named(text: str) -> str:
    """The setting ``chord`` in its normal form. Raises SettingsError if it is not valid."""
    word = re.sub(r"[\s_]+", "-", text.strip().lower())
    if word in (OFF, LEFT_HAND, AUTO):
        return word
    text = text.strip()
    text = text[:1].upper() + text[1:]
    classes(text)
    return text


@cache
def classes(name: str) -> frozenset[int]:
    """The pitch classes of a chord's notes, the bass after a slash included. Raises SettingsError if the name is not
    valid, or stands for no chord.

    >>> sorted(classes("Am7"))
    [0, 4, 7, 9]
    """
    return chord(name).classes


@cache
def chord(name: str) -> Chord:
    """The chord of that name. Raises SettingsError if the name is not valid, or stands for no chord."""
    try:
        found = chord_symbol.read(name)
    except SettingsError:
        found = None
    if found is None:
        raise SettingsError(f"There is no chord {name!r:.40}; choose {TAKES}.")
    return found


def steps(quality: str) -> frozenset[int]:
    """The semitones of a chord above its root, by its symbol without the root, such as "m7b5". Raises ValueError."""
    tones = chord_symbol.tones_of(quality)
    if tones is None:
        raise ValueError(quality)
    return frozenset(semitones for _, semitones in tones)


class LeftHand:
    """The keys held below the zone's upper end. They set the chord and are not part of the melody.

    The chord is the set of keys held at the latest note-on, at least two, and stays when they are released.
    """

    def __init__(self) -> None:
        self.chord: frozenset[int] = frozenset()
        self._held: set[tuple[int, int]] = set()  # pitch, channel

    def hear_event(self, event: Heard, below: int) -> bool:
        """Hear a key below that pitch. Returns whether it was one of this hand's, and is no part of the melody."""
        if isinstance(event, NoteOff):
            if not self.holds(event):
                return False
            self._held.remove((event.pitch, event.channel))
            return True
        if isinstance(event, NoteOn):
            if event.pitch >= below:
                return False
            self._held.add((event.pitch, event.channel))
            struck = frozenset(pitch % 12 for pitch, _ in self._held)
            if len(struck) > 1:
                self.chord = struck
            return True
        if isinstance(event, ControlChange) and event.control in (ALL_SOUND_OFF, ALL_NOTES_OFF):
            self._held = {key for key in self._held if key[1] != event.channel}
        return False

    def holds(self, off: NoteOff) -> bool:
        """Whether that key is held by this hand."""
        return (off.pitch, off.channel) in self._held

    def forget(self) -> None:
        """Forget the chord and the keys that are held."""
        self.chord = frozenset()
        self._held.clear()
