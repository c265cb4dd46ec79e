"""The rhythms of comping: bars of hits by feel, and the draw among them. Pure.

The bars are those that methods teach: the Charleston and its shifts, the offbeats before a bar, quarters; half notes
and pushes of songs; the second and third beat of a waltz; the partido alto and a two-bar clave of bossa nova. Where the
music is plain they are those of accompaniments of songs (``comping_learnt``), and come again as often as there.
"""

from functools import cache
from itertools import pairwise
from typing import NamedTuple

from livegen.player.comping_learnt import PLACES, LearntBars, shipped
from livegen.player.feel import BALLAD, BOSSA, DRIVE, PLAIN, SWING
from livegen.player.seeded_random import SeededRandom

_SHORT = 0.45  # beats of a hit that is cut off
_BUSY = 0.8  # of a bar with a chord on each beat
_SUSTAINS, _LEAST = 0.8, 0.4  # a share of the time until the next chord that is all of it; the shortest chord (beats)
_WITHIN, _BETWEEN = 0.93, 0.88  # of the loudness of the first beat: on other beats, between beats
_MOST_AGAIN, _TIRES = 0.75, 4  # how likely at most a learnt bar comes again, and how often in a row before it tires
_AGAIN, _THRICE = 0.6, 0.12  # how likely a bar comes a second and a third time, beside what it would be


class Hit(NamedTuple):
    """A chord at a place of the bar, for so many beats (0: until the next hit), with a share of the loudness."""

    place: float
    beats: float = 0.0
    loud: float = 1.0


class Rhythm(NamedTuple):
    """The hits of a bar, how often it is played, and how busy it is (0 to 1)."""

    hits: tuple[Hit, ...]
    often: float
    busy: float


def _bar(often: float, busy: float, *hits: tuple[float, ...]) -> Rhythm:
    return Rhythm(tuple(Hit(*hit) for hit in hits), often, busy)


_FOUR: dict[str, tuple[Rhythm, ...]] = {
    PLAIN: (
        _bar(3, 0.2, (0, 0)),
        _bar(4, 0.35, (0, 0), (2, 0, 0.92)),
        _bar(2, 0.55, (0, 0), (1.5, 0, 0.88), (2, 0, 0.95)),
        _bar(2, 0.6, (0, 0), (2, 0, 0.9), (3, 0, 0.9)),
        _bar(1, 0.8, (0, 0.9), (1, 0.8, 0.85), (2, 0.9, 0.95), (3, 0.8, 0.85)),
    ),
    SWING: (
        _bar(4, 0.35, (0, 0.9), (1.5, _SHORT)),
        _bar(2, 0.3, (0.5, _SHORT), (2, 0.9, 0.95)),
        _bar(3, 0.3, (1.5, 1.4)),
        _bar(2, 0.4, (1.5, _SHORT), (3.5, 0.5, 1.05)),
        _bar(2, 0.45, (1, 0.6), (2.5, _SHORT)),
        _bar(1, 0.5, (1, _SHORT, 0.95), (3, _SHORT, 0.95)),
        _bar(1, 0.2, (0, 3.4)),
        _bar(1, 0.75, (0, _SHORT), (1.5, _SHORT), (2.5, _SHORT), (3.5, 0.5, 1.05)),
        _bar(1, 0.7, (0.5, _SHORT), (1.5, _SHORT), (3, 0.8)),
    ),
    BALLAD: (
        _bar(4, 0.2, (0, 0)),
        _bar(3, 0.4, (0, 0), (2, 0, 0.9)),
        _bar(1, 0.55, (0, 0), (2, 0, 0.9), (3, 0, 0.85)),
    ),
    BOSSA: (
        _bar(3, 0.5, (0, 0.9), (1, 0.4, 0.9), (2.5, 0.9)),
        _bar(3, 0.45, (0.5, 0.9), (2, 0.4, 0.9), (3.5, 0.5)),
        _bar(2, 0.3, (0, 1.4), (2.5, 1.2)),
        _bar(1, 0.7, (0, 0.4), (1, 0.4, 0.9), (1.5, 0.9), (2.5, 0.4, 0.9), (3.5, 0.5)),
    ),
    DRIVE: (
        _bar(2, 0.3, (0, 0)),
        _bar(3, 0.5, (0, 1.4), (1.5, 0, 0.95)),
        _bar(2, 0.55, (1, _SHORT), (3, _SHORT)),
        _bar(2, 0.7, (0, 0.9), (1.5, _SHORT), (2.5, 0.9), (3.5, 0.5)),
    ),
}
_THREE: dict[str, tuple[Rhythm, ...]] = {
    PLAIN: (
        _bar(4, 0.4, (1, 0.6, 0.95), (2, 0.6, 0.9)),
        _bar(2, 0.2, (0, 0)),
        _bar(1, 0.3, (1, 1.5)),
    ),
    SWING: (
        _bar(3, 0.3, (0, 1.3), (1.5, 0.9)),
        _bar(2, 0.4, (1, _SHORT), (2, _SHORT, 0.95)),
        _bar(1, 0.3, (1.5, 1.2)),
        _bar(1, 0.15, (0, 2.5)),
        _bar(1, 0.55, (0.5, _SHORT), (2, 0.8)),
    ),
}


