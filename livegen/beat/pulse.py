"""Estimates the performer's pulse (tempo, beat and note values) from their onsets alone, one by one.

Theory of operation. The pulse holds up to 32 hypotheses. Each states the place in the beat of the last onset, whether
beats divide in two or in three, and a Kalman filter over the beat's time and length. The rules:
- An onset turns each hypothesis into one for every place in the beat that the onset may be on, each with its
  likelihood. Those that agree are merged, the unlikely ones are dropped, the likeliest come first.
- At every onset some hypotheses that know nothing are added, at a cost, so that a wrong belief can be left.
- The belief (``felt``) changes only if another hypothesis is clearly likelier, so that the beat does not flicker.
- It is done in two parts, for hundreds of hypotheses take time. ``hear_onset`` asks only the two likeliest ones what
  the onset means: enough for the note, which waits for it. ``settle`` weighs all, when a chord would be complete; the
  next onset calls it at the latest. Without a new onset it does nothing.
- A clock that leads takes the place of all hypotheses; when it is released, they begin again from its tempo.

The model is that of Cemgil and Kappen, "Monte Carlo Methods for Tempo Tracking
and Rhythm Quantization" (Journal of Artificial Intelligence Research 18, 2003), searched by a beam and not by
particles, so that nothing is random; that of divisions in two and three comes from Raphael, "Automated Rhythm
Transcription" (ISMIR 2001). Figures: docs/time.md.
"""

import copy
import math
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from livegen.beat.rhythm import LIKELY, LONGEST, PARTS, PLACES

SLOWEST, FASTEST = 50.0, 240.0  # beats a minute
_CHORD = 0.03  # seconds: an onset this soon after another is no other
_TEMPI = 14  # that are tried at first
_PREFERENCE = 0.2  # the standard deviation of the logarithm of the tempo around the expected one
_JITTER = 0.012  # seconds: a standard deviation of one onset
_DRIFT = 0.02  # of the beat's length, a beat
_STEP = 0.045  # uncertainty of a tempo that is tried
_TERNARY = -0.7  # the cost of a division in three at first; as all that follows, the logarithm of a probability
_STARTS = ((0.0, 0, 0), (-1.2, 0, 6), (-2.5, 0, 4), (_TERNARY, 1, 0), (_TERNARY - 1.2, 1, 8), (_TERNARY - 2.5, 1, 9))
_KEPT = 0.99  # how much of the evidence is kept from one onset to the next
_BEAM, _WORST = 32, -14.0  # hypotheses that are kept at most, and how much less likely than the best they may be
_ALIKE = 0.04  # tempi nearer to each other, of their logarithm, are one
_RESTART, _OFTEN = -9.0, 12  # the cost of beginning again; each such hypothesis is tried every 12 onsets
_SILENCE, _RESUMED = 3.0, -3.0  # seconds after which they may begin anywhere in the beat, at this cost
_STAY = 0.7  # another beat must be this much likelier
_SAME_BEAT, _SAME_TEMPO = 0.12, 0.12  # beats, and share of a beat
_FEWEST = 4  # onsets before which nothing is sure
_LOOSE = 0.01  # seconds: a performer who follows a clock is seldom nearer to it
_SURE = 2  # hypotheses that an onset is weighed by at once

_SHORT, _ORNAMENT = 0.12, -3.0  # seconds in which an onset may be an ornament and mean nothing, at this cost
_LIKE, _AGAIN = 0.15, 0.8  # gaps this much alike, and how fast each further one of a run says less about the beats
_FAR = 3.0  # parts: no onset is further from its place

# One hypothesis: the logarithm of how likely it is; the beat's length (seconds), whether it divides in three (1) or in
# two (0), the last onset's place in it and the time of that place; the variances and covariance of time and length; and
# the gap, in parts, that led there. A plain tuple, for there are hundreds a note.
_Row = tuple[float, float, int, int, float, float, float, float, int]


class Beat(NamedTuple):
    """The estimated beat: it comes at ``at``, lasts ``length`` (seconds), and divides in three if ``ternary``."""

    at: float
    length: float
    ternary: bool = False


