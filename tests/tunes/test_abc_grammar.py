"""The grammar of ABC: whatever a model predicts, the text that it may write is a whole tune."""

import random
import subprocess
from pathlib import Path

import pytest

from livegen.errors import SettingsError
from livegen.training.characters.abc_check import bars, closed
from livegen.training.characters.abc_check import check as checked
from livegen.tunes import abc_grammar, abc_progress, abc_reader
from livegen.tunes.abc_grammar import END
from livegen.tunes.abc_progress import AbcProgress, TuneRequest, check
from livegen.tunes.abc_writer import Key
from livegen.tunes.character_writer import arranged
from tests.support.parts import require

ANYTHING, JIG = TuneRequest(), TuneRequest("jig", Key.parse("Ador"), None, 16)


def drawn(asked: TuneRequest, seed: int) -> str:
    """A tune of a model that likes all characters about as much, but bar lines more and signs less."""
    dice = random.Random(seed)
    place, found = AbcProgress(asked), ""
    while True:
        may = sorted(abc_grammar.allowed(place))
        assert may, f"nothing may follow {found[-40:]!r}"
        liked = [0.3 if each in '"(-z^_=' else 3 if each in f"|:\n{END}" else 1 for each in may]
        character = dice.choices(may, liked)[0]
        place = abc_grammar.then(place, character)
        if character == END:
            return found
        found += character


@pytest.mark.parametrize("asked", [ANYTHING, JIG, TuneRequest(metre="3/4"), TuneRequest("slip jig", None, None, 8)])
def test_whatever_is_drawn_is_a_whole_tune(asked: TuneRequest) -> None:
    for seed in range(25):
        text = arranged(drawn(asked, seed), 1)
        lines = text.splitlines()
        assert [line[0] for line in lines if line[1:2] == ":" and line[0].isalpha()] in (list("XTRMLK"), list("XTMLK"))
        measures = abc_reader.measures(text)
        count, right, _ = bars(measures)
        assert count == right, text
        assert closed(measures), text
        assert abc_reader.read_tune(text, "performed").notes


def test_what_is_asked_for_is_written() -> None:
    for seed in range(10):
        text = arranged(drawn(JIG, seed), 1)
        assert "R:jig\nM:6/8\n" in text and "K:Ador\n" in text
        measures = abc_reader.measures(text)
        first = [measure for measure in measures if not measure.ending or 1 in measure.ending]
        pickups = sum(measure.length < 3 for measure in first) // 2
        assert len(first) - pickups == 16


def test_nothing_but_what_is_allowed_can_be_written() -> None:
    place = AbcProgress(TuneRequest())
    for character in "R:jig\nM:6/8\nL:1/8\nK:D\nT:Home\n|:d3 d3":
        assert character in abc_grammar.allowed(place), character
        place = abc_grammar.then(place, character)
    # The bar is full, and no section has but one; or the note is shorter yet, or tied.
    assert abc_grammar.allowed(place) == {"|", "/", "-"}
    with pytest.raises(ValueError, match="cannot follow"):
        abc_grammar.then(place, "d")


@pytest.mark.parametrize(
    ("written", "may", "may_not"),
    [
        ("d2 ef", "|/-", ">d :2"),
        ("d", "|2>-/ dz", ":]"),
        ("d2e", "df/2>-", "|:]"),  # no pickup is longer than half a bar
        ("(3", "dD^", " z|("),
        ("(3def", " d|", "2/>"),
        ("d>", "eE^_", ">z| "),
        ("^d", " d2|>", "-"),
        ("f-", " |f", "deF"),
    ],
)
def test_what_may_follow(written: str, may: str, may_not: str) -> None:
    place = AbcProgress(TuneRequest())
    for character in f"M:2/4\nL:1/8\nK:C\nT:Home\n{written}":
        place = abc_grammar.then(place, character)
    allowed = abc_grammar.allowed(place)
    assert set(may) <= allowed
    assert not set(may_not) & allowed


def test_wishes_that_cannot_be_met_are_refused() -> None:
    for asked, told in (
        (TuneRequest("tango"), "no type"),
        (TuneRequest(metre="5/4"), "No tunes"),
        (TuneRequest("jig", metre="4/4"), "A jig is in 6/8"),
        (TuneRequest(bars=7), "two sections"),
    ):
        with pytest.raises(SettingsError, match=told):
            check(asked)
    assert check(JIG) is JIG and set(abc_progress.METRES_OF) <= set(abc_progress.KINDS)


def test_abc2midi_and_abc2abc_take_what_is_drawn(tmp_path: Path) -> None:
    require("abc2midi")
    require("abc2abc")
    for seed in range(30):
        path = tmp_path / f"{seed}.abc"
        path.write_text(arranged(drawn(JIG if seed % 3 else ANYTHING, seed), 1))
        found = checked(path)
        assert found.header and found.clean and found.whole and found.closed, path.read_text()
        said = subprocess.run(
            ["abc2abc", path.name, "-t", "2"], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True
        )
        pitches = [note.pitch for note in abc_reader.read_tune(path.read_text()).notes]
        assert [note.pitch - 2 for note in abc_reader.read_tune(said.stdout).notes] == pitches


def test_bars_are_judged_with_their_pickups() -> None:
    head = "X:1\nT:t\nM:2/4\nL:1/8\nK:C\n"
    assert bars(abc_reader.measures(head + "|:d|efga|bag:|\n")) == (3, 3, 1)
    assert bars(abc_reader.measures(head + "|:d|efga|ba:|\n")) == (3, 1, 1)
    assert bars(abc_reader.measures(head + "efga|efg|efga||\n")) == (3, 2, 2)
    assert not closed(abc_reader.measures(head + "|:efga|efga||\n|:efga:|\n"))
    assert closed(abc_reader.measures(head + "efga:|\n|:efga|1efga:|2efga||\n"))
