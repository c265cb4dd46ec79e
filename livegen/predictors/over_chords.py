"""Melodies over chords: a model's forecast of the next pitch, told the chord under it.

A log-linear model on top of any model of melodies, which knows no chords. Its forecast is trusted by a factor, and each
pitch gets a weight for each of four traits: its belonging to the chord, by the place in the bar; its degree above the
root, by the chord's family and on or off the beat; and twice the interval that leads to it, by whether it and the last
note belong to the chord: once on or off the beat, once by the gap before it. The factor and the first weight also
depend on how much of the forecast lies on the chord: a model that has lost the key foresees little there, and is
trusted less.

All was fitted to the melodies of lead sheets by maximum likelihood, on top of the forecasts of ``folk`` for the
melodies as they are, and for melodies some of whose notes had gone astray; then the first two weights were corrected
until the lines that livegen plays alone have as many notes of each kind as the melodies do
(livegen/training/changes/lines.py, ``livegen train over-chords``). Pure.
"""

from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.errors import ModelError
from livegen.listening.chord_tables import place_of
from livegen.music.chord_symbol import FAMILIES, Chord
from livegen.predictors.encoding import PITCHES
from livegen.predictors.sampling import Logits

SHIPPED = Path(__file__).resolve().parent / "over_chords.npz"
FORMER = SHIPPED.with_name("over_chords_former.npz")  # of journals without the setting ``strong_beats``
BETWEEN = 3  # the place of a note that is on no beat; those on beats have the places of ``chord_tables``
ON_BEAT = 0.12  # beats: a note this near to a beat is on it
_WIDEST = 12  # semitones: wider intervals count as this
_GAPS = (0.3, 0.6, 1.1)  # beats: the bounds of the classes of gaps
_INTERVALS = 2 * _WIDEST + 1
_MASSES = (0.03, 0.1, 0.2, 0.4, 0.6)  # the bounds of the classes of a forecast's share on the chord
MASSES = len(_MASSES) + 1
_SIZES = 4 * 2 * MASSES, 2 * 12 * len(FAMILIES), 2 * 4 * _INTERVALS, 4 * 2 * _INTERVALS
_STARTS = tuple(sum(_SIZES[:index]) for index in range(len(_SIZES)))
SIZE = sum(_SIZES)  # weights
_KEPT = 1024  # places of chords whose logits are kept

_PITCHES = np.arange(PITCHES)
_CLASSES = _PITCHES % 12
Rows = npt.NDArray[np.int64]


class Moment(NamedTuple):
    """A note to come: the chord under it, its place in the bar, the pitch before it (None: it follows nothing, or is
    of the same chord), and the class of the gap between."""

    chord: Chord
    place: int
    last: int | None = None
    gap: int = 0


def moment(chord: Chord, beat: float, beats_per_bar: int, last: int | None = None, gap: float = 0.0) -> Moment:
    """The moment of a note at a ``beat``, counted from a bar line, ``gap`` beats after the one before it."""
    nearest = round(beat)
    on = abs(beat - nearest) <= ON_BEAT
    return Moment(chord, place_of(nearest, beats_per_bar) if on else BETWEEN, last, sum(gap > bound for bound in _GAPS))


def inside(chord: Chord) -> npt.NDArray[np.bool_]:
    """For each pitch, whether it belongs to the chord."""
    found: npt.NDArray[np.bool_] = np.isin(_CLASSES, list(chord.classes))
    return found


def mass_class(forecast: npt.NDArray[np.floating], belongs: npt.NDArray[np.bool_]) -> int:
    """The class of a forecast's share on a chord; ``forecast`` are logits [128]."""
    likely = np.exp(forecast - forecast.max())
    return bisect_right(_MASSES, float(likely[belongs].sum() / likely.sum()))


