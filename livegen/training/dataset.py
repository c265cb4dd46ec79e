"""Tunes as the steps of ``livegen.encoding``, with what to predict after each; varied anew each time they are seen."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.encoding import PERFORMER, PITCHES, PLAYER, START, Encoding, Onset, Step
from livegen.training.recall import recall
from livegen.training.tune import Tune

Ints = npt.NDArray[np.int64]
MASKED = -1
LONGEST = 320  # notes in a piece
PERFORMED = 0.35  # how often a tune is seen with its repeats played
FORGETFUL = 0.1  # how often the memory tells nothing
ENCODING = Encoding()
FIRST_GAP = ENCODING.gap_index(1.0)  # the first pitch is predicted as after one beat
FIELDS = Step._fields
PITCH, HELD, PHASE, METRE, WHO = (FIELDS.index(name) for name in ("pitch", "held", "phase", "metre", "who"))
VELOCITY, RELEASED, DEVIATION = (FIELDS.index(name) for name in ("velocity", "released", "deviation"))
DROPPED = tuple(
    tuple(FIELDS.index(name) for name in names)
    for names in (("phase", "metre"), ("velocity",), ("deviation",), ("released",), ("held",))
)
GAP = FIELDS.index("gap")
_SAME = {"2/2": "4/4"}  # metres that share a class
# The class of each gap when the beat is taken to be half or twice as long, as a live listener may.
_HALVED, _DOUBLED = (np.array([ENCODING.gap_index(beats * scale) for beats in ENCODING.beats]) for scale in (0.5, 2.0))


class Cue(NamedTuple):
    """A note-on as it is heard, and what was meant by it, which is to be predicted: ``aim`` a pitch (None: nothing is
    asked) and ``gap`` in beats (None: the first note)."""

    onset: Onset
    aim: int | None
    gap: float | None


@dataclass(frozen=True)
class Excerpt:
    """n inputs and n targets. ``steps`` [n, 10]; ``gaps``, ``pitches`` [n], MASKED where nothing is asked;
    ``rows`` [n] is the gap whose pitch logits count. ``memory``: whether what was heard before is told; ``touched``:
    whether velocities, lengths and microtiming are a performer's own."""

    steps: Ints
    gaps: Ints
    pitches: Ints
    rows: Ints
    memory: bool = True
    touched: bool = False

    def __len__(self) -> int:
        return len(self.gaps)


class Batch(NamedTuple):
    """Sequences side by side, padded with masked targets: ``steps`` [b, n, 10], ``gaps``, ``pitches``, ``rows`` [b, n],
    what the memory tells, ``common`` [b, n, 9, 3] and ``given`` [b, n, 2, 3], and the touch that is to be foreseen,
    ``touch`` [b, n, 3]: velocity, length, microtiming."""

    steps: Ints
    gaps: Ints
    pitches: Ints
    rows: Ints
    common: Ints
    given: Ints
    touch: Ints


def cues(tune: Tune) -> list[Cue]:
    """Every note of a tune as a live listener hears it."""
    found: list[Cue] = []
    sounding: list[float] = []  # when each sounding note ends
    length = 0.0  # of the last note
    for index, note in enumerate(tune.notes):
        before = tune.notes[index - 1] if index else None
        gap = None if before is None else note.onset - before.onset
        together = gap is not None and gap < 1e-9
        sounding = [end for end in sounding if end > note.onset + 1e-6 or (together and end > note.onset)]
        bar = tune.bar_at(note.onset)
        onset = Onset(
            pitch=note.pitch,
            gap=0.0 if together else gap,
            previous=None if before is None else before.pitch,
            velocity=note.velocity if tune.touched else None,
            released=None if gap is None or together else min(1.0, length / gap),
            held=len(sounding),
            phase=None if bar is None else note.onset - bar.at,
            metre=None if bar is None else _SAME.get(bar.metre or "", bar.metre),
        )
        found.append(Cue(onset, note.pitch, onset.gap))
        sounding.append(note.onset + note.duration)
        length = note.duration
    return found


def sequence(heard: Sequence[Cue]) -> Excerpt:
    """Inputs and targets: START and all notes but the last go in, each note is what should come out."""
    steps = [ENCODING.encode(cue.onset) for cue in heard]
    gaps = [MASKED if cue.aim is None or cue.gap is None else ENCODING.gap_index(cue.gap) for cue in heard]
    pitches = [MASKED if cue.aim is None else cue.aim for cue in heard]
    rows = [gap if gap != MASKED else FIRST_GAP for gap in gaps]
    inputs = np.array([START, *steps[:-1]], dtype=np.int64)
    wanted, asked, after = (np.array(each, dtype=np.int64) for each in (gaps, pitches, rows))
    return Excerpt(inputs, wanted, asked, after)


def heard(tune: Tune) -> Ints:
    """Every note of a tune as a step, int64 [n, 10]."""
    return np.array([ENCODING.encode(cue.onset) for cue in cues(tune)], dtype=np.int64)


def plain(tune: Tune, bars: bool = False) -> Excerpt:
    """A tune as it is, nothing varied; the place in the bar is told only with ``bars``."""
    whole = sequence(cues(tune))
    if not bars:
        whole.steps[:, [PHASE, METRE]] = 0
    return whole


def loose(tune: Tune, random: np.random.Generator) -> Excerpt:
    """A written tune as a performer might play it; what is asked for is what was written. The bar is not told."""
    whole = sequence(_performed(cues(tune), random))
    whole.steps[:, [PHASE, METRE]] = 0
    return whole


