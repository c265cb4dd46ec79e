"""Keeps a player that is left alone in balance: the repetition, density and chord size of its latest notes are compared
with those of the music that its model was trained on. Pure."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors import memory
from livegen.predictors.encoding import GAPS
from livegen.predictors.protocol import State, repeats

_LATEST = 32  # onsets over which the means are taken
_TOLERANCE = 0.3  # of the spread: how far a player may stray from its music before it is led back
_LEAD = 1.0  # how strongly, in logits, a note value one spread away is then preferred, at the most
_CHORD = 1.5  # the same for one note more in a chord, for each note that there are too many or too few
_NOWHERE = np.zeros(len(GAPS), dtype=np.float32)
_LOG_BEATS = np.log(np.maximum(np.array([float(gap) for gap in GAPS]), float(GAPS[1])))


class Recent(NamedTuple):
    """The player's latest notes: the share that comes again (0 to 1), the mean logarithm of the beats between onsets,
    and the mean number of notes at one (None: there were none)."""

    familiar: float = 0.0
    pace: float | None = None
    size: float | None = None

    def heard(self, state: State) -> "Recent":
        """After one more note, which led to that state of the model."""
        return self._replace(familiar=memory.familiar(self.familiar, repeats(state)))

    def struck(self, beats: float | None, notes: int) -> "Recent":
        """After one more onset of so many notes, so many beats after the last (None: it followed nothing). Without
        ``same_phrase`` a line may have its last onset in the future: then this is no time, and says nothing."""
        size = notes if self.size is None else self.size + (notes - self.size) / _LATEST
        if beats is None or beats <= 0.0:
            return self._replace(size=size)
        pace = math.log(beats)
        if self.pace is not None:
            pace = self.pace + (pace - self.pace) / _LATEST
        return self._replace(pace=pace, size=size)


class Norm(NamedTuple):
    """The music that a model was trained on: mean and spread of the logarithm of the beats between onsets, and notes an
    onset. As text in a model file: "-0.73 0.46 1.02"."""

    pace: float
    spread: float
    size: float

    @classmethod
    def parse(cls, text: str) -> "Norm | None":
        """Read from a model file's text; None if that is not valid."""
        try:
            found = cls(*(float(word) for word in text.split()))
        except (ValueError, TypeError):
            return None
        good = all(math.isfinite(value) for value in found) and found.spread > 0.05 and found.size >= 1.0
        return found if good else None

    def lead(self, recent: Recent, density: float) -> npt.NDArray[np.float32]:
        """Logits for the gaps [len(GAPS)] that lead back to this music, or to ``density`` times as many onsets; 0 where
        the player is near it."""
        if recent.pace is None or recent.size is None:
            return _NOWHERE
        away = (self.pace - math.log(density) - recent.pace) / self.spread
        over = self.size - recent.size
        if abs(away) < _TOLERANCE and abs(over) < _TOLERANCE:
            return _NOWHERE
        slope = _LEAD * max(-1.0, min(1.0, away)) if abs(away) >= _TOLERANCE else 0.0
        logits: npt.NDArray[np.float32] = (slope / self.spread * (_LOG_BEATS - self.pace)).astype(np.float32)
        logits[0] = _CHORD * max(-2.0, min(2.0, over)) if abs(over) >= _TOLERANCE else 0.0
        return logits
