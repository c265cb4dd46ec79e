"""The bar lines of a plain ABC tune, one way to write each, and every repeat with its beginning."""

import re

_LINE = re.compile(r"(:*\|[:|\]]*\d?|::+\d?)")
_FIELDS = re.compile(r"\n(?:[A-Z]:[^\n]*\n)*")


def repeats(music: str) -> str:
    """The music with bar lines as ``|``, ``||``, ``|]``, ``|:``, ``:|``, ``::``, ``|1`` and ``:|2``, and with ``|:``
    where a repeat begins.

    >>> repeats("A|B|1c:|[2d||e|f:|")
    '|:A|B|1c:|2d||\\n|:e|f:|'
    """
    music = re.sub(r"\s*\|\s*(?:\||\[)(?=\d)", "|", re.sub(r"\[(?=\d)", "|", music))
    music = re.sub(r"[|:\]]*[|:][|:\] ]*(?:\|\d)?", lambda found: found[0].replace(" ", ""), music)
    pieces = _LINE.split(music)
    found: list[str] = []
    start, opened, again = 0, False, False  # where the section begins; with |:; whether its repeat is closed
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            found.append(piece)
            continue
        line = _line(piece)
        if line.startswith(":") and not opened and not again:
            _open(found, start)
        if line[-1:] in "12" and line != "|1":
            again = True
        if line in (":|", "::", "||", "|]", "|:"):
            start, opened, again = len(found) + 1, line in ("::", "|:"), False
        found.append(line)
    return "".join(found)


def _line(text: str) -> str:
    """A bar line as it should be written."""
    number = re.search(r"\d", text)
    closes, opens = text.startswith(":"), re.sub(r"\d", "", text).endswith(":")
    if number:
        return (":|" if closes or number[0] == "2" else "|") + number[0]
    if closes and opens:
        return "::"
    if closes or opens:
        return ":|" if closes else "|:"
    return "|]" if "]" in text else "||" if "||" in text else "|"


def _open(found: list[str], start: int) -> None:
    """Write ``|:`` where the section begins."""
    if start >= len(found):
        return
    piece = found[start]
    fields = _FIELDS.match(piece)
    at = fields.end() if fields else 0
    if fields or not start:
        found[start] = piece[:at] + "|:" + piece[at:]
    elif found[start - 1] == ":|":
        found[start - 1] = "::"
    else:
        found[start] = "\n|:" + piece
