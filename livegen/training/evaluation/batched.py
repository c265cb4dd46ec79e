"""A network's predictions of many tunes at once, with numpy: the same figures as note by note, in a tenth of the time.

The file's weights are read and its two graphs computed for a group of tunes side by side, sorted by length; the
memory's rows are those of ``batch_memory``. Sums are rounded in another order than ONNX Runtime has it: logits differ
by about 1e-5, bits a note by less than 1e-6.
"""

import base64
import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

from livegen.predictors.encoding import INTERVAL, PITCHES
from livegen.predictors.memory import BY_GAP, COMMON, DISTANCES, OFFERS, SIZE
from livegen.predictors.network import GAP_ROWS, PITCH_ROWS, TAIL, NetworkPredictor
from livegen.training.network.batch_memory import Recalled, recall
from livegen.training.network.dataset import MASKED, PITCH, Excerpt
from livegen.training.ngrams.tables import Ints

T = TypeVar("T")
Singles = npt.NDArray[np.float32]
GROUP = 128  # tunes side by side
_RECALLED = 32  # tunes whose memories are looked up side by side: more are of too different lengths
_STRETCH = 16  # notes of each tune whose input and output layers are computed at once
_SIDE = PITCHES - 1 - INTERVAL  # intervals on each side that have no class of their own


class Layer(NamedTuple):
    """An LSTM layer: weights [inputs, 4 units] and [units, 4 units], biases [4 units]; input, output, forget, cell."""

    inputs: Singles
    hidden: Singles
    bias: Singles


class Weights(NamedTuple):
    """The weights of a model file's two graphs, transposed for products from the left."""

    table: Singles
    offsets: Ints
    layers: list[Layer]
    heads: tuple[Singles, Singles]
    gap_offers: Singles
    after: Singles
    tail_heads: tuple[Singles, Singles]
    pitch_offers: Singles


def fits(excerpt: Excerpt) -> bool:
    """Whether every note is asked for and all of them stay in the memory."""
    return len(excerpt) <= SIZE and not (excerpt.gaps[1:] == MASKED).any() and not (excerpt.pitches[1:] == MASKED).any()


def recalled(excerpts: Sequence[Excerpt]) -> list[Recalled]:
    """The memory's rows of each tune, which are the same in every key and with the bar told or not."""
    return _in_groups(excerpts, _RECALLED, lambda group: _recalled([excerpts[index] for index in group]))


def worked_out(
    predictor: NetworkPredictor,
    excerpts: Sequence[Excerpt],
    rows: Sequence[Recalled] | None,
    memory: float,
    judge: Callable[[Excerpt, Singles, Singles], T],
) -> list[T]:
    """The result of ``judge`` for each tune and the logits of all its notes but the first: of their gaps [n - 1, gaps],
    and of their pitches [n - 1, 128] after those gaps. ``rows`` are the memory's, None for none; ``memory`` is the
    trust in them."""
    known = weights(predictor.path, predictor.digest)
    assert known is not None

    def of_group(group: Sequence[int]) -> list[T]:
        chosen = [excerpts[index] for index in group]
        told = None if rows is None else [rows[index] for index in group]
        found = _Group(known, chosen, told, memory).logits()
        return [judge(excerpt, *each) for excerpt, each in zip(chosen, found, strict=True)]

    return _in_groups(excerpts, GROUP, of_group)


def _in_groups(excerpts: Sequence[Excerpt], size: int, of_group: Callable[[Sequence[int]], Sequence[T]]) -> list[T]:
    """Work on groups of tunes of about the same length, the longest first, on all cores; the results in order."""
    order = sorted(range(len(excerpts)), key=lambda index: -len(excerpts[index]))
    groups = [order[start : start + size] for start in range(0, len(order), size)]
    found: dict[int, T] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for group, each in zip(groups, pool.map(of_group, groups), strict=True):
            found |= dict(zip(group, each, strict=True))
    return [found[index] for index in range(len(excerpts))]


def _padded(excerpts: Sequence[Excerpt], field: str) -> Ints:
    """One field of tunes, the longest first, side by side [b, n, ...]; 0 beyond the end."""
    first = getattr(excerpts[0], field)
    whole = np.zeros((len(excerpts), *first.shape), dtype=np.int64)
    for row, excerpt in zip(whole, excerpts, strict=True):
        row[: len(excerpt)] = getattr(excerpt, field)
    return whole


