"""The small notations inside ABC: lengths, keys, metres, ending numbers, the order of parts."""

import re
from fractions import Fraction

ACCIDENTALS = {"^^": 2, "^": 1, "=": 0, "_": -1, "__": -2}
_SHARPS = "FCGDAEB"
_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_MODES = {"maj": 0, "ion": 0, "mix": -1, "dor": -2, "min": -3, "aeo": -3, "m": -3, "phr": -4, "loc": -5, "lyd": 1}
_MAX_PARTS = 256
_KINDS = ("slip jig", "jig", "reel", "hornpipe", "polka", "waltz", "march", "strathspey", "air")
_CLEFS = "treble|alto|tenor|bass|mezzo|soprano|baritone|perc|none"
_CLEF = re.compile(rf"\b(?:clef=\s*)?(?:{_CLEFS}|[GCFgcf](?=\d))\d?(?:[-+^_]8)?")
_WORDS = "clef|middle|m|octave|transpose|stafflines|staffscale|score|sound|shift|instrument|style|cue|map|s?name|s?nm"
_SET = re.compile(rf'\b(?:{_WORDS})=\s*(?:"[^"]*"|[^\s"]+)')  # as in clef=F or middle=d
_SIGNS = {"flat": "b", "sharp": "#"}
_KEY = re.compile(r"([A-Ga-g])([#b]?)\s*([A-Za-z]*)")
_CALLED = {"slipjig": "slip jig", "double jig": "jig", "single jig": "jig", "slip": "slip jig"}


class AbcError(ValueError):
    """A tune that cannot be read; the reader of a whole file skips and counts it."""


def fraction(text: str) -> Fraction:
    """A length: ``3/2``, ``/`` (a half), ``//`` (a quarter), nothing (1). Raises AbcError for a length without sense.

    >>> fraction("3//")
    Fraction(3, 4)
    """
    found = re.match(r"(\d{0,4})\s*(/*)\s*(\d{0,4})", text.strip())
    if found is None:
        return Fraction(1)
    over, slashes, under = found.groups()
    below = int(under) * 2 ** (len(slashes) - 1) if under and slashes else 2 ** min(len(slashes), 8)
    if not below:
        raise AbcError("a length is divided by zero")
    return Fraction(int(over or 1), below)


def metre(text: str) -> str | None:
    """A metre field as ``over/under``, None when free or not understood.

    >>> metre("C|")
    '2/2'
    """
    text = text.strip()
    named = {"C": "4/4", "C|": "2/2"}.get(text.split(" ")[0] if text else "")
    if named:
        return named
    found = re.match(r"\(?([\d+]{1,9})\)?\s*/\s*(\d{1,2})", text)
    if found is None:
        return None
    over = sum(int(part) for part in found.group(1).split("+") if part)
    return f"{over}/{int(found.group(2))}" if over and int(found.group(2)) else None


def endings(numbers: str | None) -> frozenset[int]:
    """The passes an ending is for.

    >>> sorted(endings("1,3-4"))
    [1, 3, 4]
    """
    passes: set[int] = set()
    for part in re.split(r"[,.]", numbers or ""):
        low, _, high = part.partition("-")
        if low.isdigit():
            passes.update(range(int(low), min(int(high), 32) + 1) if high.isdigit() else [int(low)])
    return frozenset(passes)


def part_order(text: str) -> str:
    """The parts in the order of a header's ``P:`` field, at most 256.

    >>> part_order("(AB)2C")
    'ABABC'
    """
    group = re.compile(r"\(([A-Z]*)\)(\d{0,2})|([A-Z])(\d{1,2})")
    text = re.sub(r"[^A-Z()0-9]", "", text)
    while True:
        found = group.search(text)
        if found is None:
            return re.sub(r"[^A-Z]", "", text)[:_MAX_PARTS]
        repeated = (found[1] if found[3] is None else found[3]) * int(found[2] or found[4] or 1)
        text = (text[: found.start()] + repeated[:_MAX_PARTS] + text[found.end() :])[: 4 * _MAX_PARTS]


def kind_of(said: str, title: str, file: str = "") -> str:
    """The type of a tune, "" if unknown: from its ``R:`` field, otherwise its title, otherwise its file's name.

    >>> kind_of("", "The Sailor's Hornpipe")
    'hornpipe'
    """
    said = _CALLED.get(said.strip().lower(), said.strip().lower())
    if said in _KINDS:
        return said
    for kind in _KINDS:
        if any(re.search(rf"\b{kind}s?\b", place.lower()) for place in (said, title)):
            return kind
    if re.fullmatch(r"[a-z ]{3,16}", said):
        return said
    return next((kind for kind in ("slip jig", *_KINDS) if file.lower().startswith(kind.split(" ")[0])), "")


def _tonic(text: str) -> re.Match[str] | None:
    """Tonic, sign and mode of a ``K:`` field, if it names a key. A small letter does if nothing but a mode follows."""
    found = _KEY.match(text)
    if found is None or (found[1].islower() and (_SET.match(text) or found[3].lower()[:3] not in {*_MODES, "", "exp"})):
        return None
    return found


def _plain_key(text: str) -> str:
    """A ``K:`` field with # and b for the signs, without clefs and the like."""
    text = text.strip().translate({0x266D: "b", 0x266F: "#", 0x266E: "="})
    text = re.sub(r"^([A-Ga-g])[ -]?(flat|sharp)\b", lambda key: key[1] + _SIGNS[key[2]], text)
    return _CLEF.sub(" ", _SET.sub(" ", text)).strip()


def names_key(text: str) -> bool:
    """Whether a ``K:`` field within a tune names a key, not a clef alone.

    >>> names_key("clef=bass"), names_key("bass"), names_key("bb")
    (False, False, True)
    """
    return text.strip().lower().startswith(("hp", "none")) or _tonic(_plain_key(text)) is not None


def key_shift(text: str) -> int:
    """By how many semitones a ``K:`` field says that the notes sound higher than they are written.

    >>> key_shift("D treble-8"), key_shift("Gm transpose=-2")
    (-12, -2)
    """
    shift = 0
    for name, value in re.findall(r"\b(octave|transpose)=\s*([-+]?\d{1,2})", text):
        shift += int(value) * (12 if name == "octave" else 1)
    if found := re.search(rf"(?:{_CLEFS}|clef=\w+)\d?([-+])8", text):
        shift += 12 if found[1] == "+" else -12
    return shift


def key_signature(text: str) -> dict[str, int]:
    """The sharps (1) and flats (-1) of a ``K:`` field, by letter.

    >>> key_signature("E Dorian")
    {'F': 1, 'C': 1}
    """
    text = _plain_key(text)
    if text[:2] in ("HP", "Hp"):
        return {"F": 1, "C": 1}
    signature: dict[str, int] = {}
    if (found := _tonic(text)) is not None:
        tonic, sign, mode = found[1].upper(), found[2], found[3]
        shift = _MODES.get(mode.lower()[:3], _MODES["m"] if mode == "m" else 0)
        count = _FIFTHS[tonic] + {"#": 7, "b": -7, "": 0}[sign] + shift
        if mode.lower() != "exp":
            letters = _SHARPS[:count] if count > 0 else _SHARPS[::-1][: max(0, -count)]
            signature = dict.fromkeys(letters, 1 if count > 0 else -1)
    for accidental, letter in re.findall(r"(\^\^|\^|__|_|=)([A-Ga-g])(?![A-Za-z])", text):
        signature[letter.upper()] = ACCIDENTALS[accidental]
    return signature
