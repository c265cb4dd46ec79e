"""Hypotheses about the beat: those that an onset leads to, and which are kept. See ``livegen.beat.pulse``."""

import math
from bisect import bisect_left
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from livegen.beat.rhythm import LONGEST, PARTS, TERNARY, Rhythms

_BEAM, _WORST = 32, -14.0  # hypotheses that are kept at most, and how much less likely than the best they may be
_ROUNDED = 0.001  # sums are rounded
_PAST_HOPE = _WORST - _ROUNDED
_ALIKE = 0.04  # tempi nearer to each other, of their logarithm, are one
_SAME_BEAT, _SAME_TEMPO = 0.12, 0.12  # beats, and share of a beat
_SHORT = 0.12  # seconds in which an onset may be an ornament and mean nothing
_FAR = 3.0  # parts: no onset is further from its place
_OTHER_METRE = -6.0  # the cost of a beat that divides otherwise than the metre says

# One hypothesis: the logarithm of how likely it is; the beat's length (seconds), its kind (of
# ``livegen.beat.rhythm``), the last onset's place in it and the time of that place without swing; the variances and
# covariance of time and length; and the gap, in parts, that led there. A plain tuple, for there are hundreds a note.
Row = tuple[float, float, int, int, float, float, float, float, int]


class Beat(NamedTuple):
    """The estimated beat: it comes at ``at``, lasts ``length`` (seconds), and divides in three if ``ternary``."""

    at: float
    length: float
    ternary: bool = False


def fresh(rhythms: Rhythms, tempo: float, onset: float, compound: bool = False) -> list[Row]:
    """The hypotheses after a single onset; ``compound``: the metre says that a beat divides in three."""
    rows = []
    slowest, last = rhythms.slowest, rhythms.tempi - 1
    for index in range(rhythms.tempi):
        length = 60.0 / slowest * (slowest / rhythms.fastest) ** (index / last)
        likely = -((math.log(length * tempo / 60.0) / rhythms.preference) ** 2) / 2
        for cost, kind, place in rhythms.starts:
            score = likely + cost + rhythms.prior[kind][index] if rhythms.prior else likely + cost
            if compound and kind != TERNARY:
                score += _OTHER_METRE
            rows.append(
                (
                    score,
                    length,
                    kind,
                    place,
                    onset,
                    rhythms.noise[kind].jitter ** 2,
                    0.0,
                    (rhythms.step * length) ** 2,
                    0,
                )
            )
    return sorted(rows, key=itemgetter(0), reverse=True)


def reached(rhythms: Rhythms, rows: Iterable[Row], onset: float, weight: float, late: float = 0.0) -> list[Row]:
    """The hypotheses that an onset leads to: from each one for every place in the beat that is near. From the onset a
    swing of ``late`` seconds was taken already. Those that ``apart`` would drop are left out, where that is known
    early: most of them are."""
    found: list[Row] = []
    best = -math.inf
    bands, edges, ways, kept, wander = rhythms.likely, rhythms.edges, rhythms.ways, rhythms.kept, rhythms.drift
    noises = [(noise.jitter**2, noise.loose**2, noise.tail) for noise in rhythms.noise]
    logarithm = math.log
    for row in rows:
        log, length, kind, place, at, gg, gt, tt, _ = row
        since, log = onset - at, kept * log
        if since < _SHORT:
            found.append((log + rhythms.ornament, *row[1:8], 0))
        parts = PARTS * since / length
        likely = bands[bisect_left(edges, length)][kind][place]
        jitter, loose, tail = noises[kind]
        noise = jitter + loose * length * length
        most = 0.5 * logarithm(noise)
        wandered = (wander * length) ** 2
        swung = PARTS * late / length
        for to, lag in ways[kind]:
            if swung and lag:
                lag = max(0.0, lag - swung)
            near = parts - lag
            gap = to - place + PARTS * round((near - to + place) / PARTS)
            if gap <= 0 or not -_FAR < near - gap < _FAR:
                continue
            beats, late = gap / PARTS, lag / PARTS * length
            fits = log + weight * likely[gap if gap < LONGEST else LONGEST]
            if fits - most - best < _PAST_HOPE:  # however well it came in time
                continue
            drift = wandered * beats
            ahead = gg + beats * (2 * gt + beats * (tt + drift / 3))
            spread = ahead + noise
            off = since - beats * length - late
            miss = off * off / (2 * spread)
            if tail:
                miss = tail * logarithm(1.0 + miss / tail)
            score = fits - miss - 0.5 * logarithm(spread)
            if score > best:
                best = score
            elif score - best < _WORST:
                continue
            turn = gt + beats * (tt + drift / 2)
            gain, tilt = ahead / spread, turn / spread
            moved = length + tilt * off, kind, to, onset - off + gain * off - late
            found.append((score, *moved, ahead * (1 - gain), turn * (1 - gain), tt + drift - tilt * turn, gap))
    return found


