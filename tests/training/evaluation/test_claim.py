"""Dice, Markov chains and models compared: how much each quotes and remembers."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from livegen.cli.main import main
from livegen.events import Note
from livegen.predictors.encoding import GAPS
from livegen.training.corpus.corpus import Corpus
from livegen.training.evaluation import claim
from livegen.training.network.dataset import ENCODING
from livegen.tunes.abc_writer import Tone
from livegen.tunes.tune import Bar, Tune


def tune(name: str, pitches: list[int]) -> Tune:
    """Eighths in whole bars of 4/4."""
    notes = tuple(Note(0.5 * n, 0.5, pitch) for n, pitch in enumerate(pitches))
    return Tune(name, notes, tuple(Bar(4.0 * n, "4/4") for n in range(len(pitches) // 8)))


def wandering(seed: int, count: int = 64) -> list[int]:
    """A melody in C that seldom repeats itself; it ends on C."""
    random = np.random.default_rng(seed)
    scale = [60, 62, 64, 65, 67, 69, 71, 72]
    return [scale[int(at)] for at in random.integers(0, 8, count - 1)] + [60]


# Each training tune says its first two bars four times, so that a long enough context knows how it goes on.
TRAINING = Corpus([tune(f"t{seed}", 4 * wandering(seed, 16)) for seed in range(12)])
HELD_OUT = [tune(f"h{seed}", wandering(100 + seed)) for seed in range(3)]


def test_chains_of_high_order_quote_and_of_low_order_do_not_and_dice_take_whole_bars() -> None:
    found = claim.measure([], claim.Split("made", HELD_OUT, TRAINING), 6)
    by_name = {rung.name: rung for rung in found.methods}
    assert list(by_name) == [claim.DICE, *(f"Markov, order {order}" for order in range(1, 6))]
    chains = [by_name[f"Markov, order {order}"].style["copied_median"] for order in range(1, 6)]
    assert chains[4] > 2 * chains[0]
    assert by_name[claim.DICE].style["copied_median"] >= 6  # a whole bar has seven pairs, of which the first may differ
    assert by_name[claim.DICE].prediction is None
    assert by_name[claim.DICE].style["in_scale"] == 1.0


def test_the_table_and_the_numbers_say_the_same() -> None:
    found = claim.measure([], claim.Split("made", HELD_OUT, TRAINING), 2)
    numbers = json.loads(json.dumps(found.to_dict()))
    line = next(line for line in found.table().splitlines() if line.startswith("| Markov, order 2 |"))
    order_2 = next(rung for rung in numbers["rungs"] if rung["name"] == "Markov, order 2")
    assert f"{order_2['foresight']['rhythm'] + order_2['foresight']['pitch']:.3f}" in line
    assert f"{order_2['style']['copied_median']:g} |" in line
    assert "| the real tunes | - |" in found.table()


def test_written_bars_are_heard_as_gaps_between_onsets() -> None:
    bars = [
        [Tone(None, Fraction(1)), Tone(60, Fraction(1)), Tone(None, Fraction(1)), Tone(62, Fraction(1))],
        [Tone(64, Fraction(4))],
    ]
    melody = claim.melody_of(bars, "4/4")
    assert melody.pitches.tolist() == [60, 62, 64]
    assert [None if gap < 0 else float(GAPS[gap]) for gap in melody.gaps] == [None, 2.0, 1.0]
    assert melody.bar == 4.0
    assert ENCODING.gap_index(2.0) == melody.gaps[1]


def test_the_command_measures_models_of_both_kinds_and_draws(tmp_path: Path) -> None:
    music = tmp_path / "music"
    music.mkdir()
    letters = "CDEFGABc"
    for each in (*TRAINING.tunes, *HELD_OUT):
        written = "".join(letters[[60, 62, 64, 65, 67, 69, 71, 72].index(note.pitch)] for note in each.notes)
        (music / f"{each.name}.abc").write_text(f"X:1\nT:{each.name}\nM:4/4\nL:1/8\nK:C\n{written}|\n")
    picture = tmp_path / "claim.png"
    asked = ["evaluate", "folk", "markov", "--claim", "--samples", "2", "--trained-on", str(music)]
    asked += ["--data", str(music), "--plot", str(picture)]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    for name in ("dice", "Markov, order 5", "folk", "markov", "the real tunes"):
        assert f"| {name} |" in result.output
    assert picture.stat().st_size > 5000
    refused = CliRunner().invoke(main, [*asked[:4], "--samples", "0", "--data", str(music)])
    assert refused.exit_code == 2


@pytest.mark.parametrize("model", ["markov"])
def test_a_markov_model_is_evaluated_like_a_network(tmp_path: Path, model: str) -> None:
    (tmp_path / "one.abc").write_text("X:1\nT:one\nM:4/4\nL:1/8\nK:C\nCDEF GABc|cBAG FEDC|\n")
    asked = ["evaluate", model, "--data", str(tmp_path), "--samples", "0", "--no-baseline", "--no-transposed"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0 and f"| {model} |" in result.output
