"""Charts as people write them: other signs, words and separators, brought to those that ``text`` reads. Pure.

Nothing is guessed that would move a bar: what has no bars, as chords above words, is refused.
"""

import re

from livegen.errors import FileError, SettingsError
from livegen.music.chord_symbol import NO_CHORD, read

HOLDS = (".", "/", "-")
SAME, SAME_TWO = "%", "%%"
_SIGNS = str.maketrans(
    {"‖": "||", "𝄀": "|", "𝄁": "||", "𝄂": "||", "𝄆": "|:", "𝄇": ":|", "｜": "|", "¦": "|", "│": "|", "♮": "", ";": " "}
    | {"𝄋": " segno ", "𝄌": " coda ", "⊕": " coda ", "𝄎": " % ", "𝄏": " %% ", "\u00a0": " ", "\t": " "}
    | {"\ufeff": "", "…": "...", "’": "'"}
)
_RULE = re.compile(r"\s*(```.*|[-+|:=~_\s]*[-=~_]{3,}[-+|:=~_\s]*)")
_NUMBERED = re.compile(r"^\s*\d{1,3}\s*[.:)]?\s*(?=\|)")
_DIRECTIVE = re.compile(r"\s*\{\s*([\w-]+)\s*(?:[:\s]\s*(.*?))?\s*\}\s*")
_DIRECTIVES = {"t": "title", "st": "subtitle", "soc": "chorus", "sov": "verse", "sob": "bridge"}
_IN_BRACKETS = r"\[[A-G][^\]|\s]{0,10}\]"
_AMONG_WORDS = re.compile(rf"{_IN_BRACKETS}[A-Za-z']|[A-Za-z]\[[A-G]|(?:{_IN_BRACKETS}[^\[|]*){{2}}")
_ENDING = re.compile(
    r"(\|\s*)\[?\s*(\d(?:\s*[,-]\s*\d)*)(?:st|nd|rd|th)?\s*[.)\]]?(?=\s+[A-Ga-gNn%(])"
    r"|(\|\s*)\[\s*(\d(?:\s*[,-]\s*\d)*)\s*[.)]?\s*\]?"
)
_TIMES = re.compile(r"(:?\|+)\s*(?:\(\s*)?(?:[x×*]\s*(\d{1,2})|(\d{1,2})\s*(?:[x×]|times))\b(?:\s*\))?", re.IGNORECASE)
_ASIDE = re.compile(r"(?:(?<=\s)|^)\(([^()]*)\)(?=\s|$)")
_SPACED = re.compile(r"(?<![\w/])([A-G][#b♯♭]?) +(major|minor|maj|min|dim|aug|sus)(?=[\s\d|,)]|$)")
_COMMA = re.compile(r",(?![^()]*\))")
_NONE = ("tacet", "rest", "n/c", "n.c", "nc.")
_AGAIN = ("x", "sim", "sim.", "simile", "/.", "./.", "·/·")
_BASS = re.compile(r"/[A-Ga-g](?:##|bb|#|b)?")
_LOWER = re.compile(r"([a-g])(#|b|♯|♭)?(\d*)")
_JUMP = re.compile(
    r"(?:\bD\.\s?(?P<dot>[CS])\b\.?|\bD(?P<bare>[CS])(?=\s+al\b)|\bda (?P<da>capo)\b|\bdal (?P<dal>segno)\b)"
    r"(?:\s+(?:al|a la|to)\s+(?P<to>fine|coda|segno|(?:the )?(?:last|2nd|second) ending|end)\b)?"
    r"|\b(?P<fine>fine)\b\.?|\b(?P<coda>(?:to )?coda)\b|\b(?P<segno>segno)\b",
    re.IGNORECASE,
)  # fmt: skip
_SECTIONS = (
    r"intro|verse|refrain|chorus|pre-?chorus|post-?chorus|bridge|middle(?: ?(?:8|eight))?|solos?|interlude|instrumental"
    r"|outro|ending|tag|vamp|head|theme|turnaround|break|coda|part|section"
)
_HEADLINE = re.compile(rf"\s*(?:##+\s*(.{{1,20}})|#\s*((?:{_SECTIONS})\b.{{0,12}}))", re.IGNORECASE)
_SECTION_NAME = re.compile(rf"(?:{_SECTIONS})\b[\w '#-]{{0,12}}", re.IGNORECASE)


