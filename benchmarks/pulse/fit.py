"""Learns the tables of ``livegen.beat.rhythm_tables`` from performances whose beats are known.

Each onset is given its place in the true beats by the Viterbi algorithm, with the tables as they are; the gaps from
place to place are counted, and make the next tables (hard expectation maximisation). A gap counts as much as the pulse
heeds it: the further ones of an even run less and less.
"""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from benchmarks.musicality.performance import DOTTED
from benchmarks.pulse.performances import BOOKS, GROOVE, JAZZ, SHEETS, Played
from livegen.beat import rhythm
from livegen.beat.rhythm import EVEN, LEARNT, LONGEST, PARTS, QUICK, SWUNG, TERNARY, Rhythms

ROUNDS = 4
EDGES = (0.25, 0.36, 0.5, 0.7, 0.95)  # seconds a beat, between the bands
TEMPI = 24  # that are tried at first, from the slowest to the fastest
KINDS = 4
SEGMENT = 32  # onsets that are taken to be of one kind of beat
CHORD, ALIKE = 0.03, 0.15  # as in livegen.beat.pulse
SIGMA, LOOSE = 0.016, 0.03  # seconds and share of a beat: deviation of an onset from its place
FAR = 3.0  # parts
NOTES = 30000.0  # that each group counts for
MUCH = {JAZZ: 0.3, GROOVE: 0.5, SHEETS: 1.0, BOOKS: 1.5}  # how much each group counts for the gaps
SMOOTH = 25.0  # of what is known of all bands together, in each band
LEAST, MOST = 0.002, 13  # probability of a gap that is kept, and how many are
WIDTH, NEVER, TEMPERED = 2.0, 0.0005, 2.0  # tempi; share of performances at no known tempo; how much the prior counts
# Where the search begins for beats that divide in four.
QUARTERS = {
    0: {3: 0.5, 6: 0.25, 12: 0.1, 9: 0.05, 24: 0.02},
    3: {3: 0.8, 6: 0.1, 9: 0.08},
    6: {3: 0.6, 6: 0.3, 9: 0.03},
    9: {3: 0.85, 6: 0.05, 9: 0.05, 15: 0.03},
}
HEAD = '''"""Tables of rhythms and tempi, made by ``python -m benchmarks.pulse fit``; see livegen.beat.rhythm.

Learnt from the half to tune on of the jazz solos of the Weimar Jazz Database (Frieler, Pfleiderer, Zaddach, Abeßer), of
the Groove MIDI Dataset (Gillick, Roberts, Engel, Eck, Bamman 2019; CC BY 4.0) and of songs of OpenEWLD as simulators
play them, and from the public-domain tune books that come with music21. Nothing but these counts is kept of them.
"""

# fmt: off
'''

Found = dict[int, dict[int, dict[int, Counter[int]]]]  # by band, kind and place: how often each gap
Tempi = dict[tuple[int, int], float]  # by kind and tempo


class Line(NamedTuple):
    """The onsets of a performance in true beats, with the beat's length and the weight of the gap before each."""

    group: str
    beats: list[float]
    lengths: list[float]
    weights: list[float]
    kinds: tuple[int, ...]  # that its beats may be of


