"""Chords: their pitch classes by name, and the chord that the performer's left hand holds."""

import re
from functools import cache

from livegen.errors import SettingsError
from livegen.events import ALL_NOTES_OFF, ALL_SOUND_OFF, ControlChange, Heard, NoteOff, NoteOn
from livegen.music.scales import tonic

OFF, LEFT_HAND = "off", "left-hand"
TAKES = "off, left-hand (see zone), or a chord: C, Am, F#m7, Bbmaj7, G7sus4, Edim, Dm7b5, C/E"

# Semitones above the root.
QUALITIES = {
    "": "0 4 7", "5": "0 7", "6": "0 4 7 9", "69": "0 2 4 7 9", "add9": "0 2 4 7", "7": "0 4 7 10",
    "maj7": "0 4 7 11", "9": "0 2 4 7 10", "maj9": "0 2 4 7 11", "11": "0 2 4 5 7 10", "13": "0 2 4 7 9 10",
    "7b5": "0 4 6 10", "7#5": "0 4 8 10", "7b9": "0 1 4 7 10", "7#9": "0 3 4 7 10", "7#11": "0 4 6 7 10",
    "maj7#11": "0 4 6 7 11", "m": "0 3 7", "m6": "0 3 7 9", "m7": "0 3 7 10", "m9": "0 2 3 7 10",
    "m11": "0 2 3 5 7 10", "mmaj7": "0 3 7 11", "m7b5": "0 3 6 10", "dim": "0 3 6", "dim7": "0 3 6 9",
    "aug": "0 4 8", "sus2": "0 2 7", "sus4": "0 5 7", "7sus4": "0 5 7 10", "9sus4": "0 2 5 7 10",
}  # fmt: skip
_SPELLINGS = {"maj": "", "min": "m", "-": "m", "+": "aug", "sus": "sus4", "7sus": "7sus4", "min7": "m7", "-7": "m7"} | {
    **{"min7b5": "m7b5", "min6": "m6", "min9": "m9", "min11": "m11", "aug7": "7#5", "+7": "7#5", "6/9": "69"}
}
_NAME = re.compile(r"([A-Ga-g][#b]?)([^/\s]*(?:6/9)?)(?:/([A-Ga-g][#b]?))?")


def named(text: str) -> str:
    """The setting ``chord`` in its normal form. Raises SettingsError if it is not valid."""
    word = re.sub(r"[\s_]+", "-", text.strip().lower())
    if word in (OFF, LEFT_HAND):
        return word
    text = text.strip()
    text = text[:1].upper() + text[1:]
    classes(text)
    return text


@cache
def classes(name: str) -> frozenset[int]:
    """The pitch classes of a chord's notes, the bass after a slash included. Raises SettingsError if the name is not
    valid.

    >>> sorted(classes("Am7"))
    [0, 4, 7, 9]
    """
    found = _NAME.fullmatch(name.strip())
    quality = _quality(found[2]) if found else None
    if found is None or quality is None:
        raise SettingsError(f"There is no chord {name!r:.40}; choose {TAKES}.")
    root = tonic(found[1])
    notes = {(root + int(step)) % 12 for step in QUALITIES[quality].split()}
    return frozenset(notes | {tonic(found[3])} if found[3] else notes)


def _quality(written: str) -> str | None:
    """The key in ``QUALITIES`` for a chord's name without its root: a capital M is major, a small one minor. None if
    there is none."""
    plain = re.sub(r"M(?=\d|$)", "maj", written).lower() if written != "m" else written
    plain = _SPELLINGS.get(plain, plain)
    return plain if plain in QUALITIES else None


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
