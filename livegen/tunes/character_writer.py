"""Tunes from a character model: drawn freely, or under the grammar of ABC."""

import re

import numpy as np

from livegen.predictors import sampling
from livegen.tunes import abc_grammar
from livegen.tunes.abc_grammar import END as ENDS
from livegen.tunes.abc_progress import AbcProgress, TuneRequest
from livegen.tunes.character_model import END, SIZE, CharacterModel, Logits, decode, encode

LONGEST = 4000  # characters of a tune that is drawn freely
_FIELD = re.compile(r"[RMLKT]:")


class CharacterWriter:
    """Writes one tune after another in the model's order: the fields R M L K T, then the music."""

    def __init__(self, model: CharacterModel, temperature: float = 1.0) -> None:
        self._model = model
        self._temperature = temperature

    def raw(self, random: np.random.Generator) -> str:
        """A tune drawn freely, until the model ends it or it is longer than any tune."""
        state, logits = self._model.step(self._model.start(), END)
        found: list[int] = []
        while len(found) < LONGEST:
            symbol = sampling.choose(logits, random.random(), self._temperature)
            if symbol == END:
                break
            found.append(symbol)
            state, logits = self._model.step(state, symbol)
        return decode(found)

    def write(self, asked: TuneRequest, random: np.random.Generator) -> str:
        """A well-formed tune that is as asked."""
        place = AbcProgress(asked)
        state, logits = self._model.step(self._model.start(), END)
        found = ""
        while True:
            may = abc_grammar.allowed(place)
            symbol = sampling.choose(logits + _mask(may), random.random(), self._temperature)
            character = decode([symbol]) or ENDS
            place = abc_grammar.then(place, character)
            if character == ENDS:
                return found
            found += character
            state, logits = self._model.step(state, symbol)


def _mask(characters: frozenset[str]) -> Logits:
    """A mask to add to logits: 0 for those characters, -inf for all others."""
    mask = np.full(SIZE, -np.inf, dtype=np.float32)
    mask[[*encode("".join(characters)), *([END] if ENDS in characters else [])]] = 0.0
    return mask


def arranged(text: str, number: int, more: dict[str, str] | None = None) -> str:
    """A tune of the model with its header in the order of the ABC standard (2.1, section 3): X first, T next, K last.

    ``number`` is that of X; ``more`` are further fields of the header.

    >>> arranged("M:2/4\\nL:1/8\\nK:D\\nT:Home\\nd2 A2|]\\n", 1)
    'X:1\\nT:Home\\nM:2/4\\nL:1/8\\nK:D\\nd2 A2|]\\n'
    """
    lines = text.split("\n")
    fields: dict[str, str] = {}
    while lines and _FIELD.match(lines[0]):
        letter, _, value = lines.pop(0).partition(":")
        fields.setdefault(letter, value)
    fields |= {"X": str(number), **(more or {})}
    header = [f"{letter}:{fields[letter]}" for letter in "XTRNMLQK" if letter in fields]
    return "\n".join(header + lines)
