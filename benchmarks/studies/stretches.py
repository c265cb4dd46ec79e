"""The network of ``livegen.listening.end_network``: ``python -m benchmarks.studies.stretches --data DIR --out FILE``.

What it costs to be wrong is as in ``benchmarks.studies.habits``, with phrases broken into dearer, for a
network could buy time with them. In a solo that is played through an answer within a phrase costs as much as F1 makes
of it where one in ten is wrong. To this a logistic loss is added, which steps that are smoothed need where
they are far from right. The network is trained by gradient descent (Adam: Kingma and Ba 2015); the cues depend on where
the rule heard phrases end, so it is trained again on what it hears with the network before (Ross, Gordon and Bagnell
2011). Only the half of the performers to tune on is used.
"""

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.musicality import phrase_ends
from benchmarks.studies import habits as habits_study
from benchmarks.studies.habits import ENTRY, LATEST, SOFT, SOONEST, Floats, Gap, Listener
from livegen.listening import end_network, habits
from livegen.listening.end_network import FARTHEST, EndNetwork

ROUNDS = 2
UNITS, NETWORKS = 12, 3  # of each network; so many, differently begun, are put together as one
DEARER, SOLO = 1.4, 40.0  # times the costs of habits; how much the solos count, in the place of 20
WITHIN = 0.82  # of what a missed end costs in a solo: an answer within a phrase
ENTRY_IN_SOLO = 0.01  # seconds
LOGISTIC, BROAD = 0.5, 0.3  # the weight of the logistic loss, and the spread of its steps
RIDGE, RIDGE_OUTER = 0.1, 1.0
STEPS, RATE = 400, 0.01

Gradient = dict[str, Floats]


class StretchListener(Listener):
    """The rule, which keeps all that the network weighs."""

    def known_cues(self, onset: float, released: float) -> list[float]:
        """All cues, after a note from ``onset`` to ``released``; 0 for those in turns of who takes none."""
        always, in_turns = self.known(onset, released)
        return always + (in_turns or [0.0] * len(habits.IN_TURNS))


class Lesson:
    """Gaps as arrays, and what the silences of a network cost over them."""

    def __init__(self, found: Sequence[Gap]) -> None:
        kinds = [gap.kind for gap in found]
        solo = np.array(kinds) == phrase_ends.SOLOS
        self.cues = np.array([gap.cues for gap in found])
        self.ended = np.array([gap.ended for gap in found])
        self._silence = np.log([gap.silence for gap in found])
        self._beat = np.where(solo, np.inf, [gap.beat for gap in found])
        self._entry = np.where(solo, ENTRY_IN_SOLO, ENTRY * np.array([gap.beat for gap in found]))
        self._solo = solo
        self._ends, self._others = habits_study.counts(kinds, self.ended, DEARER, SOLO)
        self._others = np.where(solo, WITHIN * self._others, self._others)

    def slope(self, logs: Floats) -> Floats:
        """How much more it costs, for each gap, if the logarithm of the silence that ends the phrase grows."""
        wait = np.exp(np.clip(logs, math.log(SOONEST), math.log(LATEST)))
        moves = ((logs > math.log(SOONEST)) & (logs < math.log(LATEST))) * wait / (wait + self._entry)
        apart = self._silence - np.log(wait + self._entry)
        answered = _logistic(apart / SOFT)
        steep = answered * (1.0 - answered) / SOFT
        waiting = np.where(self._solo, steep, np.where(wait < 3.0 * self._beat, (wait + self._entry) / self._beat, 0.0))
        wrong = self.ended - _logistic(apart / BROAD)
        logistic = LOGISTIC * wrong / BROAD * np.where(self.ended, self._ends, self._others)
        found: Floats = moves * (np.where(self.ended, self._ends * waiting, -self._others * steep) + logistic)
        return found


def _logistic(values: Floats) -> Floats:
    return 1.0 / (1.0 + np.exp(-np.clip(values, -40.0, 40.0)))


def _scales(cues: Floats) -> tuple[Floats, Floats]:
    """Mean and spread of each cue; of those in turns over who takes turns, and of those that are always 1 none."""
    first = cues.shape[1] - len(habits.IN_TURNS)
    turns = cues[:, first] != 0.0
    mean, spread = cues.mean(0), cues.std(0)
    if turns.any():
        mean[first:], spread[first:] = cues[turns, first:].mean(0), cues[turns, first:].std(0)
    mean[[0, first]], spread[[0, first]] = 0.0, 1.0
    return mean, np.maximum(spread, 1e-6)


