"""The weights of ``livegen.listening.phrase_end``: ``python -m benchmarks.studies.phrase_end --data DIR`` fits them.

A logistic regression of "the phrase ended here" on the logarithm of the silence after a note and on the cues that the
rule knows at its release. Solved for the silence that makes an end as likely as not, it gives the rule's weights. The
cues depend on where the rule itself heard phrases end, so it is fitted again on what it hears with the weights before
(Ross, Gordon and Bagnell 2011, DAgger). Only the half of the performances to tune on is used; figures are printed for
both halves, counted as the rule alone would decide: the answer's own delay is not in them.
"""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.musicality import lines, phrase_ends
from benchmarks.musicality.phrase_ends import Performance
from livegen.listening import phrase_end
from livegen.listening.phrase_end import CUES, USUAL, WEIGHTS, PhraseEnd

ROUNDS = 4
OTHERS = 2.5  # how much a gap of a song or a pianist counts, a jazz solo's being 1: there are 16 times fewer
RIDGE = 1.0

Floats = npt.NDArray[np.float64]


class Gap(NamedTuple):
    """One silence: the cues before it, its length (log seconds), whether a phrase ended, and the kind of music."""

    cues: list[float]
    silence: float
    ended: bool
    group: str


class Heard(NamedTuple):
    """A performance as the rule heard it: its gaps, and the silences at which it heard an end, right or wrong."""

    gaps: list[Gap]
    hits: list[float]
    missed: int
    cut_ins: int


def hear(played: Performance, patience: float = USUAL) -> Heard:
    """Let the rule follow a performance, and hear phrases end where it decides so."""
    rule, gaps, hits, missed, cut_ins = PhraseEnd(), [], [], 0, 0
    chords, released, ended = lines.struck(played.notes), 0.0, False
    onsets = [chord[0].onset for chord in chords]
    for chord, following in zip(chords, [*onsets[1:], played.until], strict=True):
        onset, true = chord[0].onset, chord[0].onset in played.ends
        rule.hear_note(onset, max(note.pitch for note in chord), ended)
        released = max(released, *(note.onset + note.duration for note in chord))
        ended = False
        if released < following:
            rule.hear_release(released)
            wait = rule.silence(patience)
            ended = released + wait < following
            gaps.append(Gap(rule.cues(), math.log(max(0.02, following - released)), true, played.group))
        if ended and true:
            hits.append(wait)
        missed, cut_ins = missed + (true and not ended), cut_ins + (ended and not true)
    return Heard(gaps, hits, missed, cut_ins)


def fit(gaps: Sequence[Gap]) -> tuple[float, ...]:
    """The weights of the cues, by Newton's method."""
    values = np.array([[*gap.cues, gap.silence] for gap in gaps])
    ended = np.array([gap.ended for gap in gaps], dtype=float)
    counts = np.array([1.0 if gap.group == phrase_ends.SOLOS else OTHERS for gap in gaps])
    mean, spread = values.mean(0), values.std(0)
    mean[0], spread[spread == 0.0] = 0.0, 1.0
    scaled: Floats = (values - mean) / spread
    found = np.zeros(scaled.shape[1])
    free = np.arange(len(found)) > 0
    for _ in range(40):
        likely = 1.0 / (1.0 + np.exp(-scaled @ found))
        slope = scaled.T @ (counts * (likely - ended)) + RIDGE * found * free
        bend = (scaled * (counts * likely * (1.0 - likely))[:, None]).T @ scaled + RIDGE * np.eye(len(found))
        found = found - np.linalg.solve(bend, slope)
    weights = found / spread
    weights[0] -= float((found * mean / spread).sum())
    return tuple(round(float(weight), 3) for weight in -weights[:-1] / weights[-1])


def table(part: str, performances: Sequence[Performance]) -> list[str]:
    """A line for each kind of music."""
    found = []
    for group in dict.fromkeys(played.group for played in performances):
        heard = [hear(played) for played in performances if played.group == group]
        hits = [wait for each in heard for wait in each.hits]
        missed, cut_ins = sum(each.missed for each in heard), sum(each.cut_ins for each in heard)
        notes = sum(len(lines.struck(played.notes)) for played in performances if played.group == group)
        f1 = 2 * len(hits) / max(1, 2 * len(hits) + missed + cut_ins)
        wait = float(np.median(hits)) if hits else math.nan
        found.append(f"{part:7} {group:12} F1 {f1:.3f}  cut-ins {100 * cut_ins / notes:.2f} in 100  after {wait:.2f} s")
    return found


def main() -> None:
    """Fit the weights and print them, with the figures of both halves."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.studies.phrase_end", description=main.__doc__)
    asked.add_argument("--data", type=Path, required=True, help="the folder of data sets, as docs/musicality.md says")
    data = asked.parse_args().data
    parts = {part: phrase_ends.performances(data, part) for part in ("tune", "report")}
    gaps: list[Gap] = []
    for _ in range(ROUNDS):
        gaps += [gap for played in parts["tune"] for gap in hear(played).gaps]
        phrase_end.WEIGHTS = fit(gaps)
    for cue, weight, before in zip(CUES, phrase_end.WEIGHTS, WEIGHTS, strict=True):
        print(f"{weight:7.3f}  {cue} (the source has {before})")
    print(*(line for part, played in parts.items() for line in table(part, played)), sep="\n")


if __name__ == "__main__":
    main()
