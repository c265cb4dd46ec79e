"""A file that is dropped on the page: music to be heard, or a chart to play over; read in a process of its own.

``python -m livegen.files.dropped WHAT FILE`` prints it as JSON, so that the music of a running session, which has but
one processor core, does not wait for it. WHAT is music, chart, or either.
"""

import json
import sys
from pathlib import Path
from typing import NamedTuple

from livegen.charts import ireal
from livegen.charts.chart import Chart
from livegen.charts.text import read_chart, write_chart
from livegen.errors import FileError, LivegenError
from livegen.files import chart_file, performance
from livegen.files.music_file import kind_of
from livegen.files.performance import Performance
from livegen.tunes.text_encoding import decode_text

MUSIC, CHART, EITHER = "music", "chart", "either"
_LINKS = (".html", ".htm", ".irealb")  # endings of files that hold links of iReal Pro's
_CHART = "a chart is text as | Dm7 | G7 |, a MusicXML lead sheet, or a link of iReal Pro's"


class Dropped(NamedTuple):
    """Music, or a chart; ``charts``: how many the file holds, of which it is the first."""

    performance: Performance = Performance([])
    chart: Chart | None = None
    charts: int = 0


def read(path: Path, what: str = EITHER) -> Dropped:
    """The music or the chart of a file; of ``either`` a chart if it has chord symbols. Raises FileError."""
    if what == MUSIC or (what == EITHER and not _has_chords(path)):
        return Dropped(performance.read(path))
    charts = _charts(path)
    return Dropped(Performance([]), charts[0], len(charts))


def _has_chords(path: Path) -> bool:
    """Whether a file is a chart rather than music to be heard. Raises FileError if it is neither."""
    kind = kind_of(path)
    if kind == "MusicXML":
        try:
            return bool(chart_file.read_charts(path))
        except FileError:
            return False
    if kind is not None:
        return False
    text = _text(path)
    if path.suffix.lower() in (*_LINKS, ".chart") or ireal.links(text) or ("|" in text and not _is_binary(text)):
        return True
    raise FileError(f"{path.name} is not a MIDI, MusicXML or ABC file; save it as one of these; {_CHART}.")


def _charts(path: Path) -> list[Chart]:
    """The charts of a file. Raises FileError."""
    kind = kind_of(path)
    if kind is None:
        text = _text(path)
        if path.suffix.lower() in _LINKS and not ireal.links(text):
            raise FileError(f"{path.name} holds no link of iReal Pro's, which begins with irealb://; export it again.")
        if _is_binary(text):
            raise FileError(f"{path.name} is no chart; {_CHART}.")
    elif kind != "MusicXML":
        raise FileError(f"{path.name} is {kind} and no chart; {_CHART}.")
    return chart_file.read_charts(path)


def _text(path: Path) -> str:
    with path.open("rb") as source:
        return decode_text(source.read(ireal.MAX_CHARACTERS))


def _is_binary(text: str) -> bool:
    return any(letter < " " and not letter.isspace() for letter in text)


def written(found: Dropped) -> str:
    """The music or the chart, as JSON."""
    if found.chart is None:
        return performance.written(found.performance)
    return json.dumps({"chart": write_chart(found.chart), "charts": found.charts})


def parsed(text: str) -> Dropped:
    """The music or the chart that ``written`` wrote."""
    rows = json.loads(text)
    if "chart" not in rows:
        return Dropped(performance.parsed(text))
    return Dropped(Performance([]), read_chart(rows["chart"]), rows["charts"])


def main(what: str, path: Path) -> None:
    """Print what is in a file. A mistake is printed in one sentence, and ends with 1."""
    try:
        sys.stdout.write(written(read(path, what)))
    except LivegenError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
