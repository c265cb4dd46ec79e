"""A forecast told a chord: what the weights say, in any key; files that hold no weights."""

from pathlib import Path

import numpy as np
import pytest

from livegen.errors import ModelError
from livegen.music.chord_symbol import Chord, read
from livegen.predictors.encoding import PITCHES
from livegen.predictors.over_chords import (
    BETWEEN,
    SIZE,
    Moment,
    OverChords,
    inside,
    mass_class,
    moment,
    rows,
    shipped,
)
from livegen.predictors.sampling import Logits


def chord(name: str) -> Chord:
    found = read(name)
    assert found is not None
    return found


def likely(logits: Logits) -> dict[int, float]:
    """The probability of each pitch."""
    shares = np.exp(logits - logits.max())
    return dict(enumerate((shares / shares.sum()).tolist()))


EVEN = np.where(np.abs(np.arange(PITCHES) - 66) < 12, 0.0, -9.0).astype(np.float32)


def test_a_strong_beat_leans_to_the_chord_more_than_a_place_between_beats() -> None:
    shares = []
    for beat in (0.0, 0.5):
        told = likely(shipped().told(EVEN, moment(chord("Dm7"), beat, 4, last=67, gap=0.5)))
        shares.append(sum(told[pitch] for pitch in told if pitch % 12 in chord("Dm7").classes))
    assert shares[0] > 0.6 and shares[0] > shares[1] > 0.4


def test_what_a_chord_says_is_the_same_in_every_key() -> None:
    one = shipped().told(EVEN, moment(chord("G7"), 1.0, 4, last=64, gap=1.0))
    higher = shipped().told(np.roll(EVEN, 5), moment(chord("C7"), 1.0, 4, last=69, gap=1.0))
    assert np.allclose(one[20:100], higher[25:105], atol=1e-5)


def test_the_strength_goes_from_untold_to_told() -> None:
    at = moment(chord("F"), 0.0, 3, last=None)
    whole, half, none = (shipped().told(EVEN, at, strength) for strength in (1.0, 0.5, 0.0))
    assert np.allclose(none, EVEN) and np.allclose(half, (whole + EVEN) / 2, atol=1e-5)
    assert not np.allclose(whole, EVEN, atol=0.1)


def test_a_forecast_off_the_chord_is_told_by_other_weights() -> None:
    weights = np.zeros(SIZE, np.float32)
    at = Moment(chord("C"), BETWEEN)
    weights[rows(at, mass=0)[0]] = 3.0
    over = OverChords(weights, np.ones(6, np.float32))
    off = np.where(np.arange(PITCHES) % 12 == 1, 9.0, 0.0).astype(np.float32)
    assert np.allclose(over.told(off, at), off + 3.0) and np.allclose(over.told(EVEN, at), EVEN)


@pytest.mark.parametrize("at", [moment(chord("E7/G#"), 2.0, 4, 0, 0.5), moment(chord("Bbm"), 1.4, 3, 127, 2.0)])
def test_what_is_kept_of_the_weights_is_their_sum(at: Moment) -> None:
    over = OverChords(np.random.default_rng(2).normal(size=SIZE).astype(np.float32), np.full(6, 0.5, np.float32))
    mass = mass_class(EVEN, inside(at.chord))
    assert np.allclose(over.told(EVEN, at), EVEN * 0.5 + over.weights[rows(at, mass)].sum(axis=0), atol=1e-5)


def test_a_file_without_weights_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with pytest.raises(ModelError, match="livegen train over-chords"):
        OverChords.load(path)
    np.savez(path, weights=np.zeros(3), trust=np.ones(6))
    with pytest.raises(ModelError, match="other weights"):
        OverChords.load(path)
