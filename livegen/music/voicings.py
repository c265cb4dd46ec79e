"""Voicings of chords: which of a chord's notes are played, where, and how well that follows the last.

The practice of keyboard players: third and seventh first, for they tell the chord; a colour of the chord in the place
of its root, which the bass has; each note near to one of the chord before; nothing close together in the bass.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, pairwise
from typing import NamedTuple

from livegen.music.chord_symbol import Chord

Voicing = tuple[int, ...]  # pitches, from the lowest

_SPAN = 16  # semitones from the lowest note to the highest
_MIDDLE = 60.0  # the mean pitch that accompanists keep to
_RETURNS = 0.12  # the cost of each semitone of the mean away from it
_LEAP = 0.3  # the cost of each semitone that the highest note moves, beside the mean movement
_THICK = ((48, 7), (53, 5), (58, 3))  # below this pitch an interval of fewer semitones is mud
_MUD, _RUB, _NINTH = 2.5, 0.8, 3.0  # the cost of mud, of a minor second inside, of a minor ninth
_BESIDE = {1: 8.0, 13: 4.0, 0: 0.4}  # so many semitones from a note that the performer holds
_ABOVE = 0.6  # each semitone above the lowest of their melody
_SHELL, _PLAIN, _ROOTED = 3.0, 0.3, 0.2  # two notes alone; without a colour; with the root, which the bass has


class Place(NamedTuple):
    """The place that a voicing is to fit: the ``last`` one, the performer's ``held`` pitches, the lowest pitch of their
    melody (None: not known), and the keys that may be used."""

    last: Voicing = ()
    held: tuple[int, ...] = ()
    under: int | None = None
    low: int = 48
    high: int = 79


def best(chord: Chord, place: Place, coloured: bool = True, other: bool = False) -> Voicing:
    """The voicing that costs least; empty if none fits in the keys. ``coloured``: with ninths and sixths that the
    symbol does not ask for; ``other``: another one than the last.

    >>> from livegen.music.chord_symbol import read
    >>> best(read("G7"), Place((53, 57, 60, 64)))
    (53, 57, 59, 64)
    """
    last = place.last
    found = [
        (_cost(voicing, own, place), voicing)
        for voicing, own in _all(chord._replace(bass=None), coloured, place.low, place.high)
        if not (other and voicing == last)
    ]
    return min(found)[1] if found else ()


def movement(last: Voicing, voicing: Voicing) -> float:
    """The mean semitones from each note to the nearest of the other voicing, both ways.

    >>> movement((60, 64, 67), (60, 65, 69))
    1.0
    """
    ways = [
        min(abs(one - other) for other in there) for here, there in ((last, voicing), (voicing, last)) for one in here
    ]
    return sum(ways) / len(ways) if ways else 0.0


def _cost(voicing: Voicing, own: float, place: Place) -> float:
    cost = own
    if place.last:
        cost += movement(place.last, voicing) + _LEAP * abs(voicing[-1] - place.last[-1])
    for pitch in voicing:
        for held in place.held:
            cost += _BESIDE.get(abs(pitch - held), 0.0)
    if place.under is not None:
        cost += _ABOVE * max(0, voicing[-1] - place.under + 2)
    return cost


@cache
def _all(chord: Chord, coloured: bool, low: int, high: int) -> tuple[tuple[Voicing, float], ...]:
    """All voicings of a chord between two keys, with what each costs by itself."""
    found: dict[Voicing, float] = {}
    for classes, cost in _choices(chord, coloured):
        for voicing in _spread(classes, low, high):
            own = cost + _inner(voicing) + _RETURNS * abs(sum(voicing) / len(voicing) - _MIDDLE)
            found[voicing] = min(own, found.get(voicing, own))
    return tuple(sorted(found.items()))


def _inner(voicing: Voicing) -> float:
    cost = 0.0
    for lower, upper in pairwise(voicing):
        cost += _MUD * sum(lower < pitch and upper - lower < least for pitch, least in _THICK)
        cost += _RUB * (upper - lower == 1)
    return cost + _NINTH * sum(upper - lower == 13 for lower, upper in combinations(voicing, 2))


def _choices(chord: Chord, coloured: bool) -> Iterator[tuple[tuple[int, ...], float]]:
    """The pitch classes that may stand for a chord, and the cost of each choice."""
    tones = dict(chord.tones)
    third = next((tones[degree] for degree in (3, 4, 2) if degree in tones), None)
    seventh = tones.get(7, tones.get(6))
    fifth = tones.get(5)
    asked = [semitones for degree, semitones in chord.tones if degree > 7 and semitones != third]
    found: list[tuple[tuple[int | None, ...], float]] = []
    if seventh is None:
        sixth = coloured and not asked and (third, fifth) == (4, 7)
        for colour in (9,) if sixth else asked:
            found += [((third, fifth, colour), 0.0), ((0, third, fifth, colour), 0.0)]
        found += [
            ((0, third, fifth), _PLAIN if asked or sixth else 0.0),
            ((0, third), _SHELL),
            ((third, fifth), _SHELL),
        ]
    else:
        for colour in asked or (_colours(chord, tones) if coloured else ()):
            found += [((third, seventh, colour), 0.0), ((third, seventh, colour, fifth), 0.1)]
        plain = 0.0 if not (asked or coloured) else _PLAIN
        found += [((third, fifth, seventh), plain), ((0, third, fifth, seventh), plain + _ROOTED)]
        found += [((0, third, seventh), plain + _ROOTED), ((third, seventh), _SHELL)]
    for semitones, cost in found:
        classes = tuple(sorted({(chord.root + each) % 12 for each in semitones if each is not None}))
        if len(classes) > 1 or len(chord.tones) == 1:
            yield classes, cost
    if third is None:
        yield tuple(sorted({(chord.root + semitones) % 12 for semitones in (0, fifth or 7)})), 0.0


def _colours(chord: Chord, tones: dict[int, int]) -> tuple[int, ...]:
    """The notes above the root that players add by themselves to a chord with a sixth or seventh."""
    if tones.get(5) != 7 or tones.get(3) is None:
        return ()
    return (2, 9) if chord.family == "seventh" else (2,)


def _spread(classes: tuple[int, ...], low: int, high: int) -> Iterator[Voicing]:
    """The classes in close position from each of them, and with the second note from the top an octave lower."""
    for bottom in range(low, high + 1):
        if bottom % 12 not in classes:
            continue
        close = tuple(sorted(bottom + (each - bottom) % 12 for each in classes))
        shapes: list[Sequence[int]] = [close]
        if len(close) > 2:
            shapes.append(sorted((*close[:-2], close[-2] - 12, close[-1])))
        for shape in shapes:
            if shape[0] >= low and shape[-1] <= high and shape[-1] - shape[0] <= _SPAN:
                yield tuple(shape)