def _recalled(excerpts: Sequence[Excerpt]) -> list[Recalled]:
    whole = recall(_padded(excerpts, "steps"), _padded(excerpts, "gaps"))
    sizes = [len(each) for each in excerpts]
    return [Recalled(whole.common[at, :size].copy(), whole.given[at, :size].copy()) for at, size in enumerate(sizes)]


@lru_cache(maxsize=4)
def weights(path: Path, digest: str) -> Weights | None:
    """The weights of a model file of that SHA-256; None if its graphs are not those that livegen exports."""
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        return None  # another file has come in its place
    try:
        return _read(path)
    except (KeyError, ValueError):
        return None


def _read(path: Path) -> Weights:
    model = onnx.load(str(path))
    (tail,) = (each.value for each in model.metadata_props if each.key == TAIL)
    step = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    after = onnx.load_from_string(base64.b64decode(tail)).graph.initializer
    ends = {each.name: numpy_helper.to_array(each) for each in after}
    layers: list[Layer] = []
    for layer in count():
        if f"lstm.weight_ih_l{layer}" not in step:
            break
        inputs, hidden = (np.ascontiguousarray(step[f"lstm.weight_{kind}_l{layer}"][0].T) for kind in ("ih", "hh"))
        layers.append(Layer(inputs, hidden, step[f"lstm.bias_l{layer}"][0].reshape(2, -1).sum(axis=0)))
    return Weights(
        *(step["table"], step["offsets"], layers, (step["heads.weight"].T, step["heads.bias"])),
        *(step["trust_gap.offers"], ends["after"], (ends["heads.weight"].T, ends["heads.bias"])),
        ends["trust_pitch.offers"],
    )


