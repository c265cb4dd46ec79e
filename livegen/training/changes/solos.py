"""Solos over the charts of lead sheets: who plays them, and how they lie on the chords."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from livegen.listening.chord_filter import Sounding
from livegen.listening.chord_tables import DOWNBEAT, MIDDLE
from livegen.predictors.over_chords import ON_BEAT, OverChords, moment
from livegen.predictors.protocol import Predictor
from livegen.training.changes.songs import Song

_STEP = 2  # semitones
STRONG = (DOWNBEAT, MIDDLE)


@dataclass
class Lie:
    """Counts of notes over chords: on strong beats (the first and the middle one of a bar) and at all, and those of
    them that belong to the chord; of the others, those that a step leads on from."""

    strong: int = 0
    strong_in: int = 0
    notes: int = 0
    notes_in: int = 0
    outside: int = 0
    resolved: int = 0

    def add(self, song: Song, line: Sequence[Sounding]) -> None:
        """Count a line over a song's chords, which begin again where it is longer."""
        for at, note in enumerate(line):
            chord = song.chords[math.floor(note.begins + ON_BEAT) % len(song.chords)] if note.begins >= 0 else None
            if chord is None:
                continue
            inside = note.pitch % 12 in chord.classes
            here = moment(chord, note.begins, song.beats_per_bar)
            self.notes += 1
            self.notes_in += inside
            if here.place in STRONG:
                self.strong += 1
                self.strong_in += inside
            if not inside and at + 1 < len(line):
                self.outside += 1
                self.resolved += 0 < abs(line[at + 1].pitch - note.pitch) <= _STEP

    def shares(self) -> dict[str, float]:
        """The shares of chord tones on strong beats and among all notes, and of steps after the others."""
        return {
            "on strong beats": self.strong_in / max(1, self.strong),
            "of all": self.notes_in / max(1, self.notes),
            "left by step": self.resolved / max(1, self.outside),
        }


class Soloist(Protocol):
    """Plays alone over a song's chart for some seconds: a line, in the song's beats.

    ``changed``: settings that are other than usual; ``over``: the weights by which the chords are told (None: the
    shipped ones). Sessions come after the training, so whoever measures brings one along.
    """

    def __call__(
        self, song: Song, model: Predictor, changed: Mapping[str, Any], seed: int = 1, over: OverChords | None = None
    ) -> list[Sounding]:
        """The line."""


def chosen(songs: Sequence[Song], most: int) -> list[Song]:
    """So many songs at most, in an order of their own, that have chords enough for a solo."""
    found = [song for song in songs if sum(chord is not None for chord in song.chords) >= 32]
    return sorted(found, key=lambda song: hashlib.sha256(song.name.encode()).digest()[::-1])[:most]
