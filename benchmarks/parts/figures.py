"""Figures: percentiles of what was measured, as rows of tables and of the JSON file."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Spread:
    """The spread of a set of measured times, in milliseconds. ``missing`` counts answers that never came."""

    name: str
    count: int
    p50: float
    p99: float
    p999: float
    max: float
    missing: int = 0


def spread(name: str, milliseconds: Sequence[float], missing: int = 0) -> Spread:
    """The percentiles, each one a value that was measured (nearest rank). Without any value they are NaN."""
    ordered = sorted(milliseconds)
    if not ordered:
        unknown = float("nan")
        return Spread(name, 0, unknown, unknown, unknown, unknown, missing)

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Spread(name, len(ordered), rank(0.5), rank(0.99), rank(0.999), ordered[-1], missing)


@dataclass
class Measure:
    """The result of one measurement: spreads, or plain numbers with their units; ``notes`` are remarks on them.

    ``floors`` names, for a spread, the one that it is divided by.
    """

    title: str
    spreads: list[Spread] = field(default_factory=list)
    numbers: dict[str, tuple[float, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    floors: dict[str, str] = field(default_factory=dict)

    def ratios(self) -> dict[str, dict[str, float]]:
        """The percentiles of each spread that has a floor, divided by the floor's."""
        rows = {row.name: row for row in self.spreads}
        return {
            name: {"p50": rows[name].p50 / rows[floor].p50, "p99": rows[name].p99 / rows[floor].p99}
            for name, floor in self.floors.items()
            if rows[floor].count
        }

    def to_dict(self) -> dict[str, Any]:
        """For the JSON file."""
        return asdict(self) | {"ratios": self.ratios()}


Ratios = Mapping[str, Mapping[str, float]]  # by the name of a spread, of "p50" and "p99"
_NOISE = 1.1  # a ratio that grew by less may be chance


def slower(ratios: Ratios, kept: Ratios) -> list[str]:
    """The ratios that are worse than the kept ones by more than a tenth, such as "livegen: p50 2.32 -> 3"."""
    return [
        f"{name}: {which} {before:.3g} -> {ratios[name][which]:.3g}"
        for name, row in kept.items()
        for which, before in row.items()
        if name in ratios and ratios[name][which] > _NOISE * before
    ]


def show(measure: Measure, console: Console, kept: Ratios | None = None, release: str = "") -> None:
    """Print a measure as tables, its ratios next to the ``kept`` ones of a release, and what is slower than then."""
    if measure.spreads:
        _show_spreads(measure, console, kept or {})
    if found := slower(measure.ratios(), kept or {}):
        console.print(f"  slower than {release}: {'; '.join(found)}", highlight=False)
    elif kept:
        console.print(f"  nothing is slower than {release}, whose ratios are in brackets", highlight=False)
    if measure.numbers:
        table = Table("", "figure", "unit", title="" if measure.spreads else measure.title, title_justify="left")
        for name, (number, unit) in measure.numbers.items():
            table.add_row(name, f"{number:,.3g}" if abs(number) < 100 else f"{number:,.0f}", unit)
        console.print(table)
    if not measure.spreads and not measure.numbers:
        console.print(f"[italic]{measure.title}[/]")
    for note in measure.notes:
        console.print(f"  {note}", style="dim", highlight=False)
    console.print()


def _show_spreads(measure: Measure, console: Console, kept: Ratios) -> None:
    ratios = measure.ratios()
    headings = ["", "count", "missing", "p50 ms", "p99 ms", "p99.9 ms", "max ms"]
    table = Table(
        *headings,
        *(["p50 ratio", "p99 ratio"] if ratios else []),
        title=measure.title,
        title_justify="left",
        title_style="bold",
    )
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for row in measure.spreads:
        times = [f"{value:.3f}" for value in (row.p50, row.p99, row.p999, row.max)]
        share: Mapping[str, float] = ratios.get(row.name, {})
        before = kept.get(row.name, {})
        shown = [
            f"{value:.2f} ({before[which]:.2f})" if which in before else f"× {value:.2f}"
            for which, value in share.items()
        ]
        table.add_row(row.name, f"{row.count:,}", f"{row.missing}", *times, *shown)
    console.print(table)
