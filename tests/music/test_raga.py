"""Ragas by rule: the 72 melakartas, the janya ragas in theirs, svaras and pitches for any tonic, just intonation."""

import doctest
from itertools import pairwise
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegen.errors import SettingsError
from livegen.music import raga, sargam
from livegen.music.sargam import LETTERS, Svara

EVERY = [*raga.NAMES, *raga.JANYA]


def test_every_melakarta_has_seven_svaras_with_sa_and_pa_fixed() -> None:
    scales = [raga.melakarta(number) for number in range(1, 73)]
    assert len(set(scales)) == 72
    for number, scale in enumerate(scales, 1):
        assert len(scale) == 7 and scale[0] == 0 and scale[4] == 7 and scale[3] == (5 if number <= 36 else 6)
        assert all(low < high for low, high in pairwise(scale)) and scale[-1] <= 11
    assert sorted(scales[:36]) == scales[:36]  # the chakras go up


def test_the_melakartas_that_everybody_knows() -> None:
    known = {
        "Kanakangi": (0, 1, 2, 5, 7, 8, 9),
        "Hanumatodi": (0, 1, 3, 5, 7, 8, 10),
        "Mayamalavagowla": (0, 1, 4, 5, 7, 8, 11),
        "Kharaharapriya": (0, 2, 3, 5, 7, 9, 10),
        "Sankarabharanam": (0, 2, 4, 5, 7, 9, 11),
        "Chalanatta": (0, 3, 4, 5, 7, 10, 11),
        "Kalyani": (0, 2, 4, 6, 7, 9, 11),
        "Rasikapriya": (0, 3, 4, 6, 7, 10, 11),
    }
    for name, semitones in known.items():
        assert raga.find(name).semitones == semitones
    numbers = {"Mayamalavagowla": 15, "Natabhairavi": 20, "Sankarabharanam": 29, "Salagam": 37, "Dharmavati": 59}
    assert {name: raga.find(name).melakarta for name in numbers} == numbers
    assert raga.find("65").name == "Mechakalyani"
    for number in (0, 73):
        with pytest.raises(SettingsError, match="1 to 72"):
            raga.melakarta(number)
        with pytest.raises(SettingsError, match="1 to 72"):
            raga.find(str(number))


def test_names_are_found_in_other_spellings_and_none_is_taken_for_another() -> None:
    assert len(raga.NAMES) == 72
    names = [*EVERY, *raga.OTHER_NAMES]
    assert [raga.find(name).name for name in EVERY] == EVERY
    assert len({raga._sound(name) for name in names}) == len(names)
    for written, meant in {
        "shankarabharanam": "Sankarabharanam",
        "Maya Malava Gaula": "Mayamalavagowla",
        "hamsadhwani": "Hamsadhvani",
        "Shuddha Saaveri": "Suddha Saveri",
        "Dheerasankarabharanam": "Sankarabharanam",
        "Sri Ragam": "Sri",
    }.items():
        assert raga.find(written).name == meant
    with pytest.raises(SettingsError, match="Mohanam"):
        raga.find("Mohini")


VAKRA = ("Kathanakuthuhalam", "Kedaram", "Nalinakanti", "Ritigowla", "Sahana", "Sri")


def test_arohana_and_avarohana_go_up_and_down_from_sa_to_sa() -> None:
    for name, (_, up, down) in raga.JANYA.items():
        straight = True
        for scale, direction in ((up, 1), (down, -1)):
            svaras = [Svara(LETTERS.index(letter.lower()), int(letter.isupper())) for letter in scale.split()]
            straight &= all(direction * (to.height - come.height) > 0 for come, to in pairwise(svaras))
            assert [str(svaras[0]), str(svaras[-1])] == ["s", "S"][::direction]
        assert straight == (name not in VAKRA) == (not raga.find(name).moves), name
    mohanam = raga.find("Mohanam")
    assert [mohanam.semitones[degree] for degree in sorted(mohanam.arohana)] == [0, 2, 4, 7, 9]


def test_a_line_goes_up_by_the_arohana_and_down_by_the_avarohana() -> None:
    arabhi = raga.find("Arabhi")  # up s r m p d S, down S n d p m g r s
    ga, ri, ma, ni = Svara(2), Svara(1), Svara(3), Svara(6)
    assert arabhi.allows(ma, ga) and not arabhi.allows(ri, ga) and arabhi.allows(ga, ga)
    assert arabhi.allows(ri, ma) and not arabhi.allows(ma, ni) and arabhi.allows(Svara(0, 1), ni)
    assert arabhi.allows(None, ga) and not raga.find("Mohanam").allows(None, ma)


