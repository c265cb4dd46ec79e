"""The benchmark of the beat measures what it says, and the pulse is far better than no pulse."""

import pytest

from benchmarks import beats
from livegen.beat.rhythm import SETS, Rhythms
from livegen.tunes import abc_reader

REEL = "X:1\nT:t\nM:4/4\nL:1/8\nK:D\n" + "|".join(["d2fd Adfd", "e2ge Bege", "d2fd ABde", "fdec d4"] * 8) + "|\n"
JIG = "X:2\nT:j\nM:6/8\nL:1/8\nK:G\n" + "|".join(["G2B dBd", "edB A2B", "GBd gfe", "dBG A3"] * 8) + "|\n"


def test_f_counts_each_beat_once_and_nothing_before_the_fifth_second() -> None:
    true = [0.5 * number for number in range(40)]
    assert beats.f_measure(true, true) == 1.0
    assert beats.f_measure([at + 0.069 for at in true], true) == pytest.approx(1.0, abs=0.02)
    assert beats.f_measure([at + 0.08 for at in true], true) == 0.0
    assert beats.f_measure(true[::2], true) == pytest.approx(2 / 3, abs=0.02)
    assert beats.f_measure([], true) == 0.0
    assert beats.f_measure(true[10:], true) == 1.0
    assert beats.f_measure([1.0], [1.0]) is None
    assert beats.levels(true[::2], true) == 1.0


@pytest.mark.parametrize("rhythms", SETS.values(), ids=SETS)
@pytest.mark.parametrize(("text", "felt"), [(REEL, 1.0), (JIG, 1.5)])
def test_the_pulse_finds_the_beat_where_a_metronome_does_not(text: str, felt: float, rhythms: Rhythms) -> None:
    played = beats.perform(abc_reader.read_tune(text, "performed", "t"), 1)
    assert len(played.values) == len(played.onsets) - 1
    assert len(played.beats) == pytest.approx(sum(played.values) / felt, abs=2)
    pulse = beats.f_measure(beats.told(played.onsets, beats.pulse_hears(rhythms)), played.beats)
    metronome = beats.f_measure(beats.told(played.onsets, beats.never_changes(0.5)), played.beats)
    assert pulse is not None and metronome is not None
    assert pulse > 0.85 > 0.6 > metronome
    heard = beats.heard_values(played, rhythms)
    assert sum(abs(one - true) < 1e-6 for one, true in zip(heard, played.values, strict=True)) > 0.8 * len(heard)
