"""The end of an answer: a stable note, long, on a beat; in a raga Sa at sam. Pure.

Theory of operation. There are two kinds of ending:
- An ``Ending`` is planned. The mode says when the player's part is over (``Turn.ends``). The last beat that leaves
  time for a long note is the ``aim``, and the note that comes there is the last one. Without a beat that is worth
  following, the last note is one that leaves the time, wherever the line has it. The note before ``approaches`` it.
  Where answers are ``full``, a short one is not over before it is an answer: the aim is the beat that is nearest to
  the time for a last note of a third of the answer, if it leaves longer than the usual gap; if need be a half beat.
- A ``Cadence`` is added, where there is a tala: once the turn is over, the player plays on until the next sam.

The pitch of a last note is the composer's choice among the ``stable`` pitch classes.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.listening.performer import Performer
from livegen.music import chords, scales
from livegen.player.bars import Bars
from livegen.player.limits import Limits
from livegen.player.modes import Turn
from livegen.settings import Settings

_NEAR = 0.3  # beats: a note this soon before the last one's time is moved to it
_STILL = 0.05  # aksharas: within this long of its start we count as on it
_APPROACH = 0.5  # beats: nearer than this to sam there is no time to lead to it

_LONG = 1.6  # beats that a last note lasts at least
_LONGER, _HARDLY = 1.5, 1.2  # and times the usual gap
_MOST = 0.4  # of the answer
_KNOWN = 3  # gaps that tell the usual one
_MUCH = 0.3  # of the answer: where the last note would last longer, the answer is short, and the last note shorter
_LATER = 0.25  # of a short answer: its last note does not begin sooner
_SECOND = 0.75  # of the usual gap: so long after a short answer's first note its last may come
_SOON = 0.75  # of the usual gap: so much too soon the last note of a full answer may come, where there is no beat
_BREATH = 0.05  # beats between its end and that of its turn
_CLOSE = 0.45  # of the usual gap: as _NEAR, where the notes are slow
_GAPS = 12  # that the usual one is taken from

# Temperley's key profiles (What's Key for Key?, Music Perception 17, 1999). After a phrase or
# more of a folk tune they find 96 % of the degrees 1, 3 and 5, Krumhansl and Kessler's 77 %.
MAJOR = (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0)
MINOR = (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 1.5, 4.0)
_STEPS = (-2, -1, 1, 2)  # semitones
_SAME = 1.5  # semitones: as far away a repeated note counts
_AWAY = 4  # semitones from the note drawn to the one that leads to the last
_TONIC = 0.5  # semitones by which the tonic is nearer


class Last(NamedTuple):
    """The time of an answer's last note, and when it ends (seconds)."""

    due: float
    until: float


