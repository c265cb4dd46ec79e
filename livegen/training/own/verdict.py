"""Judges a model that was trained further: whether it predicts better, and whether the tunes it makes up are good.

Entropy is that of the pitches of one tune (bits), repeats are ``style.repeated`` in patterns of 8, a copied run is a
run of pairs of interval and gap that the performer's takes have too. All are means over tunes, except the copied runs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from livegen.predictors.models import Predictor
from livegen.training.evaluation import copies, samples
from livegen.training.evaluation.bootstrap import Difference, difference
from livegen.training.evaluation.copies import Source
from livegen.training.evaluation.samples import FromPredictor
from livegen.training.evaluation.scores import GAP_BITS, PITCH_BITS, predict
from livegen.training.evaluation.style import Melody, repeated
from livegen.training.network import dataset
from livegen.training.ngrams.ngram import NGram
from livegen.training.ngrams.tables import Floats, Ints
from livegen.training.own import intended_rhythm
from livegen.training.own.division import Division
from livegen.tunes.tune import Tune

SAMPLES = 30
LONGEST = 128  # notes of a sample
STRETCH = 16  # notes: of few takes, stretches of so many are drawn for the interval
ENOUGH = 10  # takes, which are then drawn whole
REPEATS = 8
ONE_NOTE = 1.0  # bits of entropy: fewer are one note, or two in turn
NARROW = 0.5  # of the entropy of the performer's takes and of the base's samples
VARIED = 0.85  # of the entropy of the performer's takes
BETTER = 0.001  # bits a note: less is the same
LOOP = 0.3  # more repeats than both, as a share of all patterns


@dataclass(frozen=True)
class Measures:
    """The figures of a set of tunes: entropy in bits, different pitches, range in semitones, shares 0 to 1, runs in
    pairs."""

    entropy: float
    pitches: float
    range: float
    repeated: float
    copied: int | None = None  # the longest run; None: they are the takes themselves
    too_long: float | None = None  # the share of tunes with a run of 24 or more


@dataclass(frozen=True)
class Verdict:
    """The base and the new model on the same takes. ``refusal`` is one sentence; None: the new one may be played."""

    bits: tuple[float, float]  # a note, base and new
    apart: Difference  # new less base
    notes: int
    performer: Measures
    base: Measures
    new: Measures
    ngram: float | None = None  # bits a note of an n-gram of the performer's takes; None: not asked for
    other: str = "the model that it began from"  # what the base is called

    @property
    def refusal(self) -> str | None:
        """Why the new model is not good enough."""
        new, entropy = self.new, min(self.performer.entropy, self.base.entropy)
        if new.entropy < ONE_NOTE:
            return (
                f"The new model fell into one note or two (its choice of pitches holds {new.entropy:.1f} bits); "
                "play something with more notes in it."
            )
        if new.entropy < NARROW * entropy:
            return (
                f"The new model fell into a few notes: its choice of pitches holds {new.entropy:.1f} bits, "
                f"yours {self.performer.entropy:.1f}; play more, and more varied."
            )
        if new.repeated > LOOP + max(self.performer.repeated, self.base.repeated):
            return (
                f"The new model goes round in a short loop: {new.repeated:.0%} of its patterns are repeats, "
                f"of yours {self.performer.repeated:.0%}; play more, and more varied."
            )
        if self.apart.mean > -BETTER:
            return (
                "The new model foresees music of yours that it had not heard no better than the base "
                f"({self.bits[1]:.3f} bits a note against {self.bits[0]:.3f}); play more, then train again."
            )
        if self.ngram is not None and self.bits[1] > self.ngram + BETTER:
            return (
                "The new model foresees your music worse than counting what follows what in it does "
                f"({self.bits[1]:.2f} bits a note against {self.ngram:.2f}; fewer is better); give it more music."
            )
        return None

    @property
    def sentence(self) -> str:
        """The verdict in the words of a musician."""
        better = "better" if self.apart.mean < -BETTER else "no better"
        said = f"In music of yours that it had not heard, it foresees notes {better} than {self.other}"
        figures = f"{self.bits[1]:.2f} bits a note against {self.bits[0]:.2f}"
        if self.ngram is not None:
            beaten = "better" if self.bits[1] < self.ngram - BETTER else "no better"
            said += f", and {beaten} than counting what follows what in your music"
            figures += f" and {self.ngram:.2f}"
        varied = "as varied as" if self.new.entropy >= VARIED * self.performer.entropy else "less varied than"
        return f"{said} ({figures}; fewer is better). What it makes up is {varied} your music."

    def table(self) -> str:
        """All figures, one column each for the base, the new model and the performer's takes."""
        both = f"{self.apart.mean:+.3f}, 95 % between {self.apart.low:+.3f} and {self.apart.high:+.3f}"
        rows = [
            ("", "base", "new", "yours"),
            ("bits a note in music kept back", f"{self.bits[0]:.3f}", f"{self.bits[1]:.3f}", ""),
            *([("  an n-gram of your music", "", f"{self.ngram:.3f}", "")] if self.ngram is not None else []),
            ("entropy of the pitches, bits", *self._each(lambda each: f"{each.entropy:.2f}")),
            ("different pitches in a tune", *self._each(lambda each: f"{each.pitches:.1f}")),
            ("range, semitones", *self._each(lambda each: f"{each.range:.1f}")),
            ("repeated patterns of 8", *self._each(lambda each: f"{each.repeated:.3f}")),
            ("longest run copied from you", *self._each(lambda each: "" if each.copied is None else str(each.copied))),
            (
                f"tunes with {copies.TOO_LONG} copied or more",
                *self._each(lambda each: "" if each.too_long is None else f"{each.too_long:.0%}"),
            ),
        ]
        lines = [f"{name:32}{base:>8}{new:>8}{yours:>8}".rstrip() for name, base, new, yours in rows]
        return "\n".join([*lines, f"new less base: {both} ({self.notes:,} notes)"])

    def _each(self, of: "Callable[[Measures], str]") -> tuple[str, str, str]:
        return of(self.base), of(self.new), of(self.performer)


