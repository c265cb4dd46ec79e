"""Scales: their pitch classes by name, and the key that fits what was heard."""

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

from livegen.errors import SettingsError
from livegen.music.pitch import SEMITONES

# Semitones above the tonic.
SCALES = {
    "major": "0 2 4 5 7 9 11",
    "minor": "0 2 3 5 7 8 10",
    "harmonic-minor": "0 2 3 5 7 8 11",
    "melodic-minor": "0 2 3 5 7 9 11",
    "dorian": "0 2 3 5 7 9 10",
    "phrygian": "0 1 3 5 7 8 10",
    "lydian": "0 2 4 6 7 9 11",
    "mixolydian": "0 2 4 5 7 9 10",
    "locrian": "0 1 3 5 6 8 10",
    "pentatonic": "0 2 4 7 9",
    "minor-pentatonic": "0 3 5 7 10",
    "blues": "0 3 5 6 7 10",
    "whole-tone": "0 2 4 6 8 10",
    "diminished": "0 2 3 5 6 8 9 11",
    "chromatic": "0 1 2 3 4 5 6 7 8 9 10 11",
}
OTHER_NAMES = {"ionian": "major", "aeolian": "minor", "natural-minor": "minor", "major-pentatonic": "pentatonic"}
OFF, AUTO = "off", "auto"
TAKES = f"off, {', '.join(SCALES)}, or semitones above the key: 0 2 4 7 9, or 101010010100"
KEY_TAKES = "C, C# or Db to B, or auto: the key that fits what you play"

_NOTE = re.compile(r"([A-Ga-g])([#b]?)")
# The weight of a note for a key: outside its scale, in it, its third, its fifth, its tonic.
_OUTSIDE, _INSIDE, _THIRD, _FIFTH, _TONIC = -1.0, 1.0, 1.1, 1.2, 1.4
_STAY = 1.05  # another key must fit this much better


def named(text: str) -> str:
    """The setting ``scale`` in its normal form. Raises SettingsError if it is not valid."""
    name = re.sub(r"[\s_]+", "-", text.strip().lower())
    if name == OFF or name in SCALES:
        return name
    if name in OTHER_NAMES:
        return OTHER_NAMES[name]
    try:
        _semitones(text)
    except ValueError:
        raise SettingsError(f"There is no scale {text!r:.40}; choose {TAKES}.") from None
    return " ".join(text.replace(",", " ").split())


def keyed(text: str) -> str:
    """The setting ``key`` in its normal form. Raises SettingsError if it is not valid."""
    if text.strip().lower() == AUTO:
        return AUTO
    try:
        tonic(text)
    except ValueError:
        raise SettingsError(f"There is no key {text!r:.40}; choose {KEY_TAKES}.") from None
    text = text.strip()
    return text[0].upper() + text[1:]


def tonic(name: str) -> int:
    """The pitch class, 0 (C) to 11, of a note name without an octave. Raises ValueError if it is not valid.

    >>> [tonic(name) for name in ("C", "F#", "Bb")]
    [0, 6, 10]
    """
    found = _NOTE.fullmatch(name.strip())
    if found is None:
        raise ValueError(name)
    return (SEMITONES[found[1].upper()] + {"#": 1, "b": -1, "": 0}[found[2]]) % 12


@cache
def steps(scale: str) -> tuple[int, ...]:
    """A scale's semitones above its tonic, ascending. Raises SettingsError if there is no such scale."""
    name = named(scale)
    return _semitones(SCALES.get(name, name))


@cache
def classes(scale: str, key: int) -> frozenset[int]:
    """The pitch classes of a scale on the pitch class ``key``."""
    return frozenset((key + step) % 12 for step in steps(scale))


def _semitones(text: str) -> tuple[int, ...]:
    if re.fullmatch(r"[01]{12}", text.strip()):
        found = {step for step, sign in enumerate(text.strip()) if sign == "1"}
    else:
        found = {int(word) for word in text.replace(",", " ").split()}
    if not found or not all(0 <= step < 12 for step in found):
        raise ValueError(text)
    return tuple(sorted(found))


def fitting_key(scale: str, heard: Sequence[int], before: int) -> int:
    """The tonic (0 to 11) on which the scale fits the notes best: ``heard`` counts the pitch classes.

    Notes outside a key count against it; its tonic, fifth and third count most. The key ``before`` stays until another
    is clearly better.
    """
    if not any(heard):
        return before
    scores = _weights(scale) @ np.asarray(heard, dtype=np.float64)
    best = int(scores.argmax())
    return before if scores[best] <= scores[before] * _STAY and scores[before] > 0.0 else best


@cache
def _weights(scale: str) -> np.ndarray:
    """A row for each tonic, a column for each pitch class."""
    row = np.full(12, _OUTSIDE)
    inside = steps(scale)
    row[list(inside)] = _INSIDE
    for weight, these in ((_THIRD, (3, 4)), (_FIFTH, (7,)), (_TONIC, (0,))):
        for step in these:
            row[step] = weight if step in inside else row[step]
    return np.array([np.roll(row, key) for key in range(12)])
