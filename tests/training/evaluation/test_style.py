"""The figures of style: copied runs, likeness to other tunes, repeats, the bar; and the paired bootstrap."""

import math
from collections import Counter

import numpy as np
import pytest

from livegen.predictors.encoding import Encoding
from livegen.training.evaluation import copies, style
from livegen.training.evaluation.bootstrap import difference
from livegen.training.evaluation.copies import Source
from livegen.training.evaluation.style import Melody, Reference, divergence, on_the_bar, overlap, repeated
from livegen.training.ngrams.tables import Ints

HALF = Encoding().gap_index(0.5)
BAR = [60, 64, 67, 64, 62, 65, 69, 71]


def melody(pitches: list[int], bar: float | None = 4.0, gap: int = HALF) -> Melody:
    return Melody(np.array(pitches), np.array([-1] + [gap] * (len(pitches) - 1)), bar)


def wander(seed: int, count: int) -> list[int]:
    steps = np.random.default_rng(seed).integers(-9, 10, count)
    return [60 + int(step) for step in steps]


def runs_by_hand(source: list[list[int]], tune: list[int]) -> list[int]:
    found = []
    for at in range(len(tune)):
        best = 0
        for other in source:
            for start in range(len(other)):
                size = 0
                while at + size < len(tune) and start + size < len(other) and tune[at + size] == other[start + size]:
                    size += 1
                best = max(best, size)
        found.append(best)
    return found


def test_a_copied_run_is_found_in_another_key_and_is_as_long_as_it_is() -> None:
    source = [melody(wander(1, 80)), melody(wander(2, 80))]
    quoted = [pitch + 5 for pitch in source[1].pitches[20:41].tolist()]  # 21 notes, 20 pairs
    made = melody([*wander(3, 30), *quoted, *wander(4, 30)])
    runs = Source([each.pairs for each in source]).runs([made.pairs])[0]
    assert copies.longest(runs) == 20
    assert runs[30] == 20
    assert copies.covered(runs) == pytest.approx(20 / 80)
    assert copies.covered(runs, 20) == pytest.approx(20 / 80)
    assert copies.covered(runs, 21) == 0


def test_another_rhythm_is_no_copy() -> None:
    source, same = melody(wander(1, 40)), melody(wander(1, 40), gap=HALF + 3)
    assert copies.longest(Source([source.pairs]).runs([same.pairs])[0]) == 0


@pytest.mark.parametrize("seed", range(5))
def test_runs_are_those_found_by_hand(seed: int) -> None:
    random = np.random.default_rng(seed)
    tunes: list[Ints] = [random.integers(0, 3, size) for size in (40, 1, 25, 30)]
    found = Source(tunes[:2]).runs(tunes[2:])
    for tune, runs in zip(tunes[2:], found, strict=True):
        assert runs.tolist() == runs_by_hand([each.tolist() for each in tunes[:2]], tune.tolist())


def test_a_tune_of_one_bar_repeats_all_but_what_is_new() -> None:
    four = melody(BAR * 4)  # 31 pairs: 24 patterns of 8, of which the first 8 are new
    assert repeated(four, 8) == pytest.approx(16 / 24)
    assert repeated(four, 4) == pytest.approx(20 / 28)
    assert repeated(four, 16) == pytest.approx(8 / 16)
    assert repeated(melody(wander(5, 32)), 8) == 0
    assert repeated(melody([60]), 8) == 0


def test_repeats_on_the_bar_are_whole_half_bars_apart() -> None:
    assert on_the_bar(melody(BAR * 4)) == [True] * 16
    assert on_the_bar(melody(BAR * 4, bar=3.0)) == [False] * 16  # 4 beats are no multiple of 1.5
    assert on_the_bar(melody(BAR * 4, bar=8.0)) == [True] * 16
    assert on_the_bar(melody(BAR * 4, bar=None)) == []
    late = melody([*BAR, 60, *BAR, 60])
    assert style.repeats(late, 8) == [(9, 0)]
    assert on_the_bar(late) == [False]


