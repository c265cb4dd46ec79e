"""Augmentation: tunes varied as performers would vary them, differently in each pass."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from livegen.predictors.encoding import PERFORMER, PITCHES, PLAYER
from livegen.training.corpus.store import StoredTune
from livegen.training.network.dataset import (
    ENCODING,
    FIELDS,
    GAP,
    HELD,
    MASKED,
    METRE,
    PHASE,
    WHO,
    Cue,
    Excerpt,
    Ints,
    cues,
    sequence,
    transposed,
)
from livegen.tunes.tune import Tune

LONGEST = 320  # notes in a piece
PERFORMED = 0.35  # the share of passes with the repeats played
FORGETFUL = 0.1  # the share of passes without the memory
DROPPED = tuple(
    tuple(FIELDS.index(name) for name in names)
    for names in (("phase", "metre"), ("velocity",), ("deviation",), ("released",), ("held",))
)
# The class of each gap when the beat is taken to be half or twice as long, as can happen live.
_HALVED, _DOUBLED = (np.array([ENCODING.gap_index(beats * scale) for beats in ENCODING.beats]) for scale in (0.5, 2.0))


def loose(tune: Tune, random: np.random.Generator) -> Excerpt:
    """A written tune as a performer might play it. The targets are the notes as written; the bar is unknown."""
    whole = sequence(_performed(cues(tune), random))
    whole.steps[:, [PHASE, METRE]] = 0
    return whole


class Augmentation:
    """Varies a tune a little in each pass: another key, another touch, a chord here and there; now and then
    as ``performed``, with its repeats played, if that is given. Without ``memory`` the memory's rows are always
    empty."""

    def __init__(
        self,
        tune: Tune,
        polyphonic: bool,
        performed: Tune | None = None,
        transpose: bool = True,
        memory: bool = True,
    ) -> None:
        self.polyphonic = polyphonic
        self._transpose = transpose
        self._forgetful = FORGETFUL if memory else 1.0
        self._touched = tune.touched
        self._forms: list[range] = []  # which pieces are of which form of the tune
        self._pieces: list[list[Cue]] = []
        for form in (tune, performed):
            if form is not None:
                whole = cues(form)
                pieces = [_from_start(whole[at : at + LONGEST]) for at in range(0, len(whole), LONGEST)]
                self._forms.append(range(len(self._pieces), len(self._pieces) + len(pieces)))
                self._pieces += pieces
        self._plain = [sequence(piece) for piece in self._pieces]
        pitches = [note.pitch for note in tune.notes]
        self._lowest, self._highest = min(pitches), max(pitches)
        self._scale = sorted({pitch % 12 for pitch in pitches})

    def form(self, random: np.random.Generator) -> range:
        """The pieces of the tune as it is written, or now and then as it is performed."""
        return self._forms[-1 if random.random() < PERFORMED else 0]

    def length(self, piece: int) -> int:
        """The number of steps in a piece."""
        return len(self._pieces[piece])

    def draw(self, piece: int, random: np.random.Generator) -> Excerpt:
        """One piece of the tune: transposed, fields dropped, chords added or shuffled, partly the player's."""
        played = self._pieces[piece]
        if not self._touched and random.random() < 0.5:
            played = _performed(played, random)
        chance = random.random()
        if self.polyphonic and chance < 0.5:
            played = _shuffled(played, random)
        elif not self.polyphonic and chance < 0.15:
            played = self._with_chords(played, random)
        whole = self._plain[piece] if played is self._pieces[piece] else sequence(played)
        whole = transposed(whole, self._shift(random))
        pace = random.random()
        if pace < 0.2:
            whole = _at_other_beat(whole, _HALVED if pace < 0.1 else _DOUBLED)
        steps = whole.steps
        if random.random() < 0.1:  # legato: the previous note still sounds
            steps[1:, HELD] = np.where(random.random(len(steps) - 1) < 0.5, 2, steps[1:, HELD])
        if random.random() < 0.3:
            steps[1:, WHO] = _spans(len(steps) - 1, random)
        for columns in DROPPED:
            if random.random() < 0.5:
                steps[:, columns] = 0
        return replace(whole, memory=random.random() >= self._forgetful, touched=self._touched)

    def _shift(self, random: np.random.Generator) -> int:
        if not self._transpose:
            return 0
        octave = int(random.choice((0, -12, 12, -24, 24), p=(0.74, 0.1, 0.08, 0.05, 0.03)))
        shift = int(random.integers(-6, 7)) + octave
        return max(-self._lowest, min(PITCHES - 1 - self._highest, shift))

    def _with_chords(self, piece: Sequence[Cue], random: np.random.Generator) -> list[Cue]:
        """Some notes become chords of the tune's own pitches, in any order; the targets stay the melody."""
        share = random.uniform(0.1, 1.0)
        found: list[Cue] = []
        for cue in piece:
            members = [cue.onset.pitch]
            if random.random() < share:
                near = [pitch for pitch in range(members[0] - 16, members[0] + 5) if pitch % 12 in self._scale]
                near = [pitch for pitch in near if pitch != members[0] and 0 <= pitch < PITCHES]
                count = min(len(near), int(random.integers(1, 4)))
                members += [int(pitch) for pitch in random.choice(near, count, replace=False)] if count else []
            found += _chord(cue, [int(pitch) for pitch in random.permutation(members)], found)
        return found


