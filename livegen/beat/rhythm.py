"""Rhythms: the places in a beat where notes fall, and how likely each gap is from each. Parts are twelfths of a beat.

Two sets of beliefs: ``PLAIN``, whose figures are set by hand after melodies (from a beat the next note may be anywhere,
from between the beats it is mostly the next beat), and ``LEARNT``, whose figures are learnt from performances: see
``livegen.beat.rhythm_tables``. A gap that is not listed is unlikely, never impossible.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from livegen.beat import rhythm_tables as tables

PARTS = 12
LONGEST = 96  # parts: longer gaps count as this one
LEARNT_RHYTHMS, PLAIN_RHYTHMS = "learnt", "plain"
RHYTHMS = LEARNT_RHYTHMS, PLAIN_RHYTHMS  # the names of the sets
# Kinds: beats that divide in two, in three, in two unequal, in four; and in two, played loosely.
EVEN, TERNARY, SWUNG, QUICK, FREE = range(5)
RARE = math.exp(-7.0)  # the probability of a gap that is not listed

Counts = Mapping[int, Mapping[int, float]]  # from a place: gap in parts -> probability
Likely = tuple[tuple[tuple[float, ...], ...], ...]  # by kind of beat, place and gap
Ways = tuple[tuple[tuple[int, float], ...], ...]  # by kind: the places, and how many parts late notes are there


class Noise(NamedTuple):
    """Distances of onsets from their places: ``jitter`` is a standard deviation (seconds), to which ``loose`` is added
    as a share of a beat; the less ``tail``, the more an onset may be far off for once (Student's t), 0 is as by a
    normal curve."""

    jitter: float = 0.012
    loose: float = 0.0
    tail: float = 0.0


class Rhythms(NamedTuple):
    """One set of beliefs about rhythms and tempi. Costs and likelihoods are logarithms of probabilities."""

    slowest: float  # beats a minute
    fastest: float
    tempi: int  # that are tried at first
    edges: tuple[float, ...]  # seconds a beat, rising: between them the bands, each with its own ``likely``
    likely: tuple[Likely, ...]
    ways: Ways
    noise: tuple["Noise", ...]  # by kind
    starts: tuple[tuple[float, int, int], ...]  # the cost of a kind and of a first place in the beat
    prior: tuple[tuple[float, ...], ...] = ()  # by kind: of the tempi that are tried; none: all alike
    preference: float = 0.2  # standard deviation of the logarithm of the tempo around the expected one
    step: float = 0.045  # uncertainty of a tempo that is tried
    drift: float = 0.02  # of the beat's length, a beat
    kept: float = 0.99  # how much of the evidence is kept from one onset to the next
    ornament: float = -3.0  # the cost of an onset that means nothing
    again: float = 0.8  # how fast each further gap of an even run says less about the beats
    restart: float = -9.0  # the cost of beginning again
    resumed: float = -3.0  # and of going on anywhere in the beat after a silence
    carried: float = 0.0  # how much the tempi heard so far count for what is believed
    trust: tuple[float, ...] = ()  # weights of the pulse's cues, which give its confidence; none: the evidence's share
    long_view: bool = False  # the believed beat is told as the whole phrase has it: livegen.beat.long_view
    sure: float = 0.5  # confidence from which the beat is worth following


# Places where notes may fall: in beats that divide in two (now and then in three), and in beats that divide in three.
PLACES = ((0, 6, 3, 9, 4, 8), (0, 4, 8, 2, 6, 10))
_TWO = {
    0: {12: 0.42, 6: 0.38, 24: 0.06, 18: 0.03, 3: 0.03, 9: 0.015, 4: 0.015, 36: 0.012, 48: 0.008}
    | {8: 0.004, 30: 0.003, 60: 0.003, 72: 0.002, 96: 0.002},
    6: {6: 0.87, 3: 0.04, 12: 0.04, 18: 0.02, 9: 0.006, 24: 0.004, 30: 0.004, 4: 0.002, 8: 0.002, 42: 0.002},
    3: {3: 0.66, 9: 0.28, 6: 0.04, 15: 0.01},
    9: {3: 0.9, 6: 0.03, 9: 0.02, 15: 0.02, 27: 0.005},
    4: {4: 0.95, 8: 0.04, 20: 0.005},
    8: {4: 0.95, 8: 0.02, 16: 0.02},
}
_THREE = {
    0: {
        4: 0.55,
        8: 0.31,
        12: 0.09,
        20: 0.015,
        2: 0.01,
        6: 0.008,
        24: 0.008,
        16: 0.005,
        36: 0.003,
        48: 0.003,
        10: 0.002,
    },
    4: {4: 0.85, 8: 0.05, 2: 0.015, 12: 0.006, 16: 0.004, 20: 0.002},
    8: {4: 0.85, 8: 0.05, 2: 0.03, 12: 0.01, 16: 0.006, 20: 0.002, 28: 0.001},
    2: {2: 0.93, 6: 0.03, 10: 0.03},
    6: {2: 0.9, 6: 0.06, 4: 0.01, 18: 0.01},
    10: {2: 0.95, 4: 0.01, 14: 0.02},
}


def named(name: str) -> str:
    """The name, if it is that of a set. Raises ValueError."""
    if name not in RHYTHMS:
        raise ValueError("no such name")
    return name


def logs(kind: Counts) -> tuple[tuple[float, ...], ...]:
    """The logarithm of the probability of each gap from each place; never of gap 0, which is no gap."""
    rows = [[math.log(kind.get(place, {}).get(gap, RARE)) for gap in range(LONGEST + 1)] for place in range(PARTS)]
    for row in rows:
        row[0] = -99.0
    return tuple(map(tuple, rows))


def read(lines: str) -> dict[int, dict[int, float]]:
    """The probabilities in a table: a line for each place, "place: gap share, gap share", shares in thousandths."""
    found = {}
    for line in lines.split("\n"):
        if not line.strip():
            continue
        place, _, gaps = line.partition(":")
        pairs = (pair.split() for pair in gaps.split(","))
        found[int(place)] = {int(gap): float(share) / 1000.0 for gap, share in pairs}
    return found


_TERNARY_COST = -0.7
PLAIN = Rhythms(
    slowest=50.0,
    fastest=240.0,
    tempi=14,
    edges=(),
    likely=((logs(_TWO), logs(_THREE)),),
    ways=tuple(tuple((place, 0.0) for place in places) for places in PLACES),
    noise=(Noise(), Noise()),
    starts=(
        *((0.0, 0, 0), (-1.2, 0, 6), (-2.5, 0, 4)),
        *((_TERNARY_COST, 1, 0), (_TERNARY_COST - 1.2, 1, 8), (_TERNARY_COST - 2.5, 1, 9)),
    ),
)
# Where beats are uneven, the second note comes later than half a beat, and the last of four a little later.
_WAYS = tuple(
    tuple((place, late.get(place, 0.0)) for place in places)
    for places, late in (
        *((PLACES[EVEN], {}), (PLACES[TERNARY], {})),
        *(((0, 6, 4, 8, 9), {6: 1.2, 9: 0.5}), ((0, 6, 3, 9), {}), (PLACES[EVEN], {})),
    )
)
_LOOSE = Noise(0.016, 0.04, 2.0)
_RUN = 0.1  # what each gap costs of beats in three, which even runs would favour otherwise
_TEMPERED = 1.5  # how much the tempi count
_COSTS = (0.0, -1.5, -4.0, -4.0, -4.0)  # of each kind
_FIRST = ((0, 6, 4), (0, 8, 4), (0, 6, 9), (0, 6, 3), (0, 6, 4))  # the places, by kind, where a first onset may be
_LESS = (0.0, -1.5, -2.5)  # and what they cost


def learnt(
    gaps: Sequence[Sequence[str]], prior: Sequence[Sequence[float]], trust: Sequence[float], edges: Sequence[float]
) -> Rhythms:
    """The beliefs that tables make: of gaps by band, of beats in two unequal parts and in four; of tempi by kind; and
    the weights of the confidence. Beats that divide evenly in two or in three go by the rhythms set by hand."""
    two, three = PLAIN.likely[0]
    even = two, tuple(tuple(each - _RUN for each in place) for place in three)
    return Rhythms(
        slowest=30.0,
        fastest=300.0,
        tempi=len(prior[EVEN]),
        edges=tuple(edges),
        likely=tuple((*even, *(logs(read(kind)) for kind in band), even[EVEN]) for band in gaps),
        ways=_WAYS,
        noise=(Noise(), Noise(), _LOOSE, _LOOSE, _LOOSE),
        starts=tuple(
            (cost + less, kind, place)
            for kind, cost in enumerate(_COSTS)
            for less, place in zip(_LESS, _FIRST[kind], strict=True)
        ),
        prior=tuple(tuple(_TEMPERED * each for each in kind) for kind in (*prior, prior[EVEN])),
        preference=0.25,
        carried=3.0,
        trust=tuple(trust),
        sure=0.6,
        long_view=True,
    )


LEARNT = learnt(tables.GAPS, tables.PRIOR, tables.TRUST, tables.EDGES)
SETS = {LEARNT_RHYTHMS: LEARNT, PLAIN_RHYTHMS: PLAIN}
