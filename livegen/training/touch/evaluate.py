"""Measures a touch beside pianists that it was not learnt from: how far its velocities, lengths and deviations are from
theirs, beside constant values and beside other pianists. No torch is needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from livegen.errors import FileError
from livegen.predictors import own_touch
from livegen.predictors.own_touch import OwnTouch
from livegen.training.touch.lines import Numbers, PlayedLine, begun, melody
from livegen.training.touch.match_files import read_folder
from livegen.training.touch.touch_file import learnt_from

Say = Callable[[str], None]
Unseen = Callable[[str], OwnTouch]  # a touch that never heard a piece
_TIMES = 8  # that livegen plays each melody
_PLAIN_SHARE = 0.9
_LEGATO = 1.0  # longer notes count as this: livegen lets no note of a line sound into the next


class Manners(NamedTuple):
    """A melody as it was played [notes]: velocities less their mean, shares of the gap, and milliseconds late."""

    velocity: Numbers
    share: Numbers
    late: Numbers


class Row(NamedTuple):
    """One player's distances from the kept pianists, in the mean: of velocity, of its steps from note to note, of
    articulation and of deviation (milliseconds); and the correlation of the velocities, note by note."""

    name: str
    velocity: float
    step: float
    share: float
    late: float
    alike: float


@dataclass
class TouchReport:
    """The rows; ``label`` says what they were measured on."""

    label: str
    rows: list[Row]

    def table(self) -> str:
        """As Markdown."""
        lines = [
            f"{self.label}\n",
            "| player | velocity | from note to note | articulation | deviation, ms | velocities' correlation |",
            "| --- | ---: | ---: | ---: | ---: | ---: |",
        ]
        lines += [
            f"| {row.name} | {row.velocity:.2f} | {row.step:.2f} | {row.share:.3f} | {row.late:.1f} | {row.alike:.2f} |"
            for row in self.rows
        ]
        return "\n".join([*lines, "", "Distances of distributions (Wasserstein's first): the lower the nearer."])

    def to_dict(self) -> dict[str, Any]:
        """As numbers."""
        return {"data": self.label, "rows": [row._asdict() for row in self.rows]}


def evaluate(
    data: Path, path: Path | None = None, unseen: Unseen | None = None, say: Say = lambda _: None
) -> TouchReport:
    """Measure a touch (None: the one that ships) on the pianists of a folder of match files that it does not know.

    ``unseen`` adds a row of touches that were learnt without the piece that they play. Raises FileError without such
    pianists, ModelError for a file without a touch.
    """
    path = own_touch.SHIPPED if path is None else path
    touch, known = own_touch.load(path).melody, learnt_from(path)
    melodies = [melody(each) for each in read_folder(data)]
    kept = [each for each in melodies if each.pianist not in known]
    if not kept:
        raise FileError("All pianists of the folder were learnt from; give one with others.")
    say("playing")
    makers: dict[str, Callable[[PlayedLine, int], Manners]] = {
        "constant: velocity 80, nine tenths, on the grid": lambda each, _: _constant(each),
        "livegen": lambda each, seed: played(touch, each, seed),
    }
    if unseen is not None:
        others = {name: unseen(name) for name in sorted({each.name for each in kept})}
        makers["livegen, learnt without this piece"] = lambda each, seed: played(others[each.name], each, seed)
    rows = [
        _row(name, [_distances(make(each, seed), own(each)) for each in kept for seed in range(_TIMES)])
        for name, make in makers.items()
    ]
    rows.append(_row("another pianist", _between(kept, melodies)))
    names = sorted({each.pianist for each in kept})
    label = (
        f"Pianists {', '.join(map(str, names))}: {len(kept)} melodies, {sum(len(each.late) for each in kept):,} notes."
    )
    return TouchReport(label, rows)


def own(line: PlayedLine) -> Manners:
    """The pianist's own playing. Of the first and last notes nothing is compared."""
    inner = slice(1, -1)
    velocity = line.velocity[inner]
    return Manners(velocity - velocity.mean(), np.minimum(_LEGATO, line.share[inner]), 1000.0 * line.late[inner])


def played(touch: OwnTouch, line: PlayedLine, seed: int) -> Manners:
    """The score as livegen plays it, at the pianist's level and tempo."""
    random, spread = np.random.default_rng(seed), touch.spread(float(line.velocity.mean()))
    manner = begun(line)
    velocity, share, late = [], [], []
    for at in range(1, len(line.places) - 1):
        note, after = line.places[at], line.places[at + 1]
        manner = touch.next(manner, note, float(random.random()))
        lasting = touch.length(manner, after.beats, after.pitch == note.pitch)
        manner = manner.came(touch.lateness(manner)).lasted(lasting)
        velocity.append(spread * manner.loud)
        share.append(max(0.1, min(_LEGATO, lasting)))
        late.append(1000.0 * manner.late * line.unit[at])
    loud = np.array(velocity)
    return Manners(loud - loud.mean(), np.array(share), np.array(late))


def _constant(line: PlayedLine) -> Manners:
    count = len(line.places) - 2
    return Manners(np.zeros(count), np.full(count, _PLAIN_SHARE), np.zeros(count))


def _between(kept: Sequence[PlayedLine], melodies: Sequence[PlayedLine]) -> list[Row]:
    """Each kept pianist beside all others who played the piece."""
    return [
        _distances(own(other), own(each))
        for each in kept
        for other in melodies
        if other.name == each.name and other.pianist != each.pianist
    ]


def _distances(one: Manners, other: Manners) -> Row:
    alike = 0.0
    if len(one.velocity) == len(other.velocity) and one.velocity.any() and other.velocity.any():
        alike = float(np.corrcoef(one.velocity, other.velocity)[0, 1])
    return Row(
        "",
        distance(one.velocity, other.velocity),
        distance(np.abs(np.diff(one.velocity)), np.abs(np.diff(other.velocity))),
        distance(one.share, other.share),
        distance(one.late, other.late),
        alike,
    )


def distance(one: Numbers, other: Numbers) -> float:
    """Wasserstein's first distance of two samples: the mean difference of their quantiles."""
    at = (np.arange(512) + 0.5) / 512
    return float(np.abs(np.quantile(one, at) - np.quantile(other, at)).mean())


def _row(name: str, found: Sequence[Row]) -> Row:
    return Row(name, *(float(each) for each in np.mean([row[1:] for row in found], axis=0)))
