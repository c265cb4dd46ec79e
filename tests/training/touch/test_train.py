"""The training of the touch: it learns how its pianists play, and leaves the others out."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from livegen.errors import FileError  # noqa: E402
from livegen.predictors import own_touch  # noqa: E402
from livegen.training.touch import train  # noqa: E402
from livegen.training.touch.lines import examples, melody  # noqa: E402
from livegen.training.touch.match_files import read_folder  # noqa: E402
from livegen.training.touch.touch_file import learnt_from  # noqa: E402
from tests.support import match_files  # noqa: E402

pytestmark = pytest.mark.training


def test_it_learns_from_its_pianists_and_the_file_is_what_was_learnt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "_STEPS", 60)
    for pianist in (1, 2, 3, train.LEARNT + 1):
        match_files.write(tmp_path, "piece", pianist)
    path = train.train(tmp_path, tmp_path / "made" / "touch.npz", 1)
    assert learnt_from(path) == {1, 2, 3}
    again = train.train(tmp_path, tmp_path / "again.npz", 1)
    one, two = own_touch.load(path), own_touch.load(again)
    assert all(np.array_equal(a, b) for a, b in zip(one.melody.velocity, two.melody.velocity, strict=True))
    held_out = examples([melody(each) for each in read_folder(tmp_path) if each.pianist > train.LEARNT])
    # The velocities of these pianists go by the place in eight notes, and nothing is likelier than a class is wide.
    assert train.bits(one.melody.velocity, "velocity", held_out) < np.log2(21)
    assert one.melody.balance > 0.0


def test_too_few_performances_are_refused(tmp_path: Path) -> None:
    match_files.write(tmp_path, "piece", 1)
    with pytest.raises(FileError, match="3 performances"):
        train.train(tmp_path, tmp_path / "touch.npz", 1)
