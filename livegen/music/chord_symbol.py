"""Chord symbols as charts write them: read, spelled by the key, and written in one normal form.

A chord is its root, its tones, each a degree with its semitones above the root, and perhaps another bass. The spellings
are those of American lead sheets and jazz charts, of iReal Pro, and the kinds of MusicXML 4.0.
"""

import re
from functools import cache
from typing import NamedTuple

from livegen.errors import SettingsError
from livegen.music.key import C_MAJOR, LETTERS, Key, note_class
from livegen.music.pitch import SEMITONES

NO_CHORD = "N.C."  # no chord sounds there
MAJOR, MINOR, SEVENTH, DIMINISHED = FAMILIES = "major", "minor", "seventh", "diminished"

Tone = tuple[int, int]  # degree, semitones above the root (0-11)

_TRIADS: dict[str, tuple[Tone, ...]] = {
    "": ((1, 0), (3, 4), (5, 7)), "m": ((1, 0), (3, 3), (5, 7)), "dim": ((1, 0), (3, 3), (5, 6)),
    "aug": ((1, 0), (3, 4), (5, 8)), "hdim": ((1, 0), (3, 3), (5, 6), (7, 10)),
}  # fmt: skip
_ALTERED = ((1, 0), (3, 4), (5, 6), (5, 8), (7, 10), (9, 1), (9, 3))
_NATURAL = {2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 10, 9: 2, 11: 5, 13: 9}
# The degrees that the number after a root brings with it. A thirteenth leaves the eleventh out, as players do.
_STACKS = {"7": (7,), "9": (7, 9), "11": (7, 9, 11), "13": (7, 9, 13), "6": (6,), "69": (6, 9), "2": (9,), "4": (4,)}
_ADDED = (2, 3, 4, 7)  # these are never altered, but added in another form
_STEMS = """7alt dim dim7 dimmaj7 aug 5 sus4 sus2 sus24 6 69 7 9 11 13 7sus4 9sus4 13sus4 7sus2 maj7 maj9 maj11 maj13
maj7sus4 m m6 m69 m7 m9 m11 m13 mmaj7 mmaj9 mmaj11 mmaj13""".split()
_STEMS.insert(0, "")
_SIGNS = {"b": -1, "B": -1, "-": -1, "#": 1, "+": 1}
_OTHER_SIGNS = str.maketrans({"♭": "b", "♯": "#", "–": "-", "−": "-", "°": "o", "º": "o", "Ø": "ø", "△": "Δ", "∆": "Δ"})

_SYMBOL = re.compile(r"([A-Ga-g](?:##|bb|#|b)?)(.*?)(?:/([A-Ga-g](?:##|bb|#|b)?))?")
_NOTHING = re.compile(r"(?:n\.?c\.?|no ?chord|n)", re.IGNORECASE)
_MAJ = r"(?:[Mm]ajor|MAJ|[Mm]aj|MA(?!J)|[Mm]a(?!j|dd|ug|lt)|M(?![AaIiMm]))"
_HEAD = re.compile(
    rf"(?P<hdim>[Hh]alf-?dim(?:inished)?|ø|h)|(?P<dim>[Dd]im(?:inished)?|DIM|o(?!mit))|(?P<delta>Δ|\^|j)|(?P<maj>{_MAJ})"
    r"|(?P<m>minor|MIN|[Mm]in|MI|[Mm]i|m|M(?=[Mm]aj|MAJ)|-(?!5))|(?P<aug>[Aa]ug(?:mented)?|AUG|\+)|(?P<dom>[Dd]om(?:inant)?)"
)
_NUMBER = re.compile(r"6/?9|13|11|9|7|6|5(?!\d)|4|2")
_CHANGE = re.compile(
    rf"(?P<alt>[Aa]lt)|(?:[Ss]us|SUS)(?P<sus>24|2|4)?|(?:no|omit)(?P<no>[35])|(?:[Aa]dd|ADD)(?P<add>[b#]?(?:13|11|9|7|6|5|4|3|2))"
    rf"|(?P<sign>[bB#+-])(?P<altered>13|11|9|7|6|5|4)|(?P<raised>\+|aug)|(?P<seventh>(?:{_MAJ}|Δ|\^|j)7?)"
    r"|(?P<before>13|11|9)(?P<after>[b#])(?!\d+(?![b#\d]))|(?P<plain>6/?9|13|11|9|7|6)|(?P<gap>[(),\s/]+)"
)