class CompingRhythm:
    """Draws a bar after another."""

    def __init__(self, random: SeededRandom) -> None:
        self._random = random
        self._last: Rhythm | None = None
        self._times = 0  # in a row

    def draw(self, feel: str, beats: int, activity: float, melody: int | None = None) -> tuple[Hit, ...]:
        """The hits of a bar; ``activity`` (0 to 1) is how busy it is to be. Where the music is plain they are as they
        were learnt under a ``melody`` of that class; None: as they are taught."""
        learnt = melody is not None and feel in (PLAIN, BALLAD) and beats in shipped()
        table = _learnt(beats, melody or 0) if learnt else _table(feel, beats)
        weights = [rhythm.often * max(0.02, 1.0 - 2.2 * abs(rhythm.busy - activity)) for rhythm in table]
        last = next(
            (at for at, rhythm in enumerate(table) if self._last is not None and rhythm.hits == self._last.hits), None
        )
        if last is not None and learnt:
            again = float(shipped()[beats].again[last])
            others = sum(weights) - weights[last]
            weights[last] = max(weights[last], min(_MOST_AGAIN, again) / (1.0 - min(_MOST_AGAIN, again)) * others)
            weights[last] *= 1.0 if self._times < _TIRES else _AGAIN
        elif last is not None:
            weights[last] *= _AGAIN if self._times < 2 else _THRICE
        drawn = self._random.random() * sum(weights)
        chosen = table[-1]
        for rhythm, weight in zip(table, weights, strict=True):
            drawn -= weight
            if drawn <= 0.0:
                chosen = rhythm
                break
        self._times = self._times + 1 if chosen is self._last else 1
        self._last = chosen
        return chosen.hits


@cache
def _learnt(beats: int, melody: int) -> tuple[Rhythm, ...]:
    """The bars of a metre under a class of melody."""
    bars = shipped()[beats]
    return tuple(
        Rhythm(_hits(bars, at, beats), float(bars.often[melody, at]), min(1.0, _BUSY * places.bit_count() / beats))
        for at, places in enumerate(bars.places)
    )


def _hits(bars: LearntBars, at: int, beats: int) -> tuple[Hit, ...]:
    places = [half / PLACES for half in range(beats * PLACES) if bars.places[at] >> half & 1]
    held = float(bars.held[at])
    lengths = [
        0.0 if held > _SUSTAINS else max(_LEAST, held * (later - place))
        for place, later in pairwise([*places, float(beats)])
    ]
    louds = [1.0 if not place else _BETWEEN if place % 1 else _WITHIN for place in places]
    return tuple(Hit(*each) for each in zip(places, lengths, louds, strict=True))


def _table(feel: str, beats: int) -> tuple[Rhythm, ...]:
    if beats == 4:
        return _FOUR[feel]
    if beats == 3:
        return _THREE[SWING if feel == SWING else PLAIN]
    middle = float((beats + 1) // 2)
    halves = (0, 0), (middle, 0, 0.92)
    return (_bar(2, 0.2, (0, 0)), _bar(3, 0.45, *(halves if beats > 1 else halves[:1])))