class FromStore:
    """Varies a stored tune in the same way. Its notes are read when a piece is drawn, and not kept."""

    def __init__(self, tune: StoredTune, polyphonic: bool, transpose: bool = True, memory: bool = True) -> None:
        self._tune, self._manner = tune, (polyphonic, None, transpose, memory)

    def form(self, random: np.random.Generator) -> range:
        """The pieces of the tune."""
        random.random()  # as many numbers as for a tune that is held in memory
        return range(math.ceil(self._tune.size / LONGEST))

    def draw(self, piece: int, random: np.random.Generator) -> Excerpt:
        """One piece of the tune, varied."""
        return Augmentation(self._tune, *self._manner).draw(piece, random)


Varied = Augmentation | FromStore


def varied(tune: Tune, polyphonic: bool, performed: Tune | None, transpose: bool, memory: bool) -> Varied:
    """A tune's variations; those of a stored tune are not held in memory."""
    if isinstance(tune, StoredTune):
        return FromStore(tune, polyphonic, transpose, memory)
    return Augmentation(tune, polyphonic, performed, transpose, memory)


def _from_start(piece: list[Cue]) -> list[Cue]:
    """A piece of a tune as if nothing came before it."""
    first = piece[0].onset._replace(gap=None, previous=None, released=None)
    return [Cue(first, piece[0].aim, None), *piece[1:]]


def _performed(piece: Sequence[Cue], random: np.random.Generator) -> list[Cue]:
    """Written notes as a performer would play them: loose in time, at a pace that is not quite the beat a listener
    assumes, with a touch of their own. The targets stay the notes as written."""
    pace = math.exp(random.normal(0.0, 0.03))
    early = random.normal(0.0, random.uniform(0.0, 0.05), len(piece) + 1)  # beats off the written onset
    lengths = random.uniform(0.15, 1.1) + random.normal(0.0, random.uniform(0.0, 0.15), len(piece))
    velocities = random.uniform(25, 110) + random.normal(0.0, random.uniform(0.0, 18.0), len(piece))
    found: list[Cue] = []
    for index, cue in enumerate(piece):
        onset = cue.onset._replace(velocity=int(max(1, min(127, velocities[index]))))
        if onset.gap:
            gap = max(0.03, pace * onset.gap + early[index + 1] - early[index])
            released = None if onset.released is None else max(0.0, min(1.0, onset.released * lengths[index]))
            onset = onset._replace(gap=gap, released=released)
        found.append(cue._replace(onset=onset))
    return found


def _chord(cue: Cue, members: list[int], before: list[Cue]) -> list[Cue]:
    first = cue.onset._replace(pitch=members[0], previous=before[-1].onset.pitch if before else None)
    chord = [cue._replace(onset=first)]
    for count, (previous, pitch) in enumerate(pairwise(members)):
        held = (first.held or 0) + count + 1
        member = first._replace(pitch=pitch, previous=previous, gap=0.0, released=None, held=held)
        chord.append(Cue(member, None, 0.0))
    return chord


def _shuffled(piece: Sequence[Cue], random: np.random.Generator) -> list[Cue]:
    """The members of each chord in any order."""
    found: list[Cue] = []
    at = 0
    while at < len(piece):
        end = at + 1
        while end < len(piece) and piece[end].onset.gap == 0.0:
            end += 1
        pitches = [int(pitch) for pitch in random.permutation([cue.onset.pitch for cue in piece[at:end]])]
        for cue, pitch in zip(piece[at:end], pitches, strict=True):
            previous = found[-1].onset.pitch if found else cue.onset.previous
            found.append(cue._replace(onset=cue.onset._replace(pitch=pitch, previous=previous), aim=pitch))
        at = end
    return found


def _at_other_beat(whole: Excerpt, classes: Ints) -> Excerpt:
    """The same notes under a beat twice or half as long; the place in the bar is then unknown."""
    steps = whole.steps.copy()
    known = steps[:, GAP] > 0
    steps[known, GAP] = 1 + classes[steps[known, GAP] - 1]
    steps[:, [PHASE, METRE]] = 0
    gaps = np.where(whole.gaps == MASKED, MASKED, classes[whole.gaps])
    rows = np.where(whole.gaps == MASKED, whole.rows, gaps)
    return Excerpt(steps, gaps, whole.pitches, rows)


def _spans(count: int, random: np.random.Generator) -> Ints:
    """The class of who plays each note: the performer and the player by turns."""
    turns = np.cumsum(random.random(count) < 0.06) + random.integers(0, 2)
    return np.where(turns % 2 == 0, PERFORMER, PLAYER).astype(np.int64)
