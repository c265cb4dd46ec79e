"""Chord symbols: what each spelling means, the normal form, and the names in a key."""

import random

import pytest

from livegen.errors import SettingsError
from livegen.music.chord_symbol import (
    DIMINISHED,
    MAJOR,
    MINOR,
    SEVENTH,
    Chord,
    quality_name,
    read,
    tones_of,
)
from livegen.music.key import read_key

# The qualities that iReal Pro's keyboard has, as it writes them.
IREAL = """^ ^7 - -7 -^7 -6 -69 -9 -11 -7b5 h h7 h9 o o7 7 9 13 7b9 7b13 7#9 7#11 7b5 7#5 9b5 9#5 7b9b5 7b9#5 7b9#9
7b9b13 7#9b5 7#9#5 7#9#11 7b9#11 7alt 13b9 13#9 13#11 9#11 sus 7sus 9sus 13sus 7b9sus 7b13sus 7susadd3 6 69 add9 2 5 ^9
^13 ^7#11 ^9#11 ^7#5 + -b6 -#5 -^9""".split()
# One normal form, and spellings of it in lead sheets, jazz charts and song books.
ALIKE = {
    "": "maj major Maj M",
    "m": "min - mi MI minor",
    "7": "dom7 dominant7",
    "m7": "min7 -7 mi7 MI7 minor7",
    "maj7": "Maj7 M7 ma7 MA7 Δ Δ7 △7 ^ ^7 j7",
    "mmaj7": "mM7 m(maj7) min/maj7 mMaj7 -Δ7 -Δ mΔ m#7 -j7",
    "m7b5": "ø Ø7 h h7 -7b5 m7-5 m7(b5) min7b5 halfdim half-dim",
    "dim": "° o º Dim diminished",
    "dim7": "°7 o7",
    "aug": "+ aug Aug augmented #5",
    "7#5": "+7 7+ aug7 7aug 7(#5) 7♯5",
    "7b9": "7-9 7(b9) 7♭9 79b",
    "7#9": "7+9 79#",
    "13": "7913",
    "7b9b13": "79b13b 7(b9,b13)",
    "13#11": "7913#11",
    "7sus4": "7sus sus7 7SUS4",
    "sus4": "sus SUS4",
    "add9": "2 add2 (add9) ADD9",
    "69": "6/9 6(9)",
    "5": "no3 (no3) omit3",
    "(b5)": "-5 (-5)",
    "7b9#11": "7(b9,#11) 7(b9/#11) 7b9,#11",
    "7alt": "alt Alt",
    "7no5": "7(no5) 7omit5",
}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("C7alt", {0, 1, 3, 4, 6, 8, 10}),
        ("F#ø", {6, 9, 0, 4}),
        ("Bb13sus", {10, 3, 5, 8, 0, 7}),
        ("E7b9#9", {4, 8, 11, 2, 5, 7}),
        ("A-Δ7", {9, 0, 4, 8}),
        ("Db°7", {1, 4, 7, 10}),
        ("G9b5", {7, 11, 1, 5, 9}),
        ("Ab6/9", {8, 0, 3, 5, 10}),
        ("D7/F#", {2, 6, 9, 0}),
        ("Cm/Bb", {0, 3, 7, 10}),
        ("E##7", {6, 10, 1, 4}),
        ("C13b9", {0, 4, 7, 10, 1, 9}),
        ("Gm11", {7, 10, 2, 5, 9, 0}),
    ],
)
def test_the_notes_of_a_symbol(name: str, wanted: set[int]) -> None:
    chord = read(name)
    assert chord is not None and chord.classes == wanted


@pytest.mark.parametrize("normal", ALIKE)
def test_spellings_of_one_chord_have_one_normal_form(normal: str) -> None:
    wanted = tones_of(normal)
    assert wanted is not None and quality_name(wanted) == normal
    for written in ALIKE[normal].split():
        assert tones_of(written) == wanted, written


def test_what_is_written_is_read_as_the_same_chord() -> None:
    """Also of symbols that nobody writes: number and alterations drawn at random."""
    drawn = random.Random(5)
    heads, numbers = ["", "m", "maj", "dim", "aug", "ø", "+"], ["", "6", "69", "7", "9", "11", "13"]
    changes = "b5 #5 b9 #9 #11 b13 sus4 sus2 add9 add11 no5 no3 add4 b6 maj7".split()
    symbols = [*IREAL, *ALIKE]
    for _ in range(2000):
        symbols.append(
            drawn.choice(heads) + drawn.choice(numbers) + "".join(drawn.sample(changes, drawn.randint(0, 2)))
        )
    for symbol in symbols:
        tones = tones_of(symbol)
        assert tones is not None, symbol
        assert tones_of(quality_name(tones)) == tones, f"{symbol}: {quality_name(tones)}"


@pytest.mark.parametrize("text", ["N.C.", "NC", "n.c.", "No Chord", "n"])
def test_no_chord_is_no_chord(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["", "H7", "Cmojo", "7", "Cm7x", "C/H", "Csus5", "Cadd5b", "%", "C" * 50])
def test_what_is_no_chord_is_said_in_one_sentence(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^There is no chord .*; write it as in C, Am"):
        read(text)


@pytest.mark.parametrize(
    ("name", "key", "wanted"),
    [
        ("Db7", "C", "Db7"),
        ("A#7", "F", "Bb7"),
        ("C#dim7", "C", "C#dim7"),
        ("Db°7", "C", "C#dim7"),
        ("Ab7", "A", "G#7"),
        ("D7/Gb", "Eb", "D7/F#"),
        ("Am/G#", "Am", "Am/G#"),
        ("F7/D#", "Bb", "F7/Eb"),
        ("Cmaj7/C", "C", "Cmaj7"),
        ("Gb", "E", "F#"),
    ],
)
def test_a_name_is_spelled_as_its_key_asks(name: str, key: str, wanted: str) -> None:
    chord = read(name)
    assert chord is not None and chord.name(read_key(key)) == wanted


@pytest.mark.parametrize(
    ("name", "family"),
    [("C6", MAJOR), ("Csus4", MAJOR), ("Caug", MAJOR), ("C9sus4", SEVENTH), ("C7#5", SEVENTH), ("Cm9", MINOR),
     ("Cmmaj7", MINOR), ("Cø", DIMINISHED), ("Co7", DIMINISHED), ("Cmaj13", MAJOR), ("C5", MAJOR)],
)  # fmt: skip
def test_the_family_of_a_chord(name: str, family: str) -> None:
    chord = read(name)
    assert chord is not None and chord.family == family


def test_a_transposed_chord_moves_with_its_bass() -> None:
    assert read("Dm7/C") == Chord(0, ((1, 0), (3, 3), (5, 7), (7, 10)), 10).transposed(2)
