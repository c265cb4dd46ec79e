"""Finds charts by name, and reads them from files: plain text, MusicXML lead sheets, and links of iReal Pro's."""

from pathlib import Path

from livegen.charts import ireal
from livegen.charts.chart import Chart
from livegen.charts.text import read_chart
from livegen.errors import FileError, NoSuchChartError, unknown
from livegen.files.lead_sheet import read_lead_sheet
from livegen.files.music_file import kind_of
from livegen.tunes.text_encoding import decode_text

ENDINGS = (".txt", ".chart", ".musicxml", ".mxl", ".xml", ".html", ".htm", ".irealb")
BOOK = Path(__file__).resolve().parent.parent / "charts" / "book"


def names(extra: Path | None = None) -> list[str]:
    """The names of the charts that can be found, those that come with livegen and those in a folder of one's own."""
    return sorted({path.stem for folder in _folders(extra) for path in folder.iterdir() if path.suffix in ENDINGS})


def find(name: str, extra: Path | None = None) -> Path:
    """The file of a chart of that name, one's own first. Raises FileError that lists what there is."""
    for folder in _folders(extra):
        for path in sorted(folder.iterdir()):
            if path.stem.lower() == name.lower() and path.suffix in ENDINGS:
                return path
    raise NoSuchChartError(unknown("chart", name, names(extra)))


def _folders(extra: Path | None) -> list[Path]:
    return [folder for folder in (extra, BOOK) if folder is not None and folder.is_dir()]


def wanted(words: str, extra: Path | None = None) -> list[Chart]:
    """The charts that a name, a path or a link of iReal Pro's means. Raises FileError."""
    if ireal.links(words):
        return ireal.read_link(words)
    path = Path(words)
    return read_charts(path if path.suffix.lower() in ENDINGS else find(words, extra))


def read_charts(path: Path) -> list[Chart]:
    """The charts of a file: one, or those of iReal Pro's links. Raises FileError if there is none that can be read."""
    if path.suffix.lower() in (".musicxml", ".mxl", ".xml") or kind_of(path) == "MusicXML":
        return [read_lead_sheet(path).chart()]
    try:
        with path.open("rb") as source:
            data = source.read(ireal.MAX_CHARACTERS)
    except OSError as error:
        raise FileError(
            f"{path.name} cannot be read ({error.strerror or error}); check its path and permissions."
        ) from None
    text = decode_text(data)
    if found := ireal.links(text):
        return [chart for link in found for chart in ireal.read_link(link)]
    return [read_chart(text, path.stem)]
