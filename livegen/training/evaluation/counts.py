"""The n-gram and the Markov chains, measured beside the models: in another process where there is much to do, for they
hold the interpreter, and in a thread where a process would take longer to start.
"""

import multiprocessing
import os
import pickle
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from livegen.training.evaluation import progress, samples
from livegen.training.evaluation.samples import Ensemble
from livegen.training.evaluation.scores import Row, Scores
from livegen.training.evaluation.style import Melody
from livegen.training.network import dataset
from livegen.training.ngrams.markov_tables import ORDER, MarkovTables
from livegen.training.ngrams.ngram import NGram
from livegen.training.ngrams.tables import Ints
from livegen.tunes.tune import Tune

NGRAM = "n-gram, long and short term"
T = TypeVar("T")
_SEED = 0
_MUCH = 10_000  # notes that are worth a process


def executor(forms: Mapping[str, Sequence[Tune]]) -> Executor:
    """The workers for ``Counts`` on these tunes: processes on all cores but one, or a thread."""
    if sum(map(progress.notes, forms.values())) < _MUCH:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(max(1, (os.cpu_count() or 1) - 1), multiprocessing.get_context("spawn"))


class Counts:
    """The models that count in the ``training`` tunes, given as steps [n, 10]: their ``scores`` by form, and their
    ``samples`` by name."""

    def __init__(self, ngram: NGram, training: Sequence[Ints], beside: Executor) -> None:
        self._ngram, self._training, self._beside = ngram, training, beside
        self.scores: dict[str, Future[tuple[Scores, list[Row]]]] = {}
        self.samples: dict[str, Future[list[Melody]]] = {}

    def begin(self, forms: Mapping[str, Sequence[Tune]], chosen: Sequence[Tune]) -> None:
        """Have all forms measured, and a tune made up for each that is ``chosen``, if any is."""
        for form, tunes in forms.items():
            self.scores[form] = self._submit(_measured, self._ngram, self._training, form, tunes)
        if chosen:
            self.samples[NGRAM] = self._submit(_made_up, self._ngram, chosen)
            self.samples[f"Markov, order {ORDER}"] = self._submit(_made_up_by_chain, self._training, chosen)

    def _submit(self, work: Callable[..., T], *given: object) -> Future[T]:
        # Packed here: an executor packs in a thread, while tunes are asked for what they then keep.
        return self._beside.submit(_unpacked, pickle.dumps((work, given)))


def _unpacked(packed: bytes) -> Any:  # noqa: ANN401
    work, given = pickle.loads(packed)
    return work(*given)


def _measured(ngram: NGram, training: Sequence[Ints], form: str, tunes: Sequence[Tune]) -> tuple[Scores, list[Row]]:
    """The scores of the n-gram, and the rows of all Markov models, or of the best where tunes are as performed."""
    heard = [dataset.heard(tune) for tune in tunes]
    scores = [np.array(ngram.scores(steps), dtype=np.float64) for steps in heard]
    chains = markov_rows(training, heard)
    return Scores(NGRAM, scores), chains if form == "written" else [min(chains, key=lambda row: row.total)]


def _made_up_by_chain(training: Sequence[Ints], chosen: Sequence[Tune]) -> list[Melody]:
    return _made_up(MarkovTables(training), chosen)


def _made_up(ensemble: Ensemble, chosen: Sequence[Tune]) -> list[Melody]:
    randoms = [np.random.default_rng([_SEED, index]) for index in range(len(chosen))]
    made = samples.improvise_together(ensemble, chosen, randoms)
    return [Melody.of(steps, samples.metre_of(tune)) for steps, tune in zip(made, chosen, strict=True)]


def markov_rows(training: Sequence[Ints], tunes: Sequence[Ints]) -> list[Row]:
    """The rows of Markov models of order 1 to 5 of the training tunes; tunes are steps [n, 10]. They know no key:
    transposing changes nothing."""
    markov = MarkovTables(training)
    scores = [markov.scores(steps) for steps in tunes]
    return [
        Scores(f"Markov, order {order}", [np.array(each[order], dtype=np.float64) for each in scores]).row()
        for order in range(1, markov.order + 1)
    ]
