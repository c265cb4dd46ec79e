"""Chords by MusicXML's kinds: each kind, and what degrees add, alter and subtract."""

import pytest

from livegen.music.chord_kinds import KINDS, Degree, chord


@pytest.mark.parametrize(
    ("kind", "degrees", "name"),
    [
        ("half-diminished", (), "Cm7b5"),
        ("major-minor", (), "Cmmaj7"),
        ("suspended-fourth", [Degree("add", 7)], "C7sus4"),
        ("dominant", [Degree("add", 9, -1)], "C7b9"),
        ("dominant", [Degree("alter", 5, -1)], "C7b5"),
        ("dominant-13th", [Degree("alter", 9, -1)], "C13b9"),
        ("minor-seventh", [Degree("add", 7, 1)], "Cm7add#7"),
        ("major", [Degree("add", 2)], "Cadd9"),
        ("major", [Degree("subtract", 3)], "C5"),
        ("dominant", [Degree("subtract", 5)], "C7no5"),
    ],
)
def test_a_kind_with_its_degrees(kind: str, degrees: list[Degree], name: str) -> None:
    assert chord(0, kind, degrees=degrees).name() == name


def test_every_kind_has_notes() -> None:
    for kind in KINDS:
        assert 0 in chord(0, kind).classes


def test_a_kind_of_its_own_goes_by_its_text() -> None:
    assert chord(2, "other", "7alt", bass=7).name() == "D7alt/G"
    with pytest.raises(ValueError):
        chord(2, "other")
    with pytest.raises(ValueError):
        chord(2, "major", degrees=[Degree("add", 10)])
