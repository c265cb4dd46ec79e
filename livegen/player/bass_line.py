"""Bass lines, note by note: roots and fifths, and lines that walk to the root of the next chord. Pure.

A walking note is drawn among those near the last one, by how well each leads to the next root: chord notes on the
strong beats, steps between them, and on the last beat before a change a note a semitone, a scale step or a fifth away.
"""

import math
from typing import NamedTuple

from livegen.music.chord_symbol import Chord
from livegen.music.ensemble import BASS, ROLES
from livegen.music.key import Key
from livegen.player.seeded_random import SeededRandom

_ROLE = ROLES[BASS]
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
# Chord notes, degree and semitones, that are a raised note of the scale where they are none of it; others are lowered.
_RAISED = frozenset({(3, 4), (5, 7), (5, 8), (7, 11), (9, 2), (9, 3), (11, 6), (13, 9), (6, 9)})
_HOME = 38.0  # the pitch about which the line moves
_REACH = 9  # semitones that the line moves at most from note to note
_WARM = 0.8  # how freely the notes are drawn
_LEANS = 0.05  # the cost of each semitone away from home


class Ground(NamedTuple):
    """The ground of a bass note: the chord, the pitch class that the line goes to, in how many beats, and the key."""

    chord: Chord
    aim: int
    wait: int
    key: Key


class BassLine:
    """Draws the notes of a line; ``last`` is its last pitch, if there is one."""

    def __init__(self, random: SeededRandom) -> None:
        self._random = random
        self.last: int | None = None
        self._former: int | None = None
        self.low, self.high = _ROLE.lowest, _ROLE.highest

    def begin(self, low: int, high: int) -> None:
        """Keep between two keys; fewer than an octave are widened to one."""
        self.low = min(max(_ROLE.lowest, low), _ROLE.highest - 11)
        self.high = max(min(_ROLE.highest, high), self.low + 11)

    def keep(self, pitch: int) -> int:
        """A pitch was played."""
        self._former, self.last = self.last, pitch
        return pitch

    def nearest(self, pitch_class: int, to: float | None = None) -> int:
        """The pitch of that class in the range that is nearest to ``to``, or to the last note and home."""
        about = to if to is not None else _HOME if self.last is None else 0.7 * self.last + 0.3 * _HOME
        inside = [pitch for pitch in range(self.low, self.high + 1) if pitch % 12 == pitch_class % 12]
        return min(inside, key=lambda pitch: (abs(pitch - about), pitch))

    def root(self, ground: Ground) -> int:
        """The root, or the bass after a slash."""
        return self.nearest(ground.chord.lowest)

    def fifth(self, ground: Ground) -> int:
        """The chord's fifth, rather below the root than above; over a slash the root."""
        chord = ground.chord
        if chord.bass is not None:
            return self.nearest(chord.root)
        fifth = next((semitones for degree, semitones in chord.tones if degree == 5), 0)
        return self.nearest(chord.root + fifth, None if self.last is None else self.last - 3)

    def third(self, ground: Ground) -> int:
        """The chord's third, or its fifth where it has none."""
        chord = ground.chord
        third = next((semitones for degree, semitones in chord.tones if degree == 3), None)
        return self.fifth(ground) if third is None else self.nearest(chord.root + third)

    def target(self, ground: Ground) -> int:
        """The note that the line goes to."""
        return self.nearest(ground.aim)

    def approach(self, ground: Ground) -> int:
        """A note that leads to the target: by a semitone, a step of the scale, or its fifth."""
        target, last = self.target(ground), self.last
        scale = scale_of(ground.chord, ground.key)
        found: dict[int, float] = {}
        for away, weight in ((-1, 1.2), (1, 1.0), (-2, 0.7), (2, 0.9), (7, 0.5), (-5, 0.6)):
            pitch = target + away
            if self.low <= pitch <= self.high and pitch != last:
                inside = pitch % 12 in scale or abs(away) == 1
                found[pitch] = weight * (1.0 if inside else 0.2) * math.exp(-0.22 * abs(pitch - (last or pitch)))
        return self._one_of(found) if found else target

    def walk(self, ground: Ground, strong: bool) -> int:
        """A note inside a chord, on the way to the next root; ``strong``: on a strong beat, where it is the chord's."""
        last, target = self.last, self.target(ground)
        if last is None:
            return self.root(ground)
        scale, classes = scale_of(ground.chord, ground.key), ground.chord.classes
        found: dict[int, float] = {}
        for pitch in range(max(self.low, last - _REACH), min(self.high, last + _REACH) + 1):
            inside = pitch % 12 in classes
            if pitch == last or pitch == self._former or not (inside or (pitch % 12 in scale and not strong)):
                continue
            cost = 0.0 if inside else 0.35
            cost += 0.15 * abs(pitch - last) + (0.6 if not inside and abs(pitch - last) > 2 else 0.0)
            cost += 0.4 * max(0.0, abs(target - pitch) - 2.5 * ground.wait) + _LEANS * abs(pitch - _HOME)
            cost += 0.6 if pitch == target and ground.wait <= 2 else 0.0  # it would arrive too soon
            if self._former is not None and (pitch - last) * (last - self._former) < 0:
                cost += 0.25  # lines go on as they went
            found[pitch] = math.exp(-cost / (_WARM * 0.45))
        return self._one_of(found) if found else self.root(ground)

    def _one_of(self, weights: dict[int, float]) -> int:
        drawn = self._random.random() * sum(weights.values())
        for pitch, weight in weights.items():
            drawn -= weight
            if drawn <= 0.0:
                return pitch
        return next(reversed(weights))


def scale_of(chord: Chord, key: Key) -> frozenset[int]:
    """The pitch classes between the notes of a chord: the key's, but for those that the chord alters.

    >>> from livegen.music.chord_symbol import read
    >>> sorted(scale_of(read("A7"), Key(0)))
    [1, 2, 4, 5, 7, 9, 11]
    """
    scale = {(key.tonic + step) % 12 for step in (_MINOR if key.minor else _MAJOR)}
    for tone in chord.tones:
        note = (chord.root + tone[1]) % 12
        if note not in scale:
            scale.discard((note - 1 if tone in _RAISED else note + 1) % 12)
    return frozenset(scale | chord.classes)
