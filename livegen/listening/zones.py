"""The channels of a controller that gives each note a channel of its own (MPE, M1-100-UM): which belong together."""

import math
from collections import Counter
from itertools import pairwise

from livegen.events import RELEASING, ControlChange, Heard, NoteOff, NoteOn

LOWER, UPPER = 1, 16  # the channels that manage a zone; its members follow upwards, or downwards
MOST = 15  # members
DATA, RPN_FINE, RPN_COARSE, MPE = 6, 100, 101, 6  # control numbers of MIDI 1.0; the parameter that configures a zone
DRUMS = 10  # General MIDI's channel for them
_ROUND = 5  # notes in a row, each on another channel and alone there, that show a controller to go round
_MOMENTS = 4  # different times at which they begin: the tracks of a sequencer begin together
_APART = 0.02  # seconds
_CROWD = 8  # channels that sound: with more, a controller may put two notes on one


class Zones:
    """The zones that a controller configured, or that its notes go round."""

    def __init__(self) -> None:
        self._members = {LOWER: 0, UPPER: 0}  # how many, by the manager's channel
        self._zones = False  # whether there are any
        self._parameter: dict[int, tuple[int, int]] = {}  # registered, coarse and fine, by channel
        self._goes_round = False
        self._sounding: Counter[int] = Counter()  # notes, by channel
        self._row: list[NoteOn] = []  # the last notes, each on a channel of its own
        self._only: int | None = 0  # the channel of all notes, as long as there is but one; 0 before the first

    def hear(self, event: Heard) -> None:
        """Take in any event, of whatever channel."""
        channel = event.channel
        if isinstance(event, NoteOn):
            if channel == self._only:  # the usual case
                self._row[0] = event
                self._sounding[channel] = 1
                return
            self._strike(event)
            self._only = channel if self._only == 0 else None
            self._sounding[channel] += 1
        elif isinstance(event, NoteOff):
            self._sounding[channel] = max(0, self._sounding[channel] - 1)
        elif event.control in RELEASING:
            del self._sounding[channel]
        elif channel in self._members:
            self._configure(event)

    def hears(self, channel: int, wanted: int) -> bool:
        """Whether a channel is heard. Of a ``wanted`` one, those that it manages are; 0 is all but the drums'."""
        if wanted:
            return channel == wanted or channel in self.managed_by(wanted)
        return channel != DRUMS or self.has_notes_on(DRUMS)

    def has_notes_on(self, channel: int) -> bool:
        """Whether that channel is one among those that notes are given."""
        if self._goes_round or not self._zones:
            return self._goes_round
        return any(channel in self.managed_by(manager) for manager in self._members)

    def managed_by(self, channel: int) -> range:
        """The channels whose pedals are moved on this one."""
        if channel == LOWER:
            return range(LOWER + 1, LOWER + 1 + self._members[LOWER])
        if channel == UPPER:
            return range(UPPER - self._members[UPPER], UPPER)
        return range(0)

    def _configure(self, event: ControlChange) -> None:
        """The configuration message: how many members a zone has. It takes those that it needs from the other zone."""
        manager = event.channel
        coarse, fine = self._parameter.get(manager, (127, 127))
        if event.control == RPN_COARSE:
            self._parameter[manager] = event.value, fine
        elif event.control == RPN_FINE:
            self._parameter[manager] = coarse, event.value
        elif event.control == DATA and (coarse, fine) == (0, MPE) and event.value <= MOST:
            other = UPPER if manager == LOWER else LOWER
            self._members[manager] = event.value
            self._members[other] = min(self._members[other], max(0, MOST - 1 - event.value))
            self._zones = any(self._members.values())

    def _strike(self, on: NoteOn) -> None:
        """See whether notes go round the channels; those of one instrument sound together on one, or follow there."""
        row = self._row
        crowded = sum(1 for count in self._sounding.values() if count) >= _CROWD
        if (self._sounding[on.channel] and not crowded) or (row and row[-1].channel == on.channel):
            self._goes_round = False
            row[:] = [on]
            return
        while any(each.channel == on.channel for each in row):
            del row[0]
        row.append(on)
        del row[:-_ROUND]
        self._goes_round = self._goes_round or (len(row) == _ROUND and self._moments() >= _MOMENTS) or self._steps()

    def _moments(self) -> int:
        last, count = -math.inf, 0
        for on in self._row:
            count += on.at - last >= _APART
            last = on.at
        return count

    def _steps(self) -> bool:
        """Whether the drums' channel is the third in a row, one note after the other."""
        last = self._row[-3:]
        channels = [on.channel for on in last]
        apart = all(after.at - on.at >= _APART for on, after in pairwise(last))
        return apart and channels in ([DRUMS - 2, DRUMS - 1, DRUMS], [DRUMS + 2, DRUMS + 1, DRUMS])


def configuration(at: float, manager: int = LOWER, members: int = MOST) -> list[ControlChange]:
    """The messages that configure a zone."""
    return [
        ControlChange(at, control, value, manager)
        for control, value in ((RPN_COARSE, 0), (RPN_FINE, MPE), (DATA, members))
    ]
