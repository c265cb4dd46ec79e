"""The style of a set of tunes, in figures: its copies of and likeness to the training tunes, and its repeats.

The features are those of Yang & Lerch 2020 (mgeval) and Dong et al. 2020 (MusPy); each is defined where it is computed.
A pattern is so many (interval, gap) pairs in a row, so that it is known again in another key.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from livegen.predictors.encoding import GAPS
from livegen.training.evaluation import copies
from livegen.training.evaluation.copies import Source
from livegen.training.evaluation.metric import Figures, Metric, measure
from livegen.training.ngrams.ngram import Tokens
from livegen.training.ngrams.tables import Floats, Ints
from livegen.tunes.tune import metre_length

REPEATS = (4, 8, 16)  # pairs in a pattern
_ON_THE_BAR = 8
_MAJOR = np.array([0, 2, 4, 5, 7, 9, 11])
_BEATS = np.array([float(gap) for gap in GAPS])
_GRID = 256  # points at which densities are compared


@dataclass(frozen=True)
class Melody:
    """A tune of n notes: pitches [n], the gap before each note as an index in GAPS [n] (-1: none), and the length of
    its bars in beats (None: unknown)."""

    pitches: Ints
    gaps: Ints
    bar: float | None = None

    @classmethod
    def of(cls, steps: Ints, metre: str | None = None) -> "Melody":
        """From steps [n, 10]."""
        tokens = Tokens.of(steps)
        length = metre_length(metre)
        return cls(tokens.pitch, tokens.gap, None if length is None else float(length))

    @cached_property
    def intervals(self) -> Ints:
        """Semitones from each note to the next [n - 1]."""
        return np.diff(self.pitches)

    @cached_property
    def pairs(self) -> Ints:
        """Interval and gap of each note but the first, as one number ≥ 0 [n - 1]."""
        return (self.intervals + 127) * 64 + self.gaps[1:]

    @cached_property
    def beats(self) -> Floats:
        """The gap before each note but the first [n - 1]."""
        return _BEATS[self.gaps[1:]]

    @cached_property
    def onsets(self) -> Floats:
        """Beats from the first note [n]."""
        return np.concatenate([[0.0], self.beats.cumsum()])

    @cached_property
    def scale(self) -> tuple[int, float]:
        """The tonic (0-11) of the major scale that holds most notes, and the share of notes it holds.

        That share is MusPy's scale consistency; natural minor scales are major ones from another tonic. Of scales that
        hold equally many, the one whose tonic and fifth sound most often; then the lowest.
        """
        often = np.bincount(self.pitches % 12, minlength=12)
        held = np.array([often[(tonic + _MAJOR) % 12].sum() for tonic in range(12)])
        firm = np.array([often[tonic] + often[(tonic + 7) % 12] for tonic in range(12)])
        best = int(np.lexsort((-firm, -held))[0])
        return best, float(held[best] / max(1, len(self.pitches)))

    @cached_property
    def degrees(self) -> Ints:
        """Semitones of each note above the tonic of its scale, 0-11 [n]."""
        return (self.pitches - self.scale[0]) % 12


def repeats(melody: Melody, size: int) -> list[tuple[int, int]]:
    """Every pattern of ``size`` pairs that came before in this tune: its place, and the last place before."""
    seen: dict[bytes, int] = {}
    found: list[tuple[int, int]] = []
    for at in range(len(melody.pairs) - size + 1):
        pattern = melody.pairs[at : at + size].tobytes()
        if pattern in seen:
            found.append((at, seen[pattern]))
        seen[pattern] = at
    return found


def repeated(melody: Melody, size: int) -> float:
    """The share of the tune's patterns of ``size`` pairs that came before in it (0 for a tune too short)."""
    return len(repeats(melody, size)) / max(1, len(melody.pairs) - size + 1)


def on_the_bar(melody: Melody) -> list[bool]:
    """For every repeated pattern of 8 pairs: whether it is a whole number of half bars after its last place."""
    if melody.bar is None:
        return []
    found = []
    for later, earlier in repeats(melody, _ON_THE_BAR):
        halves = (melody.onsets[later] - melody.onsets[earlier]) / (melody.bar / 2)
        found.append(bool(abs(halves - round(halves)) < 1e-3))
    return found


def divergence(a: Counter[int], b: Counter[int]) -> float:
    """Jensen-Shannon divergence in bits, 0 (equal) to 1 (nothing in common), of two counts (Lin 1991)."""
    keys = sorted(a.keys() | b.keys())
    if not a or not b:
        return 1.0 if keys else 0.0
    p, q = (np.array([counts[key] for key in keys], dtype=np.float64) / counts.total() for counts in (a, b))
    middle = (p + q) / 2

    def bits(shares: Floats) -> float:
        there = shares > 0
        return float((shares[there] * np.log2(shares[there] / middle[there])).sum())

    return max(0.0, (bits(p) + bits(q)) / 2)


def overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """The area, 0 to 1, under both of two densities: Gaussian kernels with Scott's bandwidth over the values.

    Yang & Lerch 2020 (OA), who compare distances between tunes; here the values of the tunes themselves are compared.
    """
    both = np.array([*a, *b], dtype=np.float64)
    widths = [max(np.std(each) * len(each) ** -0.2, 1e-3 * (np.ptp(both) or 1.0)) for each in (a, b)]
    reach = 4 * max(widths)
    grid = np.linspace(both.min() - reach, both.max() + reach, _GRID * 8)
    densities = []
    for values, width in zip((a, b), widths, strict=True):
        kernels = np.exp(-0.5 * ((grid[:, None] - np.array(values)[None, :]) / width) ** 2)
        density = kernels.sum(axis=1)
        densities.append(density / density.sum())
    return float(np.minimum(*densities).sum())


