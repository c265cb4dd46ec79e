"""Chords by the names of their kinds in MusicXML 4.0 (``kind``, ``degree``), as notation programs write them."""

from collections.abc import Iterable
from typing import NamedTuple

from livegen.music.chord_symbol import Chord, Tone, natural, tones_of

NONE = "none"
# The names of the standard, and two that music21 writes: minor-major, augmented-ninth.
KINDS = {
    "major": "", "minor": "m", "augmented": "aug", "diminished": "dim", "dominant": "7", "major-seventh": "maj7",
    "minor-seventh": "m7", "diminished-seventh": "dim7", "augmented-seventh": "7#5", "half-diminished": "m7b5",
    "major-minor": "mmaj7", "minor-major": "mmaj7", "major-sixth": "6", "minor-sixth": "m6", "dominant-ninth": "9",
    "augmented-ninth": "9#5", "major-ninth": "maj9", "minor-ninth": "m9", "dominant-11th": "11", "major-11th": "maj11",
    "minor-11th": "m11", "dominant-13th": "13", "major-13th": "maj13", "minor-13th": "m13", "suspended-second": "sus2",
    "suspended-fourth": "sus4", "power": "5", "Neapolitan": "", "Italian": "7no5", "French": "7b5", "German": "7",
    "Tristan": "m7b5", "pedal": "no3no5",
}  # fmt: skip


class Degree(NamedTuple):
    """A change to a kind: ``how`` is add, alter or subtract; ``alter`` counts semitones, from a minor seventh."""

    how: str
    value: int
    alter: int = 0


def chord(root: int, kind: str, text: str = "", degrees: Iterable[Degree] = (), bass: int | None = None) -> Chord:
    """The chord of a kind on a root. ``text`` is how it is printed, for the kind "other". Raises ValueError."""
    tones = tones_of(KINDS[kind]) if kind in KINDS else tones_of(text) if text else None
    if tones is None:
        raise ValueError(kind)
    found = set(tones)
    for how, value, alter in degrees:
        if how != "add":
            found -= {tone for tone in found if tone[0] == value}
        if how != "subtract":
            found.add(_tone(value, alter))
    return Chord(root % 12, tuple(sorted(found)), None if bass is None or bass % 12 == root % 12 else bass % 12)


def _tone(value: int, alter: int) -> Tone:
    if value == 2:
        value = 9
    return value, (natural(value) + alter) % 12
