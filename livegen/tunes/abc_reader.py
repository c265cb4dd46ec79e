"""Reads ABC notation into tunes: the top note of chords, ties joined, grace notes left out.

A tune comes "written" (repeats not played) or "performed" (repeats, endings and parts played).
"""

import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from livegen.music.pitch import SEMITONES
from livegen.tunes.abc_fields import (
    ACCIDENTALS,
    AbcError,
    endings,
    fraction,
    key_shift,
    key_signature,
    kind_of,
    metre,
    names_key,
)
from livegen.tunes.abc_text import lines, split, text_of
from livegen.tunes.playing_order import Entry, Measure, assemble, performed
from livegen.tunes.tune import MAX_NOTES, Tune, metre_length

MAX_TUPLET = 16
Playing = Literal["written", "performed"]

_LENGTH = r"\d*(?:/+\d*)*"
NOTE = re.compile(r"(?P<accidental>\^\^|\^|__|_|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)(?P<length>" + _LENGTH + ")")
TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*")
    |(?P<grace>\{[^{}]*\})
    |(?P<field>\[[A-Za-z]:[^\[\]]*\])
    |(?P<decoration>![^!\s|]+!|\+[^+\s|]+\+)
    |(?P<ending>\[\s*(?P<ending_numbers>\d[\d,.-]*))
    |(?P<bar>\[?:*\|[|:\]]*(?:\s*(?P<bar_numbers>\d[\d,.-]*))?|::+(?P<colon_numbers>\d[\d,.-]*)?)
    |(?P<chord>\[(?P<inside>[^\[\]|]*)\](?P<chord_length>"""
    + _LENGTH
    + r"""))
    |(?P<tuplet>\((?P<p>\d+)(?::(?P<q>\d*))?(?::(?P<r>\d*))?)
    |(?P<note>"""
    + NOTE.pattern
    + r""")
    |(?P<rest>[zxZX](?P<rest_length>"""
    + _LENGTH
    + r"""))
    |(?P<spacer>y\d*)
    |(?P<broken>>+|<+)
    |(?P<tie>-)
    |(?P<overlay>&)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_FIELD = re.compile(r"([A-Za-z]):(.*)", re.DOTALL)


@dataclass
class Book:
    """The tunes of one or more files, how many were skipped as broken, and why (the reason of each)."""

    tunes: list[Tune] = field(default_factory=list)
    broken: int = 0
    reasons: list[str] = field(default_factory=list)


def read_file(path: Path, playing: Playing = "written") -> Book:
    """Every tune of an ABC file. Raises FileError if the file is missing or larger than 1 MiB."""
    text = text_of(path)
    book = Book()
    for number, tune in enumerate(split(text)):
        try:
            book.tunes.append(read_tune(tune, playing, f"{path.stem}:{number + 1}"))
        except AbcError as error:
            book.broken += 1
            book.reasons.append(str(error))
    return book


def read_tune(text: str, playing: Playing = "written", name: str = "") -> Tune:
    """One tune. Raises AbcError if it is broken: no key, no notes, a note out of range, repeats without end."""
    reader = _Reader()
    reader.read(text)
    order = reader.measures if playing == "written" else performed(reader.measures, reader.parts)
    if order is None or sum(len(measure.entries) for measure in order) > MAX_NOTES:
        raise AbcError("it goes on for too long")
    tune = assemble(order, name or reader.title)
    if not tune.notes:
        raise AbcError("it has no notes")
    return replace(tune, kind=kind_of(reader.rhythm, reader.title, name))


def measures(text: str) -> list[Measure]:
    """Read the measures of a tune, as written. Raises AbcError as ``read_tune`` does, but not for notes."""
    reader = _Reader()
    reader.read(text)
    return reader.measures


class _Reader:
    """Reads one tune's text into measures."""

    def __init__(self) -> None:
        self.title = ""
        self.rhythm = ""
        self.parts = ""
        self.measures: list[Measure] = []
        self._measure = Measure()
        self._unit: Fraction | None = None
        self._metre: str | None = "4/4"
        self._key: dict[str, int] | None = None
        self._shift = 0  # semitones from what is written to what sounds
        self._ending: frozenset[int] = frozenset()
        self._part = ""
        self._voice: str | None = None
        self._silent = False  # inside another voice
        self._overlay = False
        self._accidentals: dict[str, int] = {}
        self._tied: tuple[str, int] | None = None
        self._tuplet = (Fraction(1), 0)
        self._broken = Fraction(1)

    def read(self, text: str) -> None:
        for line in lines(text):
            found = _FIELD.match(line)
            letter = found.group(1) if found else ""
            looks_like_music = self._key is not None and letter in "ABCDEFGabcdefg" and line[2:3] in ("|", ":")
            if found and not looks_like_music:
                self._field(letter, found.group(2).strip())
            elif self._key is not None:
                self._music(line)
        if self._key is None:
            raise AbcError("it has no key (K:)")
        self._close("|")

    def _field(self, letter: str, value: str) -> None:
        if letter == "V":
            voice = value.split(" ")[0]
            if self._key is not None:
                self._voice = self._voice or voice
                self._silent = voice != self._voice
        elif self._silent:
            return
        elif letter in ("T", "R"):
            self._say(letter, value)
        elif letter == "L":
            self._unit = fraction(value)
        elif letter == "M":
            self._metre = metre(value)
        elif letter == "K" and (self._key is None or names_key(value)):
            self._key = key_signature(value)
            self._shift = key_shift(value)
        elif letter == "P" and self._key is None:
            self.parts = value
        elif letter == "P":
            self._close("||")
            self._part = value[:1]
            self._measure.part = self._part

    def _say(self, letter: str, value: str) -> None:
        """Take in the tune's title (T) or its type (R): the first of each counts."""
        if letter == "T":
            self.title = self.title or value
        else:
            self.rhythm = self.rhythm or value

    def _music(self, line: str) -> None:
        for token in TOKEN.finditer(line):
            kind = token.lastgroup or ""
            if kind == "field":
                self._field(token["field"][1], token["field"][3:-1].strip())
            elif self._silent:
                continue
            elif kind == "bar":
                self._close(token["bar"], token["bar_numbers"] or token["colon_numbers"])
            elif kind == "ending":
                self._close("|", token["ending_numbers"])
            elif not self._overlay:
                self._sound(kind, token)

    def _sound(self, kind: str, token: re.Match[str]) -> None:
        if kind == "note":
            self._add(self._pitch(token), fraction(token["length"]))
        elif kind == "chord":
            self._chord(token["inside"], fraction(token["chord_length"]))
        elif kind == "rest":
            length = fraction(token["rest_length"])
            if token["rest"][0] in "ZX":
                length *= (metre_length(self._metre) or Fraction(4)) / (4 * self._unit_length())
            self._add(None, length)
        elif kind == "tuplet":
            self._begin_tuplet(token)
        elif kind == "broken":
            self._break(token["broken"])
        elif kind == "tie" and self._measure.entries:
            self._measure.entries[-1].tied = True
        elif kind == "tie" and self.measures:
            self.measures[-1].entries[-1].tied = True
        elif kind == "overlay":
            self._overlay = True

    def _pitch(self, note: re.Match[str]) -> int:
        letter, marks = note["letter"].upper(), note["octave"]
        octave = (6 if note["letter"].islower() else 5) + marks.count("'") - marks.count(",")
        spot = f"{letter}{octave}"
        if note["accidental"]:
            alter = self._accidentals[letter] = ACCIDENTALS[note["accidental"]]
        elif self._tied and self._tied[0] == spot and self._last_is_tied():
            alter = self._tied[1]
        else:
            alter = self._accidentals.get(letter, (self._key or {}).get(letter, 0))
        self._tied = (spot, alter)
        pitch = 12 * octave + SEMITONES[letter] + alter + self._shift
        if not 0 <= pitch <= 127:
            raise AbcError("a note is out of range")
        return pitch

    def _last_is_tied(self) -> bool:
        if self._measure.entries:
            return self._measure.entries[-1].tied
        return bool(self.measures) and self.measures[-1].entries[-1].tied

    def _chord(self, inside: str, length: Fraction) -> None:
        members = list(NOTE.finditer(re.sub(r'"[^"]*"|![^!]*!|\{[^}]*\}', "", inside)))
        if members:
            top = max(self._pitch(member) for member in members)
            self._add(top, length * fraction(members[0]["length"]), tied="-" in inside)

    def _add(self, pitch: int | None, length: Fraction, tied: bool = False) -> None:
        scale, left = self._tuplet
        if left:
            self._tuplet = (scale, left - 1)
        else:
            scale = Fraction(1)
        duration = 4 * length * self._unit_length() * scale * self._broken
        self._broken = Fraction(1)
        if duration > 256:
            raise AbcError("a note is too long")
        if duration > 0:
            self._measure.entries.append(Entry(pitch, duration, tied))

    def _begin_tuplet(self, token: re.Match[str]) -> None:
        p = int(token["p"])
        compound = self._metre is not None and self._metre in ("6/8", "9/8", "12/8")
        usual = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}.get(p, 3 if compound else 2)
        q = int(token["q"]) if token["q"] else usual
        r = int(token["r"]) if token["r"] else p
        if not (1 <= p <= MAX_TUPLET and 1 <= q <= MAX_TUPLET and 1 <= r <= MAX_TUPLET):
            raise AbcError("a tuplet is out of range")
        self._tuplet = (Fraction(q, p), r)

    def _break(self, signs: str) -> None:
        if not self._measure.entries or len(signs) > 3 or self._broken != 1:
            return
        short = Fraction(1, 2 ** len(signs))
        before, after = (2 - short, short) if signs[0] == ">" else (short, 2 - short)
        self._measure.entries[-1].duration *= before
        self._broken = after

    def _close(self, bar: str, numbers: str | None = None) -> None:
        """End the measure at a bar line, and say what the bar line asks for."""
        closes = ":" in bar.split("|")[0]
        opens = bar.endswith(":")
        section = closes or opens or "||" in bar or "]" in bar
        measure = self._measure
        if measure.entries:
            measure.metre, measure.ending, measure.part = self._metre, self._ending, self._part
            self.measures.append(measure)
            self._measure = Measure()
        if self.measures:
            self.measures[-1].closes |= closes
            self.measures[-1].ends |= section
        self._measure.opens |= opens
        if section or numbers:
            self._ending = endings(numbers)
        self._accidentals = {}
        self._overlay = False

    def _unit_length(self) -> Fraction:
        if self._unit is None:
            bar = metre_length(self._metre)
            self._unit = Fraction(1, 16) if bar is not None and bar < 3 else Fraction(1, 8)
        return self._unit
