"""The state of the live server in numbers: how late its notes are, what was dropped, what waits.

Three of them are defined as in StreamMUSE (Zheng et al., RTAS 2026), whose time steps are here the times at which
notes of livegen's were due. ISR, the interaction success rate, is the share of these at which a note sounded. The
staleness of a note is how long before it sounded it was decided, in sixteenths. ISRw weighs each step by
(32 - staleness) / 32.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

IN_TIME = 0.005  # seconds: a note that is sent within it of when it is due is in time
STALEST = 32.0  # sixteenths


class Report(NamedTuple):
    """Lateness in milliseconds of the notes since the report before; counts since the session began; what waits now."""

    p50: float
    p99: float
    latest: float
    in_time: float  # the share of the notes, 1 where there were none
    notes: int
    dropped: int  # too late, or without a process to send them
    passed_over: int  # of the performer's, in a flood
    waiting: int  # events of the performer
    inputs: int
    outputs: int
    trouble: int  # 1 while the disk refuses the journal
    late_steps: int  # of a model, longer than `deadline`, since the session began
    isr: float  # 0 to 1, as `isrw`; both 1 where no note was due
    isrw: float
    staleness: float  # sixteenths, the mean


class Health:
    """Counts what happens; ``report`` begins anew with the lateness."""

    def __init__(self) -> None:
        self.notes = 0
        self.dropped = 0
        self.passed_over = 0
        self.waiting = 0
        self.late_steps = 0
        self._late: list[float] = []  # seconds
        self._steps: dict[float, bool] = {}  # by the time at which notes were due: whether one sounded
        self._stale: dict[float, float] = {}  # sixteenths, by that time

    def hear_late_step(self) -> None:
        """A model took too long for a step."""
        self.late_steps += 1

    def hear_note(self, late: float | None, sent: bool, due: float = 0.0) -> None:
        """A note of the player's was due then: how late it was, in seconds (None: that is told later), and whether it
        was sent all the same."""
        if late is not None:
            self._late.append(late)
        self._steps[due] = sent or self._steps.get(due, False)
        if sent:
            self.notes += 1
        else:
            self.dropped += 1

    def hear_lateness(self, late: float) -> None:
        """A note of which that was not told before was so late, in seconds."""
        self._late.append(late)

    def hear_decision(self, due: float, stale: float) -> None:
        """The notes that were due then were decided so many sixteenths before."""
        self._stale[due] = min(STALEST, max(0.0, stale))

    def report(self, inputs: int, outputs: int, unsent: int, trouble: bool) -> Report:
        """The numbers now; ``unsent`` are notes for which no process was ready."""
        late, self._late = sorted(self._late), []
        steps, self._steps, stale, self._stale = self._steps, {}, self._stale, {}
        in_time = sum(each <= IN_TIME for each in late) / len(late) if late else 1.0
        return Report(
            _at(late, 0.5),
            _at(late, 0.99),
            _at(late, 1.0),
            in_time,
            self.notes,
            self.dropped + unsent,
            self.passed_over,
            self.waiting,
            inputs,
            outputs,
            int(trouble),
            self.late_steps,
            *_success(len(steps), [stale.get(due, 0.0) for due, sounded in steps.items() if sounded]),
        )


def _success(due: int, stale: Sequence[float]) -> tuple[float, float, float]:
    """ISR, ISRw and the mean staleness, where so many notes were due and those that sounded were ``stale``."""
    if not due:
        return 1.0, 1.0, 0.0
    weighed = sum((STALEST - each) / STALEST for each in stale)
    mean = sum(stale) / len(stale) if stale else 0.0
    return round(len(stale) / due, 4), round(weighed / due, 4), round(mean, 3)


def _at(values: Sequence[float], share: float) -> float:
    """The smallest of sorted values, seconds, that so large a share of them does not exceed, in milliseconds."""
    return round(max(0.0, values[max(0, math.ceil(share * len(values)) - 1)]) * 1e3, 3) if values else 0.0