class Ending:
    """Plans the end of each answer. ``approaches`` says whether the note just asked about leads to the last one;
    ``is_full``, whether answers are full."""

    def __init__(self, bars: Bars, is_full: Callable[[], bool] = bool) -> None:
        self._is_full = is_full
        self.approaches = False
        self.aim: float | None = None  # the time of the last note, where there is a beat
        self._bars = bars
        self._begun = 0.0
        self._onset: float | None = None  # of its latest note
        self._gaps: list[float] = []
        self._planned: tuple[float, float] | None = None  # the last note's time, and the end that it was planned for

    def begin(self, at: float) -> None:
        """An answer begins."""
        self._begun, self._onset, self._planned = at, None, None
        self._gaps = []

    @property
    def shortest(self) -> float:
        """The seconds that it takes to come to an end from anywhere: a beat to lead to the last note, and that."""
        return (1.0 + _LONG) * self._bars.beat

    def hear_note(self, onset: float) -> None:
        """A note of the answer sounded then."""
        if self._onset is not None and onset > self._onset:
            self._gaps = [*self._gaps, onset - self._onset][-_GAPS:]
        self._onset = onset

    def is_over(self, onset: float, ends: float) -> bool:
        """Whether the last note of an answer that ends then has sounded, if the line's latest sounded at ``onset``."""
        return self._planned is not None and self._planned[1] == ends and onset >= self._planned[0]

    def last(self, due: float, at: float, ends: float) -> Last | None:
        """The last note of an answer that ends at ``ends``, decided at ``at``, if the note that is due then is to be
        the last."""
        self._planned, beat, usual = None, self._bars.beat, self._usual()
        near = max(_NEAR * beat, _CLOSE * usual)
        long = max(_LONG * beat, _LONGER * usual)
        short = self._is_full() and long > _MUCH * (ends - self._begun)
        if short:
            latest, aim = self._late(due, at, ends, near)
        else:
            long = min(long, _MOST * (ends - self._begun))
            latest = ends - long
            # The first note keeps its time, for where answers begin is another matter.
            aim = self._aim(latest, max(at, due if self._onset is None else self._onset + near / 2), ends)
        self.aim = aim
        early = _SOON * usual if self._is_full() else usual / 2
        begins = latest - early if aim is None else aim - near  # from here on a note is the last
        self.approaches = self._onset is not None and due >= begins - usual
        if due < begins:
            return None
        if aim is None:
            aim = due if self._onset is None else max(at, min(due, max(latest, self._onset + usual)))
        self._planned = aim, ends
        over = max(ends - _BREATH * beat, (aim + ends) / 2) if short else ends
        return Last(aim, max(aim, min(aim + long, over)))

    def _usual(self) -> float:
        """The usual gap between the answer's notes, in seconds; while none is known, a beat."""
        if self._is_full() and len(self._gaps) < _KNOWN:  # the performer's counts as one, for a few tell little
            gaps = sorted([*self._gaps, self._bars.usual_gap])
        else:
            gaps = sorted(self._gaps) or [self._bars.beat]
        return gaps[len(gaps) // 2]

    def _late(self, due: float, at: float, ends: float, near: float) -> tuple[float, float | None]:
        """The time for a short answer's last note, and the beat nearest to it that comes after another note and leaves
        a long one, if need be little longer than the usual gap; or otherwise a half beat, or None."""
        beat, usual, lasts = self._bars.beat, self._usual(), ends - self._begun
        least = _LONGER * usual
        wish = ends - max(least, min(_LONG * beat, _MUCH * lasts))
        second = due + max(near, _SECOND * usual) if self._onset is None else self._onset + near / 2
        first = max(at, second, self._begun + _LATER * lasts)
        ways = ((least, 1), (_HARDLY * usual, 1), (least, 2))
        for leaves, parts in ways if self._bars.running else ways[:1]:
            if beats := self._bars.beats_within(first, ends - leaves, parts):
                return wish, min(beats, key=lambda each: abs(each - wish))
        return wish, None

    def _aim(self, latest: float, earliest: float, ends: float) -> float | None:
        """The last beat not after ``latest``, or otherwise the first that is not before ``earliest``; None if there is
        none before the end, or no beat is worth following."""
        aim = self._bars.last_beat(latest)
        if aim is not None and aim < earliest:
            aim = self._bars.last_beat(earliest + self._bars.beat)
        return None if aim is None or aim >= ends else aim


def stable(settings: Settings, performer: Performer, limits: Limits) -> tuple[int, frozenset[int]]:
    """The tonic and the pitch classes that an answer may end on: those of the chord, if one is set or held; otherwise
    degrees 1, 3 and 5 of the scale that is set, or of the key that fits what was heard."""
    held = performer.left_hand.chord
    if settings.chord == chords.LEFT_HAND and held:
        return -1, held
    if settings.chord == chords.AUTO and (now := limits.chord_now()):
        return -1, now
    if settings.chord not in (chords.OFF, chords.LEFT_HAND, chords.AUTO):
        chord = chords.chord(settings.chord)
        return chord.root, chord.classes
    if settings.scale != scales.OFF:
        steps = scales.steps(settings.scale)
        third = [step for step in (4, 3) if step in steps][:1]
        kept = {0, *third, *(step for step in (7,) if step in steps)}
        return limits.key, frozenset((limits.key + step) % 12 for step in kept & set(steps) or {steps[0]})
    return key_degrees(tuple(performer.voicing.classes()))


@cache
def _profiles() -> npt.NDArray[np.float64]:
    """A row for each key, C to B in major and then in minor, of mean 0 and length 1."""
    rows = np.array([np.roll(profile, tonic) for profile in (MAJOR, MINOR) for tonic in range(12)])
    rows -= rows.mean(axis=1, keepdims=True)
    lengths: npt.NDArray[np.float64] = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / lengths


def key_degrees(heard: Sequence[int]) -> tuple[int, frozenset[int]]:
    """The tonic and degrees 1, 3 and 5 of the key that fits best; ``heard`` counts the pitch classes."""
    tonic, minor = key(heard)
    return tonic, frozenset((tonic + step) % 12 for step in (0, 3 if minor else 4, 7))


def key(heard: Sequence[int]) -> tuple[int, bool]:
    """The tonic of the key that fits best, and whether it is minor; ``heard`` counts the pitch classes."""
    minor, tonic = divmod(int((_profiles() @ np.asarray(heard, dtype=np.float64)).argmax()), 12)
    return tonic, bool(minor)


def nearest(pitches: Sequence[int], before: int, tonic: int) -> int:
    """Of the pitches, the one to end on after ``before``: a step away rather than the same again, and that rather than
    a leap; of equals the tonic."""

    def far(pitch: int) -> float:
        apart = abs(pitch - before)
        leap = apart / 12 if pitch - before in _STEPS else max(_SAME, float(apart))
        return leap - (_TONIC if pitch % 12 == tonic else 0.0)

    return min(pitches, key=far)


def leading(stable: Collection[int], drawn: int, likely: Mapping[int, float]) -> int:
    """The pitch that leads to a last note where ``drawn`` was to come: itself if it is no stable class; otherwise the
    likeliest of those near it that are a step from a stable one, by their logits.
    """
    if drawn % 12 not in stable:
        return drawn
    leads = [
        pitch
        for pitch in range(drawn - _AWAY, drawn + _AWAY + 1)
        if pitch in likely and pitch % 12 not in stable and any((pitch + step) % 12 in stable for step in _STEPS)
    ]
    return max(leads, key=lambda pitch: likely[pitch], default=drawn)


class Cadence:
    """The end of one answer in a tala. ``sam``: when its last note sounds (seconds), once the answer is to end."""

    def __init__(self) -> None:
        self.sam: float | None = None
        self._end = 0.0
        self._beat = 0.5  # seconds

    def begin(self, at: float, since: float, aksharas: int, beat: float) -> None:
        """The answer is to end on the next sam. It is ``since`` aksharas after one, of ``beat`` seconds each."""
        self._beat = beat
        self.sam = at + beat * (_APPROACH + (-since - _APPROACH) % aksharas)
        self._end = self.sam + beat

    def cancel(self) -> None:
        """The answer does not end."""
        self.sam = None

    def goes_on(self, at: float) -> bool:
        """Whether the answer has not ended yet; its last note has an akshara to itself."""
        return self.sam is not None and at < self._end

    def turn(self, feed: bool) -> Turn:
        """The turn until its end."""
        return Turn(listen=True, play=True, feed=feed, until=self._end)

    def is_last(self, due: float) -> bool:
        """Whether the note that is due then is to be the last."""
        return self.sam is not None and due >= self.sam - _NEAR * self._beat

    def is_over(self, onset: float | None) -> bool:
        """Whether the last note sounded, if the line's latest did then."""
        return self.sam is not None and onset is not None and onset >= self.sam


def next_akshara(at: float, since: float, beat: float) -> float:
    """The time, ``at`` or later, of the next akshara; ``at`` is ``since`` aksharas, of ``beat`` seconds, after sam."""
    return at if since % 1.0 < _STILL else at + beat * (-since % 1.0)
