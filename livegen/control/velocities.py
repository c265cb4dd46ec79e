"""Velocities of OSC clients that count from 0 to 1, told from those that count from 0 to 127. Pure.

Between 0 and 1 there is no velocity of MIDI, so such a number is one of 0 to 1, unless its sender has sent more than 1
before. A 1 itself may be the loudest or the softest: it is what its sender's other velocities make it; from a sender of
whom nothing is known a float is the loudest, and an int the softest, as MIDI has it.
"""

import math

from livegen.osc.packets import Argument
from livegen.osc.peers import Source

_LOUDEST = 127
_ONE = 1.001  # a float that was meant to be 1 may be a little more
_MOST = 256  # clients that are remembered


class Velocities:
    """The way in which each client counts. One without a port (a browser's, a cue) is not remembered."""

    def __init__(self) -> None:
        self._to_one: dict[Source, bool] = {}  # of each client: from 0 to 1; False: from 0 to 127

    def in_midi(self, source: Source, args: tuple[Argument, ...]) -> tuple[Argument, ...]:
        """The arguments of a note (pitch, velocity, ...) with its velocity as MIDI has it; what is none stays."""
        if len(args) < 2:
            return args
        given = args[1]
        if not isinstance(given, int | float) or not math.isfinite(given) or given <= 0:
            return args
        if given > _ONE:
            self._remember(source, False)
            return args
        return args[0], self._read(source, given), *args[2:]

    def _read(self, source: Source, given: float) -> int:
        to_one = self._to_one.get(source)
        if given >= 1:
            loudest = type(given) is not int if to_one is None else to_one
            return _LOUDEST if loudest else 1
        if to_one is False:
            return 1
        self._remember(source, True)
        return max(1, round(given * _LOUDEST))

    def _remember(self, source: Source, to_one: bool) -> None:
        if not source[1]:
            return
        if source not in self._to_one and len(self._to_one) >= _MOST:
            del self._to_one[next(iter(self._to_one))]
        self._to_one[source] = to_one
