"""A model that was trained on the user's own music: the pieces of it that the model never heard, and what their figures
mean, in three sentences and a picture.

A model's file says which tunes it learnt from (a digest of them, and hashes of their runs), so the pieces that its
training held back are found again. Where the music has changed since, the runs tell: a piece is heard if the model
knows half of its runs.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livegen.errors import FileError, LivegenError
from livegen.predictors import models
from livegen.predictors.models import Predictor
from livegen.predictors.quotation import Quotations
from livegen.training.corpus import corpus as corpora
from livegen.training.corpus.corpus import Corpus
from livegen.training.evaluation.counts import NGRAM
from livegen.training.evaluation.evaluate import Evaluation, EvaluationOptions, Tunes
from livegen.training.evaluation.report import Report
from livegen.training.network import dataset
from livegen.training.own.division import divide
from livegen.tunes.tune import Tune

OWN = ("my", "mine")  # the recipes of such models
Said = Callable[[str], None]
_HEARD = 0.5  # of a tune's runs
_WIDTH = 40  # characters of the longest bar
_FORM = "written"


@dataclass(frozen=True)
class OwnMusic:
    """The user's pieces by whether the ``model`` heard them. ``base`` is the one that it began from, if it is there."""

    model: Predictor
    base: Predictor | None
    unheard: list[Tune]
    heard: list[Tune]

    @property
    def label(self) -> str:
        """For the report."""
        return f"{len(self.unheard)} of your {len(self.unheard) + len(self.heard)} pieces, unheard by {self.model.name}"


def recipe_of(predictor: Predictor) -> dict[str, object]:
    """The recipe that a model's file tells; {} if it tells none."""
    text = predictor.metadata.get("recipe", "")
    found: dict[str, object] = json.loads(text) if text.startswith("{") else {}
    return found


def parted(model: Predictor, tunes: Sequence[Tune], extra: Path | None = None) -> OwnMusic:
    """The pieces of two notes or more by whether the model heard them; ``extra`` is one more folder of models. Raises
    FileError if it heard all of them."""
    unheard, heard = _held_back(model, [tune for tune in tunes if len(tune.notes) > 1])
    if not unheard:
        raise FileError(
            f"{model.name} has heard all {len(heard)} pieces, so nothing can be said by them; "
            "give music of yours that it has not heard with --data."
        )
    return OwnMusic(model, _base(model, extra), unheard, heard)


def _held_back(model: Predictor, tunes: Sequence[Tune]) -> tuple[list[Tune], list[Tune]]:
    """The pieces unheard and heard. Those that said when its training was to stop count as heard."""
    learnt = str(model.metadata.get("data", ""))
    try:
        takes = divide(tunes)
        if Corpus(takes.learn).digest() == learnt:
            return takes.judge, takes.learn + takes.choose
    except FileError:  # too few notes for a training, and enough for the runs
        pass
    families = corpora.divide(Corpus(list(tunes)))
    if families.training.digest() == learnt:
        chosen, last = families.validation.tunes, families.test.tunes
        return last or chosen, families.training.tunes + (chosen if last else [])
    unheard = [tune for tune in tunes if _known(model, tune) == 0]
    return unheard, [tune for tune in tunes if _known(model, tune) >= _HEARD]


def _known(model: Predictor, tune: Tune) -> float:
    """The share of a tune's runs that the model learnt, 0 to 1; 1 for a tune that is too short to tell."""
    runs = Quotations.of([dataset.heard(tune)]).hashes
    return float(np.isin(runs, model.quotations.hashes).mean()) if len(runs) else 1.0


def _base(model: Predictor, extra: Path | None) -> Predictor | None:
    """The very model that it was trained further from, where it is there."""
    name = str(recipe_of(model).get("base", ""))
    try:
        found = models.load(name, extra) if name else None
    except LivegenError:
        return None
    return found if found is not None and found.digest == model.metadata.get("base") else None


def evaluate(own: OwnMusic, plan: EvaluationOptions, say: Said = lambda _: None) -> Report:
    """Measure a model on the pieces that it never heard, beside its base and n-grams of the others; and say what the
    figures mean. Raises ModelError for a model that cannot be used."""
    others = Corpus(own.heard) if plan.baseline or plan.samples else None
    tunes = Tunes(own.label, {_FORM: own.unheard}, others, "your other pieces")
    report = Evaluation([own.model, *([own.base] if own.base else [])], tunes, plan, say).report()
    report.same_data = {}  # some of the other pieces said when to stop
    report.foreword = foreword(report, own)
    return report


def foreword(report: Report, own: OwnMusic) -> str:
    """Three sentences, and a bar for each model."""
    bits = {row.name: row.total for row in report.rows[_FORM]}
    name = own.model.name
    others = [(own.base.name, f"{own.base.name}, which it began from,")] if own.base else []
    others += [(NGRAM, "counting what follows what in your other pieces")] if NGRAM in bits else []
    judged = " and ".join(f"{_judgement(report, name, other)} {said}" for other, said in others).rstrip(",")
    pieces = "piece" if len(own.unheard) == 1 else "pieces"
    said = [f"Of your music, {len(own.unheard)} {pieces} were never heard by {name}: it is measured on them alone."]
    if judged:
        said.append(f"It foresees the notes of these {judged}.")
    copied = {style.name: int(style["copied_most"]) + 1 for style in report.styles}
    if name in copied:
        real = next(iter(copied.values()))
        said.append(
            f"What it makes up has at most {copied[name]} notes in a row as the pieces that it heard have them; "
            f"your own pieces that it did not hear have {real}."
        )
    return " ".join(said) + "\n\n" + _bars({each: bits[each] for each in (name, *(other for other, _ in others))})


def _judgement(report: Report, name: str, other: str) -> str:
    """The words for a model beside another, as far as the interval of their difference allows to say."""
    (apart,) = [
        each.difference for each in report.compared if (each.form, each.model, each.other) == (_FORM, name, other)
    ]
    return "better than" if apart.high < 0 else "worse than" if apart.low > 0 else "about as well as"


def _bars(bits: dict[str, float]) -> str:
    """A bar for each, as long as its bits."""
    most, wide = max(bits.values()), max(map(len, bits))
    bars = [
        f"    {name:{wide}}  {value:.2f}  {'█' * max(1, round(_WIDTH * value / most))}" for name, value in bits.items()
    ]
    return "\n".join(["Bits for each of your notes, the shorter the better:", "", *bars])
