"""The place in a chart: choruses, jumps, vamps, transposition, and the next chord."""

import pytest

from livegen.charts.chart import Span
from livegen.charts.place import ChartPlace
from livegen.charts.text import read_chart
from livegen.errors import SettingsError

CHART = read_chart("[A]\n| C | F |\n[B]\n| G7 | G7 |\n[A]\n| C | Am |")
PLACE = ChartPlace.beginning(CHART, 8.0)


def names(place: ChartPlace, *beats: float) -> list[str]:
    found: list[Span] = [place.span(beat) for beat in beats]
    return [span.chord.name() if span.chord else "N.C." for span in found]


def test_choruses_follow_each_other() -> None:
    assert names(PLACE, 8.0, 12.0, 15.99, 16.0, 24.0, 28.0, 32.0, 32.0 + 240) == "C F F G7 C Am C C".split()
    assert PLACE.beat(7.0) == pytest.approx(23.0, abs=1e-5)  # before the beginning: the end of the chorus


def test_a_jump_goes_on_to_the_end_and_round() -> None:
    jumped = PLACE.jumping("b", 12.0)
    assert names(jumped, 8.0, 11.9, 12.0, 20.0, 24.0, 28.0) == "C C G7 C Am C".split()


def test_a_section_may_be_named_by_its_number() -> None:
    assert names(PLACE.jumping("3", 12.0), 12.0, 16.0) == ["C", "Am"]


def test_a_vamp_stays_until_it_is_ended() -> None:
    vamp = PLACE.vamping("A", 12.0)  # within the section: it goes on there
    assert names(vamp, 8.0, 12.0, 16.0, 20.0, 24.0, 100.0) == "C F C F C F".split()
    free = vamp.vamping("", 24.0)
    assert names(free, 20.0, 24.0, 28.0, 32.0) == "F C F G7".split()
    assert names(PLACE.vamping("B", 12.0), 12.0, 20.0, 28.0) == ["G7", "G7", "G7"]


def test_what_was_to_come_is_dropped_by_another_change() -> None:
    assert names(PLACE.jumping("B", 20.0).jumping("3", 12.0), 12.0, 16.0, 20.0) == "C Am C".split()


def test_a_transposed_place_is_the_same_place() -> None:
    assert names(PLACE.jumping("B", 12.0).transposed(2), 12.0, 20.0) == ["A7", "D"]
    assert PLACE.transposed(-3).chart.key.name == "A"


def test_the_next_chord_is_another() -> None:
    span, wait = PLACE.next_span(18.0)
    assert span.chord == CHART.spans[0].chord and wait == pytest.approx(6.0, abs=1e-3)
    vamp = PLACE.vamping("A", 8.0)
    span, wait = vamp.next_span(14.5)
    assert span.chord == CHART.spans[0].chord and wait == pytest.approx(1.5, abs=1e-3)
    assert ChartPlace.beginning(read_chart("| C |"), 0.0).next_span(1.0)[0].chord == CHART.spans[0].chord


def test_a_section_that_is_not_there_is_said() -> None:
    with pytest.raises(SettingsError, match="no section 'X'; it has A, B"):
        PLACE.jumping("X", 8.0)
    with pytest.raises(SettingsError, match="it has 1 to 1"):
        ChartPlace.beginning(read_chart("| C |"), 0.0).vamping("2", 8.0)


def test_here_and_next_are_sections_by_where_the_chart_is() -> None:
    assert names(PLACE.jumping("next", 12.0), 11.9, 12.0, 20.0) == ["C", "G7", "C"]
    assert names(PLACE.jumping("Next", 16.0), 16.0, 24.0) == ["G7", "C"]  # the section that ends there is still played
    assert names(PLACE.jumping("next", 32.0), 32.0) == ["C"]  # after the last the first
    assert names(PLACE.vamping("here", 20.0), 20.0, 24.0, 28.0, 60.0) == ["G7"] * 4
    called = ChartPlace.beginning(read_chart("[Next]\n| C |\n[B]\n| G7 |"), 0.0)
    assert names(called.jumping("next", 8.0), 8.0) == ["C"]  # a section that is called so
