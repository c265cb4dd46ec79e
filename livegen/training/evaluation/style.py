"""How a set of tunes sounds, in figures: what it copies, how near it is to the training tunes, how it repeats itself.

The features are those of Yang & Lerch 2020 (mgeval) and Dong et al. 2020 (MusPy); each is defined where it is computed.
A pattern is so many (interval, gap) pairs in a row, so that it is known again in another key.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from livegen.predictors.encoding import GAPS
from livegen.training.evaluation import copies
from livegen.training.evaluation.copies import Source
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

        That share is MusPy's scale consistency; natural minor scales are major ones begun elsewhere. Of scales that
        hold as many, the one whose tonic and fifth sound most often; then the lowest.
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
    """Every pattern of ``size`` pairs that was heard before in this tune: where it begins, and where it last began."""
    seen: dict[bytes, int] = {}
    found: list[tuple[int, int]] = []
    for at in range(len(melody.pairs) - size + 1):
        pattern = melody.pairs[at : at + size].tobytes()
        if pattern in seen:
            found.append((at, seen[pattern]))
        seen[pattern] = at
    return found


def repeated(melody: Melody, size: int) -> float:
    """The share of the tune's patterns of ``size`` pairs that were heard before in it (0 for a tune too short)."""
    return len(repeats(melody, size)) / max(1, len(melody.pairs) - size + 1)


def on_the_bar(melody: Melody) -> list[bool]:
    """Of every repeated pattern of 8 pairs: does it lie a whole number of half bars after it was last heard?"""
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
    """The area, 0 to 1, that lies under both of two densities: Gaussian kernels with Scott's bandwidth over the values.

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
# What is pooled over all tunes and compared with the training tunes.
POOLED: dict[str, Callable[[Melody], Ints]] = {
    "degrees": lambda melody: melody.degrees,
    "intervals": lambda melody: melody.intervals,
    "gaps": lambda melody: melody.gaps[1:],
    "two intervals": lambda melody: (melody.intervals[:-1] + 127) * 256 + melody.intervals[1:] + 127,
}


class Reference:
    """What samples are compared with: the training tunes (copies, divergence) and real held-out ones (overlap)."""

    def __init__(self, training: Sequence[Melody], held_out: Sequence[Melody]) -> None:
        self._source = Source([melody.pairs for melody in training])
        self._pooled = {name: _pool(training, values) for name, values in POOLED.items()}
        self._features = {name: [feature(melody) for melody in held_out] for name, feature in FEATURES.items()}

    def style(self, name: str, melodies: Sequence[Melody]) -> "Style":
        """All figures of a set of tunes."""
        runs = self._source.runs([melody.pairs for melody in melodies])
        longest = np.array([copies.longest(each) for each in runs])
        aligned = [each for melody in melodies for each in on_the_bar(melody)]
        features = {name: [feature(melody) for melody in melodies] for name, feature in FEATURES.items()}
        pooled = {name: _pool(melodies, values) for name, values in POOLED.items()}
        return Style(
            name=name,
            tunes=len(melodies),
            copied_median=float(np.median(longest)),
            copied_p90=float(np.percentile(longest, 90)),
            copied_most=int(longest.max()),
            too_long=float((longest >= copies.TOO_LONG).mean()),
            covered=float(np.average([copies.covered(each) for each in runs], weights=[max(1, len(r)) for r in runs])),
            divergence={name: divergence(counts, self._pooled[name]) for name, counts in pooled.items()},
            in_scale=float(np.mean(features["in scale"])),
            range=float(np.mean(features["range"])),
            repeated={size: float(np.mean([repeated(melody, size) for melody in melodies])) for size in REPEATS},
            on_the_bar=float(np.mean(aligned)) if aligned else None,
            overlap={name: overlap(values, self._features[name]) for name, values in features.items()},
        )


@dataclass(frozen=True)
class Style:
    """The figures of a set of tunes: runs in pairs, shares 0 to 1, divergence in bits, range in semitones.

    ``copied_*``: over tunes, the longest run of pairs that stands in a training tune too; ``too_long``: the share of
    tunes with a run of 24 or more; ``covered``: the share of pairs within runs of 12 or more; ``in_scale``, ``range``
    and ``repeated`` (by pattern size): means over tunes; ``on_the_bar``: over all repeated patterns of 8 (None: there
    are none, or no bars).
    """

    name: str
    tunes: int
    copied_median: float
    copied_p90: float
    copied_most: int
    too_long: float
    covered: float
    divergence: dict[str, float]
    in_scale: float
    range: float
    repeated: dict[int, float]
    on_the_bar: float | None
    overlap: dict[str, float]


def _pool(melodies: Sequence[Melody], values: Callable[[Melody], Ints]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for melody in melodies:
        counts.update(values(melody).tolist())
    return counts
