"""Metres: beats of a bar, dotted or not."""

import pytest

from livegen.charts.metre import Metre, read_metre


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("6/8", Metre(2, True, 1.5)),
        ("C|", Metre(2, False, 2.0)),
        ("7/8", Metre(7, False, 0.5)),
        ("4/5", None),
        ("0/4", None),
        ("17/4", None),
        ("", None),
        ("x", None),
        ("9/16", Metre(3, True, 0.75)),
    ],
)
def test_a_metre_has_beats(text: str, wanted: Metre | None) -> None:
    assert read_metre(text) == wanted
