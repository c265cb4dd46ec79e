"""Finds the key and the chord of each beat from the notes in it, as they come: a hidden Markov model, filtered forward.

Of every key and chord the filter has a belief. A beat multiplies it by how likely one chord moves to another there,
and by how likely the notes of the beat are over it, raised to weights that were set on the training half. Three notes
or more that sound together are a chord that is played, and say more than a melody can.

After Rabiner 1989 (the filter) and Raphael and Stoddard 2004 (chords relative to a key).
"""

from collections.abc import Iterable, Set
from functools import cache
from typing import NamedTuple

import numpy as np

from livegen.listening.chord_tables import (
    CHORDS,
    DOWNBEAT,
    HELD,
    KEYS,
    PASSING,
    PHRASE,
    STRUCK,
    WAYS,
    ChordTables,
    Table,
    chord_of,
)
from livegen.music.chord_symbol import FAMILIES, Chord
from livegen.music.key import Key

ON = 0.1  # beats: a note this near to a beat is on it
WEIGHTS = np.array([0.8, 0.5, 0.4])  # of the ways in which a note sounds
_MODULATES = 3e-4  # probability a beat
BY_BAR = 1.0  # weight of the place in four bars
# The notes of each family above its root: those it consists of, and those that colour it.
_CORE = ({0, 4, 7}, {0, 3, 7}, {0, 4, 7, 10}, {0, 3, 6})
_COLOUR = ({2, 8, 9, 11}, {2, 5, 9, 10}, {1, 2, 3, 6, 8, 9}, {9, 10})
_PLAYED = 8.0  # how far a chord that is played outweighs what was expected
_INSIDE, _COLOURED, _OUTSIDE = 1.0, 0.3, -1.2
_MISSING = {0: -0.7, 3: -1.0, 4: -1.0, 6: -0.6, 7: -0.3, 10: -0.9}
_ROOT_BELOW, _OTHER_BELOW = 1.0, 0.1
_ROOT_COUNTS = 0.3  # of the right root, beside the share of right notes, in the chord that is safest


class Sounding(NamedTuple):
    """A note, from one place to another (beats)."""

    pitch: int
    begins: float
    ends: float


def shares(notes: Iterable[Sounding], beat: float, until: float) -> Table:
    """The share of a beat in which each pitch class sounds, [way, pitch class], up to a place in it. A note that is
    struck on the beat counts as half a beat more."""
    found = np.zeros((len(WAYS), 12))
    for note in notes:
        share = min(note.ends, until, beat + 1.0) - max(note.begins, beat)
        if note.begins < beat:
            found[HELD, note.pitch % 12] += max(0.0, share)
        elif note.begins < beat + ON:
            found[STRUCK, note.pitch % 12] += 0.5 + 0.5 * max(0.0, share)
        else:
            found[PASSING, note.pitch % 12] += max(0.0, share)
    return found


class Estimate(NamedTuple):
    """The chord that is heard, how certain it is (0 to 1), the key, and the likeliest next chords, likeliest first.
    ``safest``: the chord whose root and notes are least wrong to be expected, whichever chord it is in truth."""

    chord: Chord
    certainty: float
    key: Key
    following: tuple[tuple[Chord, float], ...]
    safest: Chord


class ChordFilter:
    """A belief, and the ways it changes; each method returns another belief, and changes none."""

    def __init__(self, tables: ChordTables) -> None:
        self._tables = tables
        # By way and pitch class, [key, chord]: of these only the few that sound are read, which keeps the caches free.
        self._notes = [
            [np.stack([way[:, (each - key) % 12] for key in range(KEYS)]) for each in range(12)] for way in tables.notes
        ]
        self.start: Table = np.tile(tables.start, (KEYS, 1)) / KEYS  # a row for each tonic

    def next_beat(self, belief: Table, place: int, bar: int) -> Table:
        """The belief for the next beat, before its notes: at a place in its bar, in a bar counted from the first."""
        moved: Table = belief @ self._tables.moves[place]
        if place == DOWNBEAT:
            moved *= np.exp(BY_BAR * self._tables.bars[bar % PHRASE])
            moved /= moved.sum()
        moved *= 1.0 - _MODULATES
        moved += _MODULATES * self.start
        return moved

    def heard(self, belief: Table, notes: Table, played: Table | None = None) -> Table:
        """The belief after the notes of a beat: [way, pitch class] as shares of it, and what ``played`` says."""
        likelihood = self.likelihood(notes) if played is None else self.likelihood(notes) + played
        after: Table = belief * np.exp(likelihood - likelihood.max())
        after /= after.sum()
        return after

    def likelihood(self, notes: Table) -> Table:
        """The likelihood of the notes of a beat over each chord, [key, chord] as weighed logarithms."""
        found: Table = np.zeros((KEYS, CHORDS))
        for way in WAYS:
            for each in np.flatnonzero(notes[way]):
                found += WEIGHTS[way] * notes[way, each] * self._notes[way][each]
        return found

    def estimate(self, belief: Table, most: int = 3) -> Estimate:
        """The likeliest chord now, and the likeliest next ones."""
        now, following = absolute(belief), absolute(belief @ self._tables.following)
        best = int(now.argmax())
        following.flat[best] = 0.0
        following /= following.sum()
        likely = np.argsort(-following, axis=None, kind="stable")[:most]
        return Estimate(
            _chord(best),
            float(now.flat[best]),
            Key(int(belief.sum(axis=1).argmax())),
            tuple((_chord(int(each)), float(following.flat[each])) for each in likely),
            _chord(int((now.ravel() @ _agreement()).argmax())),
        )


def absolute(belief: Table) -> Table:
    """The belief in each chord, [root, family], whatever the key."""
    chords = belief.reshape(KEYS, 12, len(FAMILIES))
    found: Table = np.zeros((12, len(FAMILIES)))
    for key in range(KEYS):
        found += np.roll(chords[key], key, axis=0)
    return found


def _chord(number: int) -> Chord:
    root, family = divmod(number, len(FAMILIES))
    return chord_of(root, family)


@cache
def _agreement() -> Table:
    """The agreement of each chord that is played with each that is true, [true, played]: the share of its notes, and
    its root."""
    every = [_chord(number) for number in range(CHORDS)]
    return np.array(
        [
            [
                len(each.classes & true.classes) / len(each.classes) + _ROOT_COUNTS * (each.root == true.root)
                for each in every
            ]
            for true in every
        ]
    )


@cache
def played(sounding: frozenset[int], bass: int, top: int) -> Table:
    """The evidence of pitch classes that sound together for each chord, [key, chord] as logarithms.

    ``top`` is the class of the highest note: of four or more it may be a melody's, and need not belong.
    """
    scores = np.array(
        [[_fit(sounding, bass, top, root, family) for family in range(len(FAMILIES))] for root in range(12)]
    )
    keys = [np.roll(scores, -key, axis=0).reshape(CHORDS) for key in range(KEYS)]
    return np.stack(keys) * _PLAYED


def _fit(sounding: Set[int], bass: int, top: int, root: int, family: int) -> float:
    core, colour = _CORE[family], _COLOUR[family]
    steps = {(each - root) % 12 for each in sounding}
    free = (top - root) % 12 if len(sounding) > 3 else None
    score = 0.0
    for step in steps:
        if step in core:
            score += _INSIDE
        elif step in colour:
            score += _COLOURED
        else:
            score += _OUTSIDE / 2 if step == free else _OUTSIDE
    score += sum(_MISSING.get(step, 0.0) for step in core - steps)
    below = (bass - root) % 12
    return score + (_ROOT_BELOW if below == 0 else _OTHER_BELOW if below in core else 0.0)
