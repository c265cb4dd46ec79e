"""From exchanges to figures: each measure for livegen and its references, what was met, and the score out of 100."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.musicality import references
from benchmarks.musicality.exchange import Exchange
from benchmarks.musicality.measures import MEASURES, Measure

LIVEGEN, REAL, REPEATED, CHANCE = "livegen", "real", "repeated", "chance"
SIDES = (LIVEGEN, REAL, REPEATED, CHANCE)
# The real continuation says nothing of a call that comes again and again.
_NOT_REAL = ("9b",)


@dataclass(frozen=True)
class Sample:
    """The figures of some exchanges of one performer: by side and measure, one for each exchange."""

    performer: str
    kind: str
    figures: Mapping[str, Mapping[str, Sequence[float]]]


@dataclass(frozen=True)
class Figure:
    """A measure over all performers; None for a side that it says nothing of. ``error`` is livegen's standard error;
    ``by_kind`` has the values by side and kind of performer.
    """

    measure: Measure
    values: Mapping[str, float | None]
    error: float | None
    by_kind: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def value(self) -> float | None:
        """Livegen's figure."""
        return self.values[LIVEGEN]

    @property
    def met(self) -> bool:
        """Whether livegen reaches the target."""
        return self.value is not None and self.measure.met(self.value)

    @property
    def score(self) -> float | None:
        """Livegen's score, 0 to 1."""
        return None if self.value is None else self.measure.score(self.value)


def sample(exchanges: Sequence[Exchange], seed: int) -> Sample:
    """The figures of one performer's exchanges in one setting."""
    sides = {
        LIVEGEN: list(exchanges),
        REAL: references.real(exchanges),
        REPEATED: references.repeated(exchanges),
        CHANCE: references.chance(exchanges, seed),
    }
    setting = exchanges[0].setting
    measures = [measure for measure in MEASURES if setting in measure.settings]
    figures = {
        side: {measure.number: _values(measure, found) for measure in measures if _says(measure, side)}
        for side, found in sides.items()
    }
    return Sample(exchanges[0].performer.name, exchanges[0].performer.kind, figures)


def figures(samples: Iterable[Sample]) -> list[Figure]:
    """One figure for each measure, in the table's order."""
    found = list(samples)
    return [_figure(measure, found) for measure in MEASURES]


def score(found: Sequence[Figure]) -> float | None:
    """Out of 100: the mean over the criteria of the mean of their measures' scores. None if nothing was measured."""
    scores = [np.mean(each) for each in _by_criterion({f.measure: f.score for f in found}).values()]
    return 100.0 * float(np.mean(scores)) if scores else None


def score_of(found: Sequence[Figure], side: str) -> float | None:
    """The score that a reference would have."""
    values = {f.measure: None if (value := f.values[side]) is None else f.measure.score(value) for f in found}
    scores = [np.mean(each) for each in _by_criterion(values).values()]
    return 100.0 * float(np.mean(scores)) if scores else None


def criteria_met(found: Sequence[Figure]) -> tuple[int, int]:
    """The number of criteria that are met, each only with all its measures, and the number of all criteria."""
    met = _by_criterion({f.measure: float(f.met) for f in found if f.value is not None})
    return sum(all(each) for each in met.values()), len(met)


def _by_criterion(scores: Mapping[Measure, float | None]) -> dict[int, list[float]]:
    found: dict[int, list[float]] = defaultdict(list)
    for measure, value in scores.items():
        if value is not None:
            found[measure.of].append(value)
    return found


def _says(measure: Measure, side: str) -> bool:
    return side != REAL or measure.number not in _NOT_REAL


def _values(measure: Measure, exchanges: Iterable[Exchange]) -> list[float]:
    return [float(value) for exchange in exchanges if (value := measure.criterion(exchange)) is not None]


def _figure(measure: Measure, samples: Sequence[Sample]) -> Figure:
    values: dict[str, float | None] = {}
    for side in SIDES:
        values[side] = _summary(measure, _by_performer(measure, samples, side))
    own = _by_performer(measure, samples, LIVEGEN)
    means = [float(np.mean(each)) for each in own.values()]
    error = float(np.std(means, ddof=1) / np.sqrt(len(means))) if len(means) > 1 and measure.summary == "mean" else None
    return Figure(measure, values, error, {side: _by_kind(measure, samples, side) for side in SIDES})


def _by_kind(measure: Measure, samples: Sequence[Sample], side: str) -> dict[str, float]:
    kinds = dict.fromkeys(one.kind for one in samples)
    found = {
        kind: _summary(measure, _by_performer(measure, (one for one in samples if one.kind == kind), side))
        for kind in kinds
    }
    return {kind: value for kind, value in found.items() if value is not None}


def _by_performer(measure: Measure, samples: Iterable[Sample], side: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for one in samples:
        found[one.performer] += one.figures.get(side, {}).get(measure.number, ())
    return {performer: values for performer, values in found.items() if values}


def _summary(measure: Measure, by_performer: Mapping[str, Sequence[float]]) -> float | None:
    """The mean of performers' means, each weighing the same; a median or percentile is of all exchanges."""
    if not by_performer:
        return None
    if measure.summary == "mean":
        return float(np.mean([np.mean(values) for values in by_performer.values()]))
    pooled = [value for values in by_performer.values() for value in values]
    return float(np.percentile(pooled, 50 if measure.summary == "median" else 90))
