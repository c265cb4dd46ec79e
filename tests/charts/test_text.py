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


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("‖: C | F :‖ (x3)", "C F C F C F"),
        ("[: C | F :] 3x", "C F C F C F"),
        ("| C | F | x2", "C F C F"),
        ("| B♭Δ7 | F♯ø7 | C°7 | G−7 |", "Bbmaj7 F#m7b5 Cdim7 Gm7"),
        ("| Dm7 (Db7) | G7 or Db7 | (Dm7 G7) |", "Dm7 G7 Dm7,G7"),
        ("| C | F | %% | G |", "C F C F G"),
        ("| C | x | F | sim. | | G | 𝄎 |", "C C F F - G G"),
        ("| C Fine | F | G | D.C. al Fine |", "C F G C"),
        ("| C | F To Coda | G | C |\n| Am D.C. al Coda |\nCoda\n| E |", "C F G C Am C F E"),
        ("| C | 𝄋 F ⊕ | G |\nD.S. al Coda\n[Coda] | E |", "C F G F E"),
        ("|: C | F :|\n| G |\nD.C.", "C F C F G C F G"),
        ("|: C |1 F | G :|[2. Am | E ||", "C F G C Am E"),
        ("|: C |1st F :|2nd G |", "C F C G"),
        ("| a | d7 | E7 | f#m |", "A D7 E7 F#m"),  # one says that it is minor, so the others do not
        ("| a | d7 | E7 | C7(b9) |", "Am Dm7 E7 C7b9"),
        ("| c | f | g7 |", "C F G7"),
        ("Dm7\nG7\nCmaj7\n", "Dm7 G7 Cmaj7"),
        ("Dm7 - G7, Cmaj7 (Am7 D7)", "Dm7 G7 Cmaj7 Am7,D7"),
        ("C / / / F / G /", "C F,G"),
        ("C / F / G", "C F G"),
        ("| Dm7-G7 | C... | F//G// | Am , E ; |", "Dm7,G7 C F,G Am,E"),
        ("| C - G | F – C |", "C,G F,C"),
        ("| C | /B | Am | /G |", "C C/B Am Am/G"),
        ("| C | N/C | tacet | no chord |", "C N.C. N.C. N.C."),
        ("| <C> | G7! | C major | D dim7 |", "C G7 C Ddim7"),
        ("1 | C | F |\n5 | G | C |", "C F G C"),
        ("```\n| C | F |\n|---|---|\n| G | C |\n```", "C F G C"),
        ("\ufeffA Song (by N. N.)\nKey of Eb\n| Eb | Bb |\nwords that are sung\n| Ab | Eb | and here", "Eb Bb Ab Eb"),
        ("{title: Song}\n{start_of_grid}\n| G . | C . |\n{end_of_grid}", "G C"),
        ("C# is a chord\n| C# | F# |", "C# F#"),
    ],
)
def test_bars_as_people_write_them(text: str, wanted: str) -> None:
    found = [
        ",".join(change.chord.name(Key(4)) if change.chord else "N.C." for change in bar.changes) or "-"
        for bar in read_chart(text).bars
    ]
    assert found == [",".join(map(in_sharps, each.split(","))) for each in wanted.split()]


def in_sharps(name: str) -> str:
    """A chord as E major spells it."""
    chord = None if name == "-" else read(name)
    return name if chord is None else chord.name(Key(4))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Intro\n| C | F |\n**Verse 1**\n| G | C |", "Intro:2 Verse 1:2"),
        ("(A)\n| C |\n(B) | F | G |", "A:1 B:2"),
        ("A: | C | F | B: | G |", "A:2 B:1"),
        ("A1: | C |\nA2: | F |\n## Bridge\n| G |", "A1:1 A2:1 Bridge:1"),
        ("A\n| C |\nB\n| F |", "A:1 B:1"),
        ("[A] x2\n| C |\nTag (3x):\n| F |", "A:1 A:1 Tag:1 Tag:1 Tag:1"),
        ("form: AABA\n[A]\n| C |\n[B]\n| F |", "A:1 A:1 B:1 A:1"),
        ("A A B A\n[A]\n| C |\n[B]\n| F |", "A:1 A:1 B:1 A:1"),
        ("order: Verse 1, Chorus x2\n[Verse 1]\n| C |\n[Chorus]\n| F |", "Verse 1:1 Chorus:1 Chorus:1"),
        ("# Verse\nC G\n# Chorus\nF C\n", "Verse:2 Chorus:2"),
    ],
)
def test_sections_as_people_write_them(text: str, wanted: str) -> None:
    chart = read_chart(text)
    assert " ".join(f"{each.name}:{(each.end - each.start) / 4:g}" for each in chart.sections) == wanted


def test_a_metre_changes_on_the_way_and_is_written() -> None:
    chart = read_chart("| C | 3/4 F | G |\n2/4\n| C G |\n| 4/4 C |")
    assert [bar.beats for bar in chart.bars] == [4, 3, 3, 2, 4] and chart.beats == 4
    again = read_chart(write_chart(chart))
    assert (again.starts, again.spans) == (chart.starts, chart.spans)


def test_words_above_the_bars_tell_what_they_tell() -> None:
    chart = read_chart("Blue Room (N. N.)\nMedium Bossa  q=140, 3/4\nkey: E♭ minor\n\n| Ebm |")
    assert (chart.title, chart.tempo, chart.beats) == ("Blue Room", 140.0, 3)
    assert (chart.style, chart.key) == ("bossa", Key(3, minor=True))


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
        ("[G]Some [C]words [D]sung", "line 1: chords among words have no bars"),
        ("G   C   D\nSome words are sung", "line 2: there are words among the chords"),
        ("| C (4 bars) | F |", "line 1: livegen cannot tell which bars '4 bars' means"),
        ("C / / F / /", "line 1: its bars cannot be told"),
        ("D.S. al Coda\n| C |", "line 1: 'D.S. al Coda' comes before the first bar"),
        ("| C |\n3/8\n| F |", "line 2: livegen cannot change to 3/8 here"),
        ("| I | IV |", "There is no chord 'I'"),
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