def rows(at: Moment, mass: int = 0) -> Rows:
    """The weights that each pitch has then, as indices [4, 128]; ``SIZE`` is no weight. ``mass``: the class of the
    forecast's share on the chord."""
    chord, place, last, gap = at
    belongs = inside(chord).astype(np.int64)
    off = int(place == BETWEEN)
    found = np.full((len(_SIZES), PITCHES), SIZE)
    found[0] = _STARTS[0] + (2 * place + belongs) * MASSES + mass
    found[1] = _STARTS[1] + ((_PITCHES - chord.root) % 12 * len(FAMILIES) + FAMILIES.index(chord.family)) * 2 + off
    if last is not None:
        interval = np.clip(_PITCHES - last, -_WIDEST, _WIDEST) + _WIDEST
        before = int(last % 12 in chord.classes)
        found[2] = _STARTS[2] + ((interval * 2 + belongs) * 2 + before) * 2 + off
        found[3] = _STARTS[3] + (interval * 2 + belongs) * 4 + gap
    return found


class OverChords:
    """The weights [SIZE] and the factors [MASSES]."""

    def __init__(self, weights: npt.NDArray[np.float32], trust: npt.NDArray[np.float32]) -> None:
        self.weights, self.trust = np.append(weights, np.float32(0.0)), trust
        # Every note waits for this: the intervals of all pitches from any last one, and what was made of a chord.
        intervals = np.clip(np.arange(-PITCHES + 1, PITCHES), -_WIDEST, _WIDEST) + _WIDEST
        by_place = weights[_STARTS[2] : _STARTS[3]].reshape(_INTERVALS, 2, 2, 2)[intervals].transpose(3, 2, 1, 0)
        by_gap = weights[_STARTS[3] :].reshape(_INTERVALS, 2, 4)[intervals].transpose(2, 1, 0)
        self._moves = by_place[:, :, None] + by_gap  # off a beat, last note in the chord, gap, pitch in the chord
        self._made: dict[tuple[Chord, int, int], Logits] = {}
        self._inside: dict[Chord, npt.NDArray[np.bool_]] = {}

    @classmethod
    def load(cls, path: Path) -> "OverChords":
        """Those of a file. Raises ModelError if it holds none."""
        again = "make them with livegen train over-chords"
        try:
            with np.load(path, allow_pickle=False) as found:
                weights, trust = (np.asarray(found[name], dtype=np.float32) for name in ("weights", "trust"))
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise ModelError(f"{path.name} holds no weights of notes over chords ({error}); {again}.") from None
        fits = weights.shape == (SIZE,) and trust.shape == (MASSES,)
        if not fits or not np.isfinite(weights).all() or not np.isfinite(trust).all():
            raise ModelError(f"{path.name} holds other weights of notes over chords; {again}.")
        return cls(weights, trust)

    def told(self, forecast: Logits, at: Moment, strength: float = 1.0) -> Logits:
        """A forecast of the pitch, told the chord; ``strength`` 0 leaves it as it is, 1 is as fitted."""
        chord, place, last, gap = at
        belongs = self._inside.get(chord)
        if belongs is None:
            self._make_room(self._inside)
            belongs = self._inside[chord] = inside(chord)
        mass = mass_class(forecast, belongs)
        added = self._made.get((chord, place, mass))
        if added is None:
            self._make_room(self._made)
            added = self._made[chord, place, mass] = self.weights[rows(Moment(chord, place), mass)].sum(axis=0)
        told: Logits = forecast * self.trust[mass]
        told += added
        if last is not None:
            outside, within = self._moves[int(place == BETWEEN), int(belongs[last]), gap]
            first, end = PITCHES - 1 - last, 2 * PITCHES - 1 - last
            told += np.where(belongs, within[first:end], outside[first:end])
        if strength != 1.0:
            told = forecast + np.float32(strength) * (told - forecast)
        return told

    @staticmethod
    def _make_room(kept: dict[Any, Any]) -> None:
        if len(kept) >= _KEPT:
            kept.clear()


@cache
def shipped(former: bool = False) -> OverChords:
    """The weights that come with livegen; ``former``: those of before notes counted as early."""
    return OverChords.load(FORMER if former else SHIPPED)
