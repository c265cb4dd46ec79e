"""The performer's dynamics and articulation, learnt from the notes they played last. The method: docs/touch.md."""

import math
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field, replace

_RECENT = 32  # onsets that the dynamics are learnt from
_FEW = 4  # onsets up to which the estimates are renewed at once, later when a key is let go, which is in no hurry
_OFTEN, _SELDOM = 4, 12  # onsets after which they are renewed then, and at the latest
_PERIODS = 2, 4, 6, 8  # half beats after which accents may come again
_ALL = 24  # half beats after which all of them do
_CAUTION = 2.0  # notes without accent that each place is assumed to have had in addition
_STEEPEST = 1.5  # velocity a semitone
_STAY = 0.7  # how much of a note's lean is kept by the next
_MOVED = math.sqrt(12 * (1 - _STAY**2))  # how far a draw moves it, so that its spread remains the performer's
_EVEN = 2  # velocities apart: no hand plays so evenly, but keys that know no dynamics do
_DOUBTLESS = 9  # onsets, from which that is no chance
_PLAIN = 80  # the velocity where nothing was heard, or the touch is not to be followed
_OWN = 0.9  # the share of its gap that a note sounds there
_SHORTEST = 0.1
_ALIKE = 3  # notes of like value, from which their own articulation is known
_CHORDS = 8  # whose balance is remembered


