"""Presets, cues and songs as they are read from TOML, and the way through them."""

import tomllib

import pytest

from livegen.control.show import Cue, Show, SongPosition, split
from livegen.errors import SettingsError
from livegen.osc.packets import Message

SHOW = """
temperature = 0.9

[preset.calm]
program = 5
temperature = 0.6
mode = "duet"

[[song]]
name = "Opener"
[[song.cue]]
name = "intro"
preset = "calm"
memory = 0.2
[[song.cue]]
name = "Verse 2"
ramp = { temperature = [0.7, 1.2, 16], memory = [1, 8] }
do = ["forget", "mode autonomous"]
at = "bar"

[[song]]
name = "Closer"
[[song.cue]]
name = "intro"
[[song.cue]]
"""


def show(text: str = SHOW) -> Show:
    return split(tomllib.loads(text), "show.toml")[1]


def test_a_show_is_read() -> None:
    settings, read = split(tomllib.loads(SHOW), "show.toml")
    assert settings == {"temperature": 0.9}
    assert read.preset("calm") is read.preset("5")
    assert read.has_program(5) and not read.has_program(6)
    first, second = read.songs[0].cues
    assert first == Cue("intro", {"temperature": 0.6, "mode": "duet", "memory": 0.2}, {})
    assert second.ramps == {"temperature": (0.7, 1.2, 16), "memory": (None, 1, 8)}
    assert second.messages == (Message("/livegen/forget"), Message("/livegen/mode", ("autonomous",)))
    assert second.at == "bar"
    assert read.songs[1].cues[1].name == "cue 2"


def test_a_cue_recalls_a_slot_and_does_what_osc_can() -> None:
    (cue,) = show('[[cue]]\nrecall = 2\ndo = ["rewind 4 beats", "save 3"]\nmorph = 0.5').songs[0].cues
    asked = [(message.address, *message.args) for message in cue.messages]
    assert asked == [("/livegen/recall", 2), ("/livegen/rewind", 4, "beats"), ("/livegen/save", 3)]
    assert cue.settings == {"morph": 0.5}
    with pytest.raises(SettingsError, match="a slot of 1 to 8"):
        show("[[cue]]\nrecall = 9")


def test_next_goes_through_every_song_and_back_again() -> None:
    read = show()
    way = []
    for _ in range(4):
        read.place = read.cue("next")
        way.append(tuple(read.place))
    assert way == [(0, 0), (0, 1), (1, 0), (1, 1)]
    with pytest.raises(SettingsError, match="last cue"):
        read.cue("next")
    assert read.cue("back") == SongPosition(1, 0)
    read.place = SongPosition(0, 0)
    assert read.cue("back") == SongPosition(0, 0)


def test_a_cue_is_found_by_name_and_number_in_this_song_first() -> None:
    read = show()
    assert read.cue("intro") == SongPosition(0, 0)
    read.place = SongPosition(1, 1)
    assert read.cue("INTRO") == SongPosition(1, 0)
    assert read.cue("verse 2") == SongPosition(0, 1)
    assert read.cue("1") == SongPosition(1, 0)
    assert read.song("opener") == SongPosition(0, 0)
    assert read.song("2") == SongPosition(1, 0)
    assert read.song("back") == SongPosition(0, 0)
    for wanted in ("9", "0", "chorus"):
        with pytest.raises(SettingsError, match="There is no cue"):
            read.cue(wanted)
        with pytest.raises(SettingsError, match="There is no song"):
            read.song(wanted)
    with pytest.raises(SettingsError, match=r"Did you mean Verse 2\?"):
        read.cue("vers 2")
    with pytest.raises(SettingsError, match=r"Did you mean Opener\?"):
        read.song("opner")


def test_where_it_is_is_told() -> None:
    read = show()
    assert read.told() == ("Opener", "", 0, 2, "intro")
    read.place = SongPosition(0, 1)
    assert read.told() == ("Opener", "Verse 2", 2, 2, "intro")
    read.place = SongPosition(1, 1)
    assert read.told() == ("Closer", "cue 2", 2, 2, "")
    assert Show().told() == ("", "", 0, 0, "")


def test_a_plain_list_of_cues_is_a_show_too() -> None:
    read = show("[[cue]]\nname='a'\n[[cue]]\n")
    assert [cue.name for cue in read.songs[0].cues] == ["a", "cue 2"]


def test_without_cues_it_says_how_to_write_them() -> None:
    for ask in (Show().cue, Show().song):
        with pytest.raises(SettingsError, match=r"write \[\["):
            ask("next")
    with pytest.raises(SettingsError, match=r"write \[preset\.NAME\]"):
        Show().preset("calm")


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("[preset.calm]\ntemperature = 9", "preset calm is wrong: temperature cannot be '9'"),
        ("[preset.calm]\nseed = 9", "does not change while playing"),
        ("[preset.calm]\nprogram = 0", "1 to 128"),
        ("[preset.a]\nprogram = 7\n[preset.b]\nprogram = 7", "program of its own"),
        ("[preset.7]\nmemory = 1", "another name"),
        ("preset = 3", r"\[preset\.NAME\]"),
        ("[[cue]]\npreset = 'calm'", "not in the file"),
        ("[[cue]]\nname = 'next'", "another name"),
        ("[[cue]]\nname = 7", "text of 1 to 64"),
        ("[[cue]]\ntemprature = 1", "did you mean temperature"),
        ("[[cue]]\nat = 'noon'", "now, beat or bar"),
        ("[[cue]]\nramp = {mode = [1, 2]}", "cannot be ramped"),
        ("[[cue]]\nramp = {memory = 1}", "from, to, beats"),
        ("[[cue]]\nramp = {memory = ['a', 'b', 'c']}", "cannot reach"),
        ("[[cue]]\ndo = 'dance'", "'dance' cannot be done"),
        ("[[cue]]\ndo = [3]", "as text"),
        ("[[song]]\nname = 'x'", "has no cues"),
        ("[[song]]\n[[song.cue]]", "name of a song"),
        ("[[song]]\nname = 'x'\nmemory = 1\n[[song.cue]]", "belongs in one of its cues"),
        ("cue = 3", "begins with"),
        ("[bind]\ncc20 = 'dance'", "cannot be done"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_files_name(text: str, because: str) -> None:
    with pytest.raises(SettingsError, match=because) as caught:
        split(tomllib.loads(text), "show.toml")
    assert str(caught.value).startswith("In show.toml")
