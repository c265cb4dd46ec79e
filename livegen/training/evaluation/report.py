"""The report of an evaluation: as one page of Markdown, as numbers, as a picture."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from livegen.errors import FileError
from livegen.training.evaluation.bootstrap import Difference
from livegen.training.evaluation.copies import TOO_LONG
from livegen.training.evaluation.metric import cell
from livegen.training.evaluation.scores import POSITIONS, PREDICTION, Row
from livegen.training.evaluation.style import FEATURES, METRICS, POOLED, Style

_LEFT_OUT = ("played loosely", "told the bar")
FORMS = {"written": "As written", "performed": "Performed, with every repeat played"}


@dataclass(frozen=True)
class Compared:
    """Bits per note of one model less those of another on the same tunes in the same form."""

    form: str
    model: str
    other: str
    difference: Difference


@dataclass
class Report:
    """The figures of models on some tunes. ``notes``: how many were predicted (the first of each tune is given), by
    form; ``variants``: how many of the training tunes belong to the family of a tune measured on (None: not known);
    ``same_data``: for each model, whether its file says that it was trained on exactly the tunes ``trained_on``."""

    data: str
    tunes: int
    notes: dict[str, int]
    rows: dict[str, list[Row]] = field(default_factory=dict)
    compared: list[Compared] = field(default_factory=list)
    styles: list[Style] = field(default_factory=list)
    samples: int = 0
    trained_on: str = ""
    variants: int | None = None
    same_data: dict[str, bool] = field(default_factory=dict)
    foreword: str = ""  # what comes before the tables

    def table(self) -> str:
        """The report as a page of tables in Markdown."""
        notes = ", ".join(f"{count} notes predicted as {form}" for form, count in self.notes.items())
        parts = [self.foreword] if self.foreword else []
        parts += [f"{self.data}: {self.tunes} tunes, {notes}; bits per note, the lower the better."]
        if self.variants is not None:
            parts.append(f"Among {self.trained_on}, tunes of the same family as one of these: {self.variants}.")
        if self.same_data:
            said = ", ".join(f"{name}: {'yes' if same else 'no'}" for name, same in self.same_data.items())
            parts.append(f"Trained on exactly {self.trained_on}, as the model file says: {said}.")
        for form, rows in self.rows.items():
            parts += [f"{FORMS[form]}:", _predictions(rows)]
        if self.compared:
            parts.append("Differences in bits per note, with 95 % intervals (paired bootstrap over tunes):")
            parts.append(self._verdicts())
        if self.styles:
            parts += [self._samples(), _copies(self.styles), _likeness(self.styles)]
        return "\n\n".join(parts) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """The report as numbers."""
        rows = {form: [row.to_dict() for row in rows] for form, rows in self.rows.items()}
        return {
            "data": self.data,
            "tunes": self.tunes,
            "notes": self.notes,
            "trained_on": self.trained_on,
            "variants": self.variants,
            "same_data": self.same_data,
            "rows": rows,
            "compared": [asdict(each) | {"difference": each.difference._asdict()} for each in self.compared],
            "samples": self.samples,
            "styles": [each.to_dict() for each in self.styles],
        }

    def draw(self, path: Path) -> None:
        """Write the report as a picture. Raises FileError if it cannot be written."""
        _draw(self, path)

    def _verdicts(self) -> str:
        lines = []
        for each in self.compared:
            mean, low, high = each.difference
            lines.append([each.form, each.model, each.other, f"{mean:+.3f}", f"[{low:+.3f}, {high:+.3f}]"])
        return markdown(["form", "model", "less", "difference", "95 %"], lines, words=3)

    def _samples(self) -> str:
        return (
            f"{self.samples} tunes made up by each, as long as held-out ones, in their metre and begun with their first"
            f" note, compared with {self.trained_on} (runs and patterns are counted in pairs of interval and gap):"
        )


def _predictions(rows: Sequence[Row]) -> str:
    lines = []
    for row in rows:
        moved = "" if row.transposed is None else f"{row.transposed:+.3f}"
        lines.append([row.name, *(cell(metric, row.figures[name]) for name, metric in PREDICTION.items()), moved])
    return markdown(["model", *(metric.heading for metric in PREDICTION.values()), "transposed"], lines)


def _copies(styles: Sequence[Style]) -> str:
    headings = ["made by", *(metric.heading for metric in METRICS.values())]
    lines = [[each.name, *(cell(metric, each.figures[name]) for name, metric in METRICS.items())] for each in styles]
    return markdown(headings, lines)


def _likeness(styles: Sequence[Style]) -> str:
    headings = ["made by", *(f"JSD {name}" for name in POOLED), *(f"OA {name}" for name in FEATURES)]
    lines = [
        [each.name, *(f"{each.divergence[name]:.3f}" for name in POOLED)]
        + [f"{each.overlap[name]:.2f}" for name in FEATURES]
        for each in styles
    ]
    return markdown(headings, lines)


def markdown(headings: Sequence[str], lines: Sequence[Sequence[str]], words: int = 1) -> str:
    """A table whose first ``words`` columns are words, the rest numbers."""
    rules = ["---"] * words + ["---:"] * (len(headings) - words)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, rules, *lines))


def _draw(report: Report, path: Path) -> None:
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
            ([style["copied_most"] for style in report.styles], "longest"),
            ([style["copied_p90"] for style in report.styles], "90 % of tunes"),
            ([style["copied_median"] for style in report.styles], "half of the tunes"),
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
    """All rows without those of special ways of playing; of the Markov chains only the best."""
    chains = [row for row in rows if row.name.startswith("Markov")]
    others = [row for row in rows if row not in chains and not row.name.endswith(_LEFT_OUT)]
    return others + sorted(chains, key=lambda row: row.total)[:1]
