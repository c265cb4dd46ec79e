"""Splits the text of an ABC file into tunes, without the prose between them, and a tune into lines that count."""

import re
from collections.abc import Iterator
from pathlib import Path

from livegen.errors import FileError
from livegen.tunes.text_encoding import decode_text

MAX_BYTES = 1 << 20
_FIELD = re.compile(r"[ \t]*([A-Za-z]):")
_NUMBER = re.compile(r"(?m)^[ \t]*(?=X:)")
_FOR_ALL = "LMR"  # of the fields before the first tune, those that change how the tunes are read
_WORDS = "ABCDFGHNOSTWZsw"  # fields of words, which a backslash at their end continues on the next line
_BLOCK_ENDS = re.compile(r"(?m)^%%[ \t]*end([a-z]{1,20})\b")
_EMPTY = re.compile(r"\s*$")
_MUSIC = re.compile(r"[A-Ga-gz]")


def text_of(path: Path) -> str:
    """Read the text of an ABC file, in any of the usual encodings and line ends. Raises FileError if it is missing or
    larger than 1 MiB."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise FileError(f"{path} is larger than 1 MiB; split it into smaller ABC files.")
        data = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read ({error.strerror}); check the path.") from None
    return decode_text(data).replace("\r\n", "\n").replace("\r", "\n")


def split(text: str) -> list[str]:
    """The text of each tune of a file, from its ``X:`` to the empty line after its music; a tune without ``X:`` is one
    too. Fields before the first tune are put into each tune that has none of its own."""
    head, *numbered = _NUMBER.split(text)
    for_all: dict[str, str] = {}
    tunes: list[str] = []
    for block in _blocks(head):
        if _is_tune(block):
            tunes.append(block)
        elif not tunes:
            fields = (line for line in block.splitlines() if _letter(line) in _FOR_ALL)
            for_all |= {_letter(line): line.strip() for line in fields}
    for part in numbered:
        end = _end(part)
        tunes.append(part[:end])
        tunes += filter(_is_tune, _blocks(part[end:]))
    return [_headed(tune, for_all) for tune in tunes]


def _blocks(text: str) -> list[str]:
    """Split a text at its empty lines, remarks left out."""
    found = re.split(r"\n[ \t]*(?:\n|$)", re.sub(r"(?m)^%(?!%).*\n?", "", text))
    return [block.strip("\n") + "\n" for block in found if block.strip()]


def _is_tune(block: str) -> bool:
    """Whether it is a header that ends with a key, and notes."""
    rows = block.splitlines()
    key = next((index for index, row in enumerate(rows) if _letter(row) == "K"), None)
    if key is None or not all(_letter(row) or row.startswith("%") for row in rows[:key]):
        return False
    return any(not _letter(row) and _MUSIC.search(row) for row in rows[key + 1 :])


def _letter(line: str) -> str:
    """The letter of the field that a line is, "" if none."""
    found = _FIELD.match(line)
    return found.group(1) if found else ""


def _end(tune: str) -> int:
    """The place at which the empty line after the music begins."""
    return next((start for start, end in _rows(tune) if end is None), len(tune))


def _rows(tune: str) -> Iterator[tuple[int, int | None]]:
    """Beginning and end of each line that is looked at; (beginning, None) for the empty line after which it ends."""
    at = 0
    keyed = played = False
    until: re.Pattern[str] | None = None  # the line that ends a block
    ends = {found[1]: found.start() for found in _BLOCK_ENDS.finditer(tune)}  # where the last of each is
    for line in tune.splitlines(keepends=True):
        start, at = at, at + len(line)
        if until is not None:
            if not until.match(line):
                continue
            closed, until = until, None
            if closed is not _EMPTY:
                continue
        if found := re.match(r"%%[ \t]*begin([a-z]{1,20})\b", line):
            ended = ends.get(found[1], 0) >= at
            until = re.compile(rf"%%[ \t]*end{found[1]}\b") if ended else _EMPTY
        elif line.strip():
            keyed |= _letter(line) == "K"
            played |= keyed and not _letter(line) and not line.startswith("%")
            yield start, at
        elif played:
            yield start, None
            return


def _headed(tune: str, for_all: dict[str, str]) -> str:
    """The tune with the file's fields that it lacks."""
    header = re.split(r"(?m)^[ \t]*K:", tune)[0]
    own = {_letter(line) for line in header.splitlines()}
    more = "".join(f"{line}\n" for letter, line in for_all.items() if letter not in own)
    if not more:
        return tune
    first, _, rest = tune.partition("\n")
    return f"{first}\n{more}{rest}" if _letter(first) == "X" else more + tune


def lines(text: str) -> Iterator[str]:
    """The lines of a tune that say something, up to the empty line after its music: without remarks, blocks of text,
    PostScript and SVG, the continuation of words, and continuation marks."""
    in_words = keyed = False
    for start, end in _rows(text):
        if end is None:
            return
        line = re.sub(r"(?<!\\)%.*", "", text[start:end].rstrip("\r\n")).rstrip()
        music = line.removesuffix("\\")
        letter = _letter(line)
        if line.startswith("+:") or (in_words and not letter):
            in_words = in_words and line.endswith("\\")
            continue
        keyed |= letter == "K"
        in_words = letter in _WORDS and letter != "" and line.endswith("\\") and not _bar_follows(line)
        if music.strip():
            yield music.lstrip() if letter and not _bar_follows(line) else music


def _bar_follows(line: str) -> bool:
    """Whether what looks like a field is a note before a bar line: ``C:|``."""
    return line.lstrip()[2:3] in ("|", ":")
