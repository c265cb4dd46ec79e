"""Sargam, the notation of Carnatic music: svaras in avartanas of a tala.

A svara is a letter of ``s r g m p d n``. A capital is the octave (sthayi) above, an apostrophe after it one more; each
full stop after a letter is an octave lower (``n.``). ``,`` holds the svara before for another akshara. ``|`` ends a
part (anga) of the tala, ``||`` the avartana; blanks and new lines mean nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from livegen.errors import SettingsError

LETTERS = "srgmpdn"
OFF = "off"
LOWEST, HIGHEST = -2, 2  # sthayis, 0 the middle one
_TOKEN = re.compile(r"(?P<bar>\|\|?)|(?P<hold>,)|(?P<letter>[srgmpdnSRGMPDN])(?P<marks>[.']*)|(?P<other>\S)")


class Svara(NamedTuple):
    """A degree, 0 (Sa) to 6 (Ni), in a sthayi, -2 to 2."""

    degree: int
    sthayi: int = 0

    @property
    def height(self) -> int:
        """Steps of the scale above the middle Sa."""
        return 7 * self.sthayi + self.degree

    def __str__(self) -> str:
        letter = LETTERS[self.degree]
        if self.sthayi > 0:
            return letter.upper() + "'" * (self.sthayi - 1)
        return letter + "." * -self.sthayi


class Tala(NamedTuple):
    """A cycle of aksharas (beats of the exercise), in parts."""

    name: str
    angas: tuple[int, ...]

    @property
    def aksharas(self) -> int:
        """The number of aksharas in one avartana."""
        return sum(self.angas)

    def bar_after(self, akshara: int) -> str:
        """The bar line after an akshara, counted from 0 through the piece; "" if no line is there."""
        place = akshara % self.aksharas + 1
        if place == self.aksharas:
            return "||"
        return "|" if place in accumulate(self.angas) else ""


ADI = Tala("adi", (4, 2, 2))
TALAS = {tala.name: tala for tala in (ADI, Tala("rupaka", (2, 4)), Tala("misra chapu", (3, 2, 2)))}


def tala_named(text: str) -> str:
    """The setting ``tala`` in its normal form. Raises SettingsError if there is no tala of that name."""
    name = " ".join(re.split(r"[\s_-]+", text.strip().lower()))
    if name not in TALAS and name != OFF:
        raise SettingsError(f"There is no tala {text!r:.40}; choose {', '.join(TALAS)} or off.")
    return name


@dataclass(frozen=True)
class Varisai:
    """An exercise: the svara on each akshara (None: the svara before is held), in whole avartanas of its tala.

    Raises SettingsError if there is nothing, the last avartana is not full, or the first akshara holds.
    """

    sung: tuple[Svara | None, ...]
    tala: Tala = ADI

    def __post_init__(self) -> None:
        if not self.sung:
            raise SettingsError("There is no svara in this varisai; write at least one avartana.")
        if len(self.sung) % self.tala.aksharas:
            raise SettingsError(
                f"A varisai of {len(self.sung)} aksharas does not fill avartanas of {self.tala.aksharas} "
                f"({self.tala.name} tala); add or take away some."
            )
        if self.sung[0] is None:
            raise SettingsError("A varisai cannot begin with `,`, for there is nothing to hold; begin with a svara.")

    def tokens(self) -> list[str]:
        """Svaras, holds and bar lines in order."""
        found: list[str] = []
        for akshara, svara in enumerate(self.sung):
            found.append("," if svara is None else str(svara))
            bar = self.tala.bar_after(akshara)
            found += [bar] if bar else []
        return found

    def __str__(self) -> str:
        return " ".join(self.tokens())

    def notes(self) -> list[tuple[int, int, Svara]]:
        """(onset, length, svara) of each note, both in aksharas."""
        found: list[tuple[int, int, Svara]] = []
        for akshara, svara in enumerate(self.sung):
            if svara is not None:
                found.append((akshara, 1, svara))
            else:
                onset, length, held = found[-1]
                found[-1] = (onset, length + 1, held)
        return found


def parse(text: str, tala: Tala = ADI) -> Varisai:
    """A varisai from its notation.

    Raises SettingsError, which names the place (line and character, both from 1), for a sign that is not valid, a
    sthayi out of reach, a bar line that is missing or that the tala does not have, or an avartana that is not full.

    >>> parse("s r g m | p d | n S ||").notes()[-1]
    (7, 1, Svara(degree=0, sthayi=1))
    """
    sung: list[Svara | None] = []
    due = ""  # the bar line that has to come next
    for found in _TOKEN.finditer(text):
        sign = found.group()
        if found["other"]:
            raise _wrong(text, found.start(), sung, tala, f"`{sign}` is no sign of sargam; use s r g m p d n , | ||")
        if found["bar"]:
            if sign != due:
                told = f"{tala.name} tala has `{due}` here" if due else f"{tala.name} tala has no bar line here"
                raise _wrong(text, found.start(), sung, tala, f"{told}, not `{sign}`")
            due = ""
            continue
        if due:
            raise _wrong(text, found.start(), sung, tala, f"{tala.name} tala has `{due}` here, not `{sign}`")
        if found["hold"] and not sung:
            raise _wrong(text, found.start(), sung, tala, "`,` has nothing to hold; begin with a svara")
        sung.append(None if found["hold"] else _svara(found, text, sung, tala))
        due = tala.bar_after(len(sung) - 1)
    if due or not sung or len(sung) % tala.aksharas:
        wanted = f"`{due}`" if due else "a svara or `,`"
        raise _wrong(text, len(text.rstrip()), sung, tala, f"the notation ends where {wanted} is due")
    return Varisai(tuple(sung), tala)


def read(text: str, tala: Tala = ADI) -> dict[str, Varisai]:
    """Named varisais, one ``name: notation`` a line; ``#`` begins a comment.

    Raises SettingsError, which names the line and the character, for a line that is not valid.
    """
    return {name: parse(blanked, tala) for name, blanked in _named(text)}


def _named(text: str) -> Iterator[tuple[str, str]]:
    """Each name, with the text in which all but its notation is blanked, so that places are those in the whole text."""
    begin = 0
    for line in text.splitlines(keepends=True):
        content = line.split("#")[0]
        name, colon, notation = content.partition(":")
        if content.strip():
            if not colon:
                number = text.count("\n", 0, begin) + 1
                raise SettingsError(f"Line {number} is not `name: notation`; write a name and a colon before it.")
            yield name.strip(), re.sub(r"[^\n]", " ", text[:begin]) + " " * (len(name) + 1) + notation.rstrip()
        begin += len(line)


def _svara(found: re.Match[str], text: str, sung: list[Svara | None], tala: Tala) -> Svara:
    letter, marks = found["letter"], found["marks"]
    sthayi = letter.isupper() + marks.count("'") - marks.count(".")
    svara = Svara(LETTERS.index(letter.lower()), sthayi)
    if not LOWEST <= sthayi <= HIGHEST or str(svara) != found.group():
        raise _wrong(
            text, found.start(), sung, tala, f"`{found.group()}` is no svara; sthayis are written n.. n. n N N'"
        )
    return svara


def _wrong(text: str, at: int, sung: list[Svara | None], tala: Tala, what: str) -> SettingsError:
    line = text.count("\n", 0, at) + 1
    character = at - (text.rfind("\n", 0, at) + 1) + 1
    avartana, akshara = divmod(len(sung), tala.aksharas)
    place = f"line {line}, character {character} (avartana {avartana + 1}, akshara {akshara + 1})"
    return SettingsError(f"At {place}: {what}.")
