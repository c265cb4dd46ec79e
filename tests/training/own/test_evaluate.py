"""`livegen evaluate` on a model of the user's own music: what it never heard is held back, and the figures are told."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from livegen.errors import FileError
from livegen.predictors.quotation import Quotations
from livegen.training.corpus import corpus as corpora
from livegen.training.corpus.corpus import Corpus
from livegen.training.evaluation.bootstrap import Difference
from livegen.training.evaluation.counts import NGRAM
from livegen.training.evaluation.evaluate import EvaluationOptions
from livegen.training.evaluation.report import Compared, Report
from livegen.training.evaluation.scores import Row
from livegen.training.network import dataset
from livegen.training.own import evaluate
from livegen.training.own.division import divide
from livegen.tunes.tune import Tune
from tests.support.own_playing import own
from tests.support.upwards import Upwards


def names(tunes: Sequence[Tune]) -> set[str]:
    return {tune.name for tune in tunes}


def model(learnt: Sequence[Tune] = (), digest: str = "") -> Upwards:
    """A model whose file says that it learnt these tunes, or the tunes of this digest."""
    found = Upwards(data=digest or Corpus(list(learnt)).digest())
    found.quotations = Quotations.of(map(dataset.heard, learnt))
    return found


def test_the_pieces_that_the_training_held_back_are_found_again() -> None:
    tunes = own(12)
    takes = divide(tunes)
    found = evaluate.parted(model(takes.learn), tunes)
    assert names(found.unheard) == names(takes.judge) and names(found.heard) == names(takes.learn + takes.choose)
    assert found.label == f"{len(takes.judge)} of your 12 pieces, unheard by upwards"
    families = corpora.divide(Corpus(tunes))
    found = evaluate.parted(model(families.training.tunes), tunes)
    assert names(found.unheard) == names(families.test.tunes or families.validation.tunes)
    assert names(found.unheard).isdisjoint(names(families.training.tunes))


def test_where_the_music_has_changed_the_runs_tell_what_was_heard() -> None:
    tunes = own(6)
    moved = replace(tunes[0], name="moved", notes=tuple(replace(note, pitch=note.pitch + 3) for note in tunes[0].notes))
    short = replace(tunes[5], name="short", notes=tunes[5].notes[:5])
    found = evaluate.parted(model(tunes[:3], digest="another folder's"), [*tunes[:5], moved, short])
    assert names(found.unheard) == names(tunes[3:5])  # not what another key has made of one that it heard
    with pytest.raises(FileError, match="has heard all 3 pieces"):
        evaluate.parted(model(tunes[:3], digest="another folder's"), tunes[:3])


def test_three_sentences_and_a_picture_come_before_the_tables() -> None:
    tunes = own(8)
    music = evaluate.parted(model(divide(tunes).learn), tunes)
    report = evaluate.evaluate(music, EvaluationOptions(samples=2, transposed=False))
    told, empty, _, _, first, second, *_ = report.table().split("\n")
    assert told.count(".") >= 3 and f"{len(music.unheard)} pieces were never heard by upwards" in told
    assert "worse than counting what follows what in your other pieces" in told and "notes in a row as" in told
    assert not empty and first.split()[0] == "upwards" and second.split()[0] == NGRAM.split()[0]
    assert first.count("█") == 40 > second.count("█") > 0  # the worse, the longer
    assert "Trained on exactly" not in report.table()  # some of them only said when to stop
    assert report.trained_on == "your other pieces" and report.tunes == len(music.unheard)


def test_a_difference_that_may_be_chance_is_not_told_as_one() -> None:
    tunes = own(6)
    base = model(tunes[:1])
    base.name = "folk"
    music = evaluate.OwnMusic(model(tunes[:3]), base, tunes[3:], tunes[:3])
    rows = {"written": [Row(name, {"total": bits}, None, {}) for name, bits in (("upwards", 3.0), ("folk", 3.1))]}

    def told(low: float, high: float, *more: Compared) -> str:
        apart = Compared("written", "upwards", "folk", Difference((low + high) / 2, low, high))
        return evaluate.foreword(Report("", 3, {}, rows, [apart, *more]), music)

    assert "of these better than folk, which it began from." in told(-0.2, -0.1)
    rows["written"].append(Row(NGRAM, {"total": 3.2}, None, {}))
    counted = Compared("written", "upwards", NGRAM, Difference(0.0, -0.1, 0.1))
    assert "better than folk, which it began from, and about as well as counting" in told(-0.2, -0.1, counted)
    rows["written"].pop()
    assert "of these about as well as folk" in told(-0.2, 0.1) and "of these worse than folk" in told(0.1, 0.2)