class Chord(NamedTuple):
    """A chord: the pitch class of its root (0-11), its tones in order of degree, and its bass if that is another."""

    root: int
    tones: tuple[Tone, ...] = _TRIADS[""]
    bass: int | None = None

    @property
    def classes(self) -> frozenset[int]:
        """The pitch classes of its notes, the bass included."""
        found = {(self.root + semitones) % 12 for _, semitones in self.tones}
        return frozenset(found if self.bass is None else found | {self.bass})

    @property
    def lowest(self) -> int:
        """The pitch class in the bass."""
        return self.root if self.bass is None else self.bass

    @property
    def family(self) -> str:
        """The nearest of FAMILIES: a chord without a third counts as major, or with a minor seventh as a seventh."""
        tones = set(self.tones)
        if (3, 3) in tones:
            return DIMINISHED if (5, 6) in tones else MINOR
        return SEVENTH if (7, 10) in tones else MAJOR

    def transposed(self, semitones: int) -> "Chord":
        """The chord so many semitones higher."""
        bass = None if self.bass is None else (self.bass + semitones) % 12
        return Chord((self.root + semitones) % 12, self.tones, bass)

    def name(self, key: Key = C_MAJOR) -> str:
        """The symbol in its normal form, its notes spelled as in the key.

        >>> read("Gmin7/Bb").name(Key(5)), read("B°7").name(Key(0, minor=True))
        ('Gm7/Bb', 'Bdim7')
        """
        root = key.spelled(self.root, leading=self.family == DIMINISHED)
        over = "" if self.bass is None else f"/{self._bass(root, self.bass, key)}"
        return root + quality_name(self.tones) + over

    def _bass(self, root: str, bass: int, key: Key) -> str:
        """The bass: a tone of the chord has the letter of its degree, so D7 stands over F#, not Gb."""
        for degree, semitones in self.tones:
            if (self.root + semitones) % 12 == bass:
                letter = LETTERS[(LETTERS.index(root[0]) + degree - 1) % 7]
                away = (bass - SEMITONES[letter] + 6) % 12 - 6
                if abs(away) <= 1:
                    return letter + ("b" if away < 0 else "#" * away)
        return key.spelled(bass)


@cache
def read(text: str) -> Chord | None:
    """A chord symbol; None for N.C. Raises SettingsError if it is none.

    >>> sorted(read("C7b9/E").classes), read("F#ø") == read("F#m7b5")
    ([0, 1, 4, 7, 10], True)
    """
    plain = text.strip().translate(_OTHER_SIGNS)
    if _NOTHING.fullmatch(plain):
        return None
    found = _SYMBOL.fullmatch(plain)
    tones = tones_of(found[2]) if found else None
    if found is None or tones is None:
        raise SettingsError(f"There is no chord {text!r:.40}; write it as in {EXAMPLES}.")
    root = note_class(found[1])
    bass = note_class(found[3]) if found[3] else None
    return Chord(root, tones, None if bass == root else bass)


EXAMPLES = "C, Am, F#m7, Bbmaj7, G7sus4, Edim, Dm7b5, A7b9, C/E, or N.C. for none"


@cache
def tones_of(quality: str) -> tuple[Tone, ...] | None:
    """The tones of a symbol without its root and bass, such as "m7b5"; None if it cannot be read."""
    rest = quality.strip().translate(_OTHER_SIGNS)
    head = _HEAD.match(rest)
    kind = (head.lastgroup or "") if head else ""
    rest = rest[head.end() :] if head else rest
    tones = set(_TRIADS.get(kind, _TRIADS[""]))
    number = _NUMBER.match(rest)
    if kind == "m" and (both := re.match(rf"[(/ ]*(?:{_MAJ}|Δ|\^|j)(?=\d|\)|$)", rest)):  # minor with a major seventh
        rest, kind = rest[both.end() :], "delta"
        number = _NUMBER.match(rest)
    if number:
        rest = rest[number.end() :]
        _stack(tones, number[0].replace("/", ""), kind)
    elif kind == "delta":
        tones.add((7, 11))
    return _changed(tones, rest)