def tidy(line: str) -> str:
    """A line in the signs that are read; one that says nothing of the music is empty. Raises FileError.

    >>> tidy("‖: C | F :‖ (x3)")
    '||: C | F :|| x3'
    """
    line = line.translate(_SIGNS)
    if _RULE.fullmatch(line):
        return ""
    if directive := _DIRECTIVE.fullmatch(line):
        return _directive(directive[1].lower(), directive[2] or "")
    if "|" not in line and _AMONG_WORDS.search(line):
        raise FileError("chords among words have no bars; write bars as | G | C |.")
    if headline := _HEADLINE.fullmatch(line):
        return f"[{(headline[1] or headline[2]).strip()}]"
    line = re.sub(r"(^|\s)#\s.*$", "", line)
    line = re.sub(r"\bno chord\b", NO_CHORD, line, flags=re.IGNORECASE)
    line = _SPACED.sub(r"\1\2", line)
    line = _NUMBERED.sub("", line.replace("[:", "|:").replace(":]", ":|"))
    line = _TIMES.sub(lambda found: f"{found[1]} x{found[2] or found[3]}", line)
    return _ENDING.sub(lambda found: f"{found[1] or found[3]}{found[2] or found[4]}. ", line)


def _directive(name: str, value: str) -> str:
    """A line of ChordPro's in braces."""
    name = _DIRECTIVES.get(name, name)
    if name in ("chorus", "verse", "bridge") or name.startswith("start_of_"):
        section = value or name.removeprefix("start_of_")
        return "" if section in ("grid", "tab") else f"[{section[:20].title()}]"
    return f"{name}: {value}" if name in ("title", "key", "time", "tempo") else ""


_LOWER_CELL = re.compile(r"(?<![\w#♭♯/.'(,-])[a-g][#b♯♭]?\d*(?![\w#♭♯'(.-])")
_LOWER_NAMED = re.compile(r"(?<![\w#/])[a-g][#b♯♭]?(?:m|-|maj|dim|sus)")


def with_minors(lines: list[str]) -> list[str]:
    """The lines, a root in lower case alone as a minor chord where others are upper case and none of the lower ones
    says what it is: in ``| a | d | E7 |`` the first two are minor."""
    bars = " ".join(line for line in lines if "|" in line)
    if not _LOWER_CELL.search(bars) or _LOWER_NAMED.search(bars) or not re.search(r"(?<![\w/])[A-G](?![a-z]{3})", bars):
        return lines
    return [_LOWER_CELL.sub(_minor, line) if "|" in line else line for line in lines]


def _minor(found: re.Match[str]) -> str:
    parts = _LOWER.fullmatch(found[0])
    return found[0] if parts is None else f"{parts[1].upper()}{parts[2] or ''}m{parts[3]}"


def cells_of(bar: str) -> list[str]:
    """The cells of a bar: chords, holds, ``%``. Alternatives in brackets, or after "or", go. Raises FileError.

    >>> cells_of("Dm7 (Db7), G7..."), cells_of("(Dm7 G7)"), cells_of("Dm7-G7")
    (['Dm7', 'G7', '.', '.', '.'], ['Dm7', 'G7'], ['Dm7', 'G7'])
    """
    beside = _ASIDE.sub(" ", bar)
    if counted := re.search(r"\(\s*((?:x\s*)?\d+\s*(?:x|bars?|times|measures?)?)\s*\)", bar, re.IGNORECASE):
        raise FileError(f"livegen cannot tell which bars {counted[1]!r} means; write them out, or as |: C :| x4.")
    plain = beside if beside.strip() else _ASIDE.sub(r" \1 ", bar)
    found: list[str] = []
    others = False
    for cell in _COMMA.sub(" ", plain).split():
        if cell.lower() == "or" and found:
            others = True
        elif others:
            others = False
        else:
            found += _parted(cell)
    if len(found) > 2 and len(found) % 2 and set(found[1::2]) == {"-"} and not set(found[::2]) & set(HOLDS):
        return found[::2]  # a dash between chords parts them
    return [SAME] if len(found) == 1 and found[0].lower() in _AGAIN else found


