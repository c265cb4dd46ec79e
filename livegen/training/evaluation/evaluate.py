"""Measures exported models: how well they predict held-out tunes, and the style of the tunes that they make up.

Markov chains and a strong n-gram of the same training tunes are measured with them. The split by tune family
(``families``) says which tunes are held out, and the page says how many training tunes are of the family of one of
them.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np

from livegen.errors import FileError, SettingsError
from livegen.predictors.models import Predictor, read
from livegen.training.corpus import corpus as corpora
from livegen.training.corpus import sources
from livegen.training.corpus.corpus import Corpus, Divided
from livegen.training.corpus.held_out import HELD_OUT, HeldOut
from livegen.training.evaluation import counts, progress, samples
from livegen.training.evaluation.bootstrap import difference
from livegen.training.evaluation.claim import Claim, Split, measure
from livegen.training.evaluation.counts import NGRAM, Counts
from livegen.training.evaluation.progress import EvaluationProgress
from livegen.training.evaluation.report import Compared, Report
from livegen.training.evaluation.samples import FromPredictor, Improviser
from livegen.training.evaluation.scores import Row, Scores, key_cost, predict, recall
from livegen.training.evaluation.style import Melody, Reference, Style
from livegen.training.network import dataset
from livegen.training.network.augmentation import loose
from livegen.training.network.batch_memory import Recalled
from livegen.training.ngrams.ngram import NGram, learnt
from livegen.training.ngrams.tables import Ints
from livegen.training.recipe import COLLECTIONS, Recipe
from livegen.tunes.abc_reader import Playing
from livegen.tunes.tune import Tune

SHIFTS = tuple(shift for shift in range(-6, 6) if shift)  # semitones
LOOSELY = ", played loosely"
SAMPLES = 100
_SEED = 0
Said = Callable[[str], None]


@dataclass(frozen=True)
class EvaluationOptions:
    """The scope of an evaluation: with ``baseline`` also Markov chains and the n-gram, with ``transposed`` also the
    cost of other keys; ``samples`` tunes are made up by each (0: none). ``trained_on`` is a folder of training tunes
    (None: the books)."""

    baseline: bool = True
    transposed: bool = True
    samples: int = SAMPLES
    trained_on: Path | None = None
    ngrams: Path | None = None  # the folder of learnt n-grams (None: the user's cache)


def evaluate(
    models: Sequence[Path], data: Path | None = None, plan: EvaluationOptions | None = None, say: Said = lambda _: None
) -> Report:
    """Measure model files on the tunes in ``data``; None: on held-out tunes of what they were trained on.

    Each model is measured on the tunes as written, and performed with every repeat; with its session memory and
    without; with the place in the bar known, where there are bars, and without; as written also in other keys, and
    played loosely.
    ``say`` is called with what is measured. Raises ModelError for a model that cannot be used, FileError for unreadable
    tunes.
    """
    plan = plan or EvaluationOptions()
    predictors, tunes = _read_all(models, data, plan, say)
    return Evaluation(predictors, tunes, plan, say).report()


def claim(
    models: Sequence[Path], data: Path | None = None, plan: EvaluationOptions | None = None, say: Said = lambda _: None
) -> Claim:
    """Measure model files together with dice and Markov chains, on the tunes that ``evaluate`` would take. Raises as it
    does, and SettingsError if no tunes are to be made up."""
    plan = plan or EvaluationOptions()
    if not plan.samples:
        raise SettingsError("The claim is about tunes that are made up; ask for some with --samples.")
    predictors, tunes = _read_all(models, data, plan, say)
    assert tunes.training is not None
    return measure(predictors, Split(tunes.label, tunes.forms["written"], tunes.training), plan.samples, say)


def _read_all(
    models: Sequence[Path], data: Path | None, plan: EvaluationOptions, say: Said
) -> "tuple[list[Predictor], Tunes]":
    """The models, and the tunes. Two models of one name are called by their files."""
    predictors: list[Predictor] = [read(path) for path in models]
    often = Counter(predictor.name for predictor in predictors)
    for predictor, path in zip(predictors, models, strict=True):
        if often[predictor.name] > 1:
            predictor.name = str(path)
    say("reading the tunes")
    return predictors, Tunes.gather(data, plan, [learnt_from(each) for each in predictors], collection_of(predictors))


@dataclass(frozen=True)
class Tunes:
    """The tunes measured on by form, and those that the n-gram and the reference of style learn from (None: not asked
    for)."""

    label: str
    forms: dict[str, list[Tune]]
    training: Corpus | None
    trained_on: str

    @classmethod
    def gather(
        cls, data: Path | None, plan: EvaluationOptions, learnt: Sequence[str] = (), collection: Recipe | None = None
    ) -> "Tunes":
        """Read them; ``learnt``: SHA-256 of what the models were trained on, ``collection`` the recipe that says how to
        read it. Raises FileError."""
        wanted = plan.baseline or plan.samples > 0
        needed = data is None or (wanted and plan.trained_on is None)
        divided = _divided(plan.trained_on, collection) if needed else None
        if data is None:
            assert divided is not None
            written = divided.validation
            performed = written if collection else _read(plan.trained_on, "performed")
            label = f"the held-out tunes of {plan.trained_on.name if plan.trained_on else 'the books'}"
        else:
            written, performed, label = corpora.read(data), corpora.read(data, "performed", silent=True), data.name
        forms = _forms(written, performed)
        if not forms["written"]:
            raise FileError(f"{label} holds no tune of two notes or more; give another folder with --data.")
        training: Corpus | None = None
        if wanted:
            training = divided.training if divided is not None else _training(_read(plan.trained_on), learnt)
        named = "the books" if plan.trained_on is None else plan.trained_on.name
        return cls(label, forms, training, f"the training tunes of {named}")


class Evaluation:
    """One evaluation of some predictors."""

    def __init__(
        self, predictors: Sequence[Predictor], tunes: Tunes, plan: EvaluationOptions, say: Said = lambda _: None
    ) -> None:
        self._predictors = predictors
        self._tunes = tunes
        self._plan = plan
        self._written = tunes.forms["written"]
        self._ngram: NGram | None = None
        self._counts: Counts | None = None
        self._chosen = samples.paired(self._written, plan.samples, _SEED)  # what samples are paired with
        if tunes.training is not None:
            say("learning or loading the n-gram")
            self._ngram = learnt(tunes.training, plan.ngrams)
        keys, known = len(SHIFTS) * plan.transposed, tunes.training is not None
        made = plan.samples * known
        self._effort = EvaluationProgress(
            say, progress.whole(tunes.forms, len(predictors), keys, plan.baseline and known, made)
        )

    def report(self) -> Report:
        """Measure all."""
        tunes, plan = self._tunes, self._plan
        notes = {form: progress.notes(each) for form, each in tunes.forms.items()}
        report = Report(tunes.label, len(self._written), notes, trained_on=tunes.trained_on)
        if tunes.training is not None:
            data = tunes.training.digest()
            report.same_data = {each.name: learnt_from(each) == data for each in self._predictors if learnt_from(each)}
            report.variants = sum(HeldOut.of(self._written).variant_of(tunes.training.tunes))
        kept: dict[str, dict[str, Scores]] = {}
        with counts.executor(tunes.forms) as beside:
            if self._plan.baseline and self._ngram is not None and tunes.training is not None:
                self._counts = Counts(self._ngram, self._training, beside)
                self._counts.begin(tunes.forms, self._chosen)
            for form, each in tunes.forms.items():
                report.rows[form], kept[form] = self._predictions(form, each)
            if plan.samples and tunes.training is not None:
                report.samples = plan.samples
                report.styles = self._styles(tunes.training)
            for form in tunes.forms:
                self._count(form, report.rows[form], kept[form])
                report.compared += _compared(form, kept[form], self._predictors)
        return report

    @cached_property
    def _training(self) -> list[Ints]:
        """The steps of the training tunes."""
        return [dataset.heard(tune) for tune in self._tunes.training.tunes] if self._tunes.training else []

    def _predictions(self, form: str, tunes: Sequence[Tune]) -> tuple[list[Row], dict[str, Scores]]:
        """The rows of one form, and the scores by name."""
        rows: list[Row] = []
        kept: dict[str, Scores] = {}
        for predictor in self._predictors:
            plain = [dataset.plain(tune) for tune in tunes]
            rows_of_memory = recall(predictor, plain)
            for name, scores in self._conditions(predictor, form, tunes, rows_of_memory):
                kept[name] = scores
                rows.append(scores.row())
                if name == predictor.name and form == "written" and self._plan.transposed:
                    self._effort.begin(f"{name} in other keys", progress.notes(tunes) * len(SHIFTS))
                    cost = key_cost(predictor, plain, SHIFTS, rows[-1], rows_of_memory)
                    rows[-1] = replace(rows[-1], transposed=cost)
        return rows, kept

    def _count(self, form: str, rows: list[Row], kept: dict[str, Scores]) -> None:
        """Add the rows and scores of what counts."""
        if self._counts is not None:
            self._effort.begin(f"n-grams, {form}", progress.notes(self._tunes.forms[form]) * progress.NGRAMS)
            kept[NGRAM], chains = self._counts.scores[form].result()
            rows += [kept[NGRAM].row(), *chains]

    def _conditions(
        self, predictor: Predictor, form: str, tunes: Sequence[Tune], recalled: Sequence[Recalled] | None
    ) -> Iterator[tuple[str, Scores]]:
        plain = [dataset.plain(tune) for tune in tunes]
        ways = [("", plain, 1.0), (", memory off", plain, 0.0)]
        if any(tune.bars for tune in tunes):
            told = [dataset.plain(tune, bars=True) for tune in tunes]
            ways += [(", told the bar", told, 1.0), (", memory off, told the bar", told, 0.0)]
        if form == "written" and not any(tune.touched for tune in tunes):
            random = np.random.default_rng(_SEED)
            ways.append((LOOSELY, [loose(tune, random) for tune in tunes], 1.0))
        for said, excerpts, memory in ways:
            name = predictor.name + said
            self._effort.begin(f"{name}, {form}", progress.notes(tunes))
            same = None if said == LOOSELY else recalled
            yield name, predict(predictor, excerpts, name, memory, same)

    def _styles(self, training: Corpus) -> list[Style]:
        """The style of the real tunes and of each model's samples, whose bars are those of the tune that a sample is
        paired with."""
        real = [_melody(tune) for tune in self._written]
        self._effort.begin("style of the real tunes", 0)
        heard = zip(training.tunes, self._training, strict=True)
        learnt_from = [Melody.of(steps, samples.metre_of(tune)) for tune, steps in heard if len(tune.notes) > 1]
        reference = Reference(learnt_from, real)
        found = [reference.style("real tunes, held out", real)]
        for name, improviser, given, bars in self._improvisers(any(tune.bars for tune in self._written)):
            self._effort.begin(f"samples of {name}", self._plan.samples * progress.SAMPLE)
            made = []
            for index, tune in enumerate(self._chosen):
                random = np.random.default_rng([_SEED, index])
                steps = samples.improvise(improviser, tune, random, given, bars)
                made.append(Melody.of(steps, samples.metre_of(tune)))
            found.append(reference.style(name, made))
        for name, future in ({} if self._counts is None else self._counts.samples).items():
            self._effort.begin(f"samples of {name}", self._plan.samples * progress.COUNTED_SAMPLE)
            found.append(reference.style(name, future.result()))
        return found

    def _improvisers(self, bars: bool) -> Iterator[tuple[str, Improviser, int, bool]]:
        for predictor in self._predictors:
            improviser = FromPredictor(predictor)
            yield predictor.name, improviser, 1, False
            yield f"{predictor.name}, {samples.PRIMER} notes given", improviser, samples.PRIMER, False
            if bars:
                yield f"{predictor.name}, told the bar", improviser, 1, True


def collection_of(predictors: Sequence[Predictor]) -> Recipe | None:
    """The recipe of the first model that was trained on a collection with a reader of its own; None if none was."""
    for predictor in predictors:
        kept = predictor.metadata.get("recipe", "")
        made = json.loads(kept) if kept.startswith("{") else {}
        if made.get("data") in COLLECTIONS:
            return Recipe(**{name: value for name, value in made.items() if name in Recipe.model_fields})
    return None


def learnt_from(predictor: Predictor) -> str:
    """SHA-256 of the notes that a model was trained on, as its file says; "" if it does not."""
    return str(predictor.metadata.get("data", ""))


def _compared(form: str, kept: dict[str, Scores], predictors: Sequence[Predictor]) -> list[Compared]:
    """Each model against the n-gram, with and without the bar, and against itself without memory; models by pairs."""
    names = [predictor.name for predictor in predictors]
    pairs = [(name, NGRAM) for name in names]
    pairs += [(f"{name}, told the bar", NGRAM) for name in names]
    pairs += [(name, f"{name}, memory off") for name in names]
    pairs += combinations(names, 2)
    return [
        Compared(form, a, b, difference(kept[a].bits(), kept[b].bits(), kept[a].notes()))
        for a, b in pairs
        if a in kept and b in kept
    ]


def _forms(written: Corpus, performed: Corpus) -> dict[str, list[Tune]]:
    """The tunes of more than one note, as written; and as performed, where that differs, only those same tunes."""
    tunes = [tune for tune in written.tunes if len(tune.notes) > 1]
    if [tune.name for tune in written.tunes] == [tune.name for tune in performed.tunes]:
        pairs = zip(written.tunes, performed.tunes, strict=True)
        played = [other for tune, other in pairs if len(tune.notes) > 1]
    else:
        often = Counter(tune.name for tune in performed.tunes)
        by_name = {tune.name: tune for tune in performed.tunes if often[tune.name] == 1}
        played = [by_name[tune.name] for tune in tunes if tune.name in by_name]
    return {"written": tunes} | ({"performed": played} if Corpus(played).digest() != Corpus(tunes).digest() else {})


def _melody(tune: Tune) -> Melody:
    return Melody.of(dataset.heard(tune), samples.metre_of(tune))


def _read(folder: Path | None, playing: Playing = "written") -> Corpus:
    return corpora.joined(corpora.read_books(playing).values()) if folder is None else corpora.read(folder, playing)


def _training(corpus: Corpus, learnt: Sequence[str]) -> Corpus:
    """The training part of a folder if a model was trained on it; otherwise all of the folder."""
    part = corpora.divide(corpus).training
    return part if part.digest() in learnt else corpus


def _divided(folder: Path | None, collection: Recipe | None) -> Divided:
    if folder is not None and collection is not None:
        return corpora.divide(sources.read(collection, folder))
    return corpora.divide(_read(folder), HeldOut.load(HELD_OUT) if folder is None else None)
