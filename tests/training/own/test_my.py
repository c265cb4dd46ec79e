"""`livegen train my`: begins from the model that fits, and is kept only if it is better than counting."""

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from livegen.cli.main import main
from livegen.system import paths
from livegen.tunes.tune import Tune
from tests.support.own_playing import own

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
pytestmark = [pytest.mark.training, needs_torch]
TUNE = "X:{0}\nT:t\nM:4/4\nL:1/8\nK:D\n{1}\n"


def book(folder: Path) -> Path:
    """Eight tunes of one manner and different bars."""
    folder.mkdir()
    bars = ("D2FA d2fd", "ABcd efge", "fdAF GEDC", "DEFG ABcd", "G2Bd g2bg", "e2ce A2ce", "dcBA GFED", "F2AF D2FA")
    for number in range(8):
        tune = " | ".join(bars[(number * step + step) % 8] for step in range(1, 13)) + " |"
        (folder / f"{number}.abc").write_text(TUNE.format(number, tune))
    return folder


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr(paths, "models", lambda: tmp_path / "models")
    monkeypatch.setattr(paths, "runs", lambda: tmp_path / "runs")
    data = book(tmp_path / "music")

    def run(*args: object) -> Result:
        return CliRunner().invoke(main, ["train", "my", "--data", str(data), "--minutes", "0.05", *map(str, args)])

    return run


def test_it_begins_from_the_model_that_fits() -> None:
    from livegen.training.own import my

    melodies = own(3)
    below = [[replace(note, pitch=note.pitch - 4) for note in tune.notes] for tune in melodies]
    chords = [
        replace(tune, notes=tuple(sorted([*tune.notes, *more], key=lambda note: note.onset)))
        for tune, more in zip(melodies, below, strict=True)
    ]
    assert (my.fitting(melodies), my.fitting(chords)) == ("folk", "piano")


def test_the_verdict_is_a_sentence_and_counting_must_be_beaten() -> None:
    from livegen.training.evaluation.bootstrap import Difference
    from livegen.training.own.verdict import Measures, Verdict

    usual, poor = Measures(3.0, 12, 18, 0.1), Measures(2.0, 12, 18, 0.1)
    good = Verdict((3.74, 3.55), Difference(-0.19, -0.3, -0.1), 500, usual, usual, usual, 3.72)
    assert good.refusal is None
    assert "better than the model that it began from, and better than counting" in good.sentence
    assert "(3.55 bits a note against 3.74 and 3.72; fewer is better)" in good.sentence
    assert good.sentence.endswith("as varied as your music.")
    worse = replace(good, bits=(4.0, 3.90), new=poor)
    assert worse.refusal is not None and "worse than counting what follows what" in worse.refusal
    assert "no better than counting" in worse.sentence and worse.sentence.endswith("less varied than your music.")
    assert "3.720" in worse.table() and "n-gram" not in replace(good, ngram=None).table()


def test_a_model_that_is_not_good_is_kept_only_when_it_is_asked_for(
    train: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livegen.training.evaluation.bootstrap import Difference
    from livegen.training.own import mine
    from livegen.training.own.verdict import Measures, Verdict

    usual = Measures(3.0, 12, 18, 0.1)
    verdict = Verdict((4.0, 3.9), Difference(-0.1, -0.2, -0.05), 500, usual, usual, usual, 3.72)
    asked: list[mine.MineOptions] = []

    def make(tunes: list[Tune], plan: mine.MineOptions, out: Path, say: object) -> mine.Made:
        asked.append(plan)
        return mine.Made(out / "my.onnx" if plan.anyway else None, verdict, "told")

    monkeypatch.setattr(mine, "make", make)
    refused = train()
    assert refused.exit_code == 1 and "It is not kept; with --anyway it is." in refused.output
    assert "8 pieces; it begins from folk." in refused.output and "Trained" not in refused.output
    kept = train("--anyway", "--base", "piano")
    assert kept.exit_code == 0 and "livegen jam --model my" in kept.output, kept.output
    assert [(plan.base.stem, plan.name, plan.counted) for plan in asked] == [
        ("folk", "my", True),
        ("piano", "my", True),
    ]


def test_a_training_from_nothing_has_epochs_and_one_from_a_model_has_none(train: Callable[..., Result]) -> None:
    assert "--epochs means nothing" in train("--epochs", "3").output
    assert "--anyway means nothing" in train("--base", "none", "--anyway").output


def test_a_training_from_nothing_is_judged_on_what_it_never_saw_beside_the_model_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from livegen.cli import my as command
    from livegen.predictors.models import Predictor
    from livegen.training.evaluation.bootstrap import Difference
    from livegen.training.own import my
    from livegen.training.own.division import Division
    from livegen.training.own.verdict import Measures, Verdict
    from tests.support.places import MODELS

    usual, asked = Measures(3.0, 12, 18, 0.1), []

    def judge(base: Predictor, new: Predictor, takes: Division, *_: object) -> Verdict:
        asked.append((base.name, new.name, takes))
        return Verdict((3.0, 4.0), Difference(1.0, 0.8, 1.2), 500, usual, usual, usual)

    monkeypatch.setattr(my, "judge", judge)
    command.tell_verdict(MODELS / "songs.onnx", book(tmp_path / "music"), 1, None)
    ((base, new, takes),) = asked
    assert (base, new) == ("folk", "songs") and takes.judge and takes.learn
    kept = {tune.name for tune in takes.judge}
    assert kept.isdisjoint(tune.name for tune in takes.learn + takes.choose)
    assert len(takes.learn + takes.choose + takes.judge) == 8
    said = capsys.readouterr().out
    assert "no better than folk, and" in said and "counting what follows what in your music" in said
    assert "It is kept all the same." in said


def test_after_a_training_from_nothing_the_verdict_is_told(
    train: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from livegen.cli import my as command
    from livegen.training.network import train as training

    told: list[tuple[object, ...]] = []
    monkeypatch.setattr(training, "train", lambda recipe, data, out, options, report: out / f"{recipe}.onnx")
    monkeypatch.setattr(command, "tell_verdict", lambda *about: told.append(about))
    done = train("--base", "none")
    assert done.exit_code == 0, done.output
    assert told == [(tmp_path / "models" / "my.onnx", tmp_path / "music", 1, None)]
