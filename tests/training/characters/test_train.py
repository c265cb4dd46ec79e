"""From ABC files to a model of characters."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from livegen.cli.main import main
from livegen.errors import FileError, SettingsError
from livegen.tunes.character_model import FOLDER, CharacterModel, decode, encode

pytest.importorskip("torch", reason="training needs torch (livegen[train])")
import torch

from livegen.training.characters.card import bits as measured
from livegen.training.characters.network import IGNORED, CharacterNetwork, Sizes, bits, chunks, lost
from livegen.training.characters.texts import gather
from livegen.training.characters.train import CharacterOptions, CharacterTraining
from livegen.training.network.loop import TrainOptions

pytestmark = pytest.mark.training

SMALL = CharacterOptions(Sizes(8, 16, 2, 0.1), lanes=8, length=64)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A folder with 40 tunes in files of ten; nobody's variants."""
    folder, dice = tmp_path / "book", np.random.default_rng(1)
    folder.mkdir()
    for file in range(4):
        tunes = []
        for number in range(10):
            music = "|\n".join("".join(dice.choice(list("DEFGABcdefga"), 8)) for _ in range(6))
            tunes.append(f"X:{number}\nT:Reel {file} {number}\nM:4/4\nL:1/8\nK:D\n{music}|\n")
        (folder / f"{file}.abc").write_text("\n".join(tunes))
    return folder


def test_a_lane_goes_on_with_its_tune_and_begins_the_next_from_nothing() -> None:
    tunes = [encode("ABCDEFGH"), encode("abc"), encode("xy")]
    seen = list(chunks(tunes, lanes=2, length=4))
    assert [chunk.kept.tolist() for chunk in seen] == [[0, 0], [1, 0], [1, 0]]
    first = torch.cat([chunk.inputs[:, 0] for chunk in seen]).tolist()
    assert decode(first) == "ABCDEFGH" and first[0] == 0
    targets = torch.cat([chunk.targets[:, 0] for chunk in seen])
    assert targets[targets != IGNORED].tolist() == [*encode("ABCDEFGH"), 0]
    assert len(list(chunks(tunes, lanes=2, length=4, least=2))) == 2


def test_pieces_of_a_tune_cost_what_the_whole_does() -> None:
    """The state is carried over: cut up or not, a tune is foreseen alike."""
    torch.manual_seed(1)
    network = CharacterNetwork(Sizes(8, 16, 2, 0.0)).eval()
    tunes = [encode("ABCDEFGHIJ" * 9), encode("abc" * 20)]
    whole, cut = bits(network, tunes, 2, 128), bits(network, tunes, 2, 16)
    assert whole == pytest.approx(cut, rel=1e-5)
    forgotten = 0.0
    for chunk in chunks(tunes[:1], 1, 16):
        forgotten += float(lost(network, chunk, *network.zero_state(1))[0].detach())
    kept = bits(network, tunes[:1], 1, 16) * 91 * np.log(2)
    assert forgotten != pytest.approx(kept, rel=1e-5)


def test_a_stopped_training_goes_on_as_if_never_stopped(book: Path, tmp_path: Path) -> None:
    texts = gather(book)
    whole = CharacterTraining(texts, TrainOptions(epochs=3, runs=tmp_path / "whole"), SMALL)
    whole.run(lambda progress: None)

    class _Stopped(Exception):
        pass

    def stop(progress: object) -> None:
        if len(part.log) == 2:
            raise _Stopped

    part = CharacterTraining(texts, TrainOptions(epochs=3, runs=tmp_path / "part"), SMALL)
    with pytest.raises(_Stopped):
        part.run(stop)
    rest = CharacterTraining(texts, TrainOptions(epochs=3, resume=True, runs=tmp_path / "part"), SMALL)
    assert len(rest.log) == 2
    rest.run(lambda progress: None)
    assert rest.log == whole.log
    with pytest.raises(SettingsError, match="another recipe, seed or data"):
        CharacterTraining(texts, TrainOptions(seed=2, resume=True, runs=tmp_path / "part"), SMALL)


def test_training_learns_and_the_file_foresees_alike(book: Path, tmp_path: Path) -> None:
    texts = gather(book)
    assert len(texts.training) + len(texts.validation) + len(texts.test) == 40
    training = CharacterTraining(texts, TrainOptions(epochs=8, runs=tmp_path / "runs"), SMALL)
    training.run(lambda progress: None)
    assert training.log[-1][1] < training.log[0][1] - 0.5
    path = tmp_path / "abc.onnx"
    assert training.finish(path, "mine") < 1e-4
    model = CharacterModel(path)
    assert measured(model, texts.validation) == pytest.approx(training.best, abs=1e-3)
    assert model.metadata["licence"] == "mine" and model.metadata["data"] == texts.digest()
    assert (tmp_path / "runs" / "abc" / "loss.png").stat().st_size > 1000


def test_the_command_trains_and_says_how_to_write(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    asked = ["train", "abc", "--data", str(book), "--out", str(tmp_path), "--epochs", "1"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 0, result.output
    assert f"generate abc --model {tmp_path / FOLDER / 'abc.onnx'}" in result.output.replace("\n", "")
    assert "bits a character" in (tmp_path / "README.md").read_text()
    made = [
        "generate",
        "abc",
        "--model",
        str(tmp_path / FOLDER / "abc.onnx"),
        "--out",
        str(tmp_path / "made"),
        "-n",
        "1",
    ]
    assert CliRunner().invoke(main, made).exit_code == 0
    assert CliRunner().invoke(main, [*asked, "--order", "2"]).exit_code == 2


def test_a_folder_that_its_owner_divided_stays_so_and_too_little_is_refused(book: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    for part, names in (("train", ("0", "1", "2")), ("validation", ("3",))):
        (whole / part).mkdir(parents=True)
        for name in names:
            (whole / part / f"{name}.abc").write_text((book / f"{name}.abc").read_text())
    texts = gather(whole)
    assert (len(texts.training), len(texts.validation)) == (30, 10)
    assert all(f"T:Reel 3 {n}\n" in text for n, text in enumerate(texts.validation))
    (tmp_path / "little").mkdir()
    (tmp_path / "little" / "one.abc").write_text((book / "0.abc").read_text())
    for folder, told in ((tmp_path / "little", "at least 20"), (tmp_path / "none", "no folder")):
        with pytest.raises(FileError, match=told):
            gather(folder)