def likeliest(rhythms: Rhythms, rows: Iterable[Row], onset: float, weight: float, late: float = 0.0) -> Row | None:
    """The likeliest of those that ``reached`` finds, the first of equals; None if it finds none. A note waits for it:
    what cannot be the likeliest is not worked out."""
    found: Row | None = None
    best, logarithm = -math.inf, math.log
    for row in rows:
        log, length, kind, place, at, gg, gt, tt, _ = row
        since, log = onset - at, rhythms.kept * log
        if since < _SHORT and log + rhythms.ornament > best:
            best = log + rhythms.ornament
            found = best, *row[1:8], 0
        parts = PARTS * since / length
        likely = rhythms.likely[bisect_left(rhythms.edges, length)][kind][place]
        jitter, loose, tail = rhythms.noise[kind]
        noise = jitter**2 + loose**2 * length * length
        most = 0.5 * logarithm(noise)
        wandered = (rhythms.drift * length) ** 2
        swung = PARTS * late / length
        for to, lag in rhythms.ways[kind]:
            if swung and lag:
                lag = max(0.0, lag - swung)
            near = parts - lag
            gap = to - place + PARTS * round((near - to + place) / PARTS)
            if gap <= 0 or not -_FAR < near - gap < _FAR:
                continue
            late = lag / PARTS * length
            fits = log + weight * likely[gap if gap < LONGEST else LONGEST]
            if fits - most - best < -_ROUNDED:  # however well it came in time
                continue
            beats = gap / PARTS
            drift = wandered * beats
            ahead = gg + beats * (2 * gt + beats * (tt + drift / 3))
            spread = ahead + noise
            off = since - beats * length - late
            miss = off * off / (2 * spread)
            if tail:
                miss = tail * logarithm(1.0 + miss / tail)
            score = fits - miss - 0.5 * logarithm(spread)
            if score > best:
                best = score
                turn = gt + beats * (tt + drift / 2)
                gain, tilt = ahead / spread, turn / spread
                moved = length + tilt * off, kind, to, onset - off + gain * off - late
                found = score, *moved, ahead * (1 - gain), turn * (1 - gain), tt + drift - tilt * turn, gap
    return found


def apart(rhythms: Rhythms, rows: list[Row]) -> list[Row]:
    """The hypotheses to keep: one of those alike, and none that is too unlikely or whose tempo is out of bounds. The
    likeliest comes first, with the logarithm 0."""
    kept: list[Row] = []
    seen: set[tuple[int, int, int]] = set()
    shortest, longest = 55.0 / rhythms.fastest, 65.0 / rhythms.slowest
    for row in rows:
        log, length, kind, place = row[0] - rows[0][0], row[1], row[2], row[3]
        if log < _WORST or len(kept) == _BEAM:
            break
        key = kind, place, round(math.log(length) / _ALIKE) if length > 0 else 0
        if key not in seen and shortest < length < longest:
            seen.add(key)
            kept.append((log, *row[1:]))
    return kept


def beat_of(row: Row) -> Beat:
    """The beat that a hypothesis says."""
    _, length, kind, place, at, *_ = row
    return Beat(at - place / PARTS * length, length, kind == TERNARY)


def agree(row: Row, beat: Beat) -> bool:
    """Whether a hypothesis says the same: kind, tempo and phase."""
    _, length, kind, place, at, *_ = row
    phase = (beat.at - at) / length + place / PARTS
    return (
        (kind == TERNARY) == beat.ternary
        and abs(length / beat.length - 1.0) < _SAME_TEMPO
        and abs(phase - round(phase)) < _SAME_BEAT
    )


def is_akin(row: Row, beat: Beat) -> bool:
    """Whether a hypothesis has the same beat, twice or half of it, in phase."""
    length, place, at = row[1], row[3], row[4]
    ratio = length / beat.length
    if (
        abs(ratio - 1.0) >= _SAME_TEMPO
        and abs(ratio / 0.5 - 1.0) >= _SAME_TEMPO
        and abs(ratio / 2.0 - 1.0) >= _SAME_TEMPO
    ):
        return False
    phase = (beat.at - at + place / PARTS * length) / min(length, beat.length)
    return abs(phase - round(phase)) < _SAME_BEAT