@dataclass(eq=False)
class Dynamics:
    """The loudness of the performer's notes: accents by place in the beats, louder or softer with height, and the rest,
    which moves smoothly from note to note. Velocities are 1 to 127."""

    mean: float = float(_PLAIN)
    lean: float = 0.0  # velocity of the last note beyond what its place and pitch explain
    _played: deque[tuple[int, int, int]] = field(default_factory=lambda: deque(maxlen=_RECENT))  # velocity, half, pitch
    _balances: deque[int] = field(default_factory=lambda: deque(maxlen=_CHORDS))
    _low: int = 1
    _high: int = 127
    _accents: tuple[float, ...] = (0.0,)  # by half beat
    _slope: float = 0.0  # velocity a semitone
    _centre: float = 0.0  # pitch
    _rest: float = 0.0  # standard deviation of what neither accents nor pitch explain
    _new: int = 0  # onsets since the estimates were renewed

    def copy(self) -> "Dynamics":
        """The same knowledge, which does not change with this one."""
        return replace(self, _played=self._played.copy(), _balances=self._balances.copy())

    @property
    def is_known(self) -> bool:
        """Whether anything was heard."""
        return bool(self._played)

    @property
    def is_even(self) -> bool:
        """Whether enough was heard lately, and all of it was equally loud, chords too, as from a computer keyboard."""
        return (
            len(self._played) >= _DOUBTLESS
            and self._high - self._low <= _EVEN
            and all(abs(each) <= _EVEN for each in self._balances)
        )

    def hear_note(self, velocity: int, place: float, pitch: int) -> None:
        """Learn from one onset: a note, or the top voice of a chord."""
        self._played.append((velocity, round(place * 2), pitch))
        self._new += 1
        if len(self._played) <= _FEW or self._new >= _SELDOM:
            self._renew()
        self.lean = velocity - self._explained(round(place * 2), pitch)

    def hear_top(self, velocity: int, pitch: int) -> None:
        """The last onset is a chord, and this is its top voice so far."""
        self._played[-1] = velocity, self._played[-1][1], pitch

    def hear_chord(self, voices: list[tuple[int, int]]) -> None:
        """Learn the balance of a whole chord, (pitch, velocity) each."""
        top = max(voices)
        others = [voice[1] for voice in voices if voice is not top]
        self._balances.append(top[1] - round(sum(others) / len(others)))

    def settle(self) -> None:
        """Renew the estimates if it is time."""
        if self._new >= _OFTEN:
            self._renew()

    def _renew(self) -> None:
        self._new = 0
        played, count = self._played, len(self._played)
        velocities = [each[0] for each in played]
        self._low, self._high = min(velocities), max(velocities)
        self.mean = mean = sum(velocities) / count
        self._accents, self._slope, self._rest = (0.0,), 0.0, 0.0
        if self._low == self._high:
            return
        variance = sum([(each - mean) ** 2 for each in velocities]) / count
        apart, numbers = [0.0] * _ALL, [0] * _ALL
        for velocity, half, _ in played:
            apart[half % _ALL] += velocity - mean
            numbers[half % _ALL] += 1
        best = 0.0
        for period in [each for each in _PERIODS if 2 * each <= count]:
            sums = [sum(apart[place::period]) for place in range(period)]
            weights = [_CAUTION + sum(numbers[place::period]) for place in range(period)]
            # The variance it explains, less what as many places would explain at random.
            gain = sum([each * each / weight for each, weight in zip(sums, weights, strict=True)])
            gain -= 1.5 * variance * period
            if gain > best:
                best = gain
                self._accents = tuple(each / weight for each, weight in zip(sums, weights, strict=True))
        self._lean_on_pitch(mean, count)

    def _lean_on_pitch(self, mean: float, count: int) -> None:
        """Learn how loudness goes with height, and how much neither explains."""
        accents = self._accents
        rests = [velocity - mean - accents[half % len(accents)] for velocity, half, _ in self._played]
        self._centre = centre = sum([each[2] for each in self._played]) / count
        away = [each[2] - centre for each in self._played]
        slope = sum([rest * far for rest, far in zip(rests, away, strict=True)])
        slope /= sum([far * far for far in away]) + 4.0 * count
        self._slope = slope = max(-_STEEPEST, min(_STEEPEST, slope))
        self._rest = math.sqrt(sum([(rest - slope * far) ** 2 for rest, far in zip(rests, away, strict=True)]) / count)

    def _explained(self, half: int, pitch: int) -> float:
        accent = self._accents[half % len(self._accents)]
        return self.mean + accent + self._slope * max(-12.0, min(12.0, pitch - self._centre))

    def velocity(self, place: float, pitch: int, lean: float, random: float) -> tuple[float, float]:
        """A velocity for the player's note, as the performer would play it there, and its ``lean``, for
        the next; ``random`` is the draw, 0 to 1."""
        lean = _STAY * lean + _MOVED * (random - 0.5) * self._rest
        return max(self._low, min(self._high, self._explained(round(place * 2), pitch) + lean)), lean

    def balance(self, touch: float) -> int:
        """The velocity by which the top voice of a chord exceeds the others: the median of the last 8 chords."""
        if not self._balances:
            return 0
        return round(touch * sorted(self._balances)[len(self._balances) // 2])


def followed(velocity: float, touch: float) -> int:
    """The velocity, pulled to 80 as ``touch`` goes to 0."""
    return max(1, min(127, round(_PLAIN + touch * (velocity - _PLAIN))))


@dataclass(eq=False)
class Articulation:
    """The lengths of the performer's notes, as shares of their gaps (1 is legato), by note value."""

    _all: deque[float] = field(default_factory=lambda: deque(maxlen=16))
    _by_value: dict[int, deque[float]] = field(default_factory=dict)
    _level: float = _OWN
    _levels: dict[int, float] = field(default_factory=dict)  # by note value, where enough is known

    def copy(self) -> "Articulation":
        """The same knowledge, which does not change with this one."""
        by_value = {value: shares.copy() for value, shares in self._by_value.items()}
        return replace(self, _all=self._all.copy(), _by_value=by_value, _levels=self._levels.copy())

    @property
    def is_known(self) -> bool:
        """Whether any length was heard."""
        return bool(self._all)

    def hear_length(self, share: float, beats: float) -> None:
        """Learn from a note that sounded for this share of a gap of so many beats."""
        value = _value(beats)
        alike = self._by_value.setdefault(value, deque(maxlen=8))
        self._all.append(share)
        alike.append(share)
        self._level = _median(self._all)
        if len(alike) >= _ALIKE:
            self._levels[value] = _median(alike)

    def share(self, beats: float, touch: float) -> float:
        """The share that a note before such a gap sounds: the median of its like, or of all if fewer than three are."""
        return max(_SHORTEST, _OWN + touch * (self.level(beats) - _OWN))

    def level(self, beats: float | None = None) -> float:
        """The performer's share of the gap for notes of like value, or for all."""
        return self._level if beats is None else self._levels.get(_value(beats), self._level)


def _median(shares: Collection[float]) -> float:
    ordered = sorted(shares)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _value(beats: float) -> int:
    """A power of two near the beats: 1/4 or less, 1/2, 1, 2, 4 or more."""
    return max(-2, min(2, round(math.log2(beats)))) if beats > 0 else -2
