"""The figures of a model: bits, ranks, transposition, the table and the card."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

from livegen.encoding import GAPS, PITCHES, Step
from livegen.events import Note
from livegen.predictor import Forecast
from livegen.training import dataset
from livegen.training.card import put
from livegen.training.corpus import Corpus
from livegen.training.evaluate import Report, Row, markov_rows, measure, scores_of
from livegen.training.tune import Tune

HALF = dataset.ENCODING.gap_index(0.5)


def tune(*pitches: int) -> Tune:
    return Tune("", tuple(Note(0.5 * n, 0.5, pitch) for n, pitch in enumerate(pitches)))


class Upwards:
    """Expects half a beat with probability 3/4 and a semitone up with probability 1/2; in one key alone if told so."""

    name = "upwards"
    digest = ""
    polyphonic = False

    def __init__(self, home: int | None = None) -> None:
        self._home = home

    def start(self) -> None:
        return None

    def warm(self) -> None:
        """Nothing to warm."""

    def step(self, state: None, step: Step) -> tuple[None, Forecast]:
        gap = np.full(len(GAPS), math.log(0.25 / (len(GAPS) - 1)), dtype=np.float32)
        gap[HALF] = math.log(0.75)
        pitch = np.full((len(GAPS), PITCHES), math.log(0.5 / (PITCHES - 1)), dtype=np.float32)
        if self._home is None or step.pitch - 1 >= self._home:
            pitch[:, step.pitch % PITCHES] = math.log(0.5)
        return None, Forecast(gap + 3.0, pitch - 2.0)  # logits need not be normalised


def test_bits_and_ranks_are_those_of_the_forecast() -> None:
    scores = scores_of(Upwards(), dataset.plain(tune(60, 61, 62, 60)))
    assert [score.gap_bits for score in scores] == pytest.approx([-math.log2(0.75)] * 3, abs=1e-5)
    assert [score.pitch_bits for score in scores] == pytest.approx([1, 1, -math.log2(0.5 / 127)], abs=1e-5)
    assert [score.pitch_rank for score in scores] == [0, 0, 1]


def test_the_first_note_is_given() -> None:
    assert len(scores_of(Upwards(), dataset.plain(tune(60)))) == 0
    assert len(scores_of(Upwards(), dataset.plain(tune(60, 61)))) == 1


def test_what_other_keys_cost_is_the_worst_of_them() -> None:
    excerpts = [dataset.plain(tune(60, 61, 62, 63))]
    assert measure(Upwards(), excerpts, (-3, 4)).transposed == pytest.approx(0.0, abs=1e-6)
    worse = measure(Upwards(home=60), excerpts, (-3, -1, 4)).transposed
    assert worse is not None and worse > 3


def test_shares_count_first_and_first_three_guesses() -> None:
    row = measure(Upwards(), [dataset.plain(tune(60, 61, 62, 60))], ())
    assert (row.top_1_rhythm, row.top_1_pitch) == pytest.approx((1.0, 2 / 3))
    assert row.transposed is None
    assert row.total == pytest.approx(row.rhythm + row.pitch)


def test_markov_rows_fall_with_the_order_on_a_strict_pattern() -> None:
    pattern = [60, 62, 60, 61, 63, 66, 60] * 12
    rows = markov_rows(Corpus([tune(*pattern)]), Corpus([tune(*pattern[:40])]))
    assert [row.name for row in rows] == [f"Markov, order {n}" for n in range(1, 6)]
    assert rows[2].total < rows[0].total < 8


def test_the_table_and_the_numbers_say_the_same() -> None:
    report = Report("tunes", 2, 30, [Row("a", 0.5, 2.25, 0.8, 0.9, 0.4, 0.7, 0.0123), Row("b", 1, 2, 0, 0, 0, 0)])
    table = report.table()
    assert "| a | 0.500 | 2.250 | 2.750 | 80% | 90% | 40% | 70% | +0.012 |" in table
    assert report.to_dict()["rows"][0]["total"] == pytest.approx(2.75)
    assert report.to_dict()["rows"][1]["transposed"] is None


def test_a_card_keeps_everything_outside_its_markers(tmp_path: Path) -> None:
    card = tmp_path / "README.md"
    card.write_text("# Mine\n\n<!-- begin figures -->\nold\n<!-- end figures -->\n\nlast words\n")
    put(card, "figures", "new \\1")
    assert card.read_text() == "# Mine\n\n<!-- begin figures -->\nnew \\1\n<!-- end figures -->\n\nlast words\n"
    put(card, "made", "a line")
    put(card, "made", "another line")
    assert card.read_text().endswith("last words\n\n<!-- begin made -->\nanother line\n<!-- end made -->\n")


@pytest.mark.training
def test_the_shipped_model_beats_markov_on_a_few_held_out_tunes() -> None:
    from livegen.predictor import OnnxPredictor
    from livegen.training import corpus
    from livegen.training.held_out import HELD_OUT, HeldOut

    model = Path(__file__).parent.parent / "models" / "folk.onnx"
    if not model.exists():
        pytest.skip("models/folk.onnx is not there")
    if importlib.util.find_spec("music21") is None:
        pytest.skip("music21, which holds the tune books, is not installed")
    whole = corpus.read(corpus.books()["oneill"])
    divided = corpus.divide(whole, HeldOut.load(HELD_OUT))
    few = Corpus(divided.validation.tunes[:12])
    shipped = measure(OnnxPredictor(model), [dataset.plain(each) for each in few.tunes], ())
    chains = markov_rows(Corpus(divided.training.tunes[:300]), few)
    assert shipped.total < min(chain.total for chain in chains)
