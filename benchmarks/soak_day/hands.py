"""``python -m benchmarks.soak_day.hands FOLDER PACE``: performers on MIDI keyboards, at random.

One is wired to livegen's own input for good, one comes and goes there, and one, which livegen opens by name, is pulled
even while its keys are down.
"""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.parts.loads import keyboard
from benchmarks.soak_day.child import turns
from tests.support.jack import Peer

PLUGGED = "soak-keys"  # the name by which livegen opens the keyboard that is pulled
READY = "ready"  # the file that says that livegen has its ports
_TURNS = (0, 2, 4, 5, 7, 9, 7, 4, 2)  # a phrase's degrees in semitones
_REST = (4.0, 15.0)  # seconds from phrase to phrase, at a pace of 1
_VISITS = 0.4  # the share of phrases that another performer plays than the one that stays
Play = Callable[..., object]
Beat = tuple[float, tuple[int, ...]]  # seconds after the beginning, and the message


def phrase(draw: random.Random, channel: int) -> Iterator[Beat]:
    """A phrase with chords, pedals and forgotten releases; in the end nothing is held."""
    home, pace, at = draw.randint(48, 72), draw.choice((0.18, 0.25, 0.33, 0.5)), 0.0
    pedal = draw.random() < 0.2
    if pedal:
        yield at, (0xB0 | channel, 64, 127)
    for index in range(draw.randint(5, 18)):
        keys = [home + _TURNS[index % len(_TURNS)] + draw.choice((0, 0, 0, 12, -1))]
        keys += [keys[0] - 4, keys[0] - 9] if draw.random() < 0.15 else []
        for key in keys:
            yield at, (0x90 | channel, key, draw.randint(40, 110))
        held = pace * draw.uniform(0.3, 0.95)
        for key in keys:
            if draw.random() < 0.97:
                yield at + held, (0x80 | channel, key, 0)
        if draw.random() < 0.05:
            yield at + held, (0xE0 | channel, 0, draw.randint(0, 127))
        at += pace * draw.choice((0.5, 1.0, 1.0, 1.0, 2.0)) * draw.uniform(0.97, 1.03)
    if pedal:
        yield at, (0xB0 | channel, 64, 0)
    yield at, (0xB0 | channel, 123, 0)


class Hands:
    """The performers: whose phrase it is, and its messages that are still to come."""

    def __init__(self, stay: Play, pace: float) -> None:
        self.counts = {"messages": 0, "plugged": 0}
        self._stay = stay
        self._pace = pace
        self._draw = random.Random()
        self._coming: list[Beat] = []  # at the loop's time
        self._play = stay
        self._visit = ExitStack()

    def turn(self, now: float) -> None:
        """Play what is due; after the last message the performer leaves, and the next begins after a rest."""
        while self._coming and self._coming[0][0] <= now:
            message = self._coming.pop(0)[1]
            self._play(*message)
            self.counts["messages"] += 1
        if not self._coming:
            self._visit.close()
            self._begin(now + self._draw.uniform(*_REST) / self._pace)

    def _begin(self, at: float) -> None:
        draw, channel = self._draw, self._draw.choice((0, 0, 0, 1))
        coming = sorted(phrase(draw, channel), key=lambda each: each[0])
        self._play = self._stay
        if draw.random() < _VISITS:
            self.counts["plugged"] += 1
            if draw.random() < 0.5:
                self._play = self._visit.enter_context(keyboard("soak-guest"))
            else:
                self._play = self._visit.enter_context(Peer(PLUGGED, "out", True)).play
                coming = coming[: draw.randint(1, len(coming))]  # pulled in the middle
        self._coming = [(at + each, message) for each, message in coming]

    def leave(self) -> None:
        """Let go of everything, whoever plays."""
        for channel in (0, 1):
            self._stay(0xB0 | channel, 64, 0)
            self._stay(0xB0 | channel, 123, 0)
        self._visit.close()


def main(folder: Path, pace: float) -> None:
    """Play until the end, from when livegen is there; it needs the port that it opens by name to be there first."""
    with ExitStack() as stack:
        first = Peer(PLUGGED, "out", True)
        players: list[Hands] = []
        for now in turns(folder / "hands.json", lambda: players[0].counts if players else {}):
            if players:
                players[0].turn(now)
            elif (folder / READY).exists():
                first.close()
                players.append(Hands(stack.enter_context(keyboard("soak-stays")), pace))
        for each in players:
            each.leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
