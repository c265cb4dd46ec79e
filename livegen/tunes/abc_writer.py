"""Writes tunes as ABC notation (standard 2.1): a whole header, bars that add up, repeats that close."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from math import lcm
from typing import NamedTuple

from livegen.errors import SettingsError
from livegen.events import NoteOff, NoteOn
from livegen.music.pitch import SEMITONES

_SHARPS = "FCGDAEB"
_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_MODES = {"": 0, "mix": -1, "dor": -2, "m": -3, "phr": -4, "loc": -5, "lyd": 1}  # fifths away from major
_SIGNS = {-2: "__", -1: "_", 0: "=", 1: "^", 2: "^^"}
_KEY = re.compile(r"([A-Ga-g])([#b]?)\s*([a-z]*)", re.IGNORECASE)
_UNIT = Fraction(1, 2)  # quarter notes: L:1/8
_PER_LINE = 4  # bars


class Tone(NamedTuple):
    """A note, or a rest (pitch None); ``duration`` in quarter notes; ``tied`` to the next, which has the same pitch."""

    pitch: int | None
    duration: Fraction
    tied: bool = False


Bar = Sequence[Tone]


@dataclass(frozen=True)
class Key:
    """A key: the tonic's ``letter`` and ``sign`` ("", "#", "b"), and a ``mode`` as ABC has it ("" is major)."""

    letter: str
    sign: str = ""
    mode: str = ""

    @classmethod
    def parse(cls, text: str) -> "Key":
        """``D``, ``Em``, ``A dorian``, ``Bb``. Raises SettingsError for a key that is not valid or has more than seven
        accidentals.

        >>> str(Key.parse("a dorian"))
        'Ador'
        """
        found = _KEY.fullmatch(text.strip())
        mode = (found[3] if found else "").lower()[:3]
        mode = {"maj": "", "ion": "", "min": "m", "aeo": "m"}.get(mode, mode)
        if found is None or mode not in _MODES:
            raise SettingsError(f"There is no key {text!r}; give one such as D, Em, Ador, Gmix or Bb.")
        key = cls(found[1].upper(), found[2], mode)
        if abs(key.fifths) > 7:
            raise SettingsError(f"The key {text} has more than seven sharps or flats; give one that sounds the same.")
        return key

    def __str__(self) -> str:
        return self.letter + self.sign + self.mode

    @property
    def fifths(self) -> int:
        """Its sharps; flats count below zero."""
        return _FIFTHS[self.letter] + {"#": 7, "b": -7, "": 0}[self.sign] + _MODES[self.mode]

    @cached_property
    def signature(self) -> dict[str, int]:
        """The sharps (1) and flats (-1), by letter."""
        letters = _SHARPS[: self.fifths] if self.fifths > 0 else _SHARPS[::-1][: -self.fifths]
        return dict.fromkeys(letters, 1 if self.fifths > 0 else -1)

    @property
    def tonic(self) -> int:
        """Its pitch class, 0 to 11."""
        return (SEMITONES[self.letter] + {"#": 1, "b": -1, "": 0}[self.sign]) % 12

    @property
    def scale(self) -> frozenset[int]:
        """The pitch classes of its seven notes."""
        return frozenset((SEMITONES[letter] + self.signature.get(letter, 0)) % 12 for letter in SEMITONES)

    def spell(self, pitch: int) -> tuple[str, int]:
        """The letter and its alteration for a pitch: the scale's own, otherwise a natural, otherwise one with the key's
        own sign."""
        return _spelled(self, pitch % 12)


@cache
def _spelled(key: Key, pitch_class: int) -> tuple[str, int]:
    ways = [
        (letter, alter)
        for letter, semitones in SEMITONES.items()
        for alter in (0, 1, -1)
        if (semitones + alter - pitch_class) % 12 == 0
    ]
    signature, sharp = key.signature, 1 if key.fifths >= 0 else -1
    rank = {0: 1, sharp: 2, -sharp: 3}
    return min(ways, key=lambda way: 0 if signature.get(way[0], 0) == way[1] else rank[way[1]])


@dataclass(frozen=True)
class Sheet:
    """A tune on paper: ``parts`` of bars, each ``repeated`` or not. ``tempo``: quarter notes a minute."""

    title: str
    key: Key
    metre: str
    parts: Sequence[Sequence[Bar]]
    rhythm: str = ""
    made: str = ""  # how the tune was made
    tempo: int = 120
    repeated: bool = True

    @property
    def bar_length(self) -> Fraction:
        """In quarter notes."""
        return bar_length(self.metre)


@cache
def bar_length(metre: str) -> Fraction:
    """A bar's length in quarter notes.

    >>> bar_length("9/8")
    Fraction(9, 2)
    """
    over, _, under = metre.partition("/")
    return Fraction(int(over), int(under)) * 4


