"""Datasets: tunes as steps of ``livegen.predictors.encoding``, with the targets after each; alone, or in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from livegen.predictors.encoding import PITCHES, START, Encoding, Onset, Step
from livegen.training.network.batch_memory import recall
from livegen.tunes.tune import Tune

Ints = npt.NDArray[np.int64]
MASKED = -1
ENCODING = Encoding()
FIRST_GAP = ENCODING.gap_index(1.0)  # the first pitch is predicted as after one beat
FIELDS = Step._fields
PITCH, HELD, PHASE, METRE, WHO = (FIELDS.index(name) for name in ("pitch", "held", "phase", "metre", "who"))
VELOCITY, RELEASED, DEVIATION = (FIELDS.index(name) for name in ("velocity", "released", "deviation"))
GAP = FIELDS.index("gap")
_SAME = {"2/2": "4/4"}  # metres that share a class


class Cue(NamedTuple):
    """A note-on as it is heard, and the target that was meant by it: ``aim`` a pitch (None: nothing is
    asked) and ``gap`` in beats (None: the first note)."""

    onset: Onset
    aim: int | None
    gap: float | None


@dataclass(frozen=True)
class Excerpt:
    """n inputs and n targets. ``steps`` [n, 10]; ``gaps``, ``pitches`` [n], MASKED where nothing is asked;
    ``rows`` [n] is the gap whose pitch logits count. ``memory``: whether the memory's rows are given; ``touched``:
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
    the memory's rows, ``common`` [b, n, 9, 3] and ``given`` [b, n, 2, 3], and the touch that is to be predicted,
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
    """Inputs and targets: START and all notes but the last are inputs, each note is a target."""
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
    """A tune without variation; the place in the bar is known only with ``bars``."""
    whole = sequence(cues(tune))
    if not bars:
        whole.steps[:, [PHASE, METRE]] = 0
    return whole


def transposed(whole: Excerpt, semitones: int) -> Excerpt:
    """The same sequence higher or lower; pitches are clipped to 0-127."""
    steps, pitches = whole.steps.copy(), whole.pitches.copy()
    sounding, asked = steps[:, PITCH] > 0, pitches != MASKED
    steps[sounding, PITCH] = np.clip(steps[sounding, PITCH] + semitones, 1, PITCHES)
    pitches[asked] = np.clip(pitches[asked] + semitones, 0, PITCHES - 1)
    return Excerpt(steps, whole.gaps, pitches, whole.rows)


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
