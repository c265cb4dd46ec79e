"""The katapayadi rule, by which the first two syllables of a melakarta's name are its number (Venkatamakhin's school).

Each consonant is a digit: of ka, ta (retroflex) and pa the rows count 1, 2, 3 ..., ya to ha 1 to 8; the digits are read
from the right. Latin letters say less than the script does: t may be 1, 2, 6 or 7. So a name may decode to several.
"""

import re

_DIGITS = {
    **{"k": "1", "kh": "2", "g": "3", "gh": "4", "ch": "67", "j": "8", "jh": "9"},
    **{"t": "1267", "th": "27", "d": "3489", "dh": "49", "n": "05", "p": "1", "ph": "2", "b": "34", "bh": "4"},
    **{"m": "5", "y": "1", "r": "2", "l": "3", "v": "4", "s": "567", "sh": "56", "h": "8"},
}
_SYLLABLE = re.compile(r"([^aeiou]*)[aeiou]+")
_CONSONANT = re.compile(r"(?:ch|jh|[kgtdpbs]h|[a-z])")


def numbers(name: str) -> frozenset[int]:
    """The numbers from 1 to 72 that the name may stand for; empty if its first two syllables do not decode.

    Of consonants in a row any may count, for the tradition has both Di-vya (48) and Dhar-ma (59).

    >>> sorted(numbers("Kanakangi"))
    [1, 51]
    """
    syllables = _SYLLABLE.findall(name.lower())[:2]
    if len(syllables) < 2:
        return frozenset()
    ones, tens = (
        {int(digit) for consonant in _CONSONANT.findall(each) for digit in _DIGITS.get(consonant, "")}
        for each in syllables
    )
    return frozenset(10 * ten + one for ten in tens for one in ones if 1 <= 10 * ten + one <= 72)
