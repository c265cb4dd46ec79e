"""Makes up tunes with models, drawn as a session draws them, so that their style can be measured."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from livegen.predictors import sampling
from livegen.predictors.encoding import GAPS, PERFORMER, PLAYER, START, Encoding, Onset, Step
from livegen.predictors.memory import PLAYING_TRUST
from livegen.predictors.models import Forecast, Predictor, State
from livegen.predictors.sampling import Logits
from livegen.training.network import dataset
from livegen.training.ngrams.markov_tables import MarkovTables
from livegen.training.ngrams.ngram import NGram
from livegen.training.ngrams.tables import Floats, Ints
from livegen.tunes.tune import Tune, metre_length

LONGEST = 512  # notes of a sample
PRIMER = 16  # notes that are given, where more than the first are
_ENCODING = Encoding()
_BEATS = _ENCODING.beats


class Improviser(Protocol):
    """A model that can continue a tune."""

    def begin(self) -> None:
        """Forget all."""

    def hear_step(self, step: Step) -> None:
        """One more note."""

    def gap(self) -> Logits:
        """Logits of the next gap [len(GAPS)]."""

    def pitch(self, gap: int) -> Logits:
        """Logits of the next pitch [128] after that gap."""


class Ensemble(Protocol):
    """A model of counts that continues several tunes at once."""

    def next_gaps(self, steps: Ints) -> Floats:
        """Probabilities [b, len(GAPS)] of the next gap after each of several tunes, steps [b, n, 10], n ≥ 1."""

    def next_pitches(self, steps: Ints, gaps: Ints) -> Floats:
        """Probabilities [b, 128] of the next pitch after ``gaps`` [b]."""


class FromPredictor:
    """A model with its memory on, as a session plays it."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._state: State = None
        self._forecast: Forecast
        self.begin()

    def begin(self) -> None:
        """Forget all."""
        self._state, self._forecast = self._predictor.step(self._predictor.start(), START, PLAYING_TRUST)

    def hear_step(self, step: Step) -> None:
        """One more note."""
        self._state, self._forecast = self._predictor.step(self._state, step, PLAYING_TRUST)

    def gap(self) -> Logits:
        """The model's logits."""
        return self._forecast.gap

    def pitch(self, gap: int) -> Logits:
        """The model's logits."""
        logits: Logits = self._forecast.pitch[gap]
        return logits


class _FromSteps:
    """The base of models that predict the next note from all steps so far."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget all."""
        self._steps: list[Step] = []

    def hear_step(self, step: Step) -> None:
        """One more note."""
        self._steps.append(step)

    def _heard(self) -> Ints:
        return np.array(self._steps, dtype=np.int64)


class FromNGram(_FromSteps):
    """The strong n-gram."""

    def __init__(self, ngram: NGram) -> None:
        super().__init__()
        self._ngram = ngram

    def gap(self) -> Logits:
        """The n-gram's logits."""
        return _logits(self._ngram.gaps(self._heard(), np.array([len(self._steps)]))[0])

    def pitch(self, gap: int) -> Logits:
        """The n-gram's logits."""
        return _logits(self._ngram.pitches(self._heard(), np.array([len(self._steps)]), np.array([gap]))[0])


class FromMarkov(_FromSteps):
    """A Markov chain of its highest order."""

    def __init__(self, markov: MarkovTables) -> None:
        super().__init__()
        self._markov = markov

    def gap(self) -> Logits:
        """The chain's logits; it looks no further back than its order."""
        return _logits(self._markov.gaps(self._heard()[-self._markov.order - 1 :]))

    def pitch(self, gap: int) -> Logits:
        """The chain's logits."""
        return _logits(self._markov.pitches(self._heard()[-self._markov.order - 1 :], gap))


