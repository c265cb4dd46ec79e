"""A chart as plain values, for whoever draws it."""

from livegen.charts.layout import layout
from livegen.charts.text import read_chart


def test_each_bar_has_its_beats_and_chords_and_a_section_the_number_of_its_first_bar() -> None:
    chart = read_chart("title: Tune\nkey: Eb\nmetre: 3/4\n[A]\n| Cm | Cm . Ab7 |\n[B]\n| N.C. | Bb7/D |\norder: A B A")
    found = layout(chart.transposed(2))
    assert (found["title"], found["key"], found["beats"]) == ("Tune", "F", 3)
    assert found["sections"] == [{"name": "A", "bar": 1}, {"name": "B", "bar": 3}, {"name": "A", "bar": 5}]
    bars = [(bar["beats"], bar["chords"]) for bar in found["bars"]]
    first = [(3, [(0.0, "Dm")]), (3, [(0.0, "Dm"), (2.0, "Bb7")])]
    assert bars == [*first, (3, [(0.0, "N.C.")]), (3, [(0.0, "C7/E")]), *first]
