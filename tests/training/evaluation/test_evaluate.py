"""The figures of a model: bits, ranks, transposition, position, the page, the picture and the card."""

import importlib.util
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from livegen.errors import FileError
from livegen.events import Note, NoteOff, NoteOn
from livegen.midi import midifile
from livegen.predictors.encoding import Step
from livegen.predictors.memory import PLAYING_TRUST
from livegen.system import paths, run_log
from livegen.training.corpus import corpus
from livegen.training.corpus.corpus import Corpus
from livegen.training.evaluation.counts import NGRAM, markov_rows
from livegen.training.evaluation.evaluate import Evaluation, EvaluationOptions, Tunes, evaluate
from livegen.training.evaluation.samples import FromPredictor
from livegen.training.evaluation.scores import Scores, key_cost, predict, scores_of
from livegen.training.model_card import put
from livegen.training.network import dataset
from livegen.tunes.tune import Bar, Tune
from tests.support.places import MODELS
from tests.support.upwards import HALF, Upwards


def tune(*pitches: int, name: str = "", bars: bool = False) -> Tune:
    notes = tuple(Note(0.5 * n, 0.5, pitch) for n, pitch in enumerate(pitches))
    return Tune(name, notes, tuple(Bar(4.0 * n, "4/4") for n in range(1 + len(pitches) // 8)) if bars else ())


def test_bits_and_ranks_are_those_of_the_forecast() -> None:
    scores = scores_of(Upwards(), dataset.plain(tune(60, 61, 62, 60)), 0.0)
    assert scores[:, 0] == pytest.approx([-math.log2(0.75)] * 3, abs=1e-5)
    assert scores[:, 2] == pytest.approx([1, 1, -math.log2(0.5 / 127)], abs=1e-5)
    assert scores[:, 1].tolist() == [0, 0, 0]
    assert scores[:, 3].tolist() == [0, 0, 1]


def test_the_memory_is_led_as_far_as_asked() -> None:
    excerpt = dataset.plain(tune(60, 61))
    assert scores_of(Upwards(), excerpt, 1.0)[0, 2] == pytest.approx(-math.log2(0.75), abs=1e-5)
    assert scores_of(Upwards(), excerpt, 0.0)[0, 2] == pytest.approx(1.0, abs=1e-5)


def test_samples_are_drawn_with_the_memory_on() -> None:
    improviser = FromPredictor(Upwards())
    certain = [float(np.exp(improviser.pitch(HALF)).max() / np.exp(improviser.pitch(HALF)).sum())]
    improviser.hear_step(Step(pitch=61))
    certain.append(float(np.exp(improviser.pitch(HALF)).max() / np.exp(improviser.pitch(HALF)).sum()))
    assert certain == pytest.approx([0.5 + 0.25 * PLAYING_TRUST] * 2)


def test_the_first_note_is_given() -> None:
    assert len(scores_of(Upwards(), dataset.plain(tune(60)))) == 0
    assert len(scores_of(Upwards(), dataset.plain(tune(60, 61)))) == 1


def test_what_other_keys_cost_is_the_worst_of_them() -> None:
    excerpts = [dataset.plain(tune(60, 61, 62, 63))]
    same = predict(Upwards(), excerpts).row()
    assert key_cost(Upwards(), excerpts, (-3, 4), same) == pytest.approx(0.0, abs=1e-6)
    home = Upwards(home=60)
    assert key_cost(home, excerpts, (-3, -1, 4), predict(home, excerpts).row()) > 3


def test_shares_count_first_and_first_three_guesses() -> None:
    row = predict(Upwards(), [dataset.plain(tune(60, 61, 62, 60))]).row()
    assert (row["top_1_rhythm"], row["top_1_pitch"]) == pytest.approx((1.0, 2 / 3))
    assert row.total == pytest.approx(row["rhythm"] + row["pitch"])
    whole = np.array([[1, 0, 1, 0], [1, 1, 1, 2], [1, 2, 1, 3], [1, 3, 1, 4]], dtype=float)
    row = Scores("", [whole]).row()
    assert (row["top_1_rhythm"], row["top_3_rhythm"], row["top_1_pitch"], row["top_3_pitch"]) == (0.25, 0.75, 0.25, 0.5)


def test_bits_by_position_are_those_of_the_notes_after_so_many_heard() -> None:
    first, later = np.tile([0.0, 0, 5.0, 0], (7, 1)), np.tile([0.0, 0, 2.0, 0], (4, 1))
    row = Scores("", [np.concatenate([first, later]), first]).row()
    assert row.by_position == {1: 5.0, 8: 2.0}


def test_markov_rows_fall_with_the_order_on_a_strict_pattern() -> None:
    pattern = [60, 62, 60, 61, 63, 66, 60] * 12
    rows = markov_rows(
        *(list(map(dataset.heard, tunes)) for tunes in ([tune(*pattern)], [tune(*pattern[:40]), tune(60, 62, 60, 61)]))
    )
    assert [row.name for row in rows] == [f"Markov, order {n}" for n in range(1, 6)]
    assert rows[2].total < rows[0].total < 8


def scale(start: int, count: int, step: int = 1) -> list[int]:
    return [start + step * (n % 9) for n in range(count)]


def test_an_evaluation_measures_every_way(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")

    written = [tune(*scale(60, 20), name="a", bars=True), tune(*scale(55, 30), name="b", bars=True)]
    performed = [tune(*scale(60, 40), name="a", bars=True), tune(*scale(55, 60), name="b", bars=True)]
    training = Corpus([tune(*scale(50 + n, 20 + n, 2), name=str(n)) for n in range(5)])
    tunes = Tunes("two", {"written": written, "performed": performed}, training, "five")
    report = Evaluation([Upwards()], tunes, EvaluationOptions(samples=3, ngrams=tmp_path)).report()
    assert report.notes == {"written": 48, "performed": 98}
    for form, more in (("written", [", played loosely"]), ("performed", [])):
        rows = {row.name: row for row in report.rows[form]}
        ways = ["", ", memory off", ", told the bar", ", memory off, told the bar", *more]
        assert [name for name in rows if name.startswith("upwards")] == [f"upwards{way}" for way in ways]
        assert rows["upwards"]["pitch"] < rows["upwards, memory off"]["pitch"]
        assert rows["upwards, told the bar"]["rhythm"] == pytest.approx(0, abs=1e-3)
        assert NGRAM in rows
    assert report.rows["written"][0].transposed == pytest.approx(0, abs=1e-6)
    verdicts = {(each.form, each.model, each.other): each.difference for each in report.compared}
    less = verdicts["performed", "upwards", "upwards, memory off"]
    assert less.mean == pytest.approx(report.rows["performed"][0].total - report.rows["performed"][1].total)
    assert less.high < 0
    names = ["upwards", "upwards, 16 notes given", "upwards, told the bar", NGRAM, "Markov, order 5"]
    assert [style.name for style in report.styles] == ["real tunes, held out", *names]
    assert {style.tunes for style in report.styles[1:]} == {3}
    report.draw(tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes()[:4] == b"\x89PNG"
    again = Evaluation([Upwards()], tunes, EvaluationOptions(samples=3, ngrams=tmp_path)).report()
    assert again.table() == report.table()
    assert json.dumps(again.to_dict()) == json.dumps(report.to_dict())


def test_the_page_and_the_numbers_say_the_same() -> None:
    tunes = Tunes("two", {"written": [tune(60, 61, 62)]}, None, "")
    report = Evaluation([Upwards()], tunes, EvaluationOptions(samples=0, baseline=False)).report()
    row = report.to_dict()["rows"]["written"][0]
    assert row["total"] == pytest.approx(-2 * math.log2(0.75), abs=1e-5)
    assert "| upwards | 0.415 | 0.415 | 0.830 | 100% | 100% | 100% | 100% | +0.000 |" in report.table()
    assert report.styles == [] and report.variants is None


def test_training_tunes_of_the_family_of_a_held_out_one_are_counted(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    theme = random.integers(55, 80, 40).tolist()
    other = random.integers(55, 80, 40).tolist()
    training = Corpus([tune(*(pitch + 3 for pitch in theme)), tune(*other)])
    tunes = Tunes("one", {"written": [tune(*theme)]}, training, "two")
    plan = EvaluationOptions(samples=0, transposed=False, ngrams=tmp_path)
    report = Evaluation([Upwards(data=training.digest())], tunes, plan).report()
    assert report.variants == 1
    assert "as the model file says: upwards: yes." in report.table()
    assert Evaluation([Upwards(data="another")], tunes, plan).report().same_data == {"upwards": False}
    assert Evaluation([Upwards()], tunes, plan).report().same_data == {}


def test_performed_tunes_are_those_of_the_written_ones(tmp_path: Path) -> None:
    (tmp_path / "two.abc").write_text("X:1\nT:one\nL:1/8\nK:C\n|:CDEF GABc:|\n\nX:2\nT:two\nL:1/8\nK:C\nCDEF GABc|\n")
    tunes = Tunes.gather(tmp_path, EvaluationOptions(samples=0, baseline=False))
    assert [len(each.notes) for each in tunes.forms["written"]] == [8, 8]
    assert [len(each.notes) for each in tunes.forms["performed"]] == [16, 8]
    assert tunes.training is None
    (tmp_path / "two.abc").write_text("X:2\nT:two\nL:1/8\nK:C\nCDEF GABc|\n")
    assert list(Tunes.gather(tmp_path, EvaluationOptions(samples=0, baseline=False)).forms) == ["written"]


def test_the_tunes_trained_on_may_be_a_folder(tmp_path: Path) -> None:
    for name, key in (("learnt", "C"), ("held", "G")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.abc").write_text(f"X:1\nT:one\nL:1/8\nK:{key}\nCDEF GABc|\n")
    tunes = Tunes.gather(tmp_path / "held", EvaluationOptions(trained_on=tmp_path / "learnt"))
    assert tunes.training is not None
    assert tunes.training.digest() == corpus.read(tmp_path / "learnt").digest()
    assert tunes.trained_on == "the training tunes of learnt"


def test_tunes_of_one_name_are_not_mistaken_for_another(tmp_path: Path) -> None:
    for folder, body in (("a", "|:CDEF GABc:|"), ("b", "|:cBAG FEDC:|")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.abc").write_text(f"X:1\nT:one\nL:1/8\nK:C\n{body}\n")
    forms = Tunes.gather(tmp_path, EvaluationOptions(samples=0, baseline=False)).forms
    firsts = {form: [each.notes[0].pitch for each in tunes] for form, tunes in forms.items()}
    assert firsts == {"written": [60, 72], "performed": [60, 72]}


def test_midi_files_are_measured_like_abc(tmp_path: Path) -> None:
    events = [event for n in range(8) for event in (NoteOn(0.5 * n, 60 + n, 70), NoteOff(0.5 * n + 0.4, 60 + n))]
    midifile.write(tmp_path / "one.mid", {"melody": events})
    tunes = Tunes.gather(tmp_path, EvaluationOptions(samples=0, baseline=False))
    assert list(tunes.forms) == ["written"]
    report = Evaluation([Upwards()], tunes, EvaluationOptions(samples=0, baseline=False)).report()
    assert report.notes == {"written": 7}
    assert report.rows["written"][0]["pitch"] == pytest.approx(-math.log2(0.75), abs=1e-5)
    assert not any("loosely" in row.name for row in report.rows["written"])  # it was played already


def test_the_command_writes_page_numbers_and_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    from livegen.cli.main import main

    model = MODELS / "folk.onnx"
    if not model.exists():
        pytest.skip("models/folk.onnx is not there")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    tunes = tmp_path / "tunes"
    tunes.mkdir()
    (tunes / "two.abc").write_text("X:1\nT:one\nM:4/4\nL:1/8\nK:C\n|:CDEF GABc:|cBAG FEDC|\n")
    asked = [str(model), "--data", str(tunes), "--trained-on", str(tunes), "--samples", "2", "--no-transposed"]
    told = CliRunner().invoke(main, ["evaluate", *asked, "--plot", str(tmp_path / "picture.png")])
    assert told.exit_code == 0, told.output
    assert "| folk, memory off |" in told.stdout and "rep8" in told.stdout
    assert (tmp_path / "picture.png").exists()
    kept = run_log.evaluations(paths.evaluations())[0]
    assert kept["models"] == [str(model)] and kept["table"].strip() == told.stdout.strip()
    assert {"folk", "folk, memory off"} <= {row["name"] for row in kept["rows"]["written"]}
    assert all(row["by_position"] and row["total"] > 0 for row in kept["rows"]["performed"])
    numbers = CliRunner().invoke(main, ["evaluate", *asked, "--json", "--samples", "0"])
    assert json.loads(numbers.stdout)["notes"] == {"written": 15, "performed": 23}


@pytest.mark.parametrize(("baseline", "transposed", "made"), [(True, True, 2), (False, True, 1), (True, False, 0)])
def test_how_far_it_is_is_known_from_the_beginning(baseline: bool, transposed: bool, made: int, tmp_path: Path) -> None:
    """The parts add up to what was expected, so that the share and the time left are right."""
    (tmp_path / "two.abc").write_text("X:1\nT:one\nM:4/4\nL:1/8\nK:C\n|:CDEF GABc:|cBAG FEDC|\n")
    said: list[str] = []
    plan = EvaluationOptions(baseline, transposed, made, tmp_path, tmp_path / "cache")
    evaluation = Evaluation([Upwards(), Upwards()], Tunes.gather(tmp_path, plan), plan, said.append)
    evaluation.report()
    effort = evaluation._effort
    assert effort._done + effort._doing == pytest.approx(effort._whole)
    shares = [int(each) for each in re.findall(r"\((\d+)%", "\n".join(said))]
    assert len(shares) > 10 and shares == sorted(shares) and shares[0] == 0 and shares[-1] < 100
    assert "min left" in said[-1]


def test_two_models_of_one_name_are_told_apart(tmp_path: Path) -> None:
    model = MODELS / "folk.onnx"
    if not model.exists():
        pytest.skip("models/folk.onnx is not there")
    other = tmp_path / "folk.onnx"
    other.write_bytes(model.read_bytes())
    (tmp_path / "one.abc").write_text("X:1\nT:one\nL:1/8\nK:C\nCDEF|\n")
    report = evaluate(
        [model, other], tmp_path / "one.abc", EvaluationOptions(baseline=False, transposed=False, samples=0)
    )
    assert [row.name for row in report.rows["written"]][::5] == [str(model), str(other)]
    [between] = [each for each in report.compared if each.other == str(other)]
    assert between.model == str(model) and between.difference == (0, 0, 0)


def test_what_cannot_be_measured_or_drawn_is_said(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")

    (tmp_path / "one.abc").write_text("X:1\nT:one\nL:1/8\nK:C\nC|\n")
    with pytest.raises(FileError, match="no tune of two notes"):
        Tunes.gather(tmp_path, EvaluationOptions(baseline=False, samples=0))
    tunes = Tunes("two", {"written": [tune(60, 61, 62)]}, None, "")
    report = Evaluation([Upwards()], tunes, EvaluationOptions(samples=0, baseline=False)).report()
    with pytest.raises(FileError, match="cannot be written"):
        report.draw(tmp_path / "nowhere" / "picture.png")


def test_a_model_of_part_of_a_folder_is_measured_beside_that_part(tmp_path: Path) -> None:
    bodies = ["CDEF GABc|", "cBAG FEDC|", "CEGc ecGE|", "C2D2 E2F2|"]
    text = "\n".join(f"X:{n}\nT:{n}\nL:1/8\nK:C\n{body}\n" for n, body in enumerate(bodies))
    (tmp_path / "four.abc").write_text(text)
    whole = corpus.read(tmp_path)
    part = corpus.divide(whole).training
    assert 0 < len(part.tunes) < 4
    for learnt, expected in (((part.digest(),), part), (("another",), whole)):
        tunes = Tunes.gather(tmp_path, EvaluationOptions(trained_on=tmp_path), learnt)
        assert tunes.training is not None and tunes.training.digest() == expected.digest()


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
    from livegen.predictors.models import NetworkPredictor
    from livegen.training.corpus.held_out import HELD_OUT, HeldOut

    model = MODELS / "folk.onnx"
    if not model.exists():
        pytest.skip("models/folk.onnx is not there")
    if importlib.util.find_spec("music21") is None:
        pytest.skip("music21, which holds the tune books, is not installed")
    whole = corpus.read(corpus.books()["oneill"])
    divided = corpus.divide(whole, HeldOut.load(HELD_OUT))
    few = divided.validation.tunes[:12]
    shipped = predict(NetworkPredictor(model), [dataset.plain(each) for each in few]).row()
    chains = markov_rows(*(list(map(dataset.heard, tunes)) for tunes in (divided.training.tunes[:300], few)))
    assert shipped.total < min(chain.total for chain in chains)
