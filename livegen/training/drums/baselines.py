"""The models beside which a drummer is measured: the last bar repeated, a Markov chain, long- and short-term n-grams.

All count, in the same encoding. A count is a back-off mixture (Witten and Bell 1991): the chance after a long context
leans on that after a shorter one the more, the more new things followed it. Of the n-gram there are two, one that
learnt from the training takes and one that learns from the take at hand as it goes on, as in Conklin and Witten (1995);
they are weighed by how well each has just predicted.
"""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors.drum_encoding import DEVIATIONS, KIT, STEPS, VELOCITIES
from livegen.training.drums.scores import TakeBits
from livegen.training.drums.takes import Take

_ORDERS = (1, 2, 3, 4, 6, 8)  # steps that a context of the n-gram looks back
_FORGETS = 0.95  # of how well the two n-grams predicted, a symbol

Context = tuple[Hashable, ...]


class Question(NamedTuple):
    """A symbol to be predicted: of which kind (hit, velocity or deviation), out of how many, after which contexts, the
    shortest first."""

    kind: int
    symbol: int
    size: int
    contexts: tuple[Context, ...]


HIT, VELOCITY, DEVIATION = range(3)
Asks = Callable[[Take], Iterator[Question]]


class Counts:
    """Counts of symbols after contexts."""

    def __init__(self) -> None:
        self._seen: dict[Context, dict[int, int]] = {}

    def learn(self, question: Question) -> None:
        """Count a symbol."""
        for context in question.contexts:
            found = self._seen.setdefault((question.kind, *context), {})
            found[question.symbol] = found.get(question.symbol, 0) + 1

    def chance(self, question: Question) -> float:
        """The probability of the symbol."""
        chance = 1.0 / question.size
        for context in question.contexts:
            found = self._seen.get((question.kind, *context))
            if found:
                kinds = len(found)
                chance = (found.get(question.symbol, 0) + kinds * chance) / (sum(found.values()) + kinds)
        return chance


class Baseline:
    """A model that counts. ``short``: it also learns from the take at hand."""

    def __init__(self, name: str, asks: Asks, short: bool = False) -> None:
        self.name = name
        self._asks = asks
        self._short = short
        self._counts = Counts()

    def learn(self, takes: Sequence[Take]) -> "Baseline":
        """Count the training takes."""
        for take in takes:
            for question in self._asks(take):
                self._counts.learn(question)
        return self

    def bits(self, take: Take) -> TakeBits:
        """The bits that a take costs."""
        sums = [0.0, 0.0, 0.0]
        own = Counts()
        trust = [[0.0, 0.0] for _ in range(3)]  # logarithms, of each kind: the long and the short
        for question in self._asks(take):
            chance = self._counts.chance(question)
            if self._short:
                other, weighed = own.chance(question), trust[question.kind]
                share = 1.0 / (1.0 + math.exp(max(-30.0, min(30.0, weighed[1] - weighed[0]))))
                mixed = share * chance + (1.0 - share) * other
                weighed[0] = _FORGETS * weighed[0] + math.log(chance)
                weighed[1] = _FORGETS * weighed[1] + math.log(other)
                own.learn(question)
                chance = mixed
            sums[question.kind] -= math.log2(chance)
        return TakeBits(sums[HIT], sums[VELOCITY], sums[DEVIATION], take.hits)


def all_of(takes: Sequence[Take]) -> list[Baseline]:
    """The three, of these training takes."""
    return [
        Baseline("n-gram, long and short term", _ngram, short=True).learn(takes),
        Baseline("Markov chain", _markov).learn(takes),
        Baseline("the last bar repeated", _repeated).learn(takes),
    ]


def patterns(take: Take) -> list[int]:
    """The hits of each step as a number."""
    powers = 1 << np.arange(KIT)
    return [int(each) for each in (take.velocity > 0) @ powers]


def _markov(take: Take) -> Iterator[Question]:
    """Each step after the one before and its place in the bar; velocity and deviation after the drum's last."""
    return _steps(take, orders=(1,), place_of=lambda step: (step % take.bar,))


def _ngram(take: Take) -> Iterator[Question]:
    """Each step after up to eight steps and its place in the beat, and after the same step of the last bar."""
    return _steps(take, orders=_ORDERS, place_of=lambda step: (step % STEPS,))


def _steps(take: Take, orders: Sequence[int], place_of: Callable[[int], Context]) -> Iterator[Question]:
    found = patterns(take)
    latest: dict[int, tuple[int, int]] = {}  # by drum, its last velocity and deviation
    for step, pattern in enumerate(found):
        place = place_of(step)
        before = [("p", place, *found[max(0, step - order) : step]) for order in orders]
        if len(orders) > 1 and step >= take.bar:
            before.insert(2, ("b", found[step - take.bar], *found[step - 1 : step]))
        yield Question(HIT, pattern, 1 << KIT, ((), ("p", place), *before))
        late = DEVIATIONS  # of the drum before in this step; none
        for drum in np.flatnonzero(take.velocity[step]).tolist():
            velocity, deviation = int(take.velocity[step, drum]) - 1, int(take.deviation[step, drum])
            last = latest.get(drum, (VELOCITIES, DEVIATIONS))
            more = len(orders) > 1
            yield Question(
                VELOCITY,
                velocity,
                VELOCITIES,
                ((drum,), (drum, "l", last[0]), *([(drum, "p", place, last[0])] if more else [])),
            )
            told = ((drum,), (drum, "l", last[1]), *([(drum, "s", place, late)] if more else []))
            yield Question(DEVIATION, deviation, DEVIATIONS, told)
            latest[drum], late = (velocity, deviation), deviation


def _repeated(take: Take) -> Iterator[Question]:
    """Each drum, its velocity and deviation, after the same step of the last bar."""
    velocity: npt.NDArray[np.uint8] = take.velocity
    for step in range(len(velocity)):
        former = step - take.bar
        for drum in range(KIT):
            then = int(velocity[former, drum]) if former >= 0 else -1
            now = int(velocity[step, drum])
            yield Question(HIT, int(now > 0), 2, ((drum,), (drum, min(1, then))))
            if now:
                late = int(take.deviation[former, drum]) if then > 0 else -1
                yield Question(VELOCITY, now - 1, VELOCITIES, ((drum,), (drum, then)))
                yield Question(DEVIATION, int(take.deviation[step, drum]), DEVIATIONS, ((drum,), (drum, late)))
