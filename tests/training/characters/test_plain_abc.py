"""ABC tunes as plain text, with one spelling for each thing, and moved to other keys."""

import random
from pathlib import Path

import pytest

from livegen.training.characters import plain_abc, texts
from livegen.training.characters.bar_lines import repeats
from livegen.training.characters.transpose import moved
from livegen.tunes import abc_reader
from livegen.tunes.abc_fields import AbcError
from tests.support.places import DATA

SOURCE = """X: 12
T:THE HAPPY PLOUGHMAN -- REEL
% a remark
C:Trad.
R:Reel
Q:1/4=120
M:C|
L:1/8
K:D major
(3ABc ~d2 {g}f>e !trill!d2 "Am7"(A2|.B2 "slow" [df]2 z2 A) | [1 d4// x2- :| [2 d'2,|]
"""
PLAIN = """R:reel
M:2/2
L:1/8
K:D
T:The Happy Ploughman
|:(3ABc d2 f>e d2 "Am7"A2|B2 [df]2 z2 A|1d z2-:|2d'|]
"""


def test_a_tune_is_written_in_one_way() -> None:
    assert plain_abc.plain(SOURCE.replace("d'2,", "d'2")).split("\n")[:5] == PLAIN.split("\n")[:5]
    assert plain_abc.plain(SOURCE.replace("d'2,", "d'").replace("d4//", "d")) == PLAIN
    with pytest.raises(AbcError, match="no key"):
        plain_abc.plain("X:1\nT:t\nABc|\n")
    with pytest.raises(AbcError, match="voices"):
        plain_abc.plain("X:1\nT:t\nV:1\nK:C\nABc|\n")


def test_the_plain_text_says_the_same() -> None:
    for key, music in (("Em", "B2|:e>f ^d2 (3BAG|1A4:|2A2 z2||"), ("Gmix", "d-d/2c/B//A// G2|\nK:D\nF4|]")):
        text = f"X:1\nT:t\nM:2/4\nL:1/8\nK:{key}\n{music}\n"
        playing: abc_reader.Playing
        for playing in ("written", "performed"):
            one, other = (abc_reader.read_tune(each, playing) for each in (text, "X:1\n" + plain_abc.plain(text)))
            assert one.notes == other.notes


def test_repeats_get_their_beginnings() -> None:
    assert repeats("A|B:|c|d:|") == "|:A|B::c|d:|"
    assert repeats("A|B||\nc|d:|") == "A|B||\n|:c|d:|"
    assert repeats("|:A|[1B :| [2c|]") == "|:A|1B :|2c|]"
    assert repeats("A:||:B:|") == "|:A::B:|"


def test_tunes_are_moved_to_other_keys_and_back() -> None:
    text = 'R:reel\nM:4/4\nL:1/8\nK:Am\nT:The Cage\n|:"Am"A2 ^GA c\'2 _BA,|"E7/g#"[Ac]2:|\n'
    for steps in (-3, -2, -1, 1, 2, 3):
        there = moved(text, steps)
        assert there is not None
        pitches, higher = (
            [note.pitch for note in abc_reader.read_tune("X:1\n" + each.replace('"E7/g#"', "")).notes]
            for each in (text, there)
        )
        assert len({b - a for a, b in zip(pitches, higher, strict=True)}) == 1
        assert moved(there, -steps) == text
    assert moved(text + "K:E\nCDEF|\n", 1) is None, "its keys would part"
    assert moved("K:none\nABc|", 1) is None


def test_a_folder_for_abc_is_read_and_the_rest_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cases = DATA / "cases"
    dice = random.Random(1)
    for number in range(60):
        notes = "".join(dice.choices("CDEFGABcdefg", k=24))
        (tmp_path / f"{number}.ABC").write_text(f"X:1\nT:t\nL:1/4\nK:C\n{notes[:12]}|{notes[12:]}|]\n", "utf-16")
    (tmp_path / "song.kar").write_bytes((cases / "midi" / "song.kar").read_bytes())
    (tmp_path / "big.abc").write_bytes(b"X:1\nK:C\n" + b"C" * (1 << 20))
    (tmp_path / "bad.abc").write_text("X:1\nT:t\nCDE\n")
    assert len(texts.gather(tmp_path).training) >= 20
    assert caplog.messages == [
        "3 files or tunes were left out: song.kar: is not ABC; bad.abc: it has no key (K:); "
        "big.abc: is larger than 1 MiB."
    ]