class Pulse:
    """The performer's pulse. ``beat`` is the length, in seconds, of a written quarter note, in which note values are
    counted; ``felt`` the beat that a foot taps, which is three eighths where beats divide in three.

    ``hear_onset`` takes in an onset and is quick; ``settle`` then weighs all that it may mean, which takes longer and
    is ``due`` when a chord would be complete; at the latest the next onset does it.
    """

    def __init__(self, tempo: float = 120.0) -> None:
        self.led = False  # by a clock: what is heard says nothing about the beat
        self.expect(tempo)

    def copy(self) -> "Pulse":
        """All that was heard up to now, as a value of its own. None of its lists is ever changed in place."""
        return copy.copy(self)

    def restore(self, kept: "Pulse") -> None:
        """Become what a copy says, and leave the copy as it is."""
        vars(self).update(vars(kept))

    def expect(self, tempo: float) -> None:
        """Forget what was heard and start from a tempo in beats a minute."""
        self.tempo = tempo
        self.beat = 60.0 / tempo
        self.felt = Beat(0.0, self.beat)
        self.confidence = 0.0  # share of the evidence that agrees, 0 to 1
        self.value: float | None = None  # of the gap before the last onset, in written quarters
        self.onset = self._latest = -math.inf  # the last one, as it was played, and without its swing
        self._gap = 0.0  # before it
        self._run = 0
        self._weight = 1.0  # of what it says about the rhythm
        self._waiting: float | None = None
        self._ornament = False  # whether the last onset was one
        self._count = 0
        self._rows: list[_Row] = []

    def lead(self, beat: Beat) -> None:
        """A clock's beat, which is a written quarter, holds from now on."""
        self.led, self.felt, self.beat, self.confidence = True, beat, beat.length, 1.0
        self._waiting = None
        place = 0 if self._latest == -math.inf else round(PARTS * (self._latest - beat.at) / beat.length)
        at = beat.at + place / PARTS * beat.length
        self._rows = [(0.0, beat.length, 0, place % PARTS, at, _LOOSE**2, 0.0, 0.0, 0)]

    def release(self) -> None:
        """The performer's own pulse holds again, from the tempo that was led."""
        if self.led:
            self.led = False
            self.expect(60.0 / self.beat)

    def hear_onset(self, onset: float, late: float = 0.0) -> None:
        """Take in an onset (seconds) that is swung so late; those of a chord after its first say nothing."""
        self.settle()
        self.onset, onset = onset, onset - late
        if onset - self._latest < _CHORD:
            return
        gap, former = onset - self._latest, self._gap
        self._run = self._run + 1 if abs(gap - former) < _LIKE * former else 1
        self._weight = self._run**-_AGAIN
        self._latest, self._gap, self.value = onset, gap, None
        if self._rows:
            self._ask(onset)
        if not self.led:
            self._waiting = onset

    def _ask(self, onset: float) -> None:
        """Take the onset's note value, and the beat moved a little, from the likeliest hypotheses."""
        found = _reached(self._rows[:_SURE], onset, self._weight)
        if not found:
            return
        best = max(found, key=itemgetter(0))
        quarters = 1.5 if best[2] else 1.0
        former, self._ornament = self._ornament, best[8] == 0
        if not former and not self._ornament:
            self.value = best[8] / PARTS * quarters
        if self.led:
            self._rows = [(0.0, self.beat, 0, best[3], self._rows[0][4] + best[8] / PARTS * self.beat, *best[5:])]
        else:
            self.beat = best[1] / quarters

    @property
    def due(self) -> float | None:
        """The time at which to weigh the last onset (seconds); None once it is weighed."""
        return None if self._waiting is None else self.onset + _CHORD

    def settle(self) -> None:
        """Weigh all that the last onset may mean."""
        onset, self._waiting = self._waiting, None
        if onset is None:
            return
        self._count += 1
        if self._rows:
            found = _reached(self._rows + self._begun_again(onset), onset, self._weight)
            self._rows = _apart(sorted(found, key=itemgetter(0), reverse=True)) or _fresh(self.tempo, onset)
        else:
            self._rows = _fresh(self.tempo, onset)
        self._believe()

    def _begun_again(self, onset: float) -> list[_Row]:
        """Hypotheses that know less of the onsets heard."""
        former = self._rows[0][4]
        if onset - former < _SILENCE:
            fresh = _fresh(self.tempo, former)[self._count % _OFTEN :: _OFTEN]
            return [(row[0] + _RESTART, *row[1:]) for row in fresh]
        # After a silence the place in the beat is unknown; the tempo is likely the same.
        again = [
            (log + _RESUMED, length, kind, 0, onset - length, _JITTER**2, 0.0, tt, 0)
            for log, length, kind, _, _, _, _, tt, _ in self._rows
        ]
        return again + [(row[0] + _RESTART, *row[1:4], onset - row[1], *row[5:]) for row in _fresh(self.tempo, onset)]

    def _believe(self) -> None:
        """Choose what is believed: the likeliest, but the same as before unless another is clearly likelier."""
        rows, best = self._rows, self._rows[0]
        for row in rows:
            if row[0] < best[0] - _STAY:
                break
            if _agree(row, self.felt):
                best = row
                break
        self._rows = [best, *(row for row in rows if row is not best)]
        _, length, kind, place, at = best[:5]
        self.felt = felt = Beat(at - place / PARTS * length, length, bool(kind))
        self.beat = length / (1.5 if kind else 1.0)
        whole = sum([math.exp(row[0]) for row in rows])
        share = sum([math.exp(row[0]) for row in rows if _is_akin(row, felt)]) / whole
        self.confidence = share if self._count >= _FEWEST else 0.0


