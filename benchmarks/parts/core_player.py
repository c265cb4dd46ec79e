"""Plays a performer's notes to a session, in virtual time, and says what each cost. Run by its path, so that the
livegen that it measures is the one in PYTHONPATH: an older one too.

python core_player.py MODE

It reads a number of notes a line, and writes a line of JSON: for what was asked, the processor's nanoseconds.
"""

import json
import random
import sys
import time
from collections.abc import Iterator

from livegen.events import NoteOff, NoteOn
from livegen.predictors import models
from livegen.session.dry_run import DryRun
from livegen.session.session import Session
from livegen.settings import Settings

_FIRST, _LAST = 45, 84  # pitches
_MOVES = (-5, -3, -2, -1, 0, 1, 2, 3, 4, 7)  # semitones


def notes(seed: int) -> Iterator[NoteOn | NoteOff]:
    """A melody in phrases, with rests that are long enough for an answer. It never ends."""
    dice = random.Random(seed)
    at, pitch, left = 0.5, 64, 10
    while True:
        left -= 1
        if not left:
            left = dice.randint(5, 13)
            at += dice.choice([1.2, 2.5, 4.0])
        pitch = max(_FIRST, min(_LAST, pitch + dice.choice(_MOVES)))
        gap = dice.choice([0.125, 0.25, 0.25, 0.5]) * dice.uniform(0.95, 1.05)
        yield NoteOn(at, pitch, dice.randint(50, 110))
        yield NoteOff(at + 0.8 * gap, pitch)
        at += gap


def main(mode: str) -> None:
    """Play as many notes as are asked for."""
    session = Session(models.load("folk"), Settings(mode=mode), 1)
    performer, dry_run = notes(1), DryRun(session)
    for line in sys.stdin:
        spent: dict[str, list[int]] = {"on": [], "off": [], "between": []}
        for _ in range(2 * int(line)):
            event = next(performer)
            begun = time.thread_time_ns()
            while (due := session.next_due()) is not None and due < event.at:
                session.advance(max(due, session.now), promptly=True)
            spent["between"].append(time.thread_time_ns() - begun)
            dry_run.hear_release()  # as the server does while somebody plays, so that the caches are warm
            dry_run.hear_note()
            begun = time.thread_time_ns()
            session.receive(event)
            spent["on" if isinstance(event, NoteOn) else "off"].append(time.thread_time_ns() - begun)
        print(json.dumps(spent), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