class _Group:
    """Tunes side by side, the longest first."""

    def __init__(
        self, weights: Weights, excerpts: Sequence[Excerpt], rows: Sequence[Recalled] | None, memory: float
    ) -> None:
        self._weights, self._memory = weights, memory
        self._sizes = np.array([len(each) for each in excerpts])
        self._steps, self._gaps = _padded(excerpts, "steps"), _padded(excerpts, "gaps")
        shape = self._gaps.shape
        self._common = np.zeros((*shape, len(COMMON), 3), dtype=np.int64)
        self._given = np.zeros((*shape, BY_GAP, 3), dtype=np.int64)
        for at, each in enumerate(rows or ()):
            self._common[at, : len(each.common)], self._given[at, : len(each.given)] = each

    def logits(self) -> list[tuple[Singles, Singles]]:
        """Of each tune, the logits of gaps and pitches."""
        size, longest = self._gaps.shape
        units = [len(layer.hidden) for layer in self._weights.layers]
        states = [(np.zeros((size, each), np.float32), np.zeros((size, each), np.float32)) for each in units]
        found: list[list[tuple[Singles, Singles]]] = [[] for _ in range(size)]
        for start in range(0, longest, _STRETCH):
            there = int((self._sizes > start).sum())
            stretch = slice(start, min(start + _STRETCH, longest))
            heard = self._embedded(there, stretch)
            for layer, state in zip(self._weights.layers, states, strict=True):
                heard = _lstm(layer, heard, state)
            gaps, squeezed = self._gap_logits(heard, there, stretch)
            pitches = self._pitch_logits(squeezed, there, stretch)
            for at in range(there):
                found[at].append((gaps[at], pitches[at]))
        return [self._whole(parts, size) for parts, size in zip(found, self._sizes.tolist(), strict=True)]

    @staticmethod
    def _whole(parts: list[tuple[Singles, Singles]], size: int) -> tuple[Singles, Singles]:
        """The stretches of a tune of so many notes as one, without the first note."""
        return np.concatenate([gaps for gaps, _ in parts])[1:size], np.concatenate([each for _, each in parts])[1:size]

    def _embedded(self, there: int, stretch: slice) -> Singles:
        common = self._common[:there, stretch]
        told = common[..., 0:9:2, 0], common[..., 0:8:2, 1], common[..., 0:8:2, 2]
        fields = np.concatenate((self._steps[:there, stretch], *told), axis=-1) + self._weights.offsets
        table = self._weights.table
        embedded = table[fields[..., 0]]
        for field in range(1, fields.shape[-1]):
            embedded += table[fields[..., field]]
        return embedded

    def _gap_logits(self, heard: Singles, there: int, stretch: slice) -> tuple[Singles, Singles]:
        """The logits of the gap, and what the second graph is given."""
        weights = self._weights
        heads = heard @ weights.heads[0] + weights.heads[1]
        width, gaps = weights.after.shape[1], len(weights.after)
        squeezed, found, asked = np.split(heads, [width, width + gaps], axis=-1)
        rows = self._common[:there, stretch, :GAP_ROWS]
        trusted = self._trusted(rows, weights.gap_offers, asked)
        return _raised(found, np.maximum(rows[..., 0] - 1, 0), trusted), squeezed

    def _pitch_logits(self, squeezed: Singles, there: int, stretch: slice) -> Singles:
        weights = self._weights
        hidden = np.maximum(squeezed + weights.after[self._gaps[:there, stretch]], 0)
        heads = hidden @ weights.tail_heads[0] + weights.tail_heads[1]
        intervals = 2 * INTERVAL + 1
        asks = PITCH_ROWS * weights.pitch_offers.shape[1]
        found, moves, asked, _ = np.split(heads, np.cumsum([PITCHES, intervals, asks]), axis=-1)
        last = np.maximum(self._steps[:there, stretch, PITCH] - 1, 0)
        all_moves = np.zeros((*last.shape, 2 * _SIDE + intervals), dtype=np.float32)
        all_moves[..., _SIDE : _SIDE + intervals] = moves
        places = (PITCHES - 1 - last)[..., None] + np.arange(PITCHES)
        found = found + np.take_along_axis(all_moves, places, axis=-1)
        rows = np.concatenate((self._given[:there, stretch], self._common[:there, stretch, 4:8]), axis=-2)
        pitches = rows[..., 0] + (last - 1 - INTERVAL)[..., None]
        inside = (pitches >= 0) & (pitches < PITCHES)
        trusted = self._trusted(rows * inside[..., None], weights.pitch_offers, asked)
        return _raised(found, np.where(inside, pitches, 0), trusted)

    def _trusted(self, rows: Ints, offers: Singles, asked: Singles) -> Singles:
        """The trust in each row [..., rows, 3]; 0 in one that is empty."""
        many = rows.shape[-2]
        places = np.arange(many) * OFFERS + rows[..., 1] * DISTANCES + rows[..., 2]
        trust: Singles = (offers[places] * asked.reshape(*asked.shape[:-1], many, -1)).sum(axis=-1)
        return trust * np.float32(self._memory)


def _lstm(layer: Layer, inputs: Singles, state: tuple[Singles, Singles]) -> Singles:
    """The outputs [b, n, units] of a layer; ``state`` [more than b, units] is carried on."""
    there, length, _ = inputs.shape
    h, c = (each[:there] for each in state)
    units = h.shape[1]
    gates = inputs.reshape(there * length, -1) @ layer.inputs + layer.bias
    gates = gates.reshape(there, length, -1).transpose(1, 0, 2)
    out = np.empty((length, there, units), dtype=np.float32)
    for at in range(length):
        whole = h @ layer.hidden
        whole += gates[at]
        sigmoid = whole[:, : 3 * units]
        np.exp(np.negative(sigmoid, out=sigmoid), out=sigmoid)
        np.reciprocal(np.add(sigmoid, 1.0, out=sigmoid), out=sigmoid)
        c *= whole[:, 2 * units : 3 * units]
        c += whole[:, :units] * np.tanh(whole[:, 3 * units :])
        np.multiply(whole[:, units : 2 * units], np.tanh(c), out=out[at])
        h = out[at]
    state[0][:there] = h
    return out.transpose(1, 0, 2)


def _raised(found: Singles, places: Ints, by: Singles) -> Singles:
    """The logits [..., classes], raised at each of the places [..., k]."""
    flat = np.ascontiguousarray(found).reshape(-1, found.shape[-1])
    rows = np.arange(len(flat))
    for which in range(places.shape[-1]):
        flat[rows, places[..., which].ravel()] += by[..., which].ravel()
    return flat.reshape(found.shape)
