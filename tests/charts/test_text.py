"""Charts as plain text: what is read, what is refused and why, and that what is written is read as the same."""

import random

import pytest

from livegen.charts.chart import Bar, Change, Chart
from livegen.charts.text import read_chart, write_chart
from livegen.errors import FileError
from livegen.files import chart_file
from livegen.music.chord_symbol import read
from livegen.music.key import Key


def bars(text: str) -> list[str]:
    """Each bar as it is played, its chords with their beats."""
    return [
        " ".join(f"{change.chord.name() if change.chord else 'N.C.'}@{change.beat:g}" for change in bar.changes)
        for bar in read_chart(text).bars
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("| Dm7 | G7 | Cmaj7 | % |", ["Dm7@0", "G7@0", "Cmaj7@0", "Cmaj7@0"]),
        ("C | F G", ["C@0", "F@0 G@2"]),
        ("| C F G |", ["C@0 F@2 G@3"]),
        ("| C . F G |", ["C@0 F@2 G@3"]),
        ("| C / / G |", ["C@0 G@3"]),
        ("| C . F . G . Am . |", ["C@0 F@1 G@2 Am@3"]),
        ("metre: 3/4\n| C F | C F G |", ["C@0 F@2", "C@0 F@1 G@2"]),
        ("| N.C. | . . C . |", ["N.C.@0", "C@2"]),
        ("|: C | F :| G |", ["C@0", "F@0", "C@0", "F@0", "G@0"]),
        ("|: C :| x3 F |", ["C@0", "C@0", "C@0", "F@0"]),
        ("|: C |1. F :|2. G || Am |", ["C@0", "F@0", "C@0", "G@0", "Am@0"]),
        ("|: C |1,2. F :|3. G ||", ["C@0", "F@0", "C@0", "F@0", "C@0", "G@0"]),
        ("| C :| F |", ["C@0", "C@0", "F@0"]),
        ("|: C :|: F :| G", ["C@0", "C@0", "F@0", "F@0", "G@0"]),
        ("[A]\n| C |\n[B]\n| F |\norder: A A B A", ["C@0", "C@0", "F@0", "C@0"]),
        ("A: | C |\nB: | F |", ["C@0", "F@0"]),
        ("# a song\n\n| C | # comment\n| F# |", ["C@0", "F#@0"]),
    ],
)
def test_bars_as_they_are_played(text: str, wanted: list[str]) -> None:
    assert bars(text) == wanted


def test_the_lines_before_the_bars() -> None:
    chart = read_chart("Title: Tune\nkey = F#m\nMETRE: 12/8\ntempo: 66.5 bpm\nstyle: ballad\n| F#m |")
    assert (chart.title, chart.key, chart.beats, chart.compound) == ("Tune", Key(6, minor=True), 4, True)
    assert (chart.tempo, chart.style) == (66.5, "ballad")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no bars; write them as"),
        ("| C | Hm |", "line 1: There is no chord 'Hm'"),
        ("\n| % |", "line 2: % repeats the bar before it"),
        ("metre: 4/5\n| C |", "line 1: there is no metre '4/5'"),
        ("tempo: 1000\n| C |", "not between 20 and 400"),
        ("key: Q\n| C |", "There is no key 'Q'"),
        (":| C |", "a repeat ends before the first bar"),
        ("| C |\norder: A", "a section 'A' that is not there"),
        ("|: C :| x99 |: C :| x99 " * 20, "more than 2,048 bars"),
        ("| C " * 3000, "more than 2,048 bars"),
        ("C" * 70000, "longer than 65,536 characters"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text: str, says: str) -> None:
    with pytest.raises(FileError, match=says):
        read_chart(text)


def test_what_is_written_is_read_as_the_same_chart() -> None:
    for name in chart_file.names():
        (chart,) = chart_file.read_charts(chart_file.find(name))
        again = read_chart(write_chart(chart))
        assert (again.spans, again.sections, again.starts) == (chart.spans, chart.sections, chart.starts), name
        assert again == read_chart(write_chart(again)), name


def test_any_chart_is_written_and_read_again() -> None:
    drawn = random.Random(3)
    symbols = "C Dm7 F#m7b5 Bb13#11 E7alt Ab/Eb G7sus4 N.C.".split()
    for _ in range(200):
        beats = drawn.choice((2, 3, 4, 5))
        parts = drawn.choice((1, 2, 3, 4))
        made: list[Bar] = []
        for _ in range(drawn.randint(1, 12)):
            places = sorted(drawn.sample(range(beats * parts), drawn.randint(0, 2)))
            changes = tuple(Change(place / parts, read(drawn.choice(symbols))) for place in places)
            made.append(Bar(beats, changes, drawn.choice(("", "A", "B")), len(made) + 1))
        chart = Chart("x", tuple(made), Key(drawn.randrange(12), drawn.random() < 0.5), beats)
        again = read_chart(write_chart(chart))
        assert [span.chord for span in again.spans] == [span.chord for span in chart.spans]
        assert [span.start for span in again.spans] == pytest.approx([span.start for span in chart.spans])
