"""Scores of a model's predictions: bits and ranks of each note, and their means over tunes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from livegen.predictors.encoding import PITCHES, START, Step
from livegen.predictors.models import NetworkPredictor, Predictor
from livegen.training.evaluation import batched
from livegen.training.evaluation.metric import Figures, Metric, measure
from livegen.training.network import dataset
from livegen.training.network.batch_memory import Recalled
from livegen.training.network.dataset import Excerpt
from livegen.training.ngrams.tables import Floats, Ints

GAP_BITS, GAP_RANK, PITCH_BITS, PITCH_RANK = range(4)
POSITIONS = (1, 8, 16, 32, 64, 96)  # notes heard so far, where each stretch of the tune begins


def _mean(scores: Floats, column: int) -> float:
    return float(scores[:, column].mean())


def _among(scores: Floats, column: int, top: int) -> float:
    """The share of notes (0 to 1) that were among the model's first ``top`` guesses."""
    return float((scores[:, column] < top).mean())


# The metrics of predictions, computed from the scores [notes, 4] of ``Scores``; bits are bits per note.
PREDICTION: dict[str, Metric[Floats]] = {
    "rhythm": Metric("rhythm", ".3f", lambda scores: _mean(scores, GAP_BITS)),
    "pitch": Metric("pitch", ".3f", lambda scores: _mean(scores, PITCH_BITS)),
    "total": Metric("total", ".3f", lambda scores: _mean(scores, GAP_BITS) + _mean(scores, PITCH_BITS)),
    "top_1_rhythm": Metric("top-1-rhythm", ".0%", lambda scores: _among(scores, GAP_RANK, 1)),
    "top_3_rhythm": Metric("top-3-rhythm", ".0%", lambda scores: _among(scores, GAP_RANK, 3)),
    "top_1_pitch": Metric("top-1-pitch", ".0%", lambda scores: _among(scores, PITCH_RANK, 1)),
    "top_3_pitch": Metric("top-3-pitch", ".0%", lambda scores: _among(scores, PITCH_RANK, 3)),
}


@dataclass(frozen=True)
class Row:
    """One model's ``figures`` by the names in ``PREDICTION``; the further bits that it needs in the worst of the eleven
    other keys (None: not measured); and the bits by position in the tune (by the beginning of each stretch)."""

    name: str
    figures: Figures
    transposed: float | None = None
    by_position: dict[int, float] = field(default_factory=dict)

    def __getitem__(self, metric: str) -> float:
        return self.figures[metric] or 0.0

    @property
    def total(self) -> float:
        """Bits per note, rhythm and pitch: -log2 of the probability of the gap, and of the pitch given the gap."""
        return self["total"]

    def to_dict(self) -> dict[str, Any]:
        """The row as numbers."""
        return {"name": self.name, **self.figures, "transposed": self.transposed, "by_position": self.by_position}


@dataclass(frozen=True)
class Scores:
    """One model's scores on each tune: [notes - 1, 4], bits and rank (0: the likeliest) of the gap and of the pitch
    given the gap, of every note but the first."""

    name: str
    tunes: list[Floats]

    def row(self, transposed: float | None = None) -> Row:
        """The means over all notes."""
        return Row(self.name, measure(PREDICTION, np.concatenate(self.tunes)), transposed, self._by_position())

    def bits(self) -> list[float]:
        """The bits of each tune, summed over its notes."""
        return [float(tune[:, GAP_BITS].sum() + tune[:, PITCH_BITS].sum()) for tune in self.tunes]

    def notes(self) -> list[int]:
        """The number of predicted notes in each tune."""
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


def predict(
    predictor: Predictor,
    excerpts: Sequence[Excerpt],
    name: str = "",
    memory: float = 1.0,
    recalled: Sequence[Recalled] | None = None,
) -> Scores:
    """A model's scores on tunes, with its session memory (if it has one) trusted by ``memory`` (0 to 1). ``recalled``
    are the rows of that memory, where ``recall`` has found them already."""
    name = name or predictor.name
    if not isinstance(predictor, NetworkPredictor) or not _side_by_side(predictor, excerpts):
        return Scores(name, [scores_of(predictor, excerpt, memory) for excerpt in excerpts])
    rows = None if not memory else batched.recalled(excerpts) if recalled is None else recalled
    return Scores(name, batched.worked_out(predictor, excerpts, rows, memory, _judged_both))


def recall(predictor: Predictor, excerpts: Sequence[Excerpt]) -> Sequence[Recalled] | None:
    """The rows of the memory for ``predict``, which are the same whether the bar is told or not, and in other keys;
    None if the model has no use for them."""
    return batched.recalled(excerpts) if _side_by_side(predictor, excerpts) else None


def _side_by_side(predictor: Predictor, excerpts: Sequence[Excerpt]) -> bool:
    """Whether the model can predict these tunes side by side."""
    known = isinstance(predictor, NetworkPredictor) and batched.weights(predictor.path, predictor.digest) is not None
    return known and all(map(batched.fits, excerpts))


def scores_of(predictor: Predictor, excerpt: Excerpt, memory: float = 1.0) -> Floats:
    """The scores of one tune: of each note but the first, [notes - 1, 4]."""
    count = len(excerpt)
    state, forecast = predictor.step(predictor.start(), START, memory)
    gaps = np.zeros((count - 1, len(forecast.gap)))
    pitches = np.zeros((count - 1, PITCHES))
    for index in range(1, count):
        state, forecast = predictor.step(state, Step(*excerpt.steps[index].tolist()), memory)
        gaps[index - 1] = forecast.gap
        pitches[index - 1] = forecast.pitch[excerpt.gaps[index]]
    return _judged_both(excerpt, gaps, pitches)


def key_cost(
    predictor: Predictor,
    excerpts: Sequence[Excerpt],
    shifts: Sequence[int],
    row: Row,
    recalled: Sequence[Recalled] | None = None,
) -> float:
    """The further bits per note, beyond ``row``, in the worst of the keys that are ``shifts`` semitones away;
    ``recalled`` as for ``predict``."""
    low, high = min(shifts, default=0), max(shifts, default=0)
    inside = all(each.pitches[1:].min(initial=PITCHES) + low > 0 for each in excerpts)
    inside &= all(each.pitches[1:].max(initial=0) + high < PITCHES - 1 for each in excerpts)
    rows = recalled if inside else None  # a pitch that is clipped is another to the memory
    moved = ([dataset.transposed(each, shift) for each in excerpts] for shift in shifts)
    return max(predict(predictor, each, recalled=rows).row().total for each in moved) - row.total


def _judged_both(excerpt: Excerpt, gaps: npt.NDArray[np.floating], pitches: npt.NDArray[np.floating]) -> Floats:
    """The scores of all notes of a tune but the first, from the logits of their gaps and of their pitches."""
    judged = (
        _judged(gaps.astype(np.float64), excerpt.gaps[1:]),
        _judged(pitches.astype(np.float64), excerpt.pitches[1:]),
    )
    return np.concatenate(judged, axis=1)


def _judged(logits: Floats, true: Ints) -> Floats:
    """Bits and rank of the class that came, [n, 2]."""
    highest = logits.max(axis=1, keepdims=True, initial=-np.inf)
    places = np.arange(len(true))
    likely = logits[places, true]
    total: npt.NDArray[np.float64] = highest[:, 0] + np.log(np.exp(logits - highest).sum(axis=1))
    ranks = (logits > likely[:, None]).sum(axis=1)
    return np.stack([(total - likely) / np.log(2), ranks], axis=1)
