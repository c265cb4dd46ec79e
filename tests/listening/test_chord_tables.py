"""The tables of chords: probabilities, their files, the numbers of chords and places."""

from pathlib import Path

import numpy as np
import pytest

from livegen.errors import ModelError
from livegen.listening.chord_tables import DOWNBEAT, MIDDLE, OTHER, SHIPPED, index_of, load, place_of, shipped
from livegen.music.chord_symbol import read


def test_the_shipped_tables_are_probabilities() -> None:
    tables = shipped()
    for rows in (tables.moves, tables.following, np.exp(tables.notes), tables.start):
        assert np.allclose(rows.sum(axis=-1), 1.0, atol=1e-5)
    assert np.allclose(np.diagonal(tables.following), 0.0)


def test_a_chord_has_a_number_counted_from_the_tonic() -> None:
    dominant, leading = read("G13"), read("Bø")
    assert dominant is not None and leading is not None
    assert index_of(dominant, 0) == 30 and index_of(leading, 0) == 47 and index_of(leading, 11) == 3


def test_the_places_of_a_bar() -> None:
    assert [place_of(beat, 4) for beat in range(5)] == [DOWNBEAT, OTHER, MIDDLE, OTHER, DOWNBEAT]
    assert [place_of(beat, 3) for beat in range(3)] == [DOWNBEAT, OTHER, OTHER]
    assert place_of(-1, 4) == OTHER and place_of(-4, 4) == DOWNBEAT


def test_a_file_that_holds_no_tables_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(b"no")
    with pytest.raises(ModelError, match="holds no tables of chords"):
        load(path)
    with np.load(SHIPPED) as found:
        np.savez(path, **{name: found[name][:2] for name in found})
    with pytest.raises(ModelError, match="holds other tables of chords"):
        load(path)
