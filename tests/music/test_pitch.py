"""The name of a pitch: one spelling wherever a musician reads it."""

import re

from livegen.music import raga, scales
from livegen.music.pitch import PITCH_CLASSES, pitch_name
from tests.support.places import ROOT

KEYS = ROOT / "livegen" / "web" / "page" / "keys.js"


def test_a_name_is_read_back_as_its_pitch() -> None:
    assert pitch_name(60) == "C4"
    sung = range(12, 104)  # the tonics that leave room for a raga
    assert [raga.tonic(pitch_name(pitch)) for pitch in sung] == list(sung)
    assert [scales.tonic(name) for name in PITCH_CLASSES] == list(range(12))


def test_the_page_spells_the_pitches_so() -> None:
    found = re.search(r'const PITCH_CLASSES = "([^"]+)"', KEYS.read_text(encoding="utf-8"))
    assert found is not None and found[1].split() == list(PITCH_CLASSES)
