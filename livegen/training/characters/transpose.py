"""Transposes plain ABC tunes, note letter by note letter: a character model learns from each tune in several keys."""

import re

from livegen.errors import SettingsError
from livegen.tunes.abc_writer import Key

_LETTERS = "CDEFGAB"
_SIGNS = {"": 0, "^": 1, "^^": 2, "_": -1, "__": -2}
_SHARPS = {"": 0, "#": 1, "b": -1}
_WRITTEN = {alter: sign for sign, alter in _SIGNS.items()} | {0: "="}
_ROOTS = {alter: sign for sign, alter in _SHARPS.items()}
_THINGS = re.compile(r"""(?P<symbol>"[^"]*")|(?P<sign>\^\^?|__?|=)?(?P<letter>[A-Ga-g])(?P<marks>[,']*)""")
_ROOT = re.compile(r"([A-G])([#b]?)|(?<=/)([a-g])([#b]?)")
MOST = 4  # sharps or flats of a key that tunes are moved to


def moved(text: str, steps: int) -> str | None:
    """The tune ``steps`` letters up (below zero: down), in the key there that has the fewest signs; None if that key
    has more than four, or something cannot be written in it.

    >>> moved("M:4/4\\nL:1/8\\nK:D\\nT:T\\nD^G=F2|", 1)
    'M:4/4\\nL:1/8\\nK:E\\nT:T\\nE^A=G2|'
    """
    lines: list[str] = []
    shift: tuple[Key, Key] | None = None
    try:
        for line in text.split("\n"):
            if line.startswith("K:"):
                old = Key.parse(line[2:])
                new = _key(old, steps)
                up = (new.tonic - old.tonic) % 12
                if shift is not None and up != (shift[1].tonic - shift[0].tonic) % 12:
                    return None  # its keys would move by different intervals
                shift = old, new
                line = f"K:{shift[1]}"
            elif shift is not None and not re.match("[A-Z]:", line):
                line = _moved(line, *shift, steps)
            lines.append(line)
    except (KeyError, SettingsError):
        return None
    return "\n".join(lines)


def _key(key: Key, steps: int) -> Key:
    letter = _LETTERS[(_LETTERS.index(key.letter) + steps) % 7]
    found = min((Key(letter, sign, key.mode) for sign in _SHARPS), key=lambda each: abs(each.fifths))
    if abs(found.fifths) > MOST:
        raise KeyError(letter)
    return found


def _moved(line: str, old: Key, new: Key, steps: int) -> str:
    def letter(given: str) -> tuple[str, int]:
        place = _LETTERS.index(given) + steps
        return _LETTERS[place % 7], place // 7

    def root(found: re.Match[str]) -> str:
        name, sign = (found[1], found[2]) if found[1] else (found[3], found[4])
        there, _ = letter(name.upper())
        alter = _SHARPS[sign] - old.signature.get(name.upper(), 0) + new.signature.get(there, 0)
        return (there if found[1] else there.lower()) + _ROOTS[alter]

    def thing(found: re.Match[str]) -> str:
        if found["symbol"]:
            return _ROOT.sub(root, found["symbol"])
        there, octave = letter(found["letter"].upper())
        octave += found["letter"].islower() + found["marks"].count("'") - found["marks"].count(",")
        sign = ""
        if found["sign"]:
            before = 0 if found["sign"] == "=" else _SIGNS[found["sign"]]
            alter = before - old.signature.get(found["letter"].upper(), 0) + new.signature.get(there, 0)
            sign = _WRITTEN[alter]
        return sign + (there.lower() + "'" * (octave - 1) if octave > 0 else there + "," * -octave)

    return _THINGS.sub(thing, line)
