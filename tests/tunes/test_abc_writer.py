"""Written ABC: read again it is the same music, and foreign programs take it."""

import doctest
import subprocess
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegen.errors import SettingsError
from livegen.events import NoteOn, pair
from livegen.tunes import abc_reader, abc_writer
from livegen.tunes.abc_fields import key_signature
from livegen.tunes.abc_writer import Key, Sheet, Tone, beat_length, performance, write
from livegen.tunes.tune import quarters
from tests.support.parts import require

KEYS = [Key(letter, sign, mode) for letter in "CDEFGAB" for sign in ("", "#", "b") for mode in ("", "m", "dor", "mix")]
KEYS = [key for key in KEYS if abs(key.fifths) <= 7]
LENGTHS = [Fraction(value) for value in ("1/8 1/4 3/8 1/2 3/4 1 3/2 2 3 1/6 1/3 2/3").split()]
TITLE = "A 100 % fine\ntune"


def bar(notes: list[tuple[int | None, Fraction]], length: Fraction) -> list[Tone]:
    """As many of the notes as fit, and a rest."""
    found: list[Tone] = []
    left = length
    for pitch, duration in notes:
        if duration <= left and (left - duration).denominator in (1, 2, 4, 8, 3, 6, 12, 24):
            found.append(Tone(pitch, duration))
            left -= duration
    return [*found, Tone(None, left)] if left else found


notes = st.lists(st.tuples(st.one_of(st.none(), st.integers(24, 108)), st.sampled_from(LENGTHS)), max_size=8)


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    metre = draw(st.sampled_from(["2/4", "3/4", "4/4", "6/8", "9/8"]))
    length = Fraction(metre) * 4
    bars = [bar(draw(notes), length) for _ in range(draw(st.integers(1, 6)))]
    parts = [bars[: len(bars) // 2], bars[len(bars) // 2 :]] if len(bars) > 1 else [bars]
    return Sheet(TITLE, draw(st.sampled_from(KEYS)), metre, parts, "jig", tempo=draw(st.integers(60, 240)))


def sounding(sheet: Sheet) -> list[tuple[Fraction, Fraction, int]]:
    found = []
    at = Fraction(0)
    for part in sheet.parts:
        for tone in (tone for each in part for tone in each):
            if tone.pitch is not None:
                found.append((at, tone.duration, tone.pitch))
            at += tone.duration
    return found


@given(sheets())
def test_read_again_it_is_the_same_music(sheet: Sheet) -> None:
    if not sounding(sheet):
        return
    text = write(sheet)
    tune = abc_reader.read_tune(text)
    assert [(quarters(n.onset), quarters(n.duration), n.pitch) for n in tune.notes] == sounding(sheet)
    played = abc_reader.read_tune(text, "performed")
    seconds = 60 / sheet.tempo
    heard = pair(performance(sheet))
    assert [note.pitch for note in heard] == [note.pitch for note in played.notes]
    assert [note.onset / seconds for note in heard] == pytest.approx([note.onset for note in played.notes])


@pytest.mark.parametrize("key", KEYS, ids=str)
def test_keys_have_their_signatures_and_their_own_notes_need_no_sign(key: Key) -> None:
    assert key.signature == key_signature(str(key)) and Key.parse(str(key)) == key
    scale = sorted(pitch for pitch in range(60, 72) if pitch % 12 in key.scale)
    assert len(scale) == 7 and key.tonic in key.scale
    text = write(Sheet("", key, "7/8", [[[Tone(pitch, Fraction(1, 2)) for pitch in scale]]]))
    assert not set("^_=") & set(text.splitlines()[-1])


def test_what_is_no_key_is_refused() -> None:
    for text in ("", "H", "Dblues", "G#", "Fbm"):
        with pytest.raises(SettingsError, match="key"):
            Key.parse(text)


def test_signs_ties_triplets_and_lengths() -> None:
    third, eighth = Fraction(1, 3), Fraction(1, 2)
    first = [Tone(66, eighth), Tone(65, eighth), Tone(77, eighth), Tone(66, eighth), Tone(61, Fraction(2), tied=True)]
    second = [
        *(Tone(pitch, third) for pitch in (61, 62, 64)),
        Tone(62, 2 * third),
        Tone(60, third),
        Tone(85, Fraction(2)),
    ]
    text = write(Sheet("Test", Key("D"), "4/4", [[first, second]], tempo=90))
    assert text == "X:1\nT:Test\nM:4/4\nL:1/8\nQ:1/4=90\nK:D\n|: F=F =f^F C4- | (3CDE (3:2:1D2(3:2:1=C ^c'4 :|\n"
    tune = abc_reader.read_tune(text)
    assert [note.pitch for note in tune.notes] == [66, 65, 77, 66, 61, 62, 64, 62, 60, 85]
    assert tune.notes[4].duration == pytest.approx(2 + 1 / 3)
    heard = pair(performance(Sheet("", Key("D"), "4/4", [[first, second]], tempo=60)))
    assert [note.duration for note in heard[:10]] == pytest.approx([note.duration for note in tune.notes])


def test_a_bar_that_does_not_add_up_and_a_length_without_a_name_are_refused() -> None:
    for duration in (Fraction(3), Fraction(4, 5)):
        tones = [Tone(60, duration)] * (1 if duration == 3 else 5)
        with pytest.raises(ValueError):
            write(Sheet("", Key("C"), "4/4", [[tones]]))


def test_played_it_has_each_part_twice() -> None:
    whole = [Tone(60, Fraction(4))]
    sheet = Sheet("", Key("C"), "4/4", [[whole], [[Tone(67, Fraction(4))]]], tempo=60)
    ons = [(event.at, event.pitch) for event in performance(sheet) if isinstance(event, NoteOn)]
    assert ons == [(0.0, 60), (4.0, 60), (8.0, 67), (12.0, 67)]


def test_beats() -> None:
    assert doctest.testmod(abc_writer).failed == 0 < doctest.testmod(abc_writer).attempted
    assert [beat_length(metre) for metre in ("6/8", "4/4", "2/2")] == [Fraction(3, 2), 1, 2]


@pytest.mark.parametrize("program", ["abc2midi", "abc2abc"])
def test_foreign_programs_take_it(program: str, tmp_path: Path) -> None:
    require(program)
    scales = [Tone(pitch, Fraction(1, 2)) for pitch in (60, 61, 62, 63, 66, 65)]
    triplets = [*[Tone(70, Fraction(1, 3))] * 3, Tone(71, Fraction(2))]
    path = tmp_path / "tunes.abc"
    path.write_text(
        "\n".join(write(Sheet("T", key, "6/8", [[scales], [triplets]]), n + 1) for n, key in enumerate(KEYS))
    )
    command = [program, str(path), *(["-c"] if program == "abc2midi" else [])]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    said = result.stdout + result.stderr
    assert result.returncode == 0 and "rror" not in said and "arning" not in said
    assert program == "abc2midi" or said.count("K:") == len(KEYS)
