"""Melodies over chords as a model foresees them."""

import numpy as np
import pytest

from livegen.listening.chord_filter import Sounding
from livegen.music.chord_symbol import read
from livegen.predictors import models, over_chords
from livegen.predictors.over_chords import BETWEEN
from livegen.training.changes.melodies import foreseen, moments_of, tune_of
from livegen.training.changes.songs import Song

CHORDS = tuple(read(name) for name in ("C", "F", "G7", "C") for _ in range(4))
LINE = (67, 72, 76, 79, 76, 77, 81, 77, 72, 74, 79, 77, 74, 76, 79, 76, 72)
SONG = Song("x", 0, 4, tuple(Sounding(pitch, at - 1.0, float(at)) for at, pitch in enumerate(LINE)), CHORDS)


def test_notes_know_their_chord_and_a_pickup_has_none() -> None:
    at = moments_of(SONG._replace(notes=(Sounding(60, -2.0, -1.0), *SONG.notes, Sounding(64, 15.5, 16.0))))
    assert at[0] is None and at[1] is not None and at[1].chord == read("C") and at[1].last == 67
    assert at[-1] is not None and at[-1].place == BETWEEN


def test_a_compound_song_is_written_in_quarters() -> None:
    tune = tune_of(SONG._replace(beats_per_bar=2, compound=True))
    assert tune.notes[1].onset - tune.notes[0].onset == 1.5
    assert (tune.bars[1].at, tune.bars[1].metre) == (0.0, "6/8")


def test_chords_foretell_a_melody_that_keeps_to_them() -> None:
    (melody,) = foreseen([SONG], models.load("folk"))
    told, untold = melody.bits(over_chords.shipped()), melody.bits(None)
    assert len(told) == len(SONG.notes) - 1 == len(melody.rhythm)
    assert told.mean() < untold.mean() - 0.1
    # The bits of an even forecast are those of 128 pitches.
    even = melody._replace(logits=np.zeros_like(melody.logits))
    assert even.bits(None) == pytest.approx(7.0)
    (astray,) = foreseen([SONG], models.load("folk"), astray=1.0)
    assert (astray.pitches == melody.pitches).all() and astray.bits(None).mean() > untold.mean()