def judge(base: Predictor, new: Predictor, takes: Division, values: Ints, seed: int = 0) -> Verdict:
    """Compare two models on the takes kept for it, which ask for the note ``values`` that were meant, and on samples
    that begin as any of the takes do."""
    excerpts = [intended_rhythm.plain(tune, values) for tune in takes.judge]
    others = takes.learn + takes.choose
    scores = [predict(each, excerpts).tunes for each in (base, new)]
    a, b = ([tune[:, GAP_BITS] + tune[:, PITCH_BITS] for tune in each] for each in scores)
    if len(excerpts) < ENOUGH:
        a, b = (_stretches(each) for each in (a, b))
    notes = [len(each) for each in a]
    apart = difference([float(each.sum()) for each in b], [float(each.sum()) for each in a], notes, seed)
    bits = tuple(float(np.concatenate(each).mean()) for each in (a, b))
    source = Source([Melody.of(dataset.heard(tune)).pairs for tune in others])
    longer = _longer(takes.judge + others)
    mine, theirs = (_manners(_made(each, longer, seed), source) for each in (new, base))
    real = _manners([Melody.of(dataset.heard(tune)) for tune in longer])
    return Verdict((bits[0], bits[1]), apart, sum(notes), real, theirs, mine)


def counted(takes: Division) -> float:
    """The bits a note of an n-gram of the takes, long and short term, on those kept for the verdict."""
    ngram = NGram.learn(dataset.heard(tune) for tune in takes.learn + takes.choose)
    scores = [np.array(ngram.scores(dataset.heard(tune)), dtype=np.float64) for tune in takes.judge]
    return float(np.concatenate([tune[:, GAP_BITS] + tune[:, PITCH_BITS] for tune in scores]).mean())


def _stretches(tunes: Sequence[Floats]) -> list[Floats]:
    """Tunes cut into stretches of STRETCH notes."""
    return [tune[at : at + STRETCH] for tune in tunes for at in range(0, len(tune), STRETCH)]


def _longer(tunes: Sequence[Tune]) -> list[Tune]:
    """The longer half of the tunes, up to LONGEST notes of each: in a short one nothing is seen to repeat."""
    ordered = sorted(tunes, key=lambda tune: len(tune.notes))
    return [tune.beginning(LONGEST) for tune in ordered[len(ordered) // 2 :]]


def _made(predictor: Predictor, tunes: Sequence[Tune], seed: int) -> list[Melody]:
    """Tunes made up, each as long as one of the performer's and from its first note on."""
    chosen = samples.paired(tunes, SAMPLES, seed)
    improviser = FromPredictor(predictor)
    return [
        Melody.of(samples.improvise(improviser, tune, np.random.default_rng([seed, index])))
        for index, tune in enumerate(chosen)
    ]


def _manners(melodies: Sequence[Melody], source: Source | None = None) -> Measures:
    longest = []
    if source is not None:
        longest = [copies.longest(runs) for runs in source.runs([melody.pairs for melody in melodies])]
    return Measures(
        entropy=float(np.mean([_entropy(melody) for melody in melodies])),
        pitches=float(np.mean([len(np.unique(melody.pitches)) for melody in melodies])),
        range=float(np.mean([np.ptp(melody.pitches) for melody in melodies])),
        repeated=float(np.mean([repeated(melody, REPEATS) for melody in melodies])),
        copied=max(longest, default=None),
        too_long=float(np.mean(np.array(longest) >= copies.TOO_LONG)) if longest else None,
    )


def _entropy(melody: Melody) -> float:
    """Of the pitches of one tune, in bits."""
    shares = np.unique(melody.pitches, return_counts=True)[1] / len(melody.pitches)
    return float(-(shares * np.log2(shares)).sum())
