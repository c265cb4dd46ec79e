"""The doctor's phrase: it sounds on every output, and a loop from an output to an input is measured."""

import re

import pytest

from livegen.cli import sound_check
from livegen.midi.in_memory import InMemoryRig


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_check, "LENGTH", 0.01)
    monkeypatch.setattr(sound_check, "GAP", 0.001)


def test_a_phrase_without_a_loop_says_how_to_measure_it() -> None:
    rig = InMemoryRig()
    said = sound_check.play(rig)
    assert said.startswith("Five notes were played to livegen out.") and "wire an output to an input" in said
    assert [message[1] for _, message in rig.sent if message[0] == 0x90] == list(sound_check.PHRASE)
    assert sum(message[0] == 0x80 for _, message in rig.sent) == len(sound_check.PHRASE)


def test_a_loop_is_measured() -> None:
    rig = InMemoryRig()
    rig.connect(rig)
    assert re.search(r"They came back \d+\.\d ms later", sound_check.play(rig))
