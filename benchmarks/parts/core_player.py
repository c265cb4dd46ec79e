"""Plays a performer's notes to a session, in virtual time, and says what each cost. Run by its path, so that the
livegen that it measures is the one in PYTHONPATH: an older one too.

python core_player.py MODE [--count]

It reads a number of notes a line, and writes a line of JSON: for what was asked, the processor's nanoseconds. With
``--count`` the number of bytecode instructions instead, which is the same on any machine; none counts what numpy and
ONNX Runtime do.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from livegen.events import NoteOff, NoteOn
from livegen.predictors import models
from livegen.session.dry_run import DryRun
from livegen.session.session import Session
from livegen.settings import Settings

if TYPE_CHECKING:
    from _typeshed import TraceFunction

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


def _pass_time(session: Session, until: float) -> None:
    while (due := session.next_due()) is not None and due < until:
        session.advance(max(due, session.now), promptly=True)


class _Clock:
    """Measures acts in nanoseconds of the processor, or ``counts`` their bytecode instructions."""

    def __init__(self, counts: bool) -> None:
        self._counts = counts
        self._counted = 0

    def measure(self, act: Callable[[], object]) -> int:
        """The cost of an act."""
        if not self._counts:
            begun = time.thread_time_ns()
            act()
            return time.thread_time_ns() - begun
        self._counted = 0
        sys.settrace(self._trace)
        act()
        sys.settrace(None)
        return self._counted

    def _trace(self, frame: FrameType, event: str, argument: object) -> "TraceFunction":
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        self._counted += event == "opcode"
        return self._trace


def main(mode: str, counts: bool) -> None:
    """Play as many notes as are asked for."""
    session = Session(models.load("folk"), Settings(mode=mode), 1)
    performer, dry_run, clock = notes(1), DryRun(session), _Clock(counts)
    for line in sys.stdin:
        spent: dict[str, list[int]] = {"on": [], "off": [], "between": []}
        for _ in range(2 * int(line)):
            event = next(performer)
            spent["between"].append(clock.measure(partial(_pass_time, session, event.at)))
            dry_run.hear_release()  # as the server does while somebody plays, so that the caches are warm
            dry_run.hear_note()
            heard = clock.measure(partial(session.receive, event))
            spent["on" if isinstance(event, NoteOn) else "off"].append(heard)
        print(json.dumps(spent), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], "--count" in sys.argv)
