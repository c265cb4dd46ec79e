"""Measures of notes that sound together: keys, chords, dissonance, layers."""

import itertools
from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.musicality.performance import Chord
from livegen.events import Note
from livegen.music.chords import steps

# Krumhansl and Kessler's key profiles (1982).
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
_SCALES = {False: (0, 2, 4, 5, 7, 9, 11), True: (0, 2, 3, 5, 7, 8, 9, 10, 11)}
DISSONANT = frozenset((1, 2, 6, 10, 11))  # semitones modulo the octave: seconds, sevenths, the tritone
OCTAVE = 12
_CHORDS = [
    frozenset((root + step) % 12 for step in steps(name))
    for name in ("", "m", "dim", "aug", "sus4", "7", "maj7", "m7", "m7b5", "dim7", "6", "m6")
    for root in range(12)
]

Key = tuple[int, bool]  # the tonic's pitch class; whether minor


def key_of(notes: Iterable[Note]) -> Key:
    """The key whose profile the notes' pitch classes, weighed by length, fit best."""
    weights = np.zeros(12)
    for note in notes:
        weights[note.pitch % 12] += note.duration
    fits = {
        (tonic, minor): float(np.corrcoef(np.roll(profile, tonic), weights + 1e-9 * np.arange(12))[0, 1])
        for tonic in range(12)
        for minor, profile in ((False, _MAJOR), (True, _MINOR))
    }
    return max(fits, key=lambda key: fits[key])


def scale(key: Key) -> frozenset[int]:
    """The pitch classes of a key; in minor the raised sixth and seventh as well."""
    tonic, minor = key
    return frozenset((tonic + step) % 12 for step in _SCALES[minor])


def stable(key: Key) -> frozenset[int]:
    """Degrees 1, 3 and 5."""
    tonic, minor = key
    return frozenset((tonic + step) % 12 for step in (0, 3 if minor else 4, 7))


def overlaps(one: Sequence[Note], other: Sequence[Note]) -> tuple[float, float]:
    """Seconds in which a note of one and a note of the other sound together (each pair counts), and how many of them
    dissonantly."""
    if not one or not other:
        return 0.0, 0.0
    (start, end, pitch), (begin, stop, against) = (
        np.array([(note.onset, note.onset + note.duration, note.pitch) for note in notes]).T for notes in (one, other)
    )
    shared = np.minimum(end[:, None], stop[None, :]) - np.maximum(start[:, None], begin[None, :])
    shared = np.maximum(shared, 0.0)
    dissonant = np.isin(np.abs(pitch[:, None] - against[None, :]) % 12, list(DISSONANT))
    return float(shared.sum()), float(shared[dissonant].sum())


def in_chord(notes: Iterable[Note], chords: Sequence[Chord]) -> float | None:
    """The share of the notes that begin while a chord is known and belong to it; None if none does."""
    hits = [
        note.pitch % 12 in chord.classes
        for note in notes
        if (chord := next((each for each in chords if each.start <= note.onset < each.end), None)) is not None
    ]
    return sum(hits) / len(hits) if hits else None


def textures(notes: Sequence[Note]) -> list[tuple[float, frozenset[int]]]:
    """The stretches in which the same notes sound: seconds and pitches, silence left out."""
    edges = sorted({at for note in notes for at in (note.onset, note.onset + note.duration)})
    pieces = []
    ordered = sorted(notes, key=lambda note: note.onset)
    for start, end in itertools.pairwise(edges):
        middle = (start + end) / 2
        sounding = frozenset(n.pitch for n in ordered if n.onset <= middle < n.onset + n.duration)
        if sounding:
            pieces.append((end - start, sounding))
    return pieces


def thickness(notes: Sequence[Note]) -> float:
    """The mean number of notes that sound while any does."""
    pieces = textures(notes)
    return sum(length * len(pitches) for length, pitches in pieces) / sum(length for length, _ in pieces)


def in_two_layers(notes: Sequence[Note]) -> float:
    """The share of the sounding time in which the lowest and the highest note are an octave apart or more."""
    pieces = textures(notes)
    apart = sum(length for length, pitches in pieces if max(pitches) - min(pitches) >= OCTAVE)
    return apart / sum(length for length, _ in pieces)


def chordal(notes: Sequence[Note]) -> float | None:
    """The share of the time with three pitch classes or more in which they are a chord, or part of one."""
    pieces = [(length, {pitch % 12 for pitch in pitches}) for length, pitches in textures(notes)]
    full = [(length, classes) for length, classes in pieces if len(classes) >= 3]
    if not full:
        return None
    known = sum(length for length, classes in full if any(classes <= chord for chord in _CHORDS))
    return known / sum(length for length, _ in full)
