"""Links of iReal Pro's: the places of the characters, the signs of its protocol, and the fields of a link."""

import time

import pytest

from livegen.charts.chart import Chart
from livegen.charts.ireal import link_of, links, read_link, straightened
from livegen.errors import FileError


def chart_of(music: str, key: str = "C") -> Chart:
    (chart,) = read_link(link_of("Tune", "Swing", key, music, 120))
    return chart


def bars(music: str) -> list[str]:
    return [
        " ".join(f"{change.chord.name() if change.chord else 'N.C.'}@{change.beat:g}" for change in bar.changes)
        for bar in chart_of(music).bars
    ]


def test_the_first_and_the_middle_characters_of_a_block_change_places() -> None:
    plain = "abcde56789ABCDEFGHIJKLMN45MNOPQRSTUVWXYZ01cdvwxyz"[:24] + "--" + "NMLKJIHGFEDCBA98765edcba"
    assert len(plain) == 50
    assert straightened(plain + "..") == "abcde56789ABCDEFGHIJKLMN--NMLKJIHGFEDCBA98765edcba.."
    block = "0123456789" * 5
    moved = straightened(block + "ab")
    assert moved[:5] == "98765" and moved[5:10] == "56789" and moved[10:24] == "98765432109876"
    assert moved[24:26] == "45" and moved[45:50] == "43210" and moved[50:] == "ab"
    assert straightened(block) == block  # the last block stays


def test_short_words_stand_for_signs() -> None:
    assert straightened("CXyQLZDKclE") == "C    |D| xE"


@pytest.mark.parametrize(
    ("music", "wanted"),
    [
        ("T44[C^7   |A-7 D7 |G7   Z", ["Cmaj7@0", "Am7@0 D7@2", "G7@0"]),
        ("T44[C^7,A-7,D-7,G7,|Ch  C/EZ", ["Cmaj7@0 Am7@1 Dm7@2 G7@3", "Cm7b5@0 C/E@3"]),
        ("T34[C  | x  |F G Z", ["C@0", "C@0", "F@0 G@1.5"]),
        ("T44[C   |D   | r|G   Z", ["C@0", "D@0", "C@0", "D@0", "G@0"]),
        ("{C   |N1F   }| N2G   Z", ["C@0", "F@0", "C@0", "G@0"]),
        ("{C   <3x>}F   Z", ["C@0", "C@0", "C@0", "F@0"]),
        ("[C   |SD   |QE   |<D.S. al Coda>F   ][QG   Z", ["C@0", "D@0", "E@0", "F@0", "D@0", "E@0", "G@0"]),
        ("[C   |U D   |<D.C. al Fine>E   Z", ["C@0", "D@0", "E@0", "C@0", "D@0"]),
        ("[C-7(F7)   |W/Bb   |n   |pppE7Z", ["Cm7@0", "Cm7/Bb@0", "N.C.@0", "E7@3"]),
        ("T44[lC   |sD7susadd3YY   Z", ["C@0", "D7add4@0"]),
    ],
)
def test_the_signs_of_the_protocol(music: str, wanted: list[str]) -> None:
    assert bars(music) == wanted


def test_sections_metre_key_and_tempo() -> None:
    chart = chart_of("T12*A[C   |F   ]*iT34[G  Z", "A-")
    assert [section.name for section in chart.sections] == ["A", "Intro"]
    assert (chart.title, chart.style, chart.key.name, chart.tempo, chart.beats) == ("Tune", "Swing", "Am", 120.0, 4)
    assert chart.compound and [bar.beats for bar in chart.bars] == [4, 4, 3]


def test_several_songs_of_one_link_and_a_page_with_links() -> None:
    one, other = (link_of(name, "Bossa", "F", "T44[C7   Z") for name in ("One", "Two & a half"))
    both = one + "%3D%3D%3D" + other.removeprefix("irealb://") + "%3D%3D%3DPlaylist"
    assert [chart.title for chart in read_link(both)] == ["One", "Two & a half"]
    assert links(f'<a href="{one}">One</a> and <a href="{other}">Two</a>') == [one, other]


def test_a_link_whose_music_is_plain() -> None:
    (chart,) = read_link("irealbook://Blue%20Tune=Doe%20Jane=Medium%20Swing=Bb=n=T44*A{Bb7%20%20%20|Eb7%20%20%20}")
    assert (chart.title, chart.key.name, len(chart.bars)) == ("Blue Tune", "Bb", 4)


@pytest.mark.parametrize("link", ["http://x", "irealb://", "irealb://a=b=c", "irealbook://a=b=c=C=n=", "irealb://%FF"])
def test_what_is_no_chart_is_said(link: str) -> None:
    with pytest.raises(FileError, match="iReal Pro's"):
        read_link(link)


@pytest.mark.parametrize("hostile", ["T44C" + "(" * 60_000, "T44C" + "<" * 60_000, "T44C" + "(<" * 30_000])
def test_what_is_opened_and_never_closed_costs_little(hostile: str) -> None:
    began = time.process_time()
    assert len(chart_of(hostile + "Z").bars) == 1
    assert time.process_time() - began < 15.0  # where each looked to the end for its other half it took a minute


@pytest.mark.parametrize("music", ["C |" * 3_000, "T44C |" + "x" * 3_000])
def test_a_link_of_thousands_of_bars_is_refused_before_they_are_all_read(music: str) -> None:
    with pytest.raises(FileError, match="Tune: it has more than 2,048 bars"):
        chart_of(music)
