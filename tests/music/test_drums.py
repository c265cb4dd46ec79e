"""Tests of the words of drums: the nine, the maps of kits, styles."""

from pathlib import Path

import pytest

from livegen.errors import SettingsError
from livegen.music import drums
from livegen.settings import Settings


def test_every_pad_of_the_td_11_and_of_general_midi_is_one_of_the_nine() -> None:
    pads = {36, 38, 40, 37, 48, 50, 45, 47, 43, 58, 46, 26, 42, 22, 44, 49, 55, 57, 52, 51, 59, 53}
    assert pads <= set(drums.KITS["td-11"].hears)
    assert {drums.any_drum(pad) for pad in pads} == set(range(9))
    assert [drums.DRUMS[drums.KITS["gm"].hears[key]] for key in (35, 36, 41, 46, 49, 51)] == [
        *("kick", "kick", "low tom", "open hat", "crash", "ride")
    ]


@pytest.mark.parametrize("name", drums.KITS)
def test_a_kit_hears_what_it_plays(name: str) -> None:
    kit = drums.KITS[name]
    assert [kit.hears[key] for key in kit.plays] == list(range(9))


def test_a_kit_of_ones_own_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("kick = 24\nclosed_hat = [90, 91]\n", "utf-8")
    kit = drums.kit(str(path))
    assert (kit.plays[drums.KICK], kit.plays[drums.CLOSED], kit.plays[drums.SNARE]) == (24, 90, 38)
    assert kit.hears[91] == drums.CLOSED
    settings = Settings()
    settings.set("kit", str(path))
    path.write_text("kick = 224\n", "utf-8")
    with pytest.raises(SettingsError, match="kit cannot be"):
        settings.set("kit", str(path))


@pytest.mark.parametrize(("name", "value"), [("kit", "tr-808"), ("style", "polka"), ("intensity", 1.5)])
def test_what_there_is_not_is_refused_in_a_sentence(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match="it takes"):
        Settings().set(name, value)


def test_every_drum_but_the_kick_has_a_stand_in() -> None:
    assert set(drums.INSTEAD) == set(range(9)) - {drums.KICK}
    assert all(drum not in others for drum, others in drums.INSTEAD.items())
