"""The note values that a performer meant: one that they play seldom, close to one that they play often, is that one."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from livegen.predictors.encoding import GAPS
from livegen.training.network import dataset
from livegen.training.network.augmentation import Augmentation
from livegen.training.network.dataset import GAP, MASKED, Excerpt, Ints
from livegen.tunes.tune import Tune

_NEAR = 1.26  # times as long or as short
_OFTEN = 4  # times as often
_BEATS = np.array([float(gap) for gap in GAPS])


def values(tunes: Sequence[Tune]) -> Ints:
    """For each index in GAPS the one that was meant, judged by the ``tunes`` that were played (and not written)."""
    counts = np.zeros(len(GAPS), dtype=np.int64)
    for tune in tunes:
        if tune.touched:
            gaps = dataset.heard(tune)[:, GAP]
            counts += np.bincount(gaps[gaps > 0] - 1, minlength=len(GAPS))
    meant = np.arange(len(GAPS))
    for gap in range(1, len(GAPS)):  # 0 is a chord
        near = (_BEATS[gap] <= _BEATS * _NEAR) & (_BEATS[gap] * _NEAR >= _BEATS) & (_BEATS > 0)
        usual = int(np.where(near, counts, -1).argmax())
        if counts[usual] >= _OFTEN * counts[gap] > 0:
            meant[gap] = usual
    return meant


def plain(tune: Tune, meant: Ints) -> Excerpt:
    """A tune as it was played, with the rhythm that was meant as the target."""
    whole = dataset.plain(tune)
    if not tune.touched:
        return whole
    asked = whole.gaps != MASKED
    gaps = np.where(asked, meant[whole.gaps], MASKED)
    return replace(whole, gaps=gaps, rows=np.where(asked, gaps, whole.rows))


class IntendedRhythm(Augmentation):
    """Varies a tune that was played; the targets are the note values that were meant."""

    def __init__(self, tune: Tune, polyphonic: bool, meant: Ints) -> None:
        super().__init__(tune, polyphonic)
        if tune.touched:
            encoding = dataset.ENCODING
            self._pieces = [
                [
                    cue if not cue.gap else cue._replace(gap=encoding.beats[meant[encoding.gap_index(cue.gap)]])
                    for cue in piece
                ]
                for piece in self._pieces
            ]
            self._plain = [dataset.sequence(piece) for piece in self._pieces]
