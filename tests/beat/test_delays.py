"""Delays of outputs, as a musician writes them."""

import pytest

from livegen.beat import delays
from livegen.errors import SettingsError
from livegen.settings import Settings


@pytest.mark.parametrize("wish", ["quick", "=5", "quick=-1", "quick=900", "quick=x"])
def test_what_cannot_be_read_is_refused_in_one_sentence(wish: str) -> None:
    with pytest.raises(SettingsError, match=r"delays cannot be .*; it takes name=milliseconds"):
        Settings().set("delays", wish)
    assert delays.read("") == []
    assert delays.of(delays.read("FLUID=12, livegen out = 5"), "fluid:midi_00") == 0.012
