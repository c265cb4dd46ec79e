"""Lines of a performance, and how each note of one is played: how loud, how late, how long."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors import own_touch
from livegen.predictors.own_touch import HEADS, Manner, Place
from livegen.training.touch.match_files import MELODY, Performance, Played

Numbers = npt.NDArray[np.float64]

_WIDTH = 2.0  # beats on either side, over which the tempo is taken
_FEWEST = 7  # onsets, from which it is taken at least
_SOONEST = 0.03  # seconds: two onsets of a line are further apart
_LONGEST_GAP = 1.0  # quarter note: a deviation is counted in the gap before it, or in this if that is longer


class PlayedLine(NamedTuple):
    """One line of a performance. Arrays [notes] but ``places``; of the first and the last note nothing is asked.

    ``late`` are seconds after the place that the local tempo gives; ``share`` is of the gap to the next onset.
    """

    name: str
    pianist: int
    places: list[Place]  # the first one's gap is that of the second
    velocity: Numbers
    share: Numbers
    late: Numbers
    quarter: Numbers  # seconds a quarter note

    @property
    def unit(self) -> Numbers:
        """The seconds that deviations are counted in: those of the gap, of a quarter note at most."""
        gaps = np.array([min(_LONGEST_GAP, place.beats) for place in self.places])
        found: Numbers = np.maximum(0.1, gaps * self.quarter)
        return found

    @property
    def loud(self) -> Numbers:
        """The velocities, in standard deviations from their mean."""
        found: Numbers = (self.velocity - self.velocity.mean()) / max(1.0, float(self.velocity.std()))
        return found


def melody(performance: Performance) -> PlayedLine:
    """The voice that has the melody."""
    return _line(performance, [note for note in performance.notes if note.voice == MELODY])


def tops(performance: Performance) -> PlayedLine:
    """The highest note of each onset, of all voices."""
    return _line(performance, performance.notes)


def _line(performance: Performance, notes: Sequence[Played]) -> PlayedLine:
    tops: dict[float, Played] = {}
    for note in notes:
        at = round(note.onset, 3)
        if at not in tops or note.pitch > tops[at].pitch:
            tops[at] = note
    found = [tops[at] for at in sorted(tops)]
    onsets, times = np.array([note.onset for note in found]), np.array([note.on for note in found])
    late, quarter = deviations(onsets, times, performance.beat)
    gaps = np.diff(onsets, prepend=2 * onsets[0] - onsets[1])
    seconds = np.maximum(_SOONEST, np.diff(times, append=2 * times[-1] - times[-2]))
    places = [
        Place(float(gap), note.onset / performance.beat, note.pitch) for gap, note in zip(gaps, found, strict=True)
    ]
    return PlayedLine(
        performance.piece,
        performance.pianist,
        places,
        np.array([note.velocity for note in found], dtype=np.float64),
        np.array([note.off - note.on for note in found]) / seconds,
        late,
        np.clip(quarter, 0.2, 3.0),
    )


def deviations(onsets: Numbers, times: Numbers, beat: float) -> tuple[Numbers, Numbers]:
    """The seconds that each onset is late by the tempo around it, and that tempo (seconds a quarter note): a straight
    line through the onsets nearby, the nearer the heavier (tricube weights, Cleveland 1979)."""
    late, quarter = np.zeros(len(onsets)), np.zeros(len(onsets))
    for at, onset in enumerate(onsets):
        far = np.abs(onsets - onset)
        width = max(_WIDTH * beat, float(np.sort(far)[min(_FEWEST, len(far)) - 1]) * 1.01)
        weights = np.clip(1.0 - (far / width) ** 3, 0.0, None) ** 1.5
        design = np.stack([np.ones(len(onsets)), onsets - onset], axis=1) * weights[:, None]
        (here, slope), *_ = np.linalg.lstsq(design, times * weights, rcond=None)
        late[at], quarter[at] = times[at] - here, slope
    return late, quarter


class Examples(NamedTuple):
    """The material that the heads learn from: by head, the features [notes, features] and the values [notes]."""

    features: dict[str, Numbers]
    values: dict[str, Numbers]


def examples(played: Sequence[PlayedLine]) -> Examples:
    """The notes of the lines, each with what its pianist had played before it."""
    features: dict[str, list[tuple[float, ...]]] = {name: [] for name in HEADS}
    values: dict[str, list[float]] = {name: [] for name in HEADS}
    for each in played:
        loud, unit = each.loud, each.unit
        manner = begun(each)
        for at in range(1, len(each.places) - 1):
            after, late = each.places[at + 1], each.late[at] / unit[at]
            following = manner.then(each.places[at], loud[at])
            features["velocity"].append(own_touch.velocity_features(manner, following))
            features["late"].append(own_touch.late_features(following))
            features["share"].append(own_touch.share_features(following, after.beats, after.pitch == following.pitch))
            manner = following.came(late).lasted(each.share[at])
            for name, value in zip(HEADS, (loud[at], late, each.share[at]), strict=True):
                values[name].append(float(value))
    return Examples(
        {name: np.array(rows) for name, rows in features.items()},
        {name: np.array(rows) for name, rows in values.items()},
    )


def begun(played: PlayedLine) -> Manner:
    """The manner of a line's first note, of which nothing is asked."""
    first = played.places[0]
    return Manner(pitch=first.pitch, height=float(first.pitch), beats=first.beats)
