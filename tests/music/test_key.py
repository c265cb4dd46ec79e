"""Keys: their names, signatures, and the spelling of notes."""

import pytest

from livegen.errors import SettingsError
from livegen.music.key import Key, note_class, read_key


@pytest.mark.parametrize(
    ("name", "fifths"),
    [("C", 0), ("Am", 0), ("F#", 6), ("Gb", 6), ("Db", -5), ("Ebm", 6), ("C minor", -3), ("A major", 3), ("B-", 2)],
)
def test_a_key_has_a_signature(name: str, fifths: int) -> None:
    assert read_key(name).fifths == fifths


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize("minor", [False, True])
def test_every_note_is_spelled_as_itself(tonic: int, minor: bool) -> None:
    key = Key(tonic, minor)
    assert read_key(key.name) == key
    for leading in (False, True):
        assert [note_class(key.spelled(each, leading)) for each in range(12)] == list(range(12))


def test_a_scale_has_each_letter_once() -> None:
    for tonic in set(range(12)) - {6, 11}:  # F# and B have an E# or a Cb, which charts avoid
        assert len({Key(tonic).spelled(tonic + step)[0] for step in (0, 2, 4, 5, 7, 9, 11)}) == 7


@pytest.mark.parametrize("text", ["", "H", "Cx", "BB", "C dorian"])
def test_what_is_no_key_is_said(text: str) -> None:
    with pytest.raises(SettingsError, match="There is no key"):
        read_key(text)
