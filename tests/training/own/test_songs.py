"""The recipe `songs`: a base trained further on songs, without the tunes that models are measured on."""

import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from livegen.cli import main
from livegen.errors import FileError
from livegen.predictors.models import NetworkPredictor

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
pytestmark = [pytest.mark.training, needs_torch]
SONGS = 40
BOOK = "northumbrian"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network that learnt nothing yet."""
    import torch

    from livegen.training.network.export import export
    from livegen.training.network.network import Network, Shape

    torch.manual_seed(1)
    network = Network(Shape(16, 24, 1, 16, 0.1))
    network.settle(torch.ones(len(network.table), dtype=torch.int64))
    path = tmp_path_factory.mktemp("base") / "small.onnx"
    export(network, path, {"recipe": json.dumps({"dropout": 0.1, "data": "books"}), "licence": "MIT (test)"})
    return path


@pytest.fixture(autouse=True)
def one_book(monkeypatch: pytest.MonkeyPatch) -> None:
    """The smallest of the books stands for all."""
    from livegen.training.corpus import corpus

    path = corpus.books()[BOOK]
    monkeypatch.setattr(corpus, "read_books", lambda playing="written": {BOOK: corpus.read(path, playing)})


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of songs made up, each of its own notes."""
    folder = tmp_path_factory.mktemp("songs")
    random = np.random.default_rng(1)
    for number in range(SONGS):
        notes = " ".join(random.choice(list("CDEFGABcdefg"), 48).tolist())
        (folder / f"{number}.abc").write_text(f"X:1\nT:Song {number}\nM:4/4\nL:1/4\nK:C\n{notes}|]\n")
    return folder


def test_variants_of_what_is_measured_on_are_not_learnt_from(songs: Path, tmp_path: Path) -> None:
    from livegen.training.corpus import corpus
    from livegen.training.own import songs as recipe

    book = corpus.books()[BOOK]
    for path in songs.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    before = recipe.gather(tmp_path)
    (tmp_path / "book.abc").write_bytes(book.read_bytes())
    after = recipe.gather(tmp_path)
    assert before.songs.variants == 0
    assert after.songs.variants > 0
    measured = {tune.name for part in (after.books.validation, after.books.test) for tune in part.tunes}
    of_book = {tune.name for tune in corpus.read(book).tunes}
    assert measured & of_book, "no tune of that book is measured on"
    assert not measured & of_book & {tune.name for tune in after.songs.training.tunes}


def test_too_few_songs_are_refused_in_a_sentence(songs: Path, tmp_path: Path) -> None:
    from livegen.training.own import songs as recipe

    for path in sorted(songs.iterdir())[:5]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with pytest.raises(FileError, match=r"holds \d songs to learn from, and it takes 20; add more files"):
        recipe.gather(tmp_path)


def test_a_base_learns_songs_and_says_what_it_was_made_of(base: Path, songs: Path, tmp_path: Path) -> None:
    from livegen.training.own import songs as recipe

    said: list[str] = []
    path = recipe.train(songs, base, tmp_path, replace(recipe.MANNER, rounds=1), said.append)
    made, former = NetworkPredictor(path), NetworkPredictor(base)
    assert (made.name, made.metadata["base"]) == ("songs", former.digest)
    assert json.loads(made.metadata["recipe"])["trained_rounds"] == 1, "one round made it no better"
    assert "40 songs" not in (tmp_path / "README.md").read_text(), "what is held out was learnt from"
    assert f"`{former.digest[:16]}`" in (tmp_path / "README.md").read_text()
    assert said[-1].startswith("round 1, ")


def test_songs_needs_songs_and_a_network() -> None:
    result = CliRunner().invoke(main.main, ["train", "songs"])
    assert result.exit_code != 0
    assert "give a folder of lead sheets with --data" in str(result.exception or "") + result.output