@cache
def beat_length(metre: str) -> Fraction:
    """A beat's length in quarter notes: three eighths in 6/8, 9/8 and 12/8."""
    over, _, under = metre.partition("/")
    beat = Fraction(4, int(under))
    return beat * 3 if int(under) == 8 and int(over) % 3 == 0 else beat


def write(sheet: Sheet, number: int = 1) -> str:
    """The tune as ABC text, with ``number`` after its X. Raises ValueError for a bar that does not add up, or a length
    that cannot be written (other than halves, quarters and so on, and triplets of them)."""
    beat = beat_length(sheet.metre)
    unit = "1/4" if beat == 1 else "3/8" if beat == Fraction(3, 2) else f"1/{int(4 / beat)}"
    fields = {
        "X": str(number),
        "T": _line(sheet.title),
        "R": _line(sheet.rhythm),
        "N": _line(sheet.made),
        "M": sheet.metre,
        "L": "1/8",
        "Q": f"{unit}={round(sheet.tempo / beat)}",
        "K": str(sheet.key),
    }
    lines = [f"{letter}:{value}" for letter, value in fields.items() if value]
    for part in sheet.parts:
        bars = [_bar(bar, sheet) for bar in part]
        for start in range(0, len(bars), _PER_LINE):
            row = " | ".join(bars[start : start + _PER_LINE])
            begins = "|: " if start == 0 and sheet.repeated else ""
            last = " :|" if sheet.repeated else " |]"
            lines.append(begins + row + (last if start + _PER_LINE >= len(bars) else " |"))
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return " ".join(text.replace("%", " ").split())


def _bar(bar: Bar, sheet: Sheet) -> str:
    if sum((tone.duration for tone in bar), Fraction(0)) != sheet.bar_length:
        raise ValueError(f"a bar does not add up to {sheet.metre}")
    return bar_text(bar, sheet.key, sheet.metre)


def bar_text(bar: Bar, key: Key, metre: str, start: Fraction = Fraction(0)) -> str:
    """The notes of a bar, or of a part of one that begins ``start`` quarter notes after the bar line. Raises ValueError
    for a length that cannot be written."""
    beat, at = beat_length(metre), start
    altered: dict[str, int] = {}
    text, inside = "", 0  # how many notes of a triplet are to come
    for index, tone in enumerate(bar):
        if text and at % beat == 0 and not inside:
            text += " "
        length = tone.duration / _UNIT
        if length.denominator % 3 == 0:
            if not inside:
                alike = [other.duration for other in bar[index : index + 3]] == [tone.duration] * 3
                text, inside = text + ("(3" if alike else "(3:2:1"), 3 if alike else 1
            length *= Fraction(3, 2)
            inside -= 1
        text += _name(tone.pitch, key, altered) + _length(length) + ("-" if tone.tied else "")
        at += tone.duration
    return text


def _name(pitch: int | None, key: Key, altered: dict[str, int]) -> str:
    """The note's name. A letter that got a sign within the bar (``altered``) is written with one from then on, since
    programs differ in whether a sign holds in other octaves."""
    if pitch is None:
        return "z"
    letter, alter = key.spell(pitch)
    sign = ""
    if letter in altered or alter != key.signature.get(letter, 0):
        altered[letter] = alter
        sign = _SIGNS[alter]
    octave = (pitch - SEMITONES[letter] - alter) // 12 - 5
    return sign + (letter.lower() + "'" * (octave - 1) if octave > 0 else letter + "," * -octave)


@cache
def _length(units: Fraction) -> str:
    if units <= 0 or units.denominator & (units.denominator - 1) or units.denominator > 32:
        raise ValueError(f"a length of {units} eighths cannot be written")
    over = "" if units.numerator == 1 else str(units.numerator)
    return over if units.denominator == 1 else f"{over}/{units.denominator}"


def performance(sheet: Sheet, velocity: int = 80) -> list[NoteOn | NoteOff]:
    """The tune as played, each part twice, ties joined, in seconds at its tempo."""
    found: list[NoteOn | NoteOff] = []
    tones = [tone for part in sheet.parts for _ in (1, 2) for bar in part for tone in bar]
    grid = lcm(*{tone.duration.denominator for tone in tones})  # parts of a quarter note that all lengths are made of
    seconds = 60 / sheet.tempo
    for onset, length, pitch in _played(tones, grid):
        found.append(NoteOn(onset / grid * seconds, pitch, velocity))
        found.append(NoteOff((onset + length) / grid * seconds, pitch))
    return found


def _played(tones: Sequence[Tone], grid: int) -> Iterator[tuple[int, int, int]]:
    """Onset, length (in ``grid`` parts of a quarter note: whole numbers are quicker than fractions) and pitch of each
    note."""
    at = held = 0  # `held`: what tied notes before have lasted
    for tone in tones:
        duration = tone.duration.numerator * (grid // tone.duration.denominator)
        at += duration
        if tone.tied:
            held += duration
        elif tone.pitch is not None:
            yield at - duration - held, duration + held, tone.pitch
            held = 0
