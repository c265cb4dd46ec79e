"""Decides what a player plays next, and when, ahead of its time: inference is never between "due" and "sent"."""

from collections.abc import Callable

from livegen.beat.transport import AUTO
from livegen.player.asked import NOW
from livegen.player.bars import Bars
from livegen.player.cadence import next_akshara
from livegen.player.composer import Composer
from livegen.player.endings import Endings
from livegen.player.line import Line, Plan
from livegen.player.turns import Turns
from livegen.settings import Settings

TOGETHER = 0.08  # seconds: musicians who play this nearly together meet on one beat


class Planner:
    """Holds the ``plan`` once it is decided, and otherwise ``prepare_at``, the time at which to decide it (seconds).

    Both are None while it is the performer's turn.
    """

    def __init__(self, composer: Composer, endings: Endings, turns: Turns, bars: Bars, settings: Settings) -> None:
        self._composer = composer
        self._endings = endings
        self._turns = turns
        self._bars = bars
        self._settings = settings
        self.lead = 0.0  # seconds from deciding a first note, which follows nothing, to its sounding
        self.plan: Plan | None = None
        self.prepare_at: float | None = None
        self._keep_due: float | None = None  # the time that the next plan keeps
        self.lead_to: Callable[[Plan], Plan] = _as_drawn  # what gives a plan the note that is to follow it

    def ask(self, at: float, due: float | None = None) -> None:
        """Have the next notes decided at this time, whatever was decided; ``due`` fixes when they sound."""
        self.plan, self.prepare_at, self._keep_due = None, at, due

    def ask_again(self, at: float) -> None:
        """Have the plan, if there is one, decided again at this time, to sound when it was to sound."""
        if self.plan is not None:
            self.ask(at, self.plan.due)

    def struck(self) -> None:
        """The plan has sounded."""
        self.plan = None

    def drop(self) -> None:
        """Drop the plan: nothing is to sound."""
        self.plan = self.prepare_at = self._keep_due = None

    def forget(self) -> None:
        """Keep the plan, but have the notes after it decided without the memory of what was heard before."""
        if self.plan is not None:
            self.plan = self.plan._replace(after=self._composer.forget(self.plan.after))

    def prepare(self, line: Line, at: float) -> None:
        """Decide what sounds next after the line."""
        if self._is_over(line.onset):
            self.prepare_at = None
            return
        due, beats = self._keep_due, None
        if due is None:
            due, beats = self.in_time(line, at, first=self._turns.played == 0)
        if self._turns.played == 0:
            line = self._composer.fit(self._composer.begin_in_call(line, due), due)
        self.plan = self._to_end(line, due, beats, at) or self.lead_to(self._composer.plan(line, due, beats))
        self.prepare_at = self._keep_due = None

    def in_time(self, line: Line, at: float, first: bool) -> tuple[float, float | None]:
        """The time at which a note after the line sounds that is decided at ``at``, and the gap that is meant, by the
        settings ``begin`` and ``quantise``; the ``first`` of an answer."""
        due, beats = at + self.lead, None
        if line.onset is not None:
            due, beats = self._composer.due(line, at, first)
        return self._moved(line, due, beats, at, first)

    def _is_over(self, onset: float | None) -> bool:
        """Whether the answer's last note sounded."""
        turns, ends = self._turns, self._turns.ends
        if onset is not None and turns.played:
            turns.ending.hear_note(onset)
        if ends is None or onset is None:
            return turns.cadence.is_over(onset)
        return turns.ending.is_over(onset, ends)

    def _to_end(self, line: Line, due: float, beats: float | None, at: float) -> Plan | None:
        """The answer's last note, if the one that is due then is, or one before it; None: nothing leads to an end."""
        cadence, ends = self._turns.cadence, self._turns.ends
        if cadence.sam is not None:
            return self._endings.last(line, cadence.sam) if cadence.is_last(due) else None
        if ends is None:
            return None
        ending = self._turns.ending
        if last := ending.last(due, at, ends):
            return self._endings.resolve(line, *last)
        line = self._endings.lead(line, due) if ending.approaches else line
        plan = self.lead_to(self._composer.plan(line, due, beats))
        # Where the next note is the last it may come sooner than this one knows.
        return plan if ending.aim is None else plan._replace(duration=min(plan.duration, ending.aim - due))

    def _moved(self, line: Line, due: float, beats: float | None, at: float, first: bool) -> tuple[float, float | None]:
        """The same time and gap, moved to where answers begin or to the grid."""
        bars = self._bars
        if first:
            when = self._turns.asked.when
            if when == NOW:
                return max(at, due) if line.onset is None else at, None
            start = bars.begins(at, when)
            if start is None and self._composer.limits.tala is not None and self._settings.begin == AUTO:
                start = next_akshara(at, bars.beat_at(at), bars.beat)
            if start is None and self._settings.exchange and self._settings.begin == AUTO:
                start = bars.enters(at, at if self._settings.prompt else due)
                if start is None and self._settings.at_once:
                    start = bars.at_once(at)
            if start is not None:
                return max(at, start), None
        if not self._settings.quantise:
            return due, beats
        moved = bars.quantised(due)
        if moved < at or (line.onset is not None and moved < line.onset + TOGETHER / 4):
            return due, beats
        return moved, beats


def _as_drawn(plan: Plan) -> Plan:
    return plan
