"""Decides what a player plays next, and when, ahead of its time: inference is never between "due" and "sent"."""

from livegen.beat.transport import AUTO
from livegen.player.bars import Bars
from livegen.player.cadence import next_akshara
from livegen.player.composer import Composer
from livegen.player.line import Line, Plan
from livegen.player.turns import Turns
from livegen.settings import Settings

TOGETHER = 0.08  # seconds: musicians who play this nearly together meet on one beat


class Planner:
    """Holds the ``plan`` once it is decided, and otherwise ``prepare_at``, the time at which to decide it (seconds).

    Both are None while it is the performer's turn.
    """

    def __init__(self, composer: Composer, turns: Turns, bars: Bars, settings: Settings) -> None:
        self._composer = composer
        self._turns = turns
        self._bars = bars
        self._settings = settings
        self.lead = 0.0  # seconds from deciding a first note, which follows nothing, to its sounding
        self.plan: Plan | None = None
        self.prepare_at: float | None = None
        self._keep_due: float | None = None  # the time that the next plan keeps

    def ask(self, at: float, due: float | None = None) -> None:
        """Have the next notes decided at this time, whatever was decided; ``due`` fixes when they sound."""
        self.plan, self.prepare_at, self._keep_due = None, at, due

    def ask_again(self, at: float) -> None:
        """Have the plan, if there is one, decided again at this time, to sound when it was to sound."""
        if self.plan is not None:
            self.ask(at, self.plan.due)

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
        if due is None and line.onset is None:
            due = at + self.lead
        elif due is None:
            due, beats = self._composer.due(line, at, first=self._turns.played == 0)
        if self._keep_due is None:
            due, beats = self._in_time(line, due, beats, at)
        self.plan = self._to_end(line, due, beats, at) or self._composer.plan(line, due, beats)
        self.prepare_at = self._keep_due = None

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
            return self._composer.last(line, cadence.sam) if cadence.is_last(due) else None
        if ends is None:
            return None
        ending = self._turns.ending
        if last := ending.last(due, at, ends):
            return self._composer.resolve(line, *last)
        line = self._composer.lead(line, due) if ending.approaches else line
        plan = self._composer.plan(line, due, beats)
        # Where the next note is the last it may come sooner than this one knows.
        return plan if ending.aim is None else plan._replace(duration=min(plan.duration, ending.aim - due))

    def _in_time(self, line: Line, due: float, beats: float | None, at: float) -> tuple[float, float | None]:
        """The time at which a note sounds, and the gap that is meant, by the settings ``begin`` and ``quantise``."""
        bars = self._bars
        if self._turns.played == 0:
            start = bars.begins(at)
            if start is None and self._composer.limits.tala is not None and self._settings.begin == AUTO:
                start = next_akshara(at, bars.beat_at(at), bars.beat)
            if start is None and self._settings.exchange and self._settings.begin == AUTO:
                start = bars.enters(at, due)
            if start is not None:
                return max(at, start), None
        if not self._settings.quantise:
            return due, beats
        moved = bars.quantised(due)
        if moved < at or (line.onset is not None and moved < line.onset + TOGETHER / 4):
            return due, beats
        return moved, beats
