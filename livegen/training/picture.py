"""An evaluation as a picture: how soon a model listens, and what it copies."""

from collections.abc import Sequence
from pathlib import Path

from livegen.errors import FileError
from livegen.training.copies import TOO_LONG
from livegen.training.foresight import POSITIONS, Row
from livegen.training.page import FORMS, Report

_LEFT_OUT = ("played loosely", "told the bar")


def draw(report: Report, path: Path) -> None:
    """Bits per note by position in the tune for each form, and the longest copied runs of the samples, as a PNG.

    Raises FileError if it cannot be written.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    panels = len(report.rows) + bool(report.styles)
    figure = Figure(figsize=(6 * panels, 5), layout="constrained")
    FigureCanvasAgg(figure)
    every = figure.subplots(1, panels, squeeze=False)[0]
    ends = [f"{later - 1}" for later in POSITIONS[1:]]
    stretches = [f"{start}-{end}" for start, end in zip(POSITIONS, ends, strict=False)] + [f"{POSITIONS[-1]}+"]
    for axes, (form, rows) in zip(every, report.rows.items(), strict=False):
        for row in _shown(rows):
            there = [index for index, start in enumerate(POSITIONS) if start in row.by_position]
            bits = [row.by_position[POSITIONS[index]] for index in there]
            axes.plot(there, bits, "--" if "memory off" in row.name else "-", marker=".", label=row.name)
        axes.set(title=FORMS[form], xlabel="notes heard", ylabel="bits per note", ylim=(0, None))
        axes.set_xticks(range(len(stretches)), stretches)
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    if report.styles:
        axes = every[-1]
        names = [style.name for style in report.styles]
        for values, label in (
            ([style.copied_most for style in report.styles], "longest"),
            ([style.copied_p90 for style in report.styles], "90 % of tunes"),
            ([style.copied_median for style in report.styles], "half of the tunes"),
        ):
            axes.barh(names, values, label=label)
        axes.axvline(TOO_LONG, color="black", linestyle=":")
        axes.invert_yaxis()
        axes.set(title="Longest run copied from the training tunes", xlabel="pairs of interval and gap")
        axes.legend(fontsize="small")
    try:
        figure.savefig(path, dpi=100, format="png")
    except OSError as error:
        raise FileError(f"The picture {path} cannot be written ({error.strerror}); choose another folder.") from None


def _shown(rows: Sequence[Row]) -> list[Row]:
    """All rows but those of special ways of playing; of the Markov chains only the best."""
    chains = [row for row in rows if row.name.startswith("Markov")]
    others = [row for row in rows if row not in chains and not row.name.endswith(_LEFT_OUT)]
    return others + sorted(chains, key=lambda row: row.total)[:1]
