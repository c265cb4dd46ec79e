"""Grooves that the drummer makes up, against drummers': ``python -m benchmarks.studies.grooves FOLDER``, as Groove's.

For each groove of the folder's validation part (all, if the table names none) that has eight bars, the drummer plays as
many steps in its style, tempo and metre, told nothing else. Printed are, of each drum, the overlap (0 to 1) of the
distributions of velocity and of deviation of generated and real hits, and beside it of real hits of one random half of
the takes and the other; how often bars come again (``benchmarks.parts.repeats``); the hits on each sixteenth of a bar
of four beats, by style.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.parts.repeats import repeats
from livegen.music.drums import DRUMS, STYLES
from livegen.player.drum_planner import OPEN
from livegen.player.groove import Groove, Manner
from livegen.player.pattern import Pattern, Wanted
from livegen.player.seeded_random import SeededRandom
from livegen.predictors import models
from livegen.predictors.drum_encoding import DEVIATIONS, GROOVE, VELOCITIES
from livegen.predictors.drums import DrumModel, Scene
from livegen.training.drums import takes
from livegen.training.drums.takes import VALIDATION, Take

BARS, LONGEST = 8, 512  # bars of a take at least; steps that are looked at
TEMPERATURE = 0.9  # of the setting ``complexity`` at 0.5
WANTED = Wanted(1.17, 0.5, 0.5)  # the setting ``groove`` at 0.5
FEWEST = 20  # hits of a drum, and takes' bars of a style, that a figure is told of
SPLITS = 20  # random halves of the real takes
Counts = npt.NDArray[np.float64]


def generated(model: DrumModel, take: Take, seed: int) -> Take:
    """A groove of the drummer's own in the style, tempo and metre of a take, as long as it."""
    random = SeededRandom(seed)
    groove, pattern, steps = Groove(model, random), Pattern(random), []
    for number in range(len(take.velocity)):
        place = number % take.bar
        lean = pattern.lean(place, take.bar, WANTED)
        temperature = TEMPERATURE * (OPEN if pattern.kept.is_open else 1.0)
        step = groove.draw(Scene(place, take.bar, take.tempo, take.style, GROOVE), Manner(temperature, lean=lean))
        pattern.keep(place, step, True)
        steps.append(step)
    velocity = np.array([step.velocity for step in steps], np.uint8)
    deviation = np.array([step.deviation for step in steps], np.uint8)
    return Take(take.name, velocity, deviation, take.bar, take.tempo, take.style, take.fill)


def histogram(of: Sequence[Take], drum: int, deviations: bool) -> Counts:
    """How often each class of velocity, or of deviation, is among the hits of a drum."""
    found = np.zeros(DEVIATIONS if deviations else VELOCITIES)
    for take in of:
        hit = take.velocity[:, drum] > 0
        classes = take.deviation[hit, drum] if deviations else take.velocity[hit, drum] - 1
        found += np.bincount(classes, minlength=len(found))
    return found


def overlap(one: Counts, other: Counts) -> float:
    """The share that two distributions have in common, 0 to 1."""
    return float(np.minimum(one / one.sum(), other / other.sum()).sum())


def bars_of(take: Take) -> npt.NDArray[np.bool_]:
    """The hits of each bar, [bars, steps, drums]."""
    count = len(take.velocity) // take.bar
    return (take.velocity[: count * take.bar] > 0).reshape(count, take.bar, -1)


def print_repeats(real: Sequence[Take], made: Sequence[Take]) -> None:
    """Print how often bars come again."""
    print("\n| | drums | as the bar before | as two before | as four before | unlike all before | the commonest |")
    print("| --- " * 7 + "|")
    for who, of in (("real", real), ("livegen", made)):
        for drums, count in (("all", None), ("kick and snare", 2)):
            told = " | ".join(f"{each:.3f}" for each in repeats([bars_of(take)[..., :count] for take in of]))
            print(f"| {who} | {drums} | {told} |")


def by_step(of: Sequence[Take]) -> Counts:
    """The mean hits on each sixteenth of a bar of four beats."""
    bars = [take.velocity[: len(take.velocity) // 16 * 16].reshape(-1, 16, take.velocity.shape[1]) for take in of]
    found: Counts = (np.concatenate(bars) > 0).sum(2).mean(0)
    return found


def print_drums(real: Sequence[Take], made: Sequence[Take]) -> None:
    """Print the overlaps of each drum."""
    print("| drum | real hits | velocity | velocity, real and real | deviation | deviation, real and real |")
    print("| --- | --- | --- | --- | --- | --- |")
    draw = np.random.default_rng(1)
    orders = [draw.permutation(len(real)) for _ in range(SPLITS)]
    for drum, name in enumerate(DRUMS):
        cells = []
        for deviations in (False, True):
            counts = [histogram(of, drum, deviations) for of in (real, made)]
            if min(each.sum() for each in counts) < FEWEST:
                break
            halves = [
                [histogram([real[each] for each in part], drum, deviations) for part in np.array_split(order, 2)]
                for order in orders
            ]
            both = [overlap(*each) for each in halves if min(part.sum() for part in each) >= FEWEST]
            cells += [f"{overlap(*counts):.2f}", f"{np.mean(both):.2f}" if both else "–"]
        if len(cells) == 4:
            print(f"| {name} | {int(histogram(real, drum, False).sum())} | {' | '.join(cells)} |")


def print_steps(real: Sequence[Take], made: Sequence[Take]) -> None:
    """Print the hits on each step by style."""
    print("\n| style | | " + " | ".join(str(step + 1) for step in range(16)) + " |")
    print("| --- " * 18 + "|")
    for style, name in enumerate(STYLES, 1):
        chosen = [number for number, take in enumerate(real) if take.style == style and take.bar == 16]
        if sum(len(real[number].velocity) // 16 for number in chosen) < FEWEST:
            continue
        for who, of in (("real", real), ("livegen", made)):
            told = " | ".join(f"{each:.1f}" for each in by_step([of[number] for number in chosen]))
            print(f"| {name if of is real else ''} | {who} | {told} |")


def cut(take: Take) -> Take:
    """The beginning of a take."""
    velocity, deviation = take.velocity[:LONGEST], take.deviation[:LONGEST]
    return Take(take.name, velocity, deviation, take.bar, take.tempo, take.style, take.fill)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="drums", help="a drum model's name or file")
    parser.add_argument("--most", type=int, default=60, help="takes (default 60)")
    asked = parser.parse_args()
    found = takes.read(asked.folder)
    real = [
        cut(take)
        for take in found.part(VALIDATION) or found.takes
        if take.fill == GROOVE and len(take.velocity) >= BARS * take.bar
    ][: asked.most]
    model = models.drummer(asked.model)
    made = [generated(model, take, number) for number, take in enumerate(real, 1)]
    print(f"{len(real)} grooves, {sum(len(take.velocity) // take.bar for take in real)} bars\n")
    print_drums(real, made)
    print_repeats(real, made)
    print_steps(real, made)


if __name__ == "__main__":
    main()