def _fresh(tempo: float, onset: float) -> list[_Row]:
    """The hypotheses after a single onset."""
    rows = []
    for index in range(_TEMPI):
        length = 60.0 / SLOWEST * (SLOWEST / FASTEST) ** (index / (_TEMPI - 1))
        likely = -((math.log(length * tempo / 60.0) / _PREFERENCE) ** 2) / 2
        for cost, kind, place in _STARTS:
            rows.append((likely + cost, length, kind, place, onset, _JITTER**2, 0.0, (_STEP * length) ** 2, 0))
    return sorted(rows, key=itemgetter(0), reverse=True)


def _reached(rows: Iterable[_Row], onset: float, weight: float) -> list[_Row]:
    """The hypotheses that an onset leads to: from each one for every place in the beat that is near."""
    found: list[_Row] = []
    for row in rows:
        log, length, kind, place, at, gg, gt, tt, _ = row
        if onset - at < _SHORT:
            found.append((_KEPT * log + _ORNAMENT, *row[1:8], 0))
        reached, likely, log = PARTS * (onset - at) / length, LIKELY[kind][place], _KEPT * log
        for to in PLACES[kind]:
            gap = to - place + PARTS * round((reached - to + place) / PARTS)
            if gap <= 0 or not -_FAR < reached - gap < _FAR:
                continue
            beats = gap / PARTS
            drift = (_DRIFT * length) ** 2 * beats
            turn = gt + beats * (tt + drift / 2)
            ahead = gg + beats * (2 * gt + beats * (tt + drift / 3))
            spread = ahead + _JITTER**2
            off = onset - at - beats * length
            score = (
                log
                + weight * likely[gap if gap < LONGEST else LONGEST]
                - off * off / (2 * spread)
                - 0.5 * math.log(spread)
            )
            gain, tilt = ahead / spread, turn / spread
            moved = length + tilt * off, kind, to, onset - off + gain * off
            found.append((score, *moved, ahead * (1 - gain), turn * (1 - gain), tt + drift - tilt * turn, gap))
    return found


def _agree(row: _Row, beat: Beat) -> bool:
    """Whether a hypothesis says the same: kind, tempo and phase."""
    _, length, kind, place, at, *_ = row
    phase = (beat.at - at) / length + place / PARTS
    return (
        kind == beat.ternary
        and abs(length / beat.length - 1.0) < _SAME_TEMPO
        and abs(phase - round(phase)) < _SAME_BEAT
    )


def _is_akin(row: _Row, beat: Beat) -> bool:
    """Whether a hypothesis has the same beat, twice or half of it, in phase."""
    length, place, at = row[1], row[3], row[4]
    ratio = length / beat.length
    if not any(abs(ratio / each - 1.0) < _SAME_TEMPO for each in (0.5, 1.0, 2.0)):
        return False
    phase = (beat.at - at + place / PARTS * length) / min(length, beat.length)
    return abs(phase - round(phase)) < _SAME_BEAT


def _apart(rows: list[_Row]) -> list[_Row]:
    """The hypotheses to keep: one of those alike, and none that is too unlikely or whose tempo is out of bounds. The
    likeliest comes first, with the logarithm 0."""
    kept: list[_Row] = []
    seen: set[tuple[int, int, int]] = set()
    for row in rows:
        log, length, kind, place = row[0] - rows[0][0], row[1], row[2], row[3]
        if log < _WORST or len(kept) == _BEAM:
            break
        key = kind, place, round(math.log(length) / _ALIKE) if length > 0 else 0
        if key not in seen and 55.0 / FASTEST < length < 65.0 / SLOWEST:
            seen.add(key)
            kept.append((log, *row[1:]))
    return kept