def transposed(whole: Excerpt, semitones: int) -> Excerpt:
    """The same sequence higher or lower; pitches are clipped to 0-127."""
    steps, pitches = whole.steps.copy(), whole.pitches.copy()
    sounding, asked = steps[:, PITCH] > 0, pitches != MASKED
    steps[sounding, PITCH] = np.clip(steps[sounding, PITCH] + semitones, 1, PITCHES)
    pitches[asked] = np.clip(pitches[asked] + semitones, 0, PITCHES - 1)
    return Excerpt(steps, whole.gaps, pitches, whole.rows)


class Variety:
    """Makes each pass over a tune a little different: another key, another touch, a chord here and there; now and then
    as ``performed``, with its repeats played, if that is given."""

    def __init__(self, tune: Tune, polyphonic: bool, performed: Tune | None = None, transpose: bool = True) -> None:
        self.polyphonic = polyphonic
        self._transpose = transpose
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
        """How many steps a piece has."""
        return len(self._pieces[piece])

    def draw(self, piece: int, random: np.random.Generator) -> Excerpt:
        """One piece of the tune: transposed, fields dropped, chords added or shuffled, partly the player's."""
        cues = self._pieces[piece]
        if not self._touched and random.random() < 0.5:
            cues = _performed(cues, random)
        chance = random.random()
        if self.polyphonic and chance < 0.5:
            cues = _shuffled(cues, random)
        elif not self.polyphonic and chance < 0.15:
            cues = self._with_chords(cues, random)
        whole = self._plain[piece] if cues is self._pieces[piece] else sequence(cues)
        whole = transposed(whole, self._shift(random))
        pace = random.random()
        if pace < 0.2:
            whole = _at_other_beat(whole, _HALVED if pace < 0.1 else _DOUBLED)
        steps = whole.steps
        if random.random() < 0.1:  # legato: the note before still sounds
            steps[1:, HELD] = np.where(random.random(len(steps) - 1) < 0.5, 2, steps[1:, HELD])
        if random.random() < 0.3:
            steps[1:, WHO] = _spans(len(steps) - 1, random)
        for columns in DROPPED:
            if random.random() < 0.5:
                steps[:, columns] = 0
        return replace(whole, memory=random.random() >= FORGETFUL, touched=self._touched)

    def _shift(self, random: np.random.Generator) -> int:
        if not self._transpose:
            return 0
        octave = int(random.choice((0, -12, 12, -24, 24), p=(0.74, 0.1, 0.08, 0.05, 0.03)))
        shift = int(random.integers(-6, 7)) + octave
        return max(-self._lowest, min(PITCHES - 1 - self._highest, shift))

    def _with_chords(self, piece: Sequence[Cue], random: np.random.Generator) -> list[Cue]:
        """Some notes become chords of the tune's own pitches, in any order; what is asked for stays the melody."""
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


def _from_start(piece: list[Cue]) -> list[Cue]:
    """A piece of a tune as if nothing came before it."""
    first = piece[0].onset._replace(gap=None, previous=None, released=None)
    return [Cue(first, piece[0].aim, None), *piece[1:]]


def _performed(piece: Sequence[Cue], random: np.random.Generator) -> list[Cue]:
    """What was written as a performer would play it: loose in time, at a pace that is not quite the beat a listener
    assumes, with a touch of their own. What is asked for stays what was written."""
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
    """Who plays each note: the performer and the player by turns."""
    turns = np.cumsum(random.random(count) < 0.06) + random.integers(0, 2)
    return np.where(turns % 2 == 0, PERFORMER, PLAYER).astype(np.int64)


def stack(sequences: Sequence[Excerpt]) -> Batch:
    """Sequences side by side, as long as the longest."""
    count, longest = len(sequences), max(len(each) for each in sequences)
    steps = np.zeros((count, longest, len(FIELDS)), dtype=np.int64)
    gaps, pitches = (np.full((count, longest), MASKED, dtype=np.int64) for _ in range(2))
    rows = np.full((count, longest), FIRST_GAP, dtype=np.int64)
    for index, each in enumerate(sequences):
        length = len(each)
        steps[index, :length], rows[index, :length] = each.steps, each.rows
        gaps[index, :length], pitches[index, :length] = each.gaps, each.pitches
    recalled = recall(steps, rows)
    forgetful = [index for index, each in enumerate(sequences) if not each.memory]
    recalled.common[forgetful] = recalled.given[forgetful] = 0
    touch = _touch(steps, pitches)
    touch[[index for index, each in enumerate(sequences) if not each.touched]] = MASKED
    return Batch(steps, gaps, pitches, rows, *recalled, touch)


def _touch(steps: Ints, pitches: Ints) -> Ints:
    """The velocity and microtiming of the next note and its length, as far as they are known and asked for: the length
    is known when the note after it comes."""
    touch = np.zeros((*pitches.shape, 3), dtype=np.int64)
    touch[:, :-1, 0] = steps[:, 1:, VELOCITY]
    touch[:, :-2, 1] = steps[:, 2:, RELEASED]
    touch[:, :-1, 2] = steps[:, 1:, DEVIATION]
    return np.where(pitches[..., None] == MASKED, MASKED, touch - 1)


def epoch(tunes: Sequence[Variety], size: int, random: np.random.Generator) -> Iterator[Batch]:
    """Every piece of a form of every tune once, ``size`` pieces of like length at a time, in random order."""
    pieces = [(tune, piece) for tune in tunes for piece in tune.form(random)]
    order = [pieces[index] for index in random.permutation(len(pieces))]
    for_bucket = size * 32
    batches: list[list[tuple[Variety, int]]] = []
    for at in range(0, len(order), for_bucket):
        bucket = sorted(order[at : at + for_bucket], key=lambda piece: piece[0].length(piece[1]))
        batches += [bucket[start : start + size] for start in range(0, len(bucket), size)]
    for index in random.permutation(len(batches)):
        yield stack([tune.draw(piece, random) for tune, piece in batches[index]])
