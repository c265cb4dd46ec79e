"""A model that plays by itself stays close to real music, and never stays in a loop for long."""

import numpy as np
import pytest

from benchmarks.studies.hour import Played, alone, highest, loop, lowest, one_note, patterns, windows
from livegen.player.balance import Norm, Recent
from livegen.predictors import memory, models
from livegen.predictors.encoding import Encoding

MINUTES = 10


def test_the_figures_are_what_they_say() -> None:
    scale = [60, 62, 64, 65, 67, 69, 71, 72]
    random = np.random.default_rng(3)
    pitches = [60] * 5 + [int(random.choice(scale)) for _ in range(40)] + [64, 67] * 10
    played = Played(np.linspace(0.0, 0.25 * (len(pitches) - 1), len(pitches)), np.array(pitches))
    assert one_note(played) == 5
    assert 18 <= loop(played) <= 20  # the figure of two, but its first time
    assert 0.1 < patterns(played) < 0.4
    assert lowest(played) == 60 and highest(played) <= 72


@pytest.mark.parametrize("name", ["folk", "markov"])
def test_a_model_alone_neither_loops_nor_leaves_its_register(name: str) -> None:
    model = models.load(name)
    for seed in (1, 3):
        for window in windows(alone(model, MINUTES * 60.0, seed)):
            assert patterns(window) < 0.6
            assert loop(window) < 80 and one_note(window) < 20
            assert lowest(window) > 45 and highest(window) < 90
            assert 800 < len(window.pitches) < 1700


def test_the_more_comes_again_the_less_the_memory_is_trusted() -> None:
    share = 0.0
    for _ in range(20):
        share = memory.familiar(share, False)
    assert share == 0.0 and memory.trust(share) == memory.PLAYING_TRUST
    trusted = []
    for _ in range(400):
        share = memory.familiar(share, True)
        trusted.append(memory.trust(share))
    assert trusted == sorted(trusted, reverse=True)
    assert trusted[5] == memory.PLAYING_TRUST and trusted[-1] == pytest.approx(0.2 * memory.PLAYING_TRUST, rel=0.01)


def test_who_plays_too_fast_or_too_full_is_led_back() -> None:
    norm = Norm.parse("-0.70 0.50 2.00")
    assert norm is not None
    recent = Recent()
    for _ in range(100):
        recent = recent.struck(0.25, 4)
    logits = norm.lead(recent, 1.0)
    gaps = [Encoding().gap_index(beats) for beats in (0.25, 0.5, 1.0)]
    assert logits[gaps[0]] < logits[gaps[1]] < logits[gaps[2]] and logits[0] < 0
    for _ in range(100):
        recent = recent.struck(0.5, 2)
    assert not norm.lead(recent, 1.0).any()
    assert norm.lead(recent, 2.0)[gaps[0]] > 0  # twice as many notes are asked for
    assert not norm.lead(Recent(), 1.0).any()


@pytest.mark.parametrize("beats", [None, 0.0, -0.25])
def test_no_time_between_onsets_says_nothing_of_the_pace(beats: float | None) -> None:
    before = Recent().struck(0.5, 1)
    assert before.struck(beats, 1) == before


@pytest.mark.parametrize("said", ["", "nothing", "1 2", "nan 1 1", "0 0 1", "0 1 0.5"])
def test_a_file_that_does_not_say_its_pace_leads_nowhere(said: str) -> None:
    assert Norm.parse(said) is None
