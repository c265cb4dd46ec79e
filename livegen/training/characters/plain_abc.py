"""Tunes as plain ABC text, one way to write each thing: what the character model reads, and writes.

A tune is its fields R M L K T (K and M also where they change), then its music: notes, rests, chords, tuplets, broken
rhythms, ties, bar lines, endings, chord symbols, the spaces that beam, the ends of lines. Grace notes, slurs,
decorations and words are left out.
"""

import re
import string
import unicodedata
from pathlib import Path

from livegen.training.characters.bar_lines import repeats
from livegen.tunes import abc_reader, abc_text
from livegen.tunes.abc_fields import AbcError, fraction, kind_of, metre
from livegen.tunes.tune import metre_length

FIELDS = "RMLKT"  # the order in which the model writes them: the title fits the rest
_SYMBOL = re.compile(r"[A-G][#b]?(m|maj|min|dim|aug|sus|\+)?\d{0,2}(/[A-Ga-g][#b]?)?")


def texts(path: Path) -> list[str]:
    """The tunes of an ABC file, each from its ``X:`` on, as they are. Raises FileError if it cannot be read."""
    return abc_text.split(abc_text.text_of(path))


def plain(text: str, file: str = "") -> str:
    """One tune as plain ABC, ending with a newline; ``file`` may hold its type. Raises AbcError if it has no key, or
    voices."""
    fields: dict[str, str] = {}
    music: list[str] = []
    for line in abc_text.lines(text):
        letter, colon, value = line.partition(":")
        if colon != ":" or len(letter) != 1 or not letter.isalpha() or value[:1] in ("|", ":"):
            if "K" in fields:
                music.append(_music(line))
        elif letter == "V":
            raise AbcError("it has voices")
        elif letter in "MLK" and any(music):
            music.append(f"{letter}:{_value(letter, value)}")
        elif letter in FIELDS and (letter not in fields or letter in "MLK"):
            fields[letter] = _value(letter, value)
    if "K" not in fields:
        raise AbcError("it has no key (K:)")
    fields.setdefault("M", "4/4")
    bar = metre_length(fields["M"] if fields["M"] != "none" else None)
    fields.setdefault("L", "1/16" if bar is not None and bar < 3 else "1/8")
    called = kind_of(fields.get("R", ""), fields.get("T", ""), file)
    if called:
        fields["R"] = called
    else:
        fields.pop("R", None)
    title = re.sub(r"\s+--.*", "", fields.get("T", ""))
    fields["T"] = string.capwords(title) if title.isupper() else title
    head = [f"{letter}:{fields[letter]}" for letter in FIELDS if letter in fields]
    return "\n".join([*head, repeats("\n".join(line for line in music if line))]) + "\n"


def _value(letter: str, value: str) -> str:
    """The field's value without what may be written in several ways."""
    value = " ".join(unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().split())
    if letter == "M":
        return metre(value) or "none"
    if letter == "L":
        return str(fraction(value))
    if letter == "K":
        found = re.match(r"([A-G][#b]?) ?(maj|ion|mix|dor|min|aeo|m|phr|loc|lyd)?", value, re.IGNORECASE)
        if found is None:
            return value
        mode = (found[2] or "").lower()
        return found[1] + {"maj": "", "ion": "", "min": "m", "aeo": "m"}.get(mode, mode)
    return value


def _music(line: str) -> str:
    """A line of music, token by token."""
    line = re.sub(r"\s+", " ", line)
    found = ""
    hidden = False  # within a second voice of the bar
    for token in abc_reader.TOKEN.finditer(line):
        kind = token.lastgroup or ""
        if kind in ("bar", "ending"):
            bar = re.match(r"[^\d,.-]+\d?", token[kind].replace(" ", ""))
            found, hidden = found + (bar[0] if bar else "|"), False
        elif kind == "overlay":
            hidden = True
        elif not hidden:
            found += _token(kind, token)
    return re.sub(r" +", " ", re.sub(r" ?(:?\|[:|\]]?\d?|::|\[\d) ?", r"\1", found)).strip()


def _token(kind: str, token: re.Match[str]) -> str:
    """Anything but bar lines."""
    if kind == "note":
        return _note(token)
    if kind == "chord":
        members = [_note(note) for note in abc_reader.NOTE.finditer(token["inside"])]
        return f"[{''.join(members)}]{_length(token['chord_length'])}" if members else ""
    if kind == "rest":
        return ("Z" if token["rest"][0] in "ZX" else "z") + _length(token["rest_length"])
    if kind == "quoted":
        symbol = token["quoted"].strip('"').strip()
        return f'"{symbol}"' if _SYMBOL.fullmatch(symbol) else ""
    if kind == "field":
        return ""
    if kind == "tuplet":
        return token["tuplet"].rstrip(":")
    if kind in ("broken", "tie"):
        return token[kind]
    return " " if token[0] == " " else ""


def _note(note: re.Match[str]) -> str:
    return (note["accidental"] or "") + note["letter"] + note["octave"] + _length(note["length"])


def _length(text: str) -> str:
    length = fraction(text)
    over = "" if length.numerator == 1 else str(length.numerator)
    return over if length.denominator == 1 else f"{over}/{length.denominator}"