def improvise(
    improviser: Improviser, tune: Tune, random: np.random.Generator, given: int = 1, bars: bool = False
) -> Ints:
    """Steps [n, 10] of a tune as long as ``tune`` (at most 512 notes), whose first ``given`` notes it begins with.

    The rest is drawn with temperature 1 and no top-p. With ``bars`` the steps hold the place in the bar, which
    continues from the last given note in the metre that holds there.
    """
    heard = [cue.onset for cue in dataset.cues(tune)[: max(1, given)]]
    if not bars:
        heard = [onset._replace(phase=None, metre=None) for onset in heard]
    improviser.begin()
    steps: list[Step] = []
    for onset in heard:
        steps.append(_ENCODING.encode(onset._replace(who=PERFORMER)))
        improviser.hear_step(steps[-1])
    onset = heard[-1]
    while len(steps) < min(LONGEST, len(tune.notes)):
        gap = sampling.choose(improviser.gap(), random.random())
        pitch = sampling.choose(improviser.pitch(gap), random.random())
        onset = _after(onset, gap, pitch)
        steps.append(_ENCODING.encode(onset))
        improviser.hear_step(steps[-1])
    return np.array(steps, dtype=np.int64)


def improvise_together(ensemble: Ensemble, tunes: Sequence[Tune], randoms: Sequence[np.random.Generator]) -> list[Ints]:
    """The tunes that ``improvise`` makes of each of ``tunes`` with its own random numbers, when only the first note is
    given and no bars; all are drawn note by note together."""
    onsets = [dataset.cues(tune)[0].onset._replace(phase=None, metre=None) for tune in tunes]
    lengths = np.array([max(1, min(LONGEST, len(tune.notes))) for tune in tunes])
    steps = np.zeros((len(tunes), lengths.max(initial=1), len(START)), dtype=np.int64)
    for at, onset in enumerate(onsets):
        steps[at, 0] = _ENCODING.encode(onset._replace(who=PERFORMER))
    for count in range(1, steps.shape[1]):
        going = np.flatnonzero(lengths > count).tolist()
        heard = steps[going, :count]
        rhythms = ensemble.next_gaps(heard)
        gaps = [sampling.choose(_logits(each), randoms[at].random()) for at, each in zip(going, rhythms, strict=True)]
        melodies = ensemble.next_pitches(heard, np.array(gaps))
        for at, gap, each in zip(going, gaps, melodies, strict=True):
            onsets[at] = _after(onsets[at], gap, sampling.choose(_logits(each), randoms[at].random()))
            steps[at, count] = _ENCODING.encode(onsets[at])
    return [row[:length] for row, length in zip(steps, lengths.tolist(), strict=True)]


def _after(before: Onset, gap: int, pitch: int) -> Onset:
    """A note of the player's, legato, as written tunes are read; ``gap`` gives its place in the bar."""
    beats, phase = _BEATS[gap], None
    length = metre_length(before.metre)
    if before.phase is not None and length:
        phase = (before.phase + beats) % float(length)
    return Onset(
        pitch,
        beats,
        before.pitch,
        released=1.0 if GAPS[gap] else None,
        held=0 if GAPS[gap] else (before.held or 0) + 1,
        phase=phase,
        metre=before.metre if phase is not None else None,
        who=PLAYER,
    )


def paired(tunes: Sequence[Tune], count: int, seed: int = 0) -> list[Tune]:
    """``count`` of the tunes, drawn without repeats as long as there are enough."""
    random = np.random.default_rng(seed)
    order: list[int] = []
    while tunes and len(order) < count:
        order += random.permutation(len(tunes)).tolist()
    return [tunes[index] for index in order[:count]]


def metre_of(tune: Tune) -> str | None:
    """The metre that most of its bars have."""
    metres = [bar.metre for bar in tune.bars if bar.metre is not None]
    return max(sorted(set(metres)), key=metres.count) if metres else None


def _logits(probabilities: Floats) -> Logits:
    found: Logits = np.log(np.maximum(probabilities, 1e-30)).astype(np.float32)
    return found
