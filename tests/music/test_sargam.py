"""Sargam: reading reverses writing, and an error message names the place of the mistake."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegen.errors import SettingsError
from livegen.music import sargam
from livegen.music.sargam import ADI, TALAS, Svara, Tala, Varisai, parse
from livegen.predictors import varisai_network

SVARAS = st.builds(Svara, st.integers(0, 6), st.integers(sargam.LOWEST, sargam.HIGHEST))


@st.composite
def varisais(draw: st.DrawFn) -> Varisai:
    tala = draw(st.sampled_from(list(TALAS.values())))
    length = tala.aksharas * draw(st.integers(1, 4)) - 1
    sung = draw(st.lists(st.none() | SVARAS, min_size=length, max_size=length))
    return Varisai((draw(SVARAS), *sung), tala)


@given(varisais())
def test_what_is_written_is_read_again_whatever_the_blanks(piece: Varisai) -> None:
    text = str(piece)
    assert parse(text, piece.tala) == piece
    assert parse(text.replace(" ", ""), piece.tala) == parse(text.replace(" ", "\n "), piece.tala) == piece
    assert sum(length for _, length, _ in piece.notes()) == len(piece.sung)


def test_every_svara_is_written_otherwise() -> None:
    every = [Svara(degree, sthayi) for sthayi in range(-2, 3) for degree in range(7)]
    assert len({str(svara) for svara in every}) == 35
    assert [str(Svara(6, sthayi)) for sthayi in range(-2, 3)] == ["n..", "n.", "n", "N", "N'"]
    assert [svara.height for svara in every] == list(range(-14, 21))


def test_the_bars_of_adi_tala_are_four_two_two() -> None:
    piece = parse("s r g m | p d | n , || S n. d p | m , | , r' || ".replace("r'", "R'"))
    assert [ADI.bar_after(place) for place in range(8)] == ["", "", "", "|", "", "|", "", "||"]
    assert piece.notes()[6:8] == [(6, 2, Svara(6)), (8, 1, Svara(0, 1))]
    assert str(Varisai(piece.sung[:6], Tala("rupaka", (2, 4)))) == "s r | g m p d ||"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("s r x", "line 1, character 5 (avartana 1, akshara 3): `x` is no sign"),
        ("s r g m p d", "line 1, character 9 (avartana 1, akshara 5): adi tala has `|` here, not `p`"),
        ("s r\ng | p", "line 2, character 3 (avartana 1, akshara 4): adi tala has no bar line here, not `|`"),
        ("s r g m | p d | n S |", "character 21 (avartana 2, akshara 1): adi tala has `||` here, not `|`"),
        ("s r g m | p d | n S", "character 20 (avartana 2, akshara 1): the notation ends where `||` is due"),
        ("s r g m | p", "character 12 (avartana 1, akshara 6): the notation ends where a svara or `,` is due"),
        ("s r g m || p", "adi tala has `|` here, not `||`"),
        ("", "line 1, character 1"),
        (", s", "character 1 (avartana 1, akshara 1): `,` has nothing to hold"),
        ("s s'", "character 3 (avartana 1, akshara 2): `s'` is no svara"),
        ("n...", "`n...` is no svara"),
        ("N''", "`N''` is no svara"),
        ("S.", "`S.` is no svara"),
        ("ſ", "`ſ` is no sign"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse(text)
    assert says in str(caught.value)


@given(st.text(alphabet="srgmpdnSRN,|.' \nx", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        piece = parse(text)
    except SettingsError as error:
        assert str(error).startswith("At line ")
    else:
        assert "".join(str(piece).split()) == "".join(text.split())


def test_named_varisais_are_read_and_their_mistakes_found_in_the_file() -> None:
    found = sargam.read("# two\none: s r g m | p d | n S || # up\n\ntwo:S n d p | m g | r s ||")
    assert list(found) == ["one", "two"] and str(found["two"]) == "S n d p | m g | r s ||"
    with pytest.raises(SettingsError, match="line 3, character 8 "):
        sargam.read("one: s r g m | p d | n S ||\n\ntwo: s q")
    with pytest.raises(SettingsError, match="Line 2"):
        sargam.read("# no name\ns r g m")


def test_a_varisai_that_is_none_is_refused() -> None:
    for sung in ((), (Svara(0),) * 7, (None, *(Svara(0),) * 7)):
        with pytest.raises(SettingsError):
            Varisai(sung)


def test_the_fourteen_lessons_are_in_the_package() -> None:
    lessons = varisai_network.lessons()
    assert list(lessons) == [str(number) for number in range(1, 15)]
    assert [len(lesson.tokens()) for lesson in lessons.values()] == [22] + [44] * 13
    assert all(lesson.sung[-1] == Svara(0) for lesson in lessons.values())
    assert str(lessons["14"]).endswith("S n d p | m g | r s ||")


def test_doctests() -> None:
    assert doctest.testmod(sargam).failed == 0 < doctest.testmod(sargam).attempted
