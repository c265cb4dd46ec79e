"""The progress of an evaluation and the time that is left, by the notes that are predicted."""

from collections.abc import Callable, Mapping, Sequence

from livegen.system.clock import now
from livegen.tunes.tune import Tune

# The cost of other work, in notes that a model predicts; measured with folk on the books.
NGRAMS = 4.0  # a note that the n-gram and the Markov chains predict
SAMPLE = 500.0  # a tune that a model makes up
COUNTED_SAMPLE = 800.0  # one that the n-gram or a Markov chain makes up
_SOONEST = 0.02  # of the whole, before which nothing is said of the time


class EvaluationProgress:
    """The parts of an evaluation one after the other, of a ``whole`` known in advance; ``say`` is called for
    each."""

    def __init__(self, say: Callable[[str], None], whole: float) -> None:
        self._say, self._whole = say, max(1.0, whole)
        self._done = self._doing = 0.0
        self._began = now()

    @property
    def share(self) -> float:
        """The share that was done before the present part, 0 to 1."""
        return min(1.0, self._done / self._whole)

    def begin(self, part: str, notes: float) -> None:
        """Begin the next part, which takes as long as that many notes."""
        self._done, self._doing = self._done + self._doing, notes
        left = ""
        if self.share > _SOONEST:
            left = f", about {(now() - self._began) * (1 / self.share - 1) / 60:.1f} min left"
        self._say(f"{part} ({self.share:.0%}{left})")


def notes(tunes: Sequence[Tune]) -> int:
    """The number of predicted notes in these tunes: all but the first of each."""
    return sum(len(tune.notes) - 1 for tune in tunes)


def whole(forms: Mapping[str, Sequence[Tune]], models: int, keys: int, baseline: bool, samples: int) -> float:
    """The cost of an evaluation, in notes: ``models``, each in so many other ``keys``, with a ``baseline`` or without,
    and ``samples`` tunes made up by each."""
    found = 0.0
    told = any(tune.bars for tune in forms["written"])
    for form, tunes in forms.items():
        ways = 4 if any(tune.bars for tune in tunes) else 2
        if form == "written":
            ways += keys + (not any(tune.touched for tune in tunes))
        found += notes(tunes) * (models * ways + NGRAMS * baseline)
    return found + samples * (models * SAMPLE * (3 if told else 2) + 2 * COUNTED_SAMPLE * baseline)
