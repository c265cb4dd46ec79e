"""A long session in virtual time: does a note cost more after many, and does memory grow?

    python -m benchmarks.studies.long_session [MODEL] [--notes 120000] [--hours 10] [--mode MODE] [--block 10000]

A made-up performer plays phrases with pauses, first without a break, ``--notes`` in all, then so few that they last for
``--hours``. Each block's processor time a note is printed, the player's notes included, with the memory of the process,
and at the end the slope of both, with its standard error (least squares). Processor time, so that other programs count
for little; on a busy machine a note still costs more, in all blocks.
"""

import argparse
import math
import random
import resource
import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from livegen.events import Heard, NoteOff, NoteOn
from livegen.predictors import models
from livegen.session.session import Session
from livegen.settings import Settings

_WARM = 1  # blocks that are not counted: caches fill, buffers reach their size
_TURNS = (0, 2, 4, 5, 7, 5, 4, 2)  # a phrase's degrees in semitones, varied at random


class Block(NamedTuple):
    """The processor time in microseconds for each note heard or played, and the most memory in MiB that the
    process had so far, after ``notes``."""

    notes: int
    cost: float
    memory: float


def performance(seed: int, pause: float) -> Iterator[Heard]:
    """Notes without end: phrases of 6 to 14, quarters of a second apart or halves of that, then ``pause`` seconds."""
    draw = random.Random(seed)
    at = 0.0
    while True:
        home = draw.choice((55, 57, 60, 62, 64, 67))
        for index in range(draw.randint(6, 14)):
            pitch = home + _TURNS[index % len(_TURNS)] + draw.choice((0, 0, 0, 2, -1))
            length = draw.choice((0.25, 0.25, 0.125, 0.5)) * draw.uniform(0.97, 1.03)
            yield NoteOn(at, pitch, draw.randint(50, 100))
            yield NoteOff(at + 0.9 * length, pitch)
            at += length
        at += pause * draw.uniform(0.7, 1.3)


def play(session: Session, notes: int, pause: float, block: int) -> Iterator[Block]:
    """Play ``notes`` of the performer's to the session; a block for every ``block``."""
    heard = sounded = 0
    begun = time.process_time()
    for event in performance(1, pause):
        out = [*session.advance_until(event.at), *session.receive(event)]
        sounded += sum(isinstance(each, NoteOn) for each in out)
        heard += isinstance(event, NoteOn)
        if isinstance(event, NoteOn) and heard % block == 0:
            cost = (time.process_time() - begun) / (block + sounded) * 1e6
            yield Block(heard, cost, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)
            sounded, begun = 0, time.process_time()
        if heard >= notes:
            return


def slope(blocks: list[Block], values: list[float]) -> tuple[float, float]:
    """The slope of the values for 10,000 notes, and its standard error; the first blocks are left out."""
    x, y = np.array([each.notes for each in blocks])[_WARM:] / 1e4, np.array(values)[_WARM:]
    if len(x) < 3:
        return 0.0, math.inf
    away = x - x.mean()
    rise = float((away * y).sum() / (away**2).sum())
    left = y - y.mean() - rise * away
    return rise, float(math.sqrt((left**2).sum() / (len(x) - 2) / (away**2).sum()))


def main() -> None:
    """Play both and print the tables."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.studies.long_session", description=main.__doc__)
    options.add_argument("model", nargs="?", default="folk")
    options.add_argument("--notes", type=int, default=120_000)
    options.add_argument("--hours", type=float, default=10.0)
    options.add_argument("--mode", default=Settings().mode)
    options.add_argument("--block", type=int, default=10_000)
    given = options.parse_args()
    model = models.load(given.model)
    few = max(1, round(given.hours * 3600 / 15.0 * 10))  # a phrase of ten notes every 15 s
    for title, notes, pause in (("without a break", given.notes, 2.0), (f"{given.hours:g} hours", few, 12.0)):
        print(f"{title}: {notes:,} notes, {given.mode}", flush=True)
        blocks: list[Block] = []
        for each in play(Session(model, Settings(mode=given.mode), 1), notes, pause, min(given.block, notes // 6 or 1)):
            blocks.append(each)
            print(f"{each.notes:>8,} notes  {each.cost:7.1f} us a note  {each.memory:7.1f} MiB", flush=True)
        for name, values in (("us a note", [e.cost for e in blocks]), ("MiB", [e.memory for e in blocks])):
            rise, error = slope(blocks, values)
            print(f"slope: {rise:+.2f} ± {error:.2f} {name} for 10,000 notes")


if __name__ == "__main__":
    main()
