"""Examples for a listener: a tune of the performer's, and its beginning continued by the base and by the new model."""

from typing import Any

import numpy as np

from livegen.predictors.encoding import Encoding
from livegen.predictors.models import Predictor
from livegen.training.evaluation import samples
from livegen.training.network import dataset
from livegen.training.ngrams.ngram import Tokens
from livegen.training.ngrams.tables import Ints
from livegen.training.own.division import Division

GIVEN = 8  # notes of the performer's with which each begins
LONGEST = 48  # notes
_BEAT = 0.5  # seconds
_LAST = 2.0  # beats that the last note sounds
_BEATS = Encoding().beats


def examples(base: Predictor, new: Predictor, takes: Division, seed: int) -> list[dict[str, Any]]:
    """Each with a ``title``, and ``notes`` as [onset, duration, pitch] in seconds: yours, before and after."""
    tune = max(takes.judge, key=lambda each: len(each.notes))
    tune = tune.beginning(LONGEST)
    found = [{"title": "yours", "notes": _notes(dataset.heard(tune))}]
    for title, predictor in (("before", base), ("after", new)):
        steps = samples.improvise(samples.FromPredictor(predictor), tune, np.random.default_rng(seed), GIVEN)
        found.append({"title": title, "notes": _notes(steps)})
    return found


def _notes(steps: Ints) -> list[list[float]]:
    """The notes of steps [n, 10], each until the next one that is later."""
    tokens = Tokens.of(steps)
    gaps = [0.0, *(float(_BEATS[gap]) for gap in tokens.gap[1:])]
    onsets = np.cumsum(gaps)
    ends = [*onsets[1:], onsets[-1] + _LAST]
    for at in range(len(ends) - 2, -1, -1):  # the notes of a chord end together
        if ends[at] <= onsets[at]:
            ends[at] = ends[at + 1]
    pairs = zip(onsets, ends, tokens.pitch.tolist(), strict=True)
    return [[round(_BEAT * on, 3), round(_BEAT * (end - on), 3), pitch] for on, end, pitch in pairs]
