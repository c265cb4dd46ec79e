"""Tunes side by side give the figures of tunes note by note."""

from collections.abc import Sequence

import numpy as np
import pytest

from livegen.events import Note
from livegen.predictors import models
from livegen.predictors.encoding import PITCHES
from livegen.predictors.protocol import Predictor
from livegen.training.evaluation import batched
from livegen.training.evaluation.scores import key_cost, predict, recall, scores_of
from livegen.training.network import dataset
from livegen.training.network.dataset import Excerpt
from livegen.training.ngrams.tables import Floats
from livegen.tunes.tune import Bar, Tune

FOLK = models.load("folk")


def tunes(seed: int, lengths: Sequence[int], lowest: int = 55) -> list[Tune]:
    """Tunes of few different pitches and gaps, so that the memory finds much, in several metres of bars."""
    random = np.random.default_rng(seed)
    found = []
    for length in lengths:
        onsets = np.cumsum(random.choice([0.25, 0.5, 0.5, 1.0, 1.5], size=length)).tolist()
        notes = [Note(at, 0.25, int(random.integers(lowest, lowest + 9))) for at in onsets]
        metre = str(random.choice(["4/4", "6/8"]))
        bars = tuple(Bar(4.0 * bar, metre) for bar in range(int(onsets[-1] / 4) + 1))
        found.append(Tune("", tuple(notes), bars))
    return found


def by_note(model: Predictor, excerpts: Sequence[Excerpt], memory: float) -> Floats:
    return np.concatenate([scores_of(model, each, memory) for each in excerpts])


@pytest.mark.parametrize(("name", "bars", "memory"), [("folk", False, 1.0), ("folk", True, 0.0), ("piano", False, 1.0)])
def test_many_tunes_at_once_are_scored_as_one_by_one(name: str, bars: bool, memory: float) -> None:
    excerpts = [dataset.plain(tune, bars=bars) for tune in tunes(1, [2, 40, 17, 3, 33])]
    assert all(map(batched.fits, excerpts))
    model = models.load(name)
    found = predict(model, excerpts, memory=memory).tunes
    assert [len(each) for each in found] == [len(each) - 1 for each in excerpts]
    one_by_one = by_note(model, excerpts, memory)
    assert np.concatenate(found)[:, ::2] == pytest.approx(one_by_one[:, ::2], abs=2e-4)  # bits
    assert np.concatenate(found)[:, 1::2].tolist() == one_by_one[:, 1::2].tolist()  # ranks


def test_more_tunes_than_a_group_has_come_back_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batched, "GROUP", 2)
    excerpts = [dataset.plain(tune) for tune in tunes(2, [5, 21, 2, 9, 18])]
    found = predict(FOLK, excerpts, recalled=recall(FOLK, excerpts)).tunes
    assert np.concatenate(found)[:, ::2] == pytest.approx(by_note(FOLK, excerpts, 1.0)[:, ::2], abs=2e-4)


def test_other_keys_use_the_memory_of_the_written_one_unless_a_pitch_is_clipped() -> None:
    for lowest in (60, PITCHES - 10):
        excerpts = [dataset.plain(tune) for tune in tunes(3, [30, 12], lowest)]
        row = predict(FOLK, excerpts).row()
        higher = [dataset.transposed(each, 5) for each in excerpts]
        cost = np.concatenate([scores_of(FOLK, each) for each in higher])[:, ::2].sum(axis=1).mean() - row.total
        assert key_cost(FOLK, excerpts, (5,), row, recall(FOLK, excerpts)) == pytest.approx(cost, abs=1e-5)


def test_tunes_beyond_the_memory_are_scored_note_by_note() -> None:
    (tune,) = tunes(4, [1030])
    assert not batched.fits(dataset.plain(tune))
    assert recall(FOLK, [dataset.plain(tune)]) is None


def test_a_network_of_other_graphs_is_scored_note_by_note(monkeypatch: pytest.MonkeyPatch) -> None:
    excerpts = [dataset.plain(tune) for tune in tunes(5, [6])]
    monkeypatch.setattr(batched, "weights", lambda *_: None)
    assert recall(FOLK, excerpts) is None
    assert np.concatenate(predict(FOLK, excerpts).tunes).tolist() == by_note(FOLK, excerpts, 1.0).tolist()
