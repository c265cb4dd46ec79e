"""A metric: its name, its heading and format on the page, and the function that computes it.

To add one, add a row to ``PREDICTION`` in ``scores.py`` (how well a model predicts notes) or to ``METRICS`` in
``style.py`` (the tunes that it makes up). The page and the JSON are made from these tables.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
Figures = dict[str, float | None]


@dataclass(frozen=True)
class Metric(Generic[T]):
    """``heading`` and format ``shape`` of the column; ``compute`` returns None where there is nothing to measure."""

    heading: str
    shape: str
    compute: Callable[[T], float | None]


def measure(metrics: Mapping[str, Metric[T]], of: T) -> Figures:
    """The figures of all metrics, by name."""
    return {name: metric.compute(of) for name, metric in metrics.items()}


def cell(metric: Metric[T], value: float | None, missing: str = "") -> str:
    """A figure as text; ``missing`` for None."""
    return missing if value is None else format(value, metric.shape)
