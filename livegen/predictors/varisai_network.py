"""The varisai network, a small LSTM, and new varisais from it: its encoding and its model file.

**Encoding.** A varisai of four avartanas of adi tala is 44 tokens of ``ALPHABET``. The input of a step is the token
before (``||`` before the first) and, unless the network is the plain one of the reproduction, the token's place in the
avartana (0 to 10) and the avartana (0 to 3); all three one-hot, in that order. Out come 11 logits for the token.

**File** (``carnatic.sargam``): a NumPy archive of the arrays of ``Network`` (float32) and of ``about``, JSON text.
"""

import io
import json
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import EncodingError, FileError, ModelError
from livegen.events import NoteOff, NoteOn
from livegen.music.raga import Raga
from livegen.music.sargam import Svara, Varisai, parse, read
from livegen.predictors import sampling
from livegen.predictors.array_file import unpacked

Array = npt.NDArray[np.float32]
State = tuple[Array, Array]  # h and c

ALPHABET = "s r g m p d n S , | ||".split()
SVARAS = 8  # the first tokens of the alphabet
HOLD, BAR, END = 8, 9, 10
AVARTANA, AVARTANAS = 11, 4  # tokens; how many in a varisai
LENGTH = AVARTANA * AVARTANAS
PLACED = len(ALPHABET) + AVARTANA + AVARTANAS  # inputs of a network that knows the place in the tala
ENCODING = {"version": 1, "alphabet": ALPHABET, "tala": "adi", "avartanas": AVARTANAS}
ENDING = ".sargam"
_ARRAYS = ("given", "kept", "bias", "out", "out_bias")
_LARGEST, _UNPACKED = 2**20, 2**24  # bytes of a file, and of its arrays
_LEGATO = 0.95  # of its last akshara that a note sounds
_TRIES = 50  # until a varisai is new
_SOUNDS = [Svara(degree) for degree in range(7)] + [Svara(0, 1)]  # the svaras of the first tokens
_SVARA_PLACES = [place % AVARTANA not in (4, 7, AVARTANA - 1) for place in range(LENGTH)]  # elsewhere are bar lines


@cache
def lessons() -> dict[str, Varisai]:
    """The fourteen Sarali Varisais, by number; the first is half as long as the others."""
    return read(resources.files("livegen.music").joinpath("varisais.txt").read_text("utf-8"))


@cache
def training_tokens() -> npt.NDArray[np.int64]:
    """Those of four avartanas as indices into ``ALPHABET``, [13, 44]."""
    rows = [lesson.tokens() for lesson in lessons().values()]
    return np.array([[ALPHABET.index(token) for token in row] for row in rows if len(row) == LENGTH])


def is_rotation(tokens: npt.NDArray[np.int64]) -> bool:
    """Whether the tokens are one of the training varisais, begun anywhere."""
    known: list[list[int]] = training_tokens().tolist()
    return any(list(map(int, np.roll(tokens, -start))) in known for start in range(LENGTH))


class Network(NamedTuple):
    """An LSTM and a layer on it: weights from the inputs [256, n] and the state [256, 64] to the gates (input, forget,
    cell, output), their bias; weights [11, 64] and bias to the logits."""

    given: Array
    kept: Array
    bias: Array
    out: Array
    out_bias: Array

    @property
    def placed(self) -> bool:
        """Whether the place in the tala is an input."""
        return len(self.given[0]) == PLACED

    def silence(self) -> State:
        """The state before the first token."""
        return np.zeros(self.kept.shape[1], np.float32), np.zeros(self.kept.shape[1], np.float32)

    def input(self, before: int, place: int) -> Array:
        """The input of a step: the token before, and the place (0 to 43) of the token to predict."""
        given = np.zeros(self.given.shape[1], np.float32)
        given[before] = 1.0
        if self.placed:
            avartana, within = divmod(place, AVARTANA)
            given[[len(ALPHABET) + within, len(ALPHABET) + AVARTANA + avartana]] = 1.0
        return given

    def step(self, given: Array, state: State) -> tuple[Array, State]:
        """11 logits, and the state after."""
        h, c = state
        gates = self.given @ given + self.kept @ h + self.bias
        opened, forgotten, cell, told = gates.reshape(4, -1)
        c = _sigmoid(forgotten) * c + _sigmoid(opened) * np.tanh(cell)
        h = _sigmoid(told) * np.tanh(c)
        return self.out @ h + self.out_bias, (h, c)


def _sigmoid(x: Array) -> Array:
    return np.asarray((np.tanh(x / 2) + 1) / 2, np.float32)


@dataclass(frozen=True)
class Request:
    """The temperature to draw with, and the raga whose svaras and moves the line keeps to."""

    temperature: float = 1.0
    raga: Raga | None = None


