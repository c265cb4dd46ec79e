"""The report on touch: whom it measures, and what a distance is."""

from pathlib import Path

import numpy as np
import pytest

from livegen.errors import FileError
from livegen.predictors import own_touch
from livegen.training.touch.evaluate import distance, evaluate
from livegen.training.touch.touch_file import learnt_from
from tests.support import match_files


def test_a_distance_is_how_far_the_quantiles_are_apart() -> None:
    values = np.random.default_rng(1).normal(size=300)
    assert distance(values, values[::-1]) == 0.0
    assert distance(values, values + 3.0) == pytest.approx(3.0)


def test_only_pianists_that_it_was_not_learnt_from_are_measured(tmp_path: Path) -> None:
    known = min(learnt_from(own_touch.SHIPPED))
    for pianist in (known, 18, 19):
        match_files.write(tmp_path, "piece", pianist)
    report = evaluate(tmp_path)
    assert "Pianists 18, 19: 2 melodies" in report.label
    rows = {row.name.split(":")[0]: row for row in report.rows}
    assert list(rows) == ["constant", "livegen", "another pianist"]
    assert rows["constant"].alike == 0.0
    # These pianists differ by chance alone: each is as near to another as to livegen is far from a constant.
    assert rows["another pianist"].velocity < rows["livegen"].velocity < rows["constant"].velocity
    assert report.table().count("\n| ") == 5 and report.to_dict()["rows"][0]["late"] > 0.0


def test_a_folder_of_known_pianists_alone_is_refused(tmp_path: Path) -> None:
    match_files.write(tmp_path, "piece", min(learnt_from(own_touch.SHIPPED)))
    with pytest.raises(FileError, match="learnt from"):
        evaluate(tmp_path)
