"""What counts is measured in another process: all that goes there and comes back can be sent."""

import pickle
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from livegen.events import Note
from livegen.training.evaluation import counts
from livegen.training.evaluation.counts import Counts
from livegen.training.network import dataset
from livegen.training.ngrams.ngram import NGram
from livegen.tunes.tune import Tune


class Sending(Executor):
    """As another process would: what is submitted and what comes back was sent."""

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        done: Future[Any] = Future()
        function, given, named = pickle.loads(pickle.dumps((function, given, named)))
        done.set_result(pickle.loads(pickle.dumps(function(*given, **named))))
        return done


def tunes(count: int, length: int, seed: int) -> list[Tune]:
    random = np.random.default_rng(seed)
    return [
        Tune("", tuple(Note(0.5 * at, 0.5, int(pitch)) for at, pitch in enumerate(random.integers(60, 70, length))))
        for _ in range(count)
    ]


def test_figures_that_were_sent_are_those_of_a_thread() -> None:
    training = [dataset.heard(tune) for tune in tunes(4, 40, 1)]
    forms, ngram = {"written": tunes(2, 20, 2), "performed": tunes(2, 30, 3)}, NGram.learn(training)
    found = []
    with ThreadPoolExecutor(1) as thread:
        for beside in (thread, Sending()):
            measured = Counts(ngram, training, beside)
            measured.begin(forms, forms["written"])
            rows = {form: [row.to_dict() for row in each.result()[1]] for form, each in measured.scores.items()}
            scores = {form: each.result()[0].bits() for form, each in measured.scores.items()}
            made = {
                name: [melody.pairs.tolist() for melody in each.result()] for name, each in measured.samples.items()
            }
            found.append((rows, scores, made))
    assert found[0] == found[1]
    rows, _, made = found[0]
    assert [len(rows["written"]), len(rows["performed"])] == [5, 1]
    assert [len(each) for each in made.values()] == [2, 2]


@pytest.mark.parametrize(("length", "kind"), [(20, ThreadPoolExecutor), (6000, ProcessPoolExecutor)])
def test_only_much_work_is_worth_a_process(length: int, kind: type[Executor]) -> None:
    with counts.executor({"written": tunes(2, length, 1)}) as beside:  # a pool starts no process before it has work
        assert isinstance(beside, kind)
