"""An answer in writing: one line of sargam or ABC, correct for readers and for other programs."""

import subprocess
from fractions import Fraction
from pathlib import Path

import pytest

from livegen.events import NoteOn, TurnChange
from livegen.live.answer_text import AnswerText
from livegen.music import raga, sargam
from livegen.predictors.models import load
from livegen.session.session import Session
from livegen.settings import Settings
from livegen.tunes import notation
from livegen.tunes.abc_writer import Key
from livegen.tunes.notation import WrittenNote
from tests.support.output import ons
from tests.support.parts import require
from tests.support.performances import drive
from tests.support.phrases import phrase, varisai

MAYAMALAVAGOWLA = raga.find("Mayamalavagowla")


def played(beats: list[float], pitches: list[int], length: float = 0.9) -> list[WrittenNote]:
    return [WrittenNote(beat, length, pitch) for beat, pitch in zip(beats, pitches, strict=True)]


@pytest.mark.parametrize(
    ("beats", "pitches", "wanted"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], [50, 51, 54, 55, 57, 58, 61, 62], "s r g m | p d | n S ||"),
        ([16.02, 17.1, 18.95, 20, 22, 24.0], [50, 51, 54, 57, 49, 50], "s r , g | p , | n. , || s"),
        ([4, 4.5, 5, 5.5, 6, 6.5], [50, 51, 54, 55, 57, 58], "s r g m | p d"),
        ([3, 4], [52, 50], "(E3) | s"),
        ([-2, -1, 0], [54, 51, 50], "g r || s"),
        ([0, 0.1, 1], [50, 51, 54], "s r , , g"),
    ],
)
def test_svaras_stand_where_the_tala_has_them(beats: list[float], pitches: list[int], wanted: str) -> None:
    length = 0.9 * (beats[1] - beats[0])
    assert notation.sargam(played(beats, pitches, length), MAYAMALAVAGOWLA, 50, sargam.ADI) == wanted


def test_a_full_avartana_reads_back() -> None:
    text = notation.sargam(
        played([0, 1, 2, 3, 4, 5, 6, 7], [50, 51, 54, 55, 57, 58, 61, 62]), MAYAMALAVAGOWLA, 50, sargam.ADI
    )
    assert str(sargam.parse(text)) == text
    assert notation.sargam([], MAYAMALAVAGOWLA, 50, sargam.ADI) == ""


@pytest.mark.parametrize(
    ("notes", "beats_per_bar", "wanted"),
    [
        (
            played([0, 0.5, 1, 1.5, 2, 3], [62, 64, 66, 67, 69, 74], 0.5),
            4,
            "[M:4/4][L:1/8][Q:1/4=120][K:D] DE FG Az d |",
        ),
        (played([3, 4, 5.5], [69, 74, 66], 1.5), 4, "[M:4/4][L:1/8][Q:1/4=120][K:D] A2 | d3F3 |"),
        (
            played([0, 1 / 3, 2 / 3, 1, 5 / 3], [62, 64, 66, 67, 69], 0.33),
            2,
            "[M:6/8][L:1/8][Q:3/8=120][K:D] DEF G2A |",
        ),
        (
            [WrittenNote(0, 1, 62), WrittenNote(0.01, 1, 69), WrittenNote(1, 1, 73)],
            3,
            "[M:3/4][L:1/8][Q:1/4=120][K:D] A2 c2 |",
        ),
        (played([2, 3.5], [73, 74], 2), 4, "[M:4/4][L:1/8][Q:1/4=120][K:D] c3d- | d3 |"),
    ],
)
def test_abc_has_bars_ties_and_rests(notes: list[WrittenNote], beats_per_bar: int, wanted: str) -> None:
    assert notation.abc(notes, Key.parse("D"), beats_per_bar, 120.0) == wanted


@pytest.mark.parametrize(
    ("scale", "key", "wanted"),
    [("dorian", "D", "Ddor"), ("blues", "E", "Em"), ("major", "Db", "Db"), ("minor", "Bb", "Bbm"), ("off", "C", "D")],
)
def test_the_key_is_the_one_that_is_set_or_fits(scale: str, key: str, wanted: str) -> None:
    notes = played([0, 1, 2, 3, 4], [62, 66, 69, 73, 74])
    assert str(notation.key_of(scale, key, notes)) == wanted


def test_what_livegen_answers_is_read_by_another_program(tmp_path: Path) -> None:
    require("abc2midi")
    for seed in range(5):
        session = Session(load("folk"), Settings(), seed)
        out = drive(session, phrase(notes=12), tail=20.0)
        answer_text = AnswerText(session)
        answer_text.hear_events(event for event in out if isinstance(event, NoteOn | TurnChange))
        line = answer_text.line()
        tune = tmp_path / "line.abc"
        tune.write_text(f"X:1\nT:line\nM:4/4\nL:1/8\nK:C\n{line}\n")
        said = subprocess.run(
            ["abc2midi", tune, "-o", tmp_path / "line.mid"], capture_output=True, text=True, check=True
        )
        assert "Error" not in said.stdout, line
        from livegen.midi import midifile

        read = [note.pitch for note in midifile.read(tmp_path / "line.mid").beats]
        assert read == [on.pitch for on in ons(out)], line


def test_a_line_is_told_once_for_each_turn_and_each_eight_bars() -> None:
    session = Session(load("carnatic"), Settings(tonic="D3", tempo=72.0), 1)
    answer_text = AnswerText(session)
    answer_text.hear_events(drive(session, varisai(72.0), tail=60.0))
    line = answer_text.line()
    assert line.endswith("|| s") or line.endswith("|| s ,") or "|| S" in line[-6:]
    assert answer_text.line() == ""
    assert Fraction(line.count("||")) >= 1
    endless = Session(load("folk"), Settings(mode="autonomous"), 1)
    answer_text = AnswerText(endless)
    lines = []
    for _ in range(120):
        answer_text.hear_events(endless.advance(endless.now + 0.5))
        lines += [line] if (line := answer_text.line()) else []
    assert 2 <= len(lines) <= 5
    endless.panic(endless.now)
