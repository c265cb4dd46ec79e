"""The setting ``chord``: its normal form, and what each name stood for from the beginning."""

import pytest

from livegen.errors import SettingsError
from livegen.music import chords


@pytest.mark.parametrize(("text", "wanted"), [("Left Hand", "left-hand"), ("am7", "Am7"), ("OFF", "off"), ("dø", "Dø")])
def test_a_name_is_kept_as_it_is_written(text: str, wanted: str) -> None:
    assert chords.named(text) == wanted


@pytest.mark.parametrize("text", ["N.C.", "Hm", "", "C7q"])
def test_what_is_no_chord_is_said_with_what_may_be_chosen(text: str) -> None:
    with pytest.raises(SettingsError, match=r"There is no chord .*left-hand"):
        chords.named(text)


@pytest.mark.parametrize(
    ("quality", "steps"),
    [
        ("", "0 4 7"), ("5", "0 7"), ("6", "0 4 7 9"), ("69", "0 2 4 7 9"), ("add9", "0 2 4 7"), ("7", "0 4 7 10"),
        ("maj7", "0 4 7 11"), ("9", "0 2 4 7 10"), ("maj9", "0 2 4 7 11"), ("11", "0 2 4 5 7 10"),
        ("13", "0 2 4 7 9 10"), ("7b5", "0 4 6 10"), ("7#5", "0 4 8 10"), ("7b9", "0 1 4 7 10"),
        ("7#9", "0 3 4 7 10"), ("7#11", "0 4 6 7 10"), ("maj7#11", "0 4 6 7 11"), ("m", "0 3 7"), ("m6", "0 3 7 9"),
        ("m7", "0 3 7 10"), ("m9", "0 2 3 7 10"), ("m11", "0 2 3 5 7 10"), ("mmaj7", "0 3 7 11"),
        ("m7b5", "0 3 6 10"), ("dim", "0 3 6"), ("dim7", "0 3 6 9"), ("aug", "0 4 8"), ("sus2", "0 2 7"),
        ("sus4", "0 5 7"), ("7sus4", "0 5 7 10"), ("9sus4", "0 2 5 7 10"), ("min7b5", "0 3 6 10"), ("+7", "0 4 8 10"),
        ("ADD9", "0 2 4 7"), ("MMAJ7", "0 3 7 11"), ("7SUS", "0 5 7 10"), ("MIN7B5", "0 3 6 10"),
    ],
)  # fmt: skip
def test_the_names_of_version_0_1_0_mean_what_they_meant(quality: str, steps: str) -> None:
    """A journal that holds one of them replays."""
    assert chords.steps(quality) == {int(step) for step in steps.split()}
    assert chords.classes(f"C{quality}") == chords.steps(quality)
