"""The end of a phrase: how long a silence must last, after the last key is up, until the performer has finished.

Rules. The silence is counted from the release of the last key, for a long last note is no rest. Whether it ends the
phrase depends on cues that are known at the release: how fast the performer plays, how they separate the notes of a
phrase, how long their pauses were, how long the phrase is against the phrases before it, how long its last note is, and
where that note lies in their melody. The logarithm of the silence that makes an end as likely as not is a weighted sum
of the cues, so ``patience`` scales it: twice as patient, twice the silence.

Why. A rule that counts from the onset takes a long note for a rest, and one that knows the pace alone cannot tell the
breath inside a phrase from the pause after it. The weights are those of a logistic regression over the gaps between the
notes of jazz solos in which musicologists marked the phrases (Weimar Jazz Database, Pfleiderer et al. 2017), of songs
and of pianists; ``benchmarks.studies.phrase_end``
fits them. All cues are ratios or logarithms of seconds and know
nothing of a beat, which may be wrong where the end of a phrase is not.

A phrase that is as long as those before it is likely to be over, a much shorter one is not: with ``by_length`` the
silence is multiplied by what SHARES says of its length. Measured with a partner in turns (``benchmarks.musicality``).

``by_habit`` it is multiplied instead by what ``habits`` says of the performer's phrases and rests. ``by_stretch`` the
cues of all, and those of ``stretches``, are weighed together by ``end_network``, in the place of the sums, while the
performer is not known to take turns.

The rule learns from the performer too: who goes on after a silence that counted as an end is waited for a little longer
from then on.
"""

import math
from bisect import insort
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from livegen.listening import end_network
from livegen.listening.habits import Habits
from livegen.listening.stretches import Stretches

CUES = (
    *("always", "middle gap", "wide gap", "short gap", "last note, of the middle note", "notes in the phrase"),
    *("phrase, of those before", "pauses before", "rests inside phrases", "pitch above the middle", "last interval"),
    *("size of the last interval", "share of the pitch class", "last gap, of the middle gap"),
    *("below the highest", "above the lowest"),
)
WEIGHTS: tuple[float, ...] = (
    *(0.307, 0.061, 0.451, -0.122, -0.165, -0.132, -0.067, 0.432, 0.153, -0.044, 0.016, 0.284, 0.103, -0.076),
    *(-0.144, 0.058),
)
USUAL = 2.0  # the patience at which the weights hold

# The silence is multiplied by so much where the phrase is shorter than this share of the longest of those before it.
SHARES = ((0.7, 1.3), (0.95, 1.1), (math.inf, 0.5))
_UNKNOWN = 1.1  # the same, where the length of the next phrase is not known
_SPANS, _SPAN = 4, 4  # phrases whose lengths count; the notes that one has at least
_ROOM = 0.4  # of the phrase: a rest as long as this is for an answer
_EVEN = 0.6  # of the longest: a shorter phrase among them, and they tell nothing of the next

_RECENT = 16  # notes that pace and melody are known by
_RESTS = 64  # rests inside phrases that are remembered
_PHRASES = 8  # phrases that are remembered
_SHORTEST = 0.02  # seconds of a gap, a note or a rest: what is shorter is taken for this
_NOTES, _PAUSE, _REST = 16.0, math.log(0.7), 0.15  # before any are known: a phrase's notes, a pause, a wide rest
_SLOWER = 4  # how many times a gap counts that showed the pace to be slower
_LONG = 1.0  # seconds: a longer pause is one that waits for the answer, and says no more than this
_FADES = 0.97  # what a pitch class keeps of its weight with each note
_LESSON, _RELIEF, _MOST = 0.05, 0.02, 0.5  # in log silence: learnt from an interruption, lost at each true end, limit


class _Begun(NamedTuple):
    """A note that began, after one from ``onset`` to ``released``, as the rule knew them then."""

    at: float
    pitch: int
    ended: bool
    onset: float | None
    released: float | None


