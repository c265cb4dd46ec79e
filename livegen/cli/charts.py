"""`livegen charts`: lists the charts, or shows one as plain text, which can be kept, changed and read again."""

import click

from livegen.charts.chart import Chart
from livegen.charts.text import write_chart
from livegen.system import paths


@click.command()
@click.argument("chart", required=False)
@click.option("--transpose", type=click.IntRange(-12, 12), default=0, help="so many semitones higher")
def charts(chart: str | None, transpose: int) -> None:
    """List the charts; or show one: a name, a file (text, MusicXML, iReal Pro's page), or a link of iReal Pro's."""
    from livegen.files import chart_file

    if chart is None:
        for name in chart_file.names(paths.charts()):
            (found, *_) = chart_file.read_charts(chart_file.find(name, paths.charts()))
            click.echo(f"{name}: {_summary(found)}")
        return
    for found in chart_file.wanted(chart, paths.charts()):
        click.echo(write_chart(found.transposed(transpose)))


def the_chart(words: str) -> Chart:
    """The first chart that a name, a file or a link means. Raises FileError."""
    from livegen.files import chart_file

    return chart_file.wanted(words, paths.charts())[0]


def _summary(chart: Chart) -> str:
    parts = [f"{chart.title}, {len(chart.bars)} bars in {chart.key.name}"]
    if chart.tempo:
        parts.append(f"{chart.tempo:g} bpm")
    if sections := " ".join(section.name for section in chart.sections if section.name):
        parts.append(sections)
    return ", ".join(parts)
