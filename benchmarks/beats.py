"""The performer's pulse against true beats: ``python -m benchmarks.beats FOLDER``, a folder of ABC files.

Each tune is played with its onsets up to 20 ms too early or too late and a tempo that drifts up to 15 % to either side,
over 15 to 40 seconds; the pulse hears the onsets one by one. The true beats are the quarters, or in 6/8, 9/8 and 12/8
the dotted quarters. A beat counts as found if one was predicted within 70 ms of it; F is the harmonic mean of the share
of true beats that were found and of predicted ones that are true, from the fifth second on, as is usual (Davies, Degara
and Plumbley, "Evaluation Methods for Musical Audio Beat Tracking Algorithms", 2009). For comparison: a beat that never
changes, at 120 and at the tune's mean tempo, and librosa's offline tracker where it is installed.
"""

import argparse
import itertools
import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livegen.beat.pulse import Pulse
from livegen.beat.rhythm import SETS, Rhythms
from livegen.predictors.encoding import START, Encoding, Onset
from livegen.predictors.models import Predictor, load
from livegen.predictors.sampling import Logits
from livegen.settings import Settings
from livegen.tunes import abc_reader
from livegen.tunes.tune import Tune

JITTER, DRIFT = 0.020, 0.15  # seconds, and share of the tempo
TOLERANCE, WARM = 0.070, 5.0  # seconds
LONGEST = 200  # notes of a tune that are played
PULSE = "the performer's pulse"
COMPOUND = ("6/8", "9/8", "12/8")


@dataclass(frozen=True)
class Performance:
    """A tune as it was played: onsets and true beats in seconds; values in quarters, and the pitches."""

    onsets: list[float]
    beats: list[float]
    values: list[float]
    pitches: list[int]


def perform(tune: Tune, seed: int, tempi: tuple[float, float] | None = None) -> Performance:
    """Play a tune that has one metre, at a tempo between two (beats a minute) that are usual if none are given."""
    draw = random.Random(f"{tune.name} {seed}")
    felt = 1.5 if tune.bars[0].metre in COMPOUND else 1.0
    length = 60.0 / draw.uniform(*(tempi or (80.0, 140.0 if felt > 1 else 160.0))) / felt
    period, phase = draw.uniform(15.0, 40.0), draw.uniform(0.0, 2 * math.pi)
    notes = tune.notes[:LONGEST]
    first = notes[0].onset
    steps = math.ceil((notes[-1].onset - first + 4.0) * 24)
    times = [1.0]
    for _ in range(steps):
        now = times[-1]
        times.append(now + length / 24 * (1.0 + DRIFT * math.sin(2 * math.pi * now / period + phase)))

    def at(quarter: float) -> float:
        return float(np.interp((quarter - first) * 24, range(len(times)), times))

    onsets = sorted(at(note.onset) + draw.uniform(-JITTER, JITTER) for note in notes)
    start = tune.bars[0].at
    count = math.ceil((first - start) / felt - 1e-9)
    beats = []
    while start + count * felt <= notes[-1].onset + 1e-9:
        beats.append(at(start + count * felt))
        count += 1
    gaps = [later.onset - former.onset for former, later in itertools.pairwise(notes)]
    return Performance(onsets, beats, gaps, [note.pitch for note in notes])


Hear = Callable[[float], tuple[float, float]]  # of an onset: when a beat is, and how long it lasts


def told(onsets: Sequence[float], hear: Hear) -> list[float]:
    """The beats predicted while the onsets come in: the next one, unless it comes too soon after the last."""
    found: list[float] = []
    coming = length = math.inf
    for onset in onsets:
        while coming < onset:
            if not found or coming - found[-1] > length / 2:
                found.append(coming)
            coming += length
        beat, length = hear(onset)
        coming = beat + math.ceil((onset - beat) / length - 1e-9) * length
        # An onset that is heard as a beat, and a little late, is one.
        if onset - (coming - length) < 0.05 and (not found or onset - found[-1] > length / 2):
            found.append(onset)
    return found


def f_measure(found: Sequence[float], true: Sequence[float]) -> float | None:
    """Between 0 and 1; None where there is nothing to find."""
    found, true = ([at for at in times if at >= WARM] for times in (found, true))
    if not true:
        return None
    hits, left = 0, list(found)
    for beat in true:
        near = next((at for at in left if abs(at - beat) <= TOLERANCE), None)
        if near is not None:
            left.remove(near)
            hits += 1
    return 2 * hits / (len(found) + len(true))


def levels(found: Sequence[float], true: Sequence[float]) -> float:
    """F at the level that fits best: the true beat, half or twice of it."""
    between = [(former + later) / 2 for former, later in itertools.pairwise(true)]
    return max(f_measure(found, each) or 0.0 for each in (true, true[::2], true[1::2], sorted([*true, *between])))


def pulse_hears(rhythms: Rhythms) -> Hear:
    """The performer's pulse, as it plays live."""
    pulse = Pulse(rhythms=rhythms)

    def hear(onset: float) -> tuple[float, float]:
        pulse.hear_onset(onset)
        pulse.settle()
        return pulse.felt.at, pulse.felt.length

    return hear


def never_changes(length: float) -> Hear:
    """A metronome that begins with the first onset."""
    began: list[float] = []

    def hear(onset: float) -> tuple[float, float]:
        began.append(onset)
        return began[0], length

    return hear