@dataclass(eq=False)
class PhraseEnd:
    """Follows onsets (chords count once) and releases, one by one. Times are seconds."""

    onset: float | None = None  # of the last note
    released: float | None = None  # when the last key went up; None while one is down
    notes: int = 0  # in the phrase
    _habits: Habits = field(default_factory=Habits)
    _stretches: Stretches = field(default_factory=Stretches)
    _to_learn: "_Begun | None" = None  # the last note, from which nothing is learnt yet
    _gap: float | None = None  # before the last note, within the phrase
    _length: float = 0.0  # of the last note
    _waits: float = 0.0  # what was learnt from interruptions, in log silence
    _silence: float | None = None  # as last computed, at the usual patience
    _foreseen: float | None = None  # the same, by habit
    _gaps: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _lengths: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _pitches: deque[int] = field(default_factory=lambda: deque(maxlen=_RECENT))
    _phrases: deque[int] = field(default_factory=lambda: deque(maxlen=_PHRASES))
    _pauses: deque[float] = field(default_factory=lambda: deque(maxlen=_PHRASES))  # logarithms
    _rests: deque[float] = field(default_factory=lambda: deque(maxlen=_RESTS))
    _sorted_rests: list[float] = field(default_factory=list)
    _classes: list[float] = field(default_factory=lambda: [0.5] * 12)
    _began: float | None = None  # the phrase
    _spans: deque[float] = field(default_factory=lambda: deque(maxlen=_SPANS))  # seconds that phrases lasted

    @property
    def habits(self) -> Habits:
        """The performer's habits, as far as they are known."""
        self.learn()
        return self._habits

    @property
    def stretches(self) -> Stretches:
        """The stretches from rest to rest."""
        self.learn()
        return self._stretches

    def copy(self) -> "PhraseEnd":
        """All that was learnt up to now, as a value of its own."""
        self.learn()
        return replace(
            self,
            _habits=self._habits.copy(),
            _stretches=self._stretches.copy(),
            _gaps=self._gaps.copy(),
            _lengths=self._lengths.copy(),
            _pitches=self._pitches.copy(),
            _phrases=self._phrases.copy(),
            _pauses=self._pauses.copy(),
            _rests=self._rests.copy(),
            _sorted_rests=self._sorted_rests.copy(),
            _classes=self._classes.copy(),
            _spans=self._spans.copy(),
        )

    def hear_note(self, at: float, pitch: int, ended: bool) -> None:
        """A note begins. ``ended``: the phrase before it had ended, so it begins another. What it says about the
        performer is learnt later, when it is asked for, because the answer to the note waits."""
        if self._to_learn is not None:
            self.learn()
        self._to_learn = _Begun(at, pitch, ended, self.onset, self.released)
        self.onset, self.released = at, None
        self._silence = self._foreseen = None

    def learn(self) -> None:
        """Learn from the last note, if that has not been done."""
        begun, self._to_learn = self._to_learn, None
        if begun is None:
            return
        at, pitch, ended, onset, released = begun
        self._habits.hear_note(at, onset, released, ended)
        if onset is not None:
            rest = max(_SHORTEST, at - (released if released is not None else at))
            self._stretches.hear_gap(at - onset, rest)
            if released is None:
                self._keep_length(at - onset)
            if ended:
                self._phrases.append(self.notes)
                self._keep_span(at, rest)
                self._pauses.append(math.log(min(_LONG, max(0.05, rest))))
                self.notes, self._gap = 0, None
                self._waits = max(0.0, self._waits - _RELIEF)
            else:
                self._gap = max(_SHORTEST, at - onset)
                self._gaps.append(self._gap)
                self._keep_rest(rest)
        if self._began is None:
            self._began = at
        self._length = 0.0
        self.notes += 1
        self._pitches.append(pitch)
        self._classes = classes = [each * _FADES for each in self._classes]
        classes[pitch % 12] += 1.0

    def hear_release(self, at: float) -> None:
        """The last key that was down goes up."""
        self.learn()
        if self.onset is not None:
            if self.released is None:
                self._keep_length(at - self.onset)
            self.released, self._silence, self._foreseen = at, None, None

    def slow_down(self, gap: float) -> None:
        """The pace was overestimated: this gap, and the rest in it, count several times."""
        self.learn()
        rest = max(_SHORTEST, gap - self._length)
        self._habits.slow_down(gap, self._length)
        for _ in range(_SLOWER):
            self._gaps.append(gap)
            self._keep_rest(rest)

    def resume(self) -> None:
        """The performer went on after a silence that had counted as the end: wait longer from now on."""
        self.learn()
        self._waits = min(_MOST, self._waits + _LESSON)
        self._silence = self._foreseen = None

    def silence(
        self, patience: float, by_length: bool = False, by_habit: bool = False, by_stretch: bool = False
    ) -> float:
        """The silence after the last release (seconds) that ends the phrase; ``by_length``: also by how long the phrase
        is against those before it; ``by_habit``: by that and by how the performer rests; ``by_stretch``: by that and by
        how long they play between rests."""
        self.learn()
        if by_habit and self.onset is not None and self.released is not None:
            return self._by_habit(self.onset, self.released, by_stretch) * patience / USUAL
        if self._silence is None:
            self._silence = _silence(self.of_cues())
        silence = self._silence * patience / USUAL
        return silence * self._share() if by_length else silence

    def of_cues(self, cues: Sequence[float] | None = None) -> float:
        """The logarithm of the silence, by the cues and by what was learnt from interruptions."""
        cues = self.cues() if cues is None else cues
        return sum([weight * cue for weight, cue in zip(WEIGHTS, cues, strict=True)]) + self._waits

    def _by_habit(self, onset: float, released: float, by_stretch: bool) -> float:
        if self._foreseen is None:
            if by_stretch and not self._habits.takes_turns:
                always, in_turns = self.known(onset, released)
                self._foreseen = _silence(end_network.shipped().log_silence(always, in_turns) + self._waits)
            else:
                cues = self.cues()
                self._foreseen = _silence(self.of_cues(cues) + self._habits.weigh(cues, onset, released))
        return self._foreseen

    def known(self, onset: float, released: float) -> tuple[list[float], list[float]]:
        """All that stretches are weighed with, after a note from ``onset`` to ``released``: the cues of this file, of
        habits and of stretches, and those of who takes turns, none while they do not."""
        habits, cues, length = self._habits, self.cues(), released - onset
        in_turns = habits.in_turns(cues[1], length, onset, released) if habits.takes_turns else []
        return cues + habits.cues(length) + self._stretches.cues(), in_turns

    def _share(self) -> float:
        """The part of the silence that is enough, by the phrase's length."""
        if not self._spans or self._began is None or self.released is None:
            return _UNKNOWN
        length = (self.released - self._began) / max(self._spans)
        share = next(share for shorter, share in SHARES if length < shorter)
        return share if share > 1.0 or self.is_even else _UNKNOWN

    @property
    def is_even(self) -> bool:
        """Whether the phrases were about as long as each other, so that the length of the next can be told."""
        self.learn()
        return bool(self._spans) and min(self._spans) >= _EVEN * max(self._spans)

    def cues(self) -> list[float]:
        """The values of CUES, after the last release."""
        gaps = sorted(self._gaps) or [0.3]
        lengths, pitches = sorted(self._lengths) or [0.3], self._pitches
        pitch, length = pitches[-1], max(_SHORTEST, self._length)
        middle, count, count_lengths = gaps[len(gaps) // 2], len(gaps), len(lengths)
        interval = pitch - pitches[-2] if len(pitches) > 1 else 0
        phrase = sum(self._phrases) / len(self._phrases) if self._phrases else _NOTES
        pause = sum(self._pauses) / len(self._pauses) if self._pauses else _PAUSE
        rests = self._sorted_rests
        rest = rests[int(0.95 * len(rests))] if len(rests) > 4 else _REST
        last = list(pitches)[-min(self.notes, _RECENT) :]
        return [
            1.0,
            math.log(middle),
            math.log(gaps[min(count - 1, (3 * count) // 4)]),
            math.log(gaps[count // 4]),
            math.log(length / lengths[count_lengths // 2]),
            math.log(self.notes),
            math.log(self.notes / max(1.0, phrase)),
            pause,
            math.log(rest),
            (pitch - sum(pitches) / len(pitches)) / 12,
            interval / 12,
            abs(interval) / 12,
            math.log(12 * self._classes[pitch % 12] / sum(self._classes) + 0.2),
            math.log((self._gap or middle) / middle),
            (max(last) - pitch) / 12,
            (pitch - min(last)) / 12,
        ]

    def _keep_span(self, at: float, rest: float) -> None:
        """A phrase is over, and after a rest another begins. One that left no room for an answer was not over: then
        nothing is known of how long they are."""
        span = at - rest - (at if self._began is None else self._began)
        if rest < _ROOM * span:
            self._spans.clear()
        elif self.notes >= _SPAN:
            self._spans.append(span)
        self._began = at

    def _keep_length(self, length: float) -> None:
        self._length = length
        self._lengths.append(max(_SHORTEST, length))

    def _keep_rest(self, rest: float) -> None:
        if len(self._rests) == _RESTS:
            self._sorted_rests.remove(self._rests[0])
        self._rests.append(rest)
        insort(self._sorted_rests, rest)


def _silence(logarithm: float) -> float:
    return math.exp(min(5.0, max(-5.0, logarithm)))