def lines(played: Played, again: float) -> list[Line]:
    """A performance as lines of onsets, each so short that its beats are of one kind."""
    onsets: list[float] = []
    for note in played.notes:
        if not onsets or note.onset - onsets[-1] >= CHORD:
            onsets.append(note.onset)
    weights, run, former = [1.0], 1, 0.0
    for here, there in pairwise(onsets):
        gap = there - here
        run = run + 1 if abs(gap - former) < ALIKE * former else 1
        weights.append(run**-again)
        former = gap
    grid = played.grid
    kinds = (TERNARY,) if grid.eighths == DOTTED else (EVEN, SWUNG, QUICK)
    beats, lengths = [grid.beat(at) for at in onsets], [grid.length(at) for at in onsets]
    parts = (slice(at, at + SEGMENT) for at in range(0, len(onsets) - SEGMENT // 2, SEGMENT))
    return [Line(played.group, beats[part], lengths[part], weights[part], kinds) for part in parts]


def best(heard: Line, rhythms: Rhythms) -> tuple[int, list[tuple[int, int, float, float]]]:
    """The kind of its beats, and from place to place: place, gap in parts, the beat's length, weight."""
    ways = [(kind, *_viterbi(heard, rhythms, kind)) for kind in heard.kinds if kind < len(rhythms.ways)]
    kind, _, found = max(ways, key=lambda way: way[1])
    return kind, found


def _viterbi(heard: Line, rhythms: Rhythms, kind: int) -> tuple[float, list[tuple[int, int, float, float]]]:
    states: dict[int, float] = {}
    back: list[dict[int, int | None]] = []
    for beat, length, weight in zip(heard.beats, heard.lengths, heard.weights, strict=True):
        likely = rhythms.likely[bisect_left(rhythms.edges, length)][kind]
        deviation = (math.hypot(SIGMA, LOOSE * length)) / length * PARTS
        now: dict[int, float] = {}
        came: dict[int, int | None] = {}
        for to, lag in rhythms.ways[kind]:
            whole = to + PARTS * round((beat * PARTS - lag - to) / PARTS)
            off = beat * PARTS - lag - whole
            if abs(off) > FAR:
                continue
            cost = off * off / (2 * deviation**2)
            if not states:
                score, former = 0.0, None
            else:
                score, former = max(
                    (log + weight * likely[each % PARTS][min(LONGEST, whole - each)], each)
                    if whole > each + 1
                    else (log - 8.0, each)
                    for each, log in states.items()
                )
            now[whole], came[whole] = score - cost, former
        states = now
        back.append(came)
    at: int | None = max(states, key=lambda each: states[each])
    total = max(states.values())
    places: list[int] = []
    for came in reversed(back):
        assert at is not None
        places.append(at)
        at = came[at]
    places.reverse()
    gaps = [
        (here % PARTS, there - here, length, weight)
        for here, there, length, weight in zip(places, places[1:], heard.lengths[1:], heard.weights[1:], strict=False)
        if there > here
    ]
    return total, gaps


def count(lines: Sequence[Line], rhythms: Rhythms, shares: Mapping[str, float]) -> tuple[Found, Tempi]:
    """By band, kind and place: the weighted counts of gaps, each set of performances counting its share; and the
    count of performances by kind and tempo."""
    found: Found = defaultdict(lambda: defaultdict(lambda: defaultdict(Counter)))
    tempi: Tempi = defaultdict(float)
    for heard in lines:
        kind, gaps = best(heard, rhythms)
        share = shares[heard.group]
        middle = sorted(heard.lengths)[len(heard.lengths) // 2]
        tempi[kind, nearest(rhythms, middle)] += share
        for place, gap, length, weight in gaps:
            counts = found[bisect_left(rhythms.edges, length)][kind][place]
            counts[min(LONGEST, gap)] += share * weight  # type: ignore[assignment]
    return found, tempi


def nearest(rhythms: Rhythms, length: float) -> int:
    """The number of the tempo that is tried and nearest to a beat's length."""
    wide = math.log(rhythms.fastest / rhythms.slowest) / (rhythms.tempi - 1)
    index = round(math.log(60.0 / rhythms.slowest / length) / wide)
    return max(0, min(rhythms.tempi - 1, index))


class Learnt(NamedTuple):
    """What the module of tables holds."""

    gaps: list[list[list[str]]]  # by band and kind: a line for each place
    prior: list[list[float]]
    trust: tuple[float, ...] = ()

    def rhythms(self) -> Rhythms:
        """The beliefs that it makes."""
        gaps = [["\n".join(kind) for kind in band[TERNARY + 1 :]] for band in self.gaps]
        return rhythm.learnt(gaps, self.prior, self.trust, EDGES)

    def text(self) -> str:
        """The module, in Python."""
        lines = [HEAD, f"EDGES = {EDGES}", f"TRUST = {self.trust}", "PRIOR = ("]
        for curve in self.prior:
            half = len(curve) // 2
            lines += [f"    ({', '.join(map(str, curve[:half]))},", f"     {', '.join(map(str, curve[half:]))}),"]
        lines += [")", "GAPS = ("]
        for band in self.gaps:
            lines.append("    (")
            for kind in band[TERNARY + 1 :]:
                lines += ['        """', *kind, '""",']
            lines.append("    ),")
        return "\n".join([*lines, ")", ""])


def learn(played: Sequence[Played]) -> Learnt:
    """The tables that these performances make, without the weights of the confidence."""
    sizes = Counter(each.group for each in played for _ in each.notes)
    shares = {group: NOTES / size for group, size in sizes.items()}
    heard = [line for each in played for line in lines(each, LEARNT.again)]
    even = rhythm.PLAIN.likely[0]
    bands = len(EDGES) + 1
    rhythms = LEARNT._replace(edges=EDGES, likely=((*even, even[0], rhythm.logs(QUARTERS)),) * bands)
    for _ in range(ROUNDS):
        found, _ = count(heard, rhythms, {group: share * MUCH[group] for group, share in shares.items()})
        gaps = [[rows(found, band, kind) for kind in range(KINDS)] for band in range(bands)]
        likely = tuple(tuple(rhythm.logs(rhythm.read("\n".join(kind))) for kind in band) for band in gaps)
        rhythms = rhythms._replace(likely=likely)
    _, tempi = count(heard, rhythms, shares)
    return Learnt(gaps, prior(tempi, rhythms))


def rows(found: Found, band: int, kind: int) -> list[str]:
    """The gaps from each place, likeliest first, in thousandths; those of a band are smoothed by those of all."""
    lines = []
    for place in range(PARTS):
        whole: Counter[int] = Counter()
        for each in range(len(EDGES) + 1):
            whole.update(found[each][kind][place])
        here = found[band][kind][place]
        total, weight = sum(whole.values()), sum(here.values())
        shares = {gap: (here[gap] + SMOOTH * whole[gap] / total) / (weight + SMOOTH) for gap in whole}
        kept = sorted((-share, gap) for gap, share in shares.items() if share >= LEAST)
        if kept:
            lines.append(f"{place}: " + ", ".join(f"{gap} {-1000 * share:.3g}" for share, gap in kept[:MOST]))
    return lines


def prior(tempi: Tempi, rhythms: Rhythms) -> list[list[float]]:
    """By kind, the logarithm of how likely each tempo is that is tried: counts, smoothed by a normal curve."""
    curves = []
    for kind in range(KINDS):
        amount = sum(count for (each, _), count in tempi.items() if each == kind)
        curve = []
        for index in range(rhythms.tempi):
            near = sum(
                count * math.exp(-(((index - at) / WIDTH) ** 2) / 2) / (WIDTH * math.sqrt(2 * math.pi))
                for (each, at), count in tempi.items()
                if each == kind
            )
            curve.append(round(TEMPERED * math.log((near / amount + NEVER) * rhythms.tempi), 2))
        curves.append(curve)
    return curves
