"""A chart as a value: spans of chords, sections, what comes next, transposition."""

from livegen.charts.chart import Bar, Change, Chart, Section
from livegen.charts.text import read_chart
from livegen.music.chord_symbol import Chord, read


def chord(name: str) -> Chord:
    found = read(name)
    assert found is not None
    return found


CHART = read_chart("key: Bb\n[A]\n| Bb | Eb Bb | % | F7 |\n[B]\n| F7 | N.C. | Bb | % |")


def test_a_chord_sounds_until_another_comes() -> None:
    names = [(span.start, span.end, span.chord and span.chord.name()) for span in CHART.spans]
    assert names == [
        *((0.0, 4.0, "Bb"), (4.0, 6.0, "Eb"), (6.0, 8.0, "Bb"), (8.0, 10.0, "Eb"), (10.0, 12.0, "Bb")),
        *((12.0, 20.0, "F7"), (20.0, 24.0, None), (24.0, 32.0, "Bb")),
    ]


def test_the_chord_at_a_beat_and_the_one_after_it() -> None:
    for chorus in (0, 32, 320):
        assert CHART.span_at(chorus + 5.99).chord == chord("Eb")
        assert CHART.span_at(chorus + 6.0).chord == chord("Bb")
        assert CHART.next_span(chorus + 5.0).chord == chord("Bb")
        assert CHART.next_span(chorus + 31.0).start == 0.0
        assert CHART.bar_at(chorus + 19.9) == 4


def test_the_sections_in_the_order_in_which_they_are_played() -> None:
    assert CHART.sections == (Section("A", 0.0, 16.0), Section("B", 16.0, 32.0))
    assert [section.name for section in read_chart("| C | G |").sections] == [""]


def test_a_chord_before_which_nothing_is_written_sounds_from_the_beginning() -> None:
    chart = Chart("late", (Bar(4), Bar(4, (Change(2.0, chord("C")),))))
    assert [(span.start, span.end) for span in chart.spans] == [(0.0, 8.0)]


def test_a_transposed_chart_has_another_key() -> None:
    moved = CHART.transposed(2)
    assert moved.key.name == "C" and moved.spans[1].chord == chord("F")
    assert moved.transposed(-2) == CHART