def train(found: Sequence[Gap], seed: int = 0) -> EndNetwork:
    """A network that costs little over these gaps."""
    lesson, dice = Lesson(found), np.random.default_rng(seed)
    mean, spread = _scales(lesson.cues)
    first = lesson.cues.shape[1] - len(habits.IN_TURNS)
    scaled = np.clip((lesson.cues - mean) / spread, -FARTHEST, FARTHEST)
    scaled[:, first:] *= lesson.cues[:, first:][:, :1]
    width, bound = scaled.shape[1], 1.0 / math.sqrt(scaled.shape[1])
    weights: Gradient = {
        "direct": np.zeros(width),
        "inner": dice.uniform(-bound, bound, (UNITS, width)),
        "bias": dice.uniform(-bound, bound, UNITS),
        "outer": dice.uniform(-0.1, 0.1, UNITS),
    }
    weights["direct"][0] = -1.0
    descend(weights, lambda now: _gradient(now, scaled, lesson))
    return EndNetwork(mean, spread, **weights)


def _gradient(weights: Gradient, scaled: Floats, lesson: Lesson) -> Gradient:
    units = np.tanh(scaled @ weights["inner"].T + weights["bias"])
    slope = lesson.slope(scaled @ weights["direct"] + units @ weights["outer"])
    back = slope[:, None] * weights["outer"] * (1.0 - units * units)
    direct = 2 * RIDGE * weights["direct"]
    direct[0] = 0.0
    return {
        "direct": scaled.T @ slope + direct,
        "inner": back.T @ scaled + 2 * RIDGE * weights["inner"],
        "bias": back.sum(0),
        "outer": units.T @ slope + 2 * RIDGE_OUTER * weights["outer"],
    }


def descend(weights: Gradient, gradient: Callable[[Gradient], Gradient]) -> None:
    """Move the weights down by Adam, in place, with a rate that falls to nothing."""
    mean = {name: np.zeros_like(values) for name, values in weights.items()}
    square = {name: np.zeros_like(values) for name, values in weights.items()}
    for step in range(1, STEPS + 1):
        rate = RATE * 0.5 * (1.0 + math.cos(math.pi * (step - 1) / STEPS))
        for name, slope in gradient(weights).items():
            mean[name] = 0.9 * mean[name] + 0.1 * slope
            square[name] = 0.999 * square[name] + 0.001 * slope * slope
            weights[name] -= rate * (mean[name] / (1 - 0.9**step)) / (np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8)


def together(found: Sequence[Gap]) -> EndNetwork:
    """One network that says the mean of several."""
    each = [train(found, seed) for seed in range(NETWORKS)]
    return each[0]._replace(
        direct=np.mean([one.direct for one in each], axis=0),
        inner=np.concatenate([one.inner for one in each]),
        bias=np.concatenate([one.bias for one in each]),
        outer=np.concatenate([one.outer for one in each]) / NETWORKS,
    )


def logs(network: EndNetwork, found: Sequence[Gap]) -> Floats:
    """The logarithms of the silences that end a phrase, by the network."""
    turns = len(habits.IN_TURNS)
    return np.array(
        [network.log_silence(gap.cues[:-turns], gap.cues[-turns:] if gap.cues[-turns] else ()) for gap in found]
    )


def table(found: Sequence[Gap], said: Floats) -> Iterator[str]:
    """A line for each kind: gaps answered within phrases and at their ends, for each end, and the wait in beats."""
    waits, silence = np.clip(np.exp(said), SOONEST, LATEST), np.array([gap.silence for gap in found])
    kinds, beats = np.array([gap.kind for gap in found]), np.array([gap.beat for gap in found])
    ended: npt.NDArray[np.bool_] = np.array([gap.ended for gap in found])
    for kind in dict.fromkeys(kinds):
        mine = kinds == kind
        entry = ENTRY_IN_SOLO if kind == phrase_ends.SOLOS else ENTRY * beats
        answered = waits + entry < silence
        within, at_ends = ((answered & such & mine).sum() / (ended & mine).sum() for such in (~ended, ended))
        wait = float(np.median((waits / beats)[ended & mine]))
        f1 = 2 * at_ends / (1.0 + at_ends + within)
        yield f"{kind:12} within {within:.3f}, at ends {at_ends:.3f}, F1 {f1:.3f}, {wait:.2f} beats"


def main() -> None:
    """Train the network on what is heard of the half to tune on, and write it."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.studies.stretches", description=main.__doc__)
    asked.add_argument("--data", type=Path, required=True, help="the folder of data sets, as docs/musicality.md says")
    asked.add_argument("--out", type=Path, required=True, help="the file for the network")
    chosen = asked.parse_args()
    solos = [each for each in phrase_ends.performances(chosen.data, "tune") if each.group == phrase_ends.SOLOS]
    played = list(habits_study.performers(chosen.data, "tune"))
    found: list[Gap] = []
    for number in range(ROUNDS):
        heard = habits_study.gaps(played, solos, StretchListener, by_stretch=number > 0)
        found += heard
        end_network.save(together(found), chosen.out)
        end_network.SHIPPED = chosen.out
        end_network.shipped.cache_clear()
        print(
            f"round {number + 1}, as it is heard",
            *table(heard, logs(end_network.shipped(), heard)),
            sep="\n",
            flush=True,
        )


if __name__ == "__main__":
    main()
