"""Weights fitted to melodies over chords, and corrected by what is played with them."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from livegen.listening.chord_filter import Sounding
from livegen.music.chord_symbol import read
from livegen.predictors.over_chords import MASSES, SIZE, OverChords, moment
from livegen.training.changes.count import learnt_from
from livegen.training.changes.melodies import Melody
from livegen.training.changes.songs import Song, fingerprint

pytestmark = pytest.mark.training
C = read("C")
SONG = Song("x", 0, 4, tuple(Sounding(60 + 4 * (beat % 2), beat, beat + 1.0) for beat in range(32)), (C,) * 32)


def test_what_songs_do_becomes_likelier(tmp_path: Path) -> None:
    from livegen.training.changes.lines import fit, write

    assert C is not None
    at = [moment(C, float(beat), 4, last=62, gap=1.0) for beat in range(40)]
    melody = Melody("x", np.full(40, 64), list(at), np.zeros((40, 128), np.float32), np.zeros(40))
    over = fit([melody])
    assert melody.bits(over).mean() < melody.bits(None).mean() - 1.0
    write(over, ["x"], tmp_path / "x.npz")
    assert learnt_from(tmp_path / "x.npz") == {fingerprint("x")}
    assert (OverChords.load(tmp_path / "x.npz").weights == over.weights).all()


def test_a_player_that_strays_is_drawn_back() -> None:
    from livegen.training.changes.lines import corrected

    draw = np.random.default_rng(1)

    def play(over: OverChords, _number: int) -> Iterable[tuple[Song, list[Sounding]]]:
        """Notes by the weights alone, of which those off the chord are likelier by half."""
        assert C is not None
        forecast = np.full(128, -30.0, np.float32)
        forecast[60:72] = [0.0 if pitch % 12 in C.classes else 0.5 for pitch in range(60, 72)]
        line = []
        for beat in range(64):
            told = over.told(forecast, moment(C, float(beat), 4))
            shares = np.exp(told - told.max())
            line.append(Sounding(int(draw.choice(128, p=shares / shares.sum())), beat, beat + 1.0))
        yield SONG, line

    flat = OverChords(np.zeros(SIZE, np.float32), np.ones(MASSES, np.float32))
    over = corrected(flat, [SONG], play, rounds=6)
    shares = [
        np.mean([note.pitch % 12 in {0, 4, 7} for _, line in play(each, 0) for note in line]) for each in (flat, over)
    ]
    assert shares[0] < 0.4 < 0.6 < shares[1]
