"""The heading of a chart: title, key, metre, tempo, style, and the order of its sections. Pure."""

import re
from dataclasses import dataclass, field

from livegen.charts.metre import COMMON, Metre, read_metre
from livegen.errors import FileError
from livegen.music.key import C_MAJOR, Key, read_key

_LINE = re.compile(r"\s*([A-Za-z][A-Za-z ]{0,15}?)\s*[:=]\s*(.*?)\s*")
_NAMES = {
    **{"title": "title", "song": "title", "name": "title", "key": "key", "metre": "metre", "meter": "metre"},
    **{"time": "metre", "time signature": "metre", "signature": "metre", "tempo": "tempo", "bpm": "tempo"},
    **{"style": "style", "feel": "style", "rhythm": "style", "groove": "style", "order": "order", "form": "order"},
    **dict.fromkeys(("structure", "arrangement"), "order"),
    **dict.fromkeys(("composer", "artist", "by", "author", "words", "lyrics", "music", "album", "year"), ""),
    **dict.fromkeys(("copyright", "subtitle", "arranger", "transcribed by", "source", "note", "notes"), ""),
}  # fmt: skip
_TEMPO = re.compile(r"(?:[♩q]\.?|\bbpm|\btempo)\s*[=:]?\s*(\d{2,3}(?:\.\d+)?)|\b(\d{2,3})\s*bpm\b", re.IGNORECASE)
_METRE = re.compile(r"(?<![\d/])(\d{1,2}/\d{1,2})(?![\d/])")
_KEY = re.compile(r"\bkey\s*(?:of|:|=)?\s*([A-G][#b♯♭]?\s*(?:major|minor|maj|min|m|-)?)(?![\w#])", re.IGNORECASE)
_STYLE = re.compile(r"\b(swing|bossa|ballad|waltz|rock|funk|latin|samba|blues|jazz|shuffle)\b", re.IGNORECASE)


@dataclass
class Heading:
    """The lines before the bars, as far as they were read. ``tempo`` counts beats a minute."""

    title: str = ""
    key: Key = C_MAJOR
    metre: Metre = COMMON
    tempo: float | None = None
    style: str = ""
    order: str = ""
    _said: set[str] = field(default_factory=set)

    def take(self, line: str) -> bool:
        """Take in a line such as "key: F"; False if it is none. Raises FileError or SettingsError."""
        found = _LINE.fullmatch(line)
        kind = _NAMES.get(found[1].lower()) if found else None
        if found is None or kind is None:
            return False
        value = found[2]
        self._said.add(kind)
        if kind == "key":
            self.key = read_key(value.replace("♭", "b").replace("♯", "#"))
        elif kind == "metre":
            self.metre = metre_of(value)
        elif kind == "tempo":
            self._tempo(value)
        elif kind:
            setattr(self, kind, value)
        return True

    def take_words(self, line: str) -> None:
        """Take in a line of words: the first is the title; of others what they tell of metre, tempo, key and style."""
        first = not self.title and "title" not in self._said
        told = _METRE.sub("", _TEMPO.sub("", _KEY.sub("", line))).strip(" ,;-")
        if found := _TEMPO.search(line):
            self._tempo(found[1] or found[2])
        if (metre := _METRE.search(line)) and read_metre(metre[1]) is not None:
            self.metre = metre_of(metre[1])
        if key := _KEY.search(line):
            self.key = read_key(key[1].replace("♭", "b").replace("♯", "#"))
        if first and told and not (told != line.strip() and _STYLE.fullmatch(told)):
            self.title = re.sub(r"\s*\([^)]*\)\s*$", "", told)[:80]
        elif not self.style and (style := _STYLE.search(line)):
            self.style = style[1].lower()

    def _tempo(self, value: str) -> None:
        found = re.search(r"\d+(\.\d+)?", value.rpartition("=")[2])
        if found is None or not 20 <= float(found[0]) <= 400:
            raise FileError(f"the tempo {value!r:.20} is not between 20 and 400 bpm.")
        self.tempo = float(found[0])

    def sections(self, there: set[str]) -> list[str]:
        """The names of the sections in their order: parted by commas, spaces, dashes, or not at all, as in AABA; one
        with ``x2`` comes twice. ``there``: the names in the chart. Raises FileError that names one that is not."""
        found: list[str] = []
        rest, names = self.order, sorted(there, key=len, reverse=True)
        while rest := rest.lstrip(" ,;|>→–-"):
            if times := re.match(r"\(?\s*[x×*]\s*(\d{1,2})\s*\)?", rest):
                found += found[-1:] * (int(times[1]) - 1)
                rest = rest[times.end() :]
                continue
            name = next((each for each in names if rest.lower().startswith(each.lower())), None)
            if name is None:
                wrong = re.split(r"[\s,]", rest)[0]
                raise FileError(f"the order names a section {wrong!r:.20} that is not there.")
            found.append(name)
            rest = rest[len(name) :]
        return found


def metre_of(text: str) -> Metre:
    """The metre of a text. Raises FileError if it is none."""
    metre = read_metre(text)
    if metre is None:
        raise FileError(f"there is no metre {text!r:.20}; write it as 4/4, 3/4 or 12/8.")
    return metre
