"""Finds the control that somebody moves to have it learned, and how it counts. Pure.

A knob sends its position, or, if it is endless, how far it was turned: in two's complement (1, 127), as an offset from
64 (65, 63), or with a sign bit (1, 65). Fine halves of pairs (CC 32 to 63), the choice of parameters (98 to 101), banks
(0, 32) and prefixes of velocities (88) are no knobs, though keyboards send them by themselves.
"""

from itertools import pairwise
from typing import NamedTuple

from livegen.events import ControlChange

TURNS, OFFSET = "relative", "offset"  # endless knobs: two's complement or sign bit, which do not overlap; from 64
HIGHEST = 119  # controls 120 and above are channel mode messages
PARAMETERS = range(98, 102)  # MIDI 1.0: they choose a parameter, registered (100, 101) or not
_DATA = (6, 38, 96, 97)  # they move it
_BANKS, _PREFIX = (0, 32), 88
_PRESSED = 64  # and above, as MIDI 1.0 has it for switches
_MOVED, _MOVED_FINE = 3, 64  # steps of 128, and of 16,384, that a knob must move to be meant: more than jitter
_SLOW, _FAST = 3, 15  # steps at the most that an endless knob is turned between two messages; once it sent one twice
_AGAIN = 2  # times that a value must come again: no knob with ends sends one twice
_IN_A_ROW = 4  # messages, ever higher or lower: a knob with ends, turned slowly
_TOLD = 4  # messages after which it is said why they are not learned


class Lesson(NamedTuple):
    """The control that was meant, and how it turns: "" with ends, TURNS or OFFSET without."""

    control: int
    channel: int
    turns: str = ""


def turned(value: int, turns: str) -> int:
    """The steps that an endless knob was turned: up if above 0."""
    if turns == OFFSET:
        return value - 64
    return value if value < 64 else value - 128 if value >= 96 else 64 - value


class Learner:
    """Hears the controls for words that want a knob (``fades``) or a button. ``refusal`` is a sentence to be said."""

    def __init__(self, fades: bool) -> None:
        self.refusal: str | None = None
        self._fades = fades
        self._values: dict[tuple[int, int], list[int]] = {}  # by channel and control
        self._fine: dict[tuple[int, int], int] = {}  # the first position of a pair, in steps of 16,384
        self._counts: dict[tuple[int, int], int] = {}  # of messages that cannot be learned
        self._told: set[str] = set()

    def hear(self, event: ControlChange, parameter: str | None) -> Lesson | None:
        """Take in a control. ``parameter`` is the kind that is chosen on its channel, RPN or NRPN; None is none."""
        control, channel = event.control, event.channel
        key = channel, control
        if control in PARAMETERS or control == _PREFIX or control > HIGHEST:
            return None
        if control in _BANKS or (parameter is not None and control in _DATA):
            self._refuse(key, "chooses banks (CC 0 and 32)" if control in _BANKS else f"sends {parameter}s")
            return None
        values = self._values.setdefault(key, [])
        values.append(event.value)
        del values[:-64]
        coarse = self._values.get((channel, control - 32)) if 32 <= control < 64 else None
        if coarse:
            return self._pair(Lesson(control - 32, channel), coarse[-1] * 128 + event.value)
        if control < 32 and (channel, control + 32) in self._values:
            return None  # its fine half follows
        return self._button(key) if not self._fades else self._knob(key)

    def _refuse(self, key: tuple[int, int], does: str) -> None:
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._counts[key] >= _TOLD:
            cure = "have it send a plain control change, such as CC 20"
            self._tell(f"This control {does}, which livegen cannot learn; {cure}.")

    def _tell(self, sentence: str) -> None:
        """Have something said, once."""
        if sentence not in self._told:
            self._told.add(sentence)
            self.refusal = sentence

    def _pair(self, lesson: Lesson, position: int) -> Lesson | None:
        """The fine half of a knob that sends two controls: the coarse one is meant."""
        first = self._fine.setdefault((lesson.channel, lesson.control), position)
        return lesson if abs(position - first) >= _MOVED_FINE else None

    def _button(self, key: tuple[int, int]) -> Lesson | None:
        channel, control = key
        values = self._values[key]
        first, value = values[0], values[-1]
        if len(values) > 1 and value == first and value >= _PRESSED:  # a button that sends nothing on release
            return Lesson(control, channel)
        if _again(values) > _AGAIN and value:
            self._tell("An endless knob presses nothing; have a button or pad learned for this.")
            return None
        return Lesson(control, channel) if abs(value - first) >= _MOVED else None

    def _knob(self, key: tuple[int, int]) -> Lesson | None:
        channel, control = key
        values = self._values[key]
        first, value = values[0], values[-1]
        most = _FAST if _again(values) else _SLOW
        ends = [each for each in values if 1 <= each <= most or each >= 128 - most]
        middle = [each for each in values if 0 < abs(each - 64) <= most]
        if len(ends) + len(middle) == len(values):
            if _again(values) + _crossings(values) >= _AGAIN:
                return self._endless(Lesson(control, channel), ends, middle)
            if not _climbs(values):
                return None
        return Lesson(control, channel) if abs(value - first) >= _MOVED else None

    def _endless(self, lesson: Lesson, ends: list[int], middle: list[int]) -> Lesson | None:
        if ends:
            return lesson._replace(turns=TURNS)
        if any(each < 64 for each in middle):
            return lesson._replace(turns=OFFSET)
        self._tell("This knob is endless; turn it the other way too, so that livegen knows which way is up.")
        return None


def _again(values: list[int]) -> int:
    """Count the values that are the same as the one before."""
    return sum(after == before for before, after in pairwise(values))


def _crossings(values: list[int]) -> int:
    """Count the times that an endless knob would have been turned back: from one end to the other, or across the
    middle, on which a trembling knob rests."""
    return sum(
        abs(after - before) >= 128 - 2 * _FAST or (before - 64) * (after - 64) == -1
        for before, after in pairwise(values)
    )


def _climbs(values: list[int]) -> bool:
    """Whether the last few values rise, or fall, each by few steps."""
    last = values[-_IN_A_ROW:]
    steps = {(after > before) - (after < before) for before, after in pairwise(last)}
    return len(last) == _IN_A_ROW and (steps in ({1}, {-1}))