@pytest.mark.parametrize(
    ("name", "sung", "never"),
    [
        ("Kathanakuthuhalam", "s r m d n g p S n d p m g r s", "r g|m p|n S|g m|s p"),
        ("Kedaram", "s m g m p n S n p m g r s", "s r|s g|r m|g d"),
        ("Nalinakanti", "s g r m p n S n p m g r s", "s r|g m|s m|r g|m d"),
        ("Ritigowla", "s g r g m n d m n S n d m g m p m g r s", "s r|r p|m d|p n|d n|d p"),
        ("Sahana", "s r g m p m d n S n d p m g m r g r s", "p d|p n|m s|p r|g d"),
        ("Sri", "s r m p n S n p d n p m r g r s", "s g|g m|p g|d p|n d|d S"),
    ],
)
def test_a_vakra_line_turns_where_its_ways_turn(name: str, sung: str, never: str) -> None:
    def may(phrase: str) -> bool:
        svaras = [Svara(LETTERS.index(letter.lower()), int(letter.isupper())) for letter in phrase.split()]
        return all(scale.allows(come, to) for come, to in pairwise(svaras))

    scale = raga.find(name)
    assert may(sung)
    assert {phrase: may(phrase) for phrase in never.split("|")} == dict.fromkeys(never.split("|"), False)


def test_the_rule_of_the_turning_ways_is_that_of_the_straight_ones_where_nothing_turns() -> None:
    for name, (_, up, down) in raga.JANYA.items():
        if name in VAKRA:
            continue
        scale, moves = raga.find(name), raga._runs(raga._heights(up)) + raga._runs(raga._heights(down))
        assert len(moves) == 2
        for run in moves:
            for index, height in enumerate(run):
                before = Svara(height % 7, height // 7)
                after = {later for later in range(36) if (later > height) == (run[1] > run[0]) and later != height}
                told = {each for each in after if scale.allows(before, Svara(each % 7, each // 7))}
                assert told == set(run[index + 1 :])


@given(st.sampled_from(EVERY), st.integers(36, 79), st.integers(0, 6), st.integers(-2, 2))
def test_svaras_become_pitches_and_pitches_svaras(name: str, tonic: int, degree: int, sthayi: int) -> None:
    scale, svara = raga.find(name), Svara(degree, sthayi)
    pitch = scale.pitch(svara, tonic)
    assert pitch == tonic + 12 * sthayi + scale.semitones[degree]
    there = degree in scale.arohana | scale.avarohana
    assert scale.svara(pitch, tonic) == (svara if there else None)
    assert sum(scale.svara(tonic + semitone, tonic) is not None for semitone in range(12)) == len(
        scale.arohana | scale.avarohana
    )


def test_a_pitch_outside_midi_is_refused() -> None:
    with pytest.raises(SettingsError, match="tonic"):
        raga.find("Mohanam").pitch(Svara(0, 2), 110)
    assert raga.find("Mohanam").svara(127, 60) is None  # three sthayis above


@pytest.mark.parametrize(("name", "pitch"), [("C4", 60), ("D3", 50), ("bb3", 58), ("F#2", 42), ("57", 57)])
def test_tonics(name: str, pitch: int) -> None:
    assert raga.tonic(name) == pitch


@pytest.mark.parametrize("name", ["H3", "", "D", "C-1", "G9", "5", "120"])
def test_tonics_that_are_none(name: str) -> None:
    with pytest.raises(SettingsError, match="tonic"):
        raga.tonic(name)


def test_just_ratios_are_near_their_semitones_and_bend_there() -> None:
    for semitone, ratio in enumerate(raga.RATIOS):
        cents = 1200 * log2(ratio)
        assert abs(cents - 100 * semitone) < 20
        assert 100 * semitone + raga.bend(60 + semitone, 60) / 8192 * 200 == pytest.approx(cents, abs=0.02)
        assert raga.bend(50 + semitone - 12, 50) == raga.bend(60 + semitone, 60)
    assert raga.bend(64, 60) == -561  # 5/4 is 13.7 cents below four semitones


def test_doctests() -> None:
    assert doctest.testmod(raga).failed == 0 < doctest.testmod(raga).attempted
    assert sargam.LETTERS == "srgmpdn"