def offline(onsets: Sequence[float]) -> list[float] | None:
    """The beats that librosa finds in the whole tune; None where it is not installed."""
    try:
        from librosa.beat import beat_track
    except ImportError:
        return None
    rate = 100.0
    strength = np.zeros(int(onsets[-1] * rate) + 100)
    for onset in onsets:
        strength[round(onset * rate)] += 1.0
    strength = np.convolve(strength, np.hanning(7), "same")
    frames = beat_track(onset_envelope=strength, sr=int(rate * 512), hop_length=512)[1]
    return [float(frame) / rate for frame in frames]


def bits(model: Predictor, performance: Performance, values: Sequence[float]) -> float:
    """Bits a note that a model needs, given these note values (quarters), from the ninth note on."""
    encoding, total, count = Encoding(), 0.0, 0
    state, forecast = model.step(model.start(), START)
    former: int | None = None
    for index, pitch in enumerate(performance.pitches):
        gap = None if index == 0 else values[index - 1]
        step = encoding.encode(Onset(pitch, gap, former, 80, 1.0 if index else None, 0))
        if index >= 8:
            row = forecast.pitch[step.gap - 1]
            total -= _log(forecast.gap, step.gap - 1) + _log(row, pitch)
            count += 1
        state, forecast = model.step(state, step)
        former = pitch
    return total / count


def _log(logits: Logits, index: int) -> float:
    """The logarithm, to base 2, of the probability of one of them."""
    highest = float(logits.max())
    return (float(logits[index]) - highest - math.log(float(np.exp(logits - highest).sum()))) / math.log(2)


def heard_values(performance: Performance, rhythms: Rhythms) -> list[float]:
    """The note values as the pulse hears them."""
    pulse, values, former = Pulse(rhythms=rhythms), [], None
    for onset in performance.onsets:
        pulse.hear_onset(onset)
        if former is not None:
            values.append((onset - former) / pulse.beat if pulse.value is None else pulse.value)
        pulse.settle()
        former = onset
    return values


def usable(tune: Tune) -> bool:
    """Whether the tune has bars of one metre, and enough notes."""
    return len({bar.metre for bar in tune.bars}) == 1 and tune.bars[0].metre is not None and len(tune.notes) >= 24


def main(folder: Path, seed: int, rhythms: Rhythms) -> str:
    """The figures, as text."""
    files = sorted(folder.glob("*.abc"))
    tunes = [tune for file in files for tune in abc_reader.read_file(file, "performed").tunes if usable(tune)]
    played = [perform(tune, seed) for tune in tunes]
    lines = [f"{len(tunes)} tunes, {sum(len(each.onsets) for each in played)} notes"]

    def judge(name: str, found: Sequence[Sequence[float] | None]) -> None:
        pairs = [(one, each.beats) for one, each in zip(found, played, strict=True) if one is not None]
        scores = [score for one, true in pairs if (score := f_measure(one, true)) is not None]
        if scores:
            level = np.mean([levels(one, true) for one, true in pairs if f_measure(one, true) is not None])
            lines.append(f"{name:40} F {np.mean(scores):.3f}   at any level {level:.3f}")
            for metre in sorted({tune.bars[0].metre or "" for tune in tunes}) if name == PULSE else ():
                alike = [
                    f_measure(one or [], each.beats)
                    for one, each, tune in zip(found, played, tunes, strict=True)
                    if tune.bars[0].metre == metre
                ]
                known = [score for score in alike if score is not None]
                lines.append(f"{'in ' + metre:>40} F {np.mean(known):.3f}   {len(known)} tunes")

    began = time.thread_time()
    judge(PULSE, [told(each.onsets, pulse_hears(rhythms)) for each in played])
    spent = (time.thread_time() - began) / sum(len(each.onsets) for each in played)
    judge("120 beats a minute", [told(each.onsets, never_changes(0.5)) for each in played])
    means = [(each.beats[-1] - each.beats[0]) / (len(each.beats) - 1) for each in played]
    judge("the tune's mean tempo", [told(o.onsets, never_changes(m)) for o, m in zip(played, means, strict=True)])
    judge("librosa, when it has heard all", [offline(each.onsets) for each in played])
    some = played[::3]
    heard = [heard_values(each, rhythms) for each in some]
    pairs = [pair for each, one in zip(some, heard, strict=True) for pair in zip(each.values, one, strict=True)]
    right = np.mean([abs(true - one) < 1e-6 for true, one in pairs])
    lines.append(f"note values heard as they are written: {right:.1%}")
    model = load("folk")
    took = np.mean([bits(model, each, one) for each, one in zip(some, heard, strict=True)])
    naive = [np.diff(each.onsets) / 0.5 for each in some]
    least = np.mean([bits(model, each, one.tolist()) for each, one in zip(some, naive, strict=True)])
    written = np.mean([bits(model, each, each.values) for each in some])
    lines.append(
        f"folk takes {took:.2f} bits a note with them, {written:.2f} with those that are written,"
        f" {least:.2f} with gaps in beats of half a second"
    )
    lines.append(f"{spent * 1e6:.0f} microseconds an onset, the telling of beats included")
    return "\n".join(lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="a folder of ABC files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pulse", choices=SETS, default=Settings().pulse, help="how the beat is found: the setting")
    asked = parser.parse_args()
    if not any(asked.folder.glob("*.abc")):
        sys.exit(f"{asked.folder} has no ABC files.")
    print(main(asked.folder, asked.seed, SETS[asked.pulse]))