def _stack(tones: set[Tone], number: str, kind: str) -> None:
    """Add what the number after the root brings."""
    if number == "5":
        if kind == "":
            tones.discard((3, 4))
        return
    for degree in _STACKS[number]:
        semitones = _NATURAL[degree]
        if degree == 7:
            semitones = 11 if kind in ("maj", "delta") else 9 if kind == "dim" else 10
        _put(tones, degree, semitones)


def _put(tones: set[Tone], degree: int, semitones: int, beside: bool = False) -> None:
    """Add a degree in the place of another form of it, or ``beside`` that."""
    if not beside:
        tones -= {tone for tone in tones if tone[0] == degree}
    tones.add((degree, semitones % 12))


def _changed(tones: set[Tone], rest: str) -> tuple[Tone, ...] | None:
    """The tones after all that follows the number: alterations, suspensions, notes added or left out."""
    altered: set[int] = set()
    while rest:
        found = _CHANGE.match(rest)
        if found is None:
            return None
        rest = rest[found.end() :]
        said = found.groupdict()
        if said["altered"] or said["before"]:
            _alter(tones, said["sign"] or said["after"], int(said["altered"] or said["before"]), altered)
        elif not said["gap"]:
            _change(tones, said)
    return tuple(sorted(tones))


def _change(tones: set[Tone], said: dict[str, str | None]) -> None:
    if said["alt"]:
        tones.clear()
        tones.update(_ALTERED)
    elif degree := said["no"]:
        tones -= {tone for tone in tones if tone[0] == int(degree)}
    elif added := said["add"]:
        _add(tones, added)
    elif said["raised"]:
        _put(tones, 5, 8)
    elif said["seventh"]:
        _put(tones, 7, 11)
    elif number := said["plain"]:
        _reach(tones, number.replace("/", ""))
    else:
        _suspend(tones, said["sus"] or "4")


def _reach(tones: set[Tone], number: str) -> None:
    """A further number: all that it brings, or its own degree where there is a sixth or seventh already."""
    if any(degree in (6, 7) for degree, _ in tones) and number != "69":
        _put(tones, int(number), _NATURAL[int(number)])
    else:
        _stack(tones, number, "")


def _add(tones: set[Tone], what: str) -> None:
    sign, degree = (what[0], int(what[1:])) if what[0] in _SIGNS else ("", int(what))
    _put(tones, 9 if degree == 2 else degree, _NATURAL[degree] + _SIGNS.get(sign, 0), beside=True)


def _alter(tones: set[Tone], sign: str, degree: int, altered: set[int]) -> None:
    """Alter a degree; altered twice, both stay: b9#9."""
    degree = 11 if (degree, _SIGNS[sign]) == (4, 1) else degree
    semitones = _NATURAL[degree] + _SIGNS[sign]
    _put(tones, degree, semitones, beside=degree in altered)
    altered.add(degree)


def _suspend(tones: set[Tone], by: str) -> None:
    tones -= {tone for tone in tones if tone[0] == 3}
    for degree in by:
        _put(tones, int(degree), _NATURAL[int(degree)])


def natural(degree: int) -> int:
    """The semitones above a root of a degree as chords mean it: the seventh is minor. Raises ValueError."""
    if degree not in _NATURAL:
        raise ValueError(f"no degree {degree}")
    return _NATURAL[degree]


@cache
def quality_name(tones: tuple[Tone, ...]) -> str:
    """The normal form of a symbol without its root: of the names that ``tones_of`` reads as these tones the shortest.

    >>> quality_name(((1, 0), (3, 3), (5, 6), (7, 10)))
    'm7b5'
    """
    names = [_varied(stem, set(tones)) for stem in _STEMS]
    return min((name for name in names if tones_of(name) == tones), key=len, default="")


def _varied(stem: str, tones: set[Tone]) -> str:
    """A symbol's stem, followed by what makes it these tones, as far as symbols can say it."""
    own = set(tones_of(stem) or ())
    name = stem
    for degree, semitones in sorted(tones - own):
        away = semitones - _NATURAL[degree]
        sign = "b" if away < 0 else "#" * (away > 0)
        beside = not away or degree in _ADDED or (degree, _NATURAL[degree]) in tones
        name += f"{'add' * beside}{sign}{degree}"
    there = {degree for degree, _ in tones}
    name += "".join(f"no{degree}" for degree, _ in sorted(own) if degree not in there)
    return f"({name})" if name[:1] in ("b", "#") else name  # "Cb5" would be another root