def _parted(cell: str) -> list[str]:
    """A cell, or the chords and holds that are written together in it."""
    if "//" in cell or re.fullmatch(r"\.{2,}", cell):
        found = re.findall(r"[/.]|[^/]+", cell)
        return found if all(each in HOLDS or is_chord(each) for each in found) else [cell]
    if cell in HOLDS or cell in (SAME, SAME_TWO) or cell.lower() in _AGAIN or is_bass(cell) or is_chord(cell):
        return [cell]
    if cell.lower() in _NONE:
        return [NO_CHORD]
    if cell in ("^", ">", "!", "*", "–", "—", "->", "→"):
        return ["-"] if cell in ("–", "—", "->", "→") else []
    bare = cell.strip("<>!\"'*_")
    if bare != cell:
        return _parted(bare) if bare else []
    if (held := re.fullmatch(r"(.+?)(\.+|/+)", cell)) and is_chord(held[1]):
        return [held[1], *held[2]]
    for sign in "-–—_→":
        parts = [part for part in cell.split(sign) if part]
        if len(parts) > 1 and all(map(is_chord, parts)):
            return parts
    return [cell]


def is_bass(cell: str) -> bool:
    """Whether a cell is a bass alone, "/B", under the chord before."""
    return _BASS.fullmatch(cell) is not None


def is_chord(cell: str) -> bool:
    """Whether a cell is a chord, or says that there is none."""
    try:
        read(cell)
    except SettingsError:
        return False
    return True


def is_words(line: str, before: bool) -> bool:
    """Whether a line without bars is words: a title, or what is sung. ``before`` the first bar one is
    enough, for "F Blues"."""
    cells = [cell.strip(",.;:()") for cell in line.split()]
    other = [cell for cell in cells if cell.strip("./-") and (cell in "Nn" or not is_chord(cell))]
    if before:
        return any(len(cell) > 2 and cell.isalpha() for cell in other) or 2 * len(other) >= len(cells) > 0
    return 2 * len(other) > len(cells) and not any(re.search(r"[\d#♭♯]", cell) for cell in other)


def section_name(line: str, lettered: bool) -> str | None:
    """The name of a section if a line says nothing else; ``lettered``: a letter alone is one."""
    plain = line.strip().strip("[]()<>:*_=- ")
    if _SECTION_NAME.fullmatch(plain):
        return plain[:20]
    bracketed = line.strip()[:1] in ("(", "<")
    if (lettered or bracketed) and re.fullmatch(r"[A-H](?:'{1,2}|[1-4])?", plain):
        return plain
    return None


def jumps_of(bar: str) -> tuple[str, list[re.Match[str]]]:
    """A bar without the words that say where the music goes on, and those words."""
    found = list(_JUMP.finditer(bar))
    return (_JUMP.sub(" ", bar) if found else bar), found


def barless(line: str, beats: int) -> list[str]:
    """The bars of a line in a chart that has no bar lines: each chord, those in brackets, or those beats that are
    marked. Raises FileError where bars cannot be told.

    >>> barless("Dm7 - G7, Cmaj7 (Am7 D7)", 4), barless("C / / / F / G /", 4)
    (['Dm7', 'G7', 'Cmaj7', 'Am7 D7'], ['C / / /', 'F / G /'])
    """
    tokens = re.findall(r"(?<!\S)\([^()]*\)(?!\S)|\S+", _COMMA.sub(" ", line))
    tokens = [each for each in tokens if each not in ("-", "–", "—", "->", "→")]
    if len(tokens) > 2 and len(tokens) % 2 and set(tokens[1::2]) == {"/"}:
        tokens = tokens[::2]
    tokens = [
        part
        for each in tokens
        for part in ([each] if each.startswith("(") else _parted(each) if set(each) & set("./") else [each])
    ]
    if any(each in HOLDS for each in tokens):
        if len(tokens) % beats:
            raise FileError("its bars cannot be told; write them as | Dm7 | G7 | Cmaj7 |.")
        return [" ".join(tokens[at : at + beats]) for at in range(0, len(tokens), beats)]
    return [each.strip("()") if each.startswith("(") else each for each in tokens]