def test_what_is_in_the_scale_and_its_degrees() -> None:
    major = melody([62, 64, 66, 67, 69, 71, 73, 74, 69, 62])  # D major
    assert major.scale == (2, 1.0)
    assert major.degrees.tolist() == [0, 2, 4, 5, 7, 9, 11, 0, 7, 0]
    assert melody([*major.pitches.tolist(), 65, 68]).scale[0] == 2
    assert melody([*major.pitches.tolist(), 65, 68]).scale[1] == pytest.approx(10 / 12)
    assert melody(list(range(60, 72))).scale[1] == pytest.approx(7 / 12)
    assert melody([60, 62, 64, 67, 69, 60, 67]).scale[0] == 0  # F and G major hold them all too
    assert melody([60, 62, 64, 65, 67, 69, 71, 66, 66, 66]).scale == (7, 9 / 10)
    moved = melody([pitch + 3 for pitch in major.pitches.tolist()])
    assert moved.degrees.tolist() == major.degrees.tolist()


def test_divergence_is_zero_of_equals_one_of_strangers_and_known_between() -> None:
    a = Counter({1: 3, 2: 1})
    assert divergence(a, Counter({1: 300, 2: 100})) == pytest.approx(0, abs=1e-12)
    assert divergence(a, Counter({3: 5})) == pytest.approx(1)
    assert divergence(Counter({1: 1}), Counter({1: 1, 2: 1})) == pytest.approx(
        (math.log2(4 / 3) + 0.5 * math.log2(2 / 3) + 0.5) / 2
    )


def test_overlap_is_one_of_equals_and_falls_with_distance() -> None:
    random = np.random.default_rng(1)
    a = random.normal(0, 1, 2000).tolist()
    assert overlap(a, a) == pytest.approx(1)
    near, far = overlap(a, [value + 1 for value in a]), overlap(a, [value + 20 for value in a])
    assert near == pytest.approx(0.617, abs=0.04)  # of two normal densities one deviation apart: 2 Φ(-1/2)
    assert far < 1e-6
    assert overlap([0.0, 0.0], [0.0]) == pytest.approx(1)
    assert overlap([0.0, 0.0], [1.0]) < 1e-6


def test_the_style_of_the_training_tunes_themselves() -> None:
    tunes = [melody(wander(seed, 60)) for seed in range(4)]
    found = Reference(tunes, tunes).style("same", tunes)
    assert (found["copied_median"], found["copied_p90"], found["copied_most"]) == (59, 59, 59)
    assert (found["too_long"], found["covered"]) == (1, 1)
    assert all(value == pytest.approx(0, abs=1e-12) for value in found.divergence.values())
    assert all(value == pytest.approx(1) for value in found.overlap.values())
    assert found.figures["on_the_bar"] is None
    assert found["range"] == pytest.approx(np.mean([np.ptp(each.pitches) for each in tunes]))
    others = [melody(BAR * 8), melody(wander(9, 60))]
    found = Reference(tunes, tunes).style("others", others)
    assert found["too_long"] == 0 and found["covered"] == 0
    assert found.figures["on_the_bar"] == 1 and found.divergence["intervals"] > 0.01
    assert found["rep8"] == pytest.approx((repeated(others[0], 8) + 0) / 2)


def test_the_same_model_differs_by_nothing() -> None:
    bits = [3.0, 40.0, 5.0]
    assert difference(bits, bits, [1, 20, 3]) == (0, 0, 0)


def test_the_difference_is_per_note_and_its_interval_holds_it() -> None:
    random = np.random.default_rng(1)
    notes = random.integers(50, 150, 400)
    apart = random.normal(-0.2, 0.5, 400)
    base = random.uniform(2, 4, 400) * notes
    found = difference((base + apart * notes).tolist(), base.tolist(), notes.tolist())
    assert found.mean == pytest.approx(float((apart * notes).sum() / notes.sum()))
    assert found.low < found.mean < found.high < 0
    spread = 0.5 * math.sqrt(float((notes**2).sum())) / notes.sum()
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * spread, rel=0.1)
    assert found == difference((base + apart * notes).tolist(), base.tolist(), notes.tolist())
