"""A chart as plain values, bar by bar, for whoever draws it."""

from typing import Any

from livegen.charts.chart import Bar, Chart
from livegen.music.chord_symbol import NO_CHORD


def layout(chart: Chart) -> dict[str, Any]:
    """The title, the key, the sections with the number of the bar that each begins with, and the bars as they are
    played: their beats, and each chord's beat and name. A bar without chords goes on with the one before."""
    return {
        "title": chart.title,
        "key": chart.key.name,
        "beats": chart.beats,
        "sections": [
            {"name": section.name, "bar": 1 + chart.starts.index(section.start)} for section in chart.sections
        ],
        "bars": [{"beats": bar.beats, "chords": _chords(bar, chart)} for bar in chart.bars],
    }


def _chords(bar: Bar, chart: Chart) -> list[tuple[float, str]]:
    return [(change.beat, NO_CHORD if change.chord is None else change.chord.name(chart.key)) for change in bar.changes]
