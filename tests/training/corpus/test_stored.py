"""Folders of music read in parallel into a store that is mapped: the same tunes, whatever happened to the store."""

import json
import logging
import pickle
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from livegen.training.corpus import corpus as corpora
from livegen.training.corpus import store, stored
from livegen.training.corpus.corpus import Corpus
from livegen.training.corpus.stored import Task
from livegen.training.network import dataset
from livegen.training.network.augmentation import Augmentation, FromStore
from livegen.tunes.tune import Tune


@pytest.fixture
def music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eight files, one of them broken, that are read three at a time; tunes in metres that come in another order."""
    monkeypatch.setattr(stored, "FEWEST", 5)
    monkeypatch.setattr(stored, "_IN_A_PART", 3)
    folder = tmp_path / "music"
    folder.mkdir()
    for number in range(7):
        metres = ("4/4", "3/4", "6/8")[number % 3 :][:2]
        tunes = [
            f"X:{n}\nT:{number} {n}\nR:reel\nM:{m}\nL:1/8\nK:G\n{'GABc d2ef|' * 4}\n" for n, m in enumerate(metres)
        ]
        (folder / f"{number}.abc").write_text("\n".join(tunes))
    (folder / "00-broken.abc").write_text("nothing")
    (folder / "other.mscz").write_text("")
    return folder


def here(tasks: Sequence[Task]) -> Iterable[None]:
    return map(stored.read_part, reversed(tasks))


def nowhere(tasks: Sequence[Task]) -> Iterable[None]:
    raise AssertionError(f"{len(tasks)} parts were read again")


def plain(corpus: Corpus) -> tuple[list[Tune], str, str]:
    tunes = [Tune(each.name, each.notes, each.bars, each.touched, each.kind) for each in corpus.tunes]
    return tunes, corpus.digest(), corpus.left_out


def test_processes_read_a_folder_as_one_does(music: Path, tmp_path: Path) -> None:
    wanted = plain(corpora.read(music))
    assert len(wanted[0]) == 12 and {bar.metre for tune in wanted[0] for bar in tune.bars} == {"4/4", "3/4", "6/8"}
    assert "00-broken.abc" in wanted[2] and "other.mscz" in wanted[2]
    assert plain(stored.read(music, cache=tmp_path)) == wanted
    assert plain(stored.read(music, nowhere, tmp_path)) == wanted
    assert isinstance(stored.read(music, nowhere, tmp_path).tunes[0], store.StoredTune)


def test_a_few_files_are_read_at_once(music: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "FEWEST", 9)
    assert plain(stored.read(music, nowhere, tmp_path)) == plain(corpora.read(music))
    assert not (tmp_path / "stores").exists()


def test_a_changed_file_makes_the_store_anew(music: Path, tmp_path: Path) -> None:
    before = plain(stored.read(music, here, tmp_path))
    (music / "0.abc").write_text("X:1\nM:4/4\nL:1/8\nK:G\nGGGG GGGG|\n")
    after = plain(stored.read(music, here, tmp_path))
    assert after == plain(corpora.read(music)) and after[1] != before[1]
    assert len(list((tmp_path / "stores").iterdir())) == 1


def cut(folder: Path) -> None:
    path = folder / "times.npy"
    path.write_bytes(path.read_bytes()[:-8])


def garbled(folder: Path) -> None:
    (folder / store.INDEX).write_text("{")


def shuffled(folder: Path) -> None:
    path = folder / "tunes.npy"
    rows = np.load(path)
    np.save(path, rows + 1)


def foreign(folder: Path) -> None:
    path = folder / store.INDEX
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 0}))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [(cut, "is broken"), (garbled, "is broken"), (shuffled, "is broken"), (foreign, "is of other music")],
)
def test_a_spoilt_store_gets_a_sentence_and_is_made_anew(
    music: Path, tmp_path: Path, spoil: object, sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = plain(stored.read(music, here, tmp_path))
    (folder,) = (tmp_path / "stores").iterdir()
    assert callable(spoil)
    spoil(folder)
    with caplog.at_level(logging.WARNING):
        caplog.clear()
        assert plain(stored.read(music, here, tmp_path)) == wanted
    assert [each for each in caplog.messages if sentence in each and each.endswith("It is made anew.")]
    assert plain(stored.read(music, nowhere, tmp_path)) == wanted


def test_a_reading_that_is_stopped_leaves_nothing(music: Path, tmp_path: Path) -> None:
    def stop(tasks: Sequence[Task]) -> Iterable[None]:
        stored.read_part(tasks[0])
        yield
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stored.read(music, stop, tmp_path)
    assert not list((tmp_path / "stores").iterdir())


def test_where_no_store_can_be_kept_one_process_reads(music: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert plain(stored.read(music, nowhere, tmp_path / "file")) == plain(corpora.read(music))


def test_stored_tunes_are_varied_as_others_are(music: Path, tmp_path: Path) -> None:
    (tune, *_), (other, *_) = stored.read(music, here, tmp_path).tunes, corpora.read(music).tunes
    assert isinstance(tune, store.StoredTune) and tune.size == len(other.notes)
    drawn = []
    for variety in (FromStore(tune, False), Augmentation(other, False)):
        random = np.random.default_rng(1)
        drawn.append([variety.draw(piece, random) for _ in range(8) for piece in variety.form(random)])
    for one, two in zip(*drawn, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(dataset.stack([one]), dataset.stack([two]), strict=True))
    assert pickle.loads(pickle.dumps(tune)) == other and type(pickle.loads(pickle.dumps(tune))) is Tune
    assert tune.beginning(3) == other.beginning(3)