# The features of a tune whose distributions are compared with those of real tunes, as in mgeval (but rep8, in scale).
FEATURES: dict[str, Callable[[Melody], float]] = {
    "rep8": lambda melody: repeated(melody, 8),
    "range": lambda melody: float(np.ptp(melody.pitches)),
    "pitches": lambda melody: float(len(np.unique(melody.pitches))),
    "interval": lambda melody: float(np.abs(melody.intervals).mean()) if len(melody.intervals) else 0.0,
    "gap": lambda melody: float(melody.beats.mean()) if len(melody.beats) else 0.0,
    "in scale": lambda melody: melody.scale[1],
}
# The values that are pooled over all tunes and compared with those of the training tunes.
POOLED: dict[str, Callable[[Melody], Ints]] = {
    "degrees": lambda melody: melody.degrees,
    "intervals": lambda melody: melody.intervals,
    "gaps": lambda melody: melody.gaps[1:],
    "two intervals": lambda melody: (melody.intervals[:-1] + 127) * 256 + melody.intervals[1:] + 127,
}


class Measured(NamedTuple):
    """A set of tunes for the metrics: each tune's melody, and of each of its places how many pairs from there on are
    also in a training tune (``runs``)."""

    melodies: Sequence[Melody]
    runs: Sequence[Ints]

    @property
    def longest(self) -> Ints:
        """The longest run of each tune."""
        return np.array([copies.longest(each) for each in self.runs])

    def mean(self, of: Callable[[Melody], float]) -> float:
        """The mean of a tune's figure over all tunes."""
        return float(np.mean([of(melody) for melody in self.melodies]))


def _covered(tunes: Measured) -> float:
    """The share of pairs within runs of 12 or more."""
    weights = [max(1, len(each)) for each in tunes.runs]
    return float(np.average([copies.covered(each) for each in tunes.runs], weights=weights))


def _aligned(tunes: Measured) -> float | None:
    """The share of repeated patterns of 8 on the half bar; None if there are none, or no bars."""
    aligned = [each for melody in tunes.melodies for each in on_the_bar(melody)]
    return float(np.mean(aligned)) if aligned else None


def _repeats(size: int) -> Metric[Measured]:
    return Metric(f"rep{size}", ".3f", lambda tunes: tunes.mean(lambda melody: repeated(melody, size)))


# The metrics of a set of tunes. Runs are in pairs, shares 0 to 1, the range in semitones. Copied: over tunes, the
# longest run of pairs that is also in a training tune.
METRICS: dict[str, Metric[Measured]] = {
    "copied_median": Metric("copied: median", "g", lambda tunes: float(np.median(tunes.longest))),
    "copied_p90": Metric("p90", "g", lambda tunes: float(np.percentile(tunes.longest, 90))),
    "copied_most": Metric("most", "d", lambda tunes: int(tunes.longest.max())),
    "too_long": Metric("≥ 24", ".0%", lambda tunes: float((tunes.longest >= copies.TOO_LONG).mean())),
    "covered": Metric("in runs ≥ 12", ".1%", _covered),
    "in_scale": Metric("in scale", ".3f", lambda tunes: tunes.mean(FEATURES["in scale"])),
    "range": Metric("range", ".1f", lambda tunes: tunes.mean(FEATURES["range"])),
    **{f"rep{size}": _repeats(size) for size in REPEATS},
    "on_the_bar": Metric("on the bar", ".2f", _aligned),
}


class Reference:
    """The music that samples are compared with: the training tunes (copies, divergence) and held-out ones (overlap)."""

    def __init__(self, training: Sequence[Melody], held_out: Sequence[Melody]) -> None:
        self._source = Source([melody.pairs for melody in training])
        self._pooled = {name: _pool(training, values) for name, values in POOLED.items()}
        self._features = {name: [feature(melody) for melody in held_out] for name, feature in FEATURES.items()}

    def style(self, name: str, melodies: Sequence[Melody]) -> "Style":
        """All figures of a set of tunes."""
        runs = self._source.runs([melody.pairs for melody in melodies])
        features = {name: [feature(melody) for melody in melodies] for name, feature in FEATURES.items()}
        pooled = {name: _pool(melodies, values) for name, values in POOLED.items()}
        return Style(
            name=name,
            tunes=len(melodies),
            figures=measure(METRICS, Measured(melodies, runs)),
            divergence={name: divergence(counts, self._pooled[name]) for name, counts in pooled.items()},
            overlap={name: overlap(values, self._features[name]) for name, values in features.items()},
        )


@dataclass(frozen=True)
class Style:
    """The ``figures`` of a set of tunes by the names in ``METRICS``; the divergence (bits) of each pooled value from
    the training tunes, and the overlap (0 to 1) of each feature with the held-out tunes."""

    name: str
    tunes: int
    figures: Figures
    divergence: dict[str, float]
    overlap: dict[str, float]

    def __getitem__(self, metric: str) -> float:
        return self.figures[metric] or 0.0

    def to_dict(self) -> dict[str, Any]:
        """The style as numbers; the shares of repeats are together, by the size of the pattern."""
        repeats = {size: self.figures[f"rep{size}"] for size in REPEATS}
        others = {name: value for name, value in self.figures.items() if not name.startswith("rep")}
        return {
            **{"name": self.name, "tunes": self.tunes, **others, "repeated": repeats},
            **{"divergence": self.divergence, "overlap": self.overlap},
        }


def _pool(melodies: Sequence[Melody], values: Callable[[Melody], Ints]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for melody in melodies:
        counts.update(values(melody).tolist())
    return counts