def draw(network: Network, random: np.random.Generator, request: Request) -> npt.NDArray[np.int64]:
    """One varisai's 44 tokens, with the bar lines of adi tala in their places, and the middle Sa as the last svara."""
    drawn = np.zeros(LENGTH, np.int64)
    state, before = network.silence(), END
    last: Svara | None = None
    for place in range(LENGTH):
        logits, state = network.step(network.input(before, place), state)
        before = sampling.choose(logits + _mask(place, last, request.raga), random.random(), request.temperature)
        last = _SOUNDS[before] if before < SVARAS else last
        drawn[place] = before
    return drawn


def _mask(place: int, last: Svara | None, raga: Raga | None) -> Array:
    """A mask to add to logits: 0 for the tokens that may come at this place, -inf for all others."""
    mask = np.full(len(ALPHABET), -np.inf, np.float32)
    within = place % AVARTANA
    if within in (4, 7):
        mask[BAR] = 0.0
    elif within == AVARTANA - 1:
        mask[END] = 0.0
    elif place == LENGTH - 2:
        mask[0] = 0.0
    else:
        left = _SVARA_PLACES[place + 1 :].count(True)
        for token, svara in enumerate(_SOUNDS):
            if raga is None or (raga.allows(last, svara) and _to_sa(raga)[token] <= left):
                mask[token] = 0.0
        if place and (raga is None or last is None or _to_sa(raga)[_SOUNDS.index(last)] <= left):
            mask[HOLD] = 0.0
    return mask


@cache
def _to_sa(raga: Raga) -> tuple[float, ...]:
    """For each token, the number of svaras on the shortest way from it to the middle Sa in the raga."""
    found = [0.0] + [math.inf] * (SVARAS - 1)
    for _ in range(SVARAS):
        for token, svara in enumerate(_SOUNDS[1:], 1):
            found[token] = min(1 + found[to] for to, other in enumerate(_SOUNDS) if raga.allows(svara, other))
    return tuple(found)


def compose(network: Network, random: np.random.Generator, request: Request) -> Varisai:
    """A new varisai: it is drawn again while it is one that the network learnt.

    Raises ModelError if fifty draws give no new one.
    """
    for _ in range(_TRIES):
        tokens = draw(network, random, request)
        if not is_rotation(tokens):
            return varisai(tokens)
    raise ModelError(
        f"At temperature {request.temperature:g} this model writes only what it learnt; choose a higher temperature."
    )


def varisai(tokens: npt.NDArray[np.int64]) -> Varisai:
    """The varisai of these tokens. Raises SettingsError if they do not fit the tala."""
    return parse(" ".join(ALPHABET[token] for token in tokens))


def performance(piece: Varisai, raga: Raga, tonic: int, tempo: float) -> list[NoteOn | NoteOff]:
    """The varisai as notes, ``tempo`` aksharas a minute: sam is the loudest, the beginnings of the angas next.

    Raises SettingsError if a svara is outside the MIDI pitches.
    """
    akshara = 60.0 / tempo
    events: list[NoteOn | NoteOff] = []
    for onset, length, svara in piece.notes():
        pitch, within = raga.pitch(svara, tonic), onset % piece.tala.aksharas
        velocity = 100 if not within else 88 if piece.tala.bar_after(onset - 1) else 76
        sounding = (length - 1 + _LEGATO) * akshara
        events += [NoteOn(onset * akshara, pitch, velocity), NoteOff(onset * akshara + sounding, pitch)]
    return events


def save(path: Path, network: Network, about: dict[str, Any]) -> None:
    """Write a model file. Raises FileError if it cannot be written."""
    text = json.dumps(about | {"encoding": ENCODING}, ensure_ascii=False)
    content = io.BytesIO()
    np.savez(content, about=np.array(text), **network._asdict())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.getvalue())
    except OSError as error:
        raise FileError(f"{path} cannot be written ({error.strerror or error}); choose another place.") from None


def load(path: Path) -> tuple[Network, dict[str, Any]]:
    """The network in a model file, and the file's metadata.

    Raises ModelError if the file cannot be read or is not valid, EncodingError if it was written for another encoding.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ModelError(f"{path.name} is larger than 1 MiB, which no varisai network is; give another file.")
        arrays = unpacked(content, _UNPACKED)
        about = json.loads(str(arrays["about"]))
        network = Network(*(np.asarray(arrays[name], np.float32) for name in _ARRAYS))
    except OSError as error:
        raise ModelError(f"The model {path} cannot be read: {error.strerror or error}.") from None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise ModelError(f"{path.name} is not a varisai network; `livegen train carnatic` makes one.") from None
    if not isinstance(about, dict) or about.get("encoding") != ENCODING:
        raise EncodingError(f"{path.name} was made for another encoding; make it again with `livegen train carnatic`.")
    if not _fits(network):
        raise ModelError(f"{path.name} is damaged; make it again with `livegen train carnatic`.")
    return network, about


def _fits(network: Network) -> bool:
    units, tokens = network.out.shape[-1], len(ALPHABET)
    shapes = [(4 * units, network.given.shape[-1]), (4 * units, units), (4 * units,), (tokens, units), (tokens,)]
    sound = all(np.isfinite(array).all() for array in network)
    return [array.shape for array in network] == shapes and network.given.shape[1] in (tokens, PLACED) and sound
