"""The n-gram and the Markov chains, measured beside the models in a thread of their own.

Most of a model's work is done by the matrix library, which leaves the interpreter to others meanwhile.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from livegen.training.corpus.corpus import Corpus
from livegen.training.evaluation import samples
from livegen.training.evaluation.samples import Ensemble
from livegen.training.evaluation.scores import Row, Scores
from livegen.training.evaluation.style import Melody
from livegen.training.network import dataset
from livegen.training.ngrams.markov_tables import ORDER, MarkovTables
from livegen.training.ngrams.ngram import NGram
from livegen.tunes.tune import Tune

NGRAM = "n-gram, long and short term"
_SEED = 0


class Counts:
    """The models that count in the training tunes: their ``scores`` by form, and their ``samples`` by name."""

    def __init__(self, ngram: NGram, training: Corpus, beside: ThreadPoolExecutor) -> None:
        self._ngram, self._training, self._beside = ngram, training, beside
        self.scores: dict[str, Future[tuple[Scores, list[Row]]]] = {}
        self.samples: dict[str, Future[list[Melody]]] = {}

    def begin(self, forms: Mapping[str, Sequence[Tune]], chosen: Sequence[Tune]) -> None:
        """Have all forms measured, and a tune made up for each that is ``chosen``, if any is."""
        for form, tunes in forms.items():
            self.scores[form] = self._beside.submit(self._measured, form, tunes)
        if chosen:
            ways: dict[str, Callable[[], Ensemble]] = {
                NGRAM: lambda: self._ngram,
                f"Markov, order {ORDER}": self._chain,
            }
            for name, way in ways.items():
                self.samples[name] = self._beside.submit(self._made_up, way, chosen)

    def _measured(self, form: str, tunes: Sequence[Tune]) -> tuple[Scores, list[Row]]:
        """The scores of the n-gram, and the rows of all Markov models, or of the best where tunes are as performed."""
        scores = [np.array(self._ngram.scores(dataset.heard(tune)), dtype=np.float64) for tune in tunes]
        chains = markov_rows(self._training, tunes)
        return Scores(NGRAM, scores), chains if form == "written" else [min(chains, key=lambda row: row.total)]

    def _chain(self) -> MarkovTables:
        return MarkovTables(dataset.heard(tune) for tune in self._training.tunes)

    @staticmethod
    def _made_up(way: Callable[[], Ensemble], chosen: Sequence[Tune]) -> list[Melody]:
        randoms = [np.random.default_rng([_SEED, index]) for index in range(len(chosen))]
        made = samples.improvise_together(way(), chosen, randoms)
        return [Melody.of(steps, samples.metre_of(tune)) for steps, tune in zip(made, chosen, strict=True)]


def markov_rows(training: Corpus, tunes: Sequence[Tune]) -> list[Row]:
    """The rows of Markov models of order 1 to 5 of the training tunes. They know no key: transposing changes
    nothing."""
    markov = MarkovTables(dataset.heard(tune) for tune in training.tunes)
    scores = [markov.scores(dataset.heard(tune)) for tune in tunes]
    return [
        Scores(f"Markov, order {order}", [np.array(each[order], dtype=np.float64) for each in scores]).row()
        for order in range(1, markov.order + 1)
    ]
