"""Decodes text of an unknown encoding: UTF-8, UTF-16, Shift_JIS, GBK, Latin-1. Pure."""

import codecs
import unicodedata
from collections.abc import Iterable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_EXAMINED = 65_536  # bytes or letters from which the encoding is guessed


def decode_text(data: bytes) -> str:
    """The text; never an error: where nothing fits, every byte is a Latin-1 letter."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    if (wide := _wide(data)) is not None:
        return data.decode(wide, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    return _eastern(data) or data.decode("latin-1")


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: in text that is mostly Latin, every other byte is 0."""
    start = data[:_EXAMINED]
    if len(start) < 4 or start.count(0) * 4 < len(start):
        return None
    even, odd = start[::2].count(0), start[1::2].count(0)
    return "utf-16-be" if even > odd else "utf-16-le"


def _eastern(data: bytes) -> str | None:
    """The text in Shift_JIS or GBK if it looks like Japanese or Chinese; None if it looks like neither.

    Letters above 127 are alone among others in a Western text, and in pairs in an Eastern one.
    """
    best, found = 0.0, None
    for name, common in (("cp932", _is_japanese), ("gb18030", _is_chinese)):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        start = text[:_EXAMINED]
        foreign = [each for each in start if each > "\x7f"]
        share = sum(map(common, foreign)) / len(foreign) if foreign else 0.0
        if share > max(best, 0.6) and _in_words(start):
            best, found = share, text
    return found


def _is_japanese(letter: str) -> bool:
    """Kana, the punctuation around it, or a kanji of the first level, which all of daily life is written in."""
    if "\u3000" <= letter <= "\u30ff" or "\uff01" <= letter <= "\uff5e":
        return True
    return _first_byte(letter, "cp932", 0x88, 0x98)


def _is_chinese(letter: str) -> bool:
    """Punctuation, or a hanzi of the first level."""
    return "\u3000" <= letter <= "\u3020" or "\uff01" <= letter <= "\uff5e" or _first_byte(letter, "gb2312", 0xB0, 0xD7)


def _first_byte(letter: str, encoding: str, low: int, high: int) -> bool:
    if not "\u4e00" <= letter <= "\u9fff":
        return False
    coded = letter.encode(encoding, errors="ignore")
    return len(coded) == 2 and low <= coded[0] <= high


def _in_words(text: str) -> bool:
    """Whether most of the foreign letters have another next to them, and none is within a Latin word."""
    alone = beside = 0
    for before, letter, after in _threes(text):
        if letter > "\x7f":
            near = before > "\x7f" or after > "\x7f"
            alone += not near and (_is_latin(before) or _is_latin(after))
            beside += near
    return beside > alone


def _threes(text: str) -> Iterable[tuple[str, str, str]]:
    return zip(" " + text, text, text[1:] + " ", strict=False)


def _is_latin(letter: str) -> bool:
    return letter.isascii() and unicodedata.category(letter).startswith("L")
