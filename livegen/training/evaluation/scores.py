"""How well a predictor foresees notes: bits, ranks, and their means over tunes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from livegen.predictors.encoding import PITCHES, START, Step
from livegen.predictors.models import Predictor
from livegen.training.network import dataset
from livegen.training.network.dataset import Excerpt
from livegen.training.ngrams.tables import Floats, Ints

GAP_BITS, GAP_RANK, PITCH_BITS, PITCH_RANK = range(4)
POSITIONS = (1, 8, 16, 32, 64, 96)  # notes heard so far, where each stretch of the tune begins


@dataclass(frozen=True)
class Row:
    """One model's figures: bits per note, shares (0 to 1) of notes among its first guess and first three, how many bits
    more it needs in the worst of the eleven other keys (None: not measured), and the bits by position in the tune
    (where each stretch begins: bits per note in it)."""

    name: str
    rhythm: float
    pitch: float
    top_1_rhythm: float
    top_3_rhythm: float
    top_1_pitch: float
    top_3_pitch: float
    transposed: float | None = None
    by_position: dict[int, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """Bits per note, rhythm and pitch: -log2 of the probability of the gap, and of the pitch given the gap."""
        return self.rhythm + self.pitch


@dataclass(frozen=True)
class Scores:
    """What one model made of each tune: [notes - 1, 4], bits and rank (0: thought likeliest) of the gap and of the
    pitch given the gap, of every note but the first."""

    name: str
    tunes: list[Floats]

    def row(self, transposed: float | None = None) -> Row:
        """The means over all notes."""
        whole = np.concatenate(self.tunes)

        def among(column: int, top: int) -> float:
            return float((whole[:, column] < top).mean())

        return Row(
            self.name,
            rhythm=float(whole[:, GAP_BITS].mean()),
            pitch=float(whole[:, PITCH_BITS].mean()),
            top_1_rhythm=among(GAP_RANK, 1),
            top_3_rhythm=among(GAP_RANK, 3),
            top_1_pitch=among(PITCH_RANK, 1),
            top_3_pitch=among(PITCH_RANK, 3),
            transposed=transposed,
            by_position=self._by_position(),
        )

    def bits(self) -> list[float]:
        """All bits that each tune took."""
        return [float(tune[:, GAP_BITS].sum() + tune[:, PITCH_BITS].sum()) for tune in self.tunes]

    def notes(self) -> list[int]:
        """How many notes of each tune were foreseen."""
        return [len(tune) for tune in self.tunes]

    def _by_position(self) -> dict[int, float]:
        heard = np.concatenate([np.arange(1, len(tune) + 1) for tune in self.tunes])
        whole = np.concatenate(self.tunes)
        total, stretch = whole[:, GAP_BITS] + whole[:, PITCH_BITS], np.digitize(heard, POSITIONS) - 1
        return {
            start: float(total[stretch == index].mean())
            for index, start in enumerate(POSITIONS)
            if (stretch == index).any()
        }


def foresee(predictor: Predictor, excerpts: Sequence[Excerpt], name: str = "", memory: float = 1.0) -> Scores:
    """A predictor's scores on tunes, its session memory (if it has one) led by ``memory`` (0 to 1)."""
    return Scores(name or predictor.name, [scores_of(predictor, excerpt, memory) for excerpt in excerpts])


def scores_of(predictor: Predictor, excerpt: Excerpt, memory: float = 1.0) -> Floats:
    """How well each note but the first was foreseen, [notes - 1, 4]."""
    count = len(excerpt)
    state, forecast = predictor.step(predictor.start(), START, memory)
    gaps = np.zeros((count - 1, len(forecast.gap)))
    pitches = np.zeros((count - 1, PITCHES))
    for index in range(1, count):
        state, forecast = predictor.step(state, Step(*excerpt.steps[index].tolist()), memory)
        gaps[index - 1] = forecast.gap
        pitches[index - 1] = forecast.pitch[excerpt.gaps[index]]
    asked = excerpt.gaps[1:], excerpt.pitches[1:]
    return np.concatenate([_judged(gaps, asked[0]), _judged(pitches, asked[1])], axis=1)


def key_cost(predictor: Predictor, excerpts: Sequence[Excerpt], shifts: Sequence[int], row: Row) -> float:
    """How many bits per note more than ``row`` the worst of other keys takes, ``shifts`` semitones away."""
    moved = [[dataset.transposed(each, shift) for each in excerpts] for shift in shifts]
    return max(foresee(predictor, each).row().total for each in moved) - row.total


def _judged(logits: Floats, true: Ints) -> Floats:
    """Bits and rank of what came, [n, 2]."""
    highest = logits.max(axis=1, keepdims=True, initial=-np.inf)
    places = np.arange(len(true))
    likely = logits[places, true]
    total: npt.NDArray[np.float64] = highest[:, 0] + np.log(np.exp(logits - highest).sum(axis=1))
    ranks = (logits > likely[:, None]).sum(axis=1)
    return np.stack([(total - likely) / np.log(2), ranks], axis=1)
