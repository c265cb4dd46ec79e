"""`livegen train markov`: a file that can be played, is found by name, and describes itself."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

pytest.importorskip("torch", reason="needs the training extra")

from livegen.cli import mine
from livegen.cli.main import main
from livegen.predictors.markov import MarkovPredictor
from livegen.predictors.quotation import Run
from livegen.system import paths
from livegen.training.corpus import corpus
from livegen.training.network import dataset

pytestmark = pytest.mark.training
TEXT = "X:{0}\nT:t\nM:4/4\nL:1/8\nK:D\n" + "D2FA d2fd | ABcd efge | fdAF GEDC | DEFG ABcd |\n" * 3


def book(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    texts = [TEXT.format(n).replace("D2FA", ("D2FA", "E2GB", "D2FA")[n], 1) for n in range(3)]
    (folder / "book.abc").write_text("\n".join(texts))
    return folder


def train(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["train", "markov", *arguments])


def test_a_folder_becomes_a_model_that_says_what_it_is(tmp_path: Path) -> None:
    data, out = book(tmp_path / "music"), tmp_path / "models"
    result = train("--data", str(data), "--out", str(out), "--order", "4")
    assert result.exit_code == 0, result.output
    assert str(out / "markov.npz") in result.output
    model = MarkovPredictor(out / "markov.npz")
    tunes = corpus.read(data)
    assert model.order == 4 and not model.polyphonic and model.metadata["data"] == tunes.digest()
    assert json.loads(model.metadata["recipe"]) == {"name": "markov", "order": 4, "data": "folder"}
    assert "owner" in model.metadata["licence"]
    run = Run()
    for interval, gap in dataset.heard(tunes.tunes[0])[5:21, 1:3].tolist():
        run = run.moved(interval, gap)
    assert run in model.quotations
    assert "order 4, trained on 3 tunes" in (out / "README.md").read_text()
    again = tmp_path / "again"
    train("--data", str(data), "--out", str(again), "--order", "4")
    assert (again / "markov.npz").read_bytes() == (out / "markov.npz").read_bytes()


def test_a_model_in_ones_own_folder_never_takes_the_name_of_a_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "models", lambda: tmp_path / "models")
    result = train("--data", str(book(tmp_path / "music")))
    assert result.exit_code == 0 and "yours is called my-markov" in result.output
    assert "livegen jam --model my-markov" in result.output
    assert [path.name for path in (tmp_path / "models").glob("*.npz")] == ["my-markov.npz"]


def test_what_it_cannot_use_is_said_in_a_sentence(tmp_path: Path) -> None:
    data = book(tmp_path / "music")
    little = tmp_path / "little"
    little.mkdir()
    (little / "one.abc").write_text("X:1\nT:t\nK:D\nDEFG|\n")
    for status, said, arguments in (
        (1, "no folder", ["--data", str(tmp_path / "nowhere")]),
        (1, "more files", ["--data", str(little)]),
        (2, "one --data", ["--data", str(data), "--data", str(little)]),
        (2, "--minutes", ["--data", str(data), "--minutes", "1"]),
        (2, "--order", ["--data", str(data), "--order", "6"]),
    ):
        result = train(*arguments, "--out", str(tmp_path / "out"))
        assert (result.exit_code, said in result.output) == (status, True), result.output
    assert not (tmp_path / "out" / "markov.npz").exists()


def test_a_network_has_no_order_and_a_chain_is_not_trained_on_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "runs", lambda: tmp_path)
    monkeypatch.setattr(mine, "_give_way", lambda: None)  # it would hold for all other tests
    for arguments, said in (
        (["train", "my", "--data", str(tmp_path), "--order", "3"], "--order means nothing"),
        (["train", "mine", "--base", "markov", "--data", str(tmp_path)], "markov is not a network"),
    ):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 2 and said in result.output, result.output
