"""The core: events and times go in, events due come out; ``next_due`` says when to ask again. What else may be asked
of it, session.py adds.

The rules it keeps, in every mode: output times never go back; every note-on gets its note-off; a pitch struck again is
released first; a late-dated input is taken as now; the same seed and input give the same output.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import NamedTuple

from livegen.beat.pulse import Pulse
from livegen.beat.transport import AUTO, Transport
from livegen.events import SUSTAIN, ControlChange, Event, Heard, NoteOff, NoteOn, Prediction, TurnChange
from livegen.listening.performer import Performer
from livegen.music.chords import LEFT_HAND
from livegen.music.harmony import MODEL
from livegen.player.bars import Bars
from livegen.player.composer import Composer
from livegen.player.harmoniser import Harmoniser
from livegen.player.history import History
from livegen.player.ledger import Ledger
from livegen.player.limits import Limits
from livegen.player.line import Plan
from livegen.player.slots import Place
from livegen.player.surprise import Surprise
from livegen.player.turns import Turns, next_akshara
from livegen.predictors.encoding import Step
from livegen.predictors.models import Predictor
from livegen.settings import Settings

_DRUMS = 10  # General MIDI's channel for them
_TOGETHER = 0.08  # seconds
_KEPT = 1024  # steps that are kept, for some may be taken back


class Membership(NamedTuple):
    """A player's place among several: its name, and what all of them share."""

    name: str
    transport: Transport
    ids: Iterator[int]  # the numbers of notes and predictions


class Player:
    """One player and its performer. ``now`` is where it has got to, and never goes back."""

    def __init__(
        self,
        predictor: Predictor,
        settings: Settings,
        seed: int = 0,
        now: float = 0.0,
        member: Membership | None = None,
    ) -> None:
        self.name = "" if member is None else member.name  # its predictions and turns carry it
        self.settings = settings
        self.now = now
        pulse = Pulse(settings.tempo) if member is None else member.transport.pulse
        self.performer = Performer(pulse, teaches=member is None)
        self.transport = Transport(pulse, now, settings.metre) if member is None else member.transport
        self.ledger = Ledger()
        self.weighs = member is None  # the performer's onsets, for the beat; of several players the first does
        self.lead = 0.0  # seconds from deciding a first note, which follows nothing, to its sounding
        self._bars = Bars(settings, self.transport, self.performer)
        self._composer = Composer(predictor, settings, self.performer, self._bars, seed)
        self._take_metre()
        self._harmoniser = Harmoniser(self.performer, settings, self._composer.limits, self.ledger)
        self._turns = Turns(settings, self.performer, self._bars, self._composer.limits, now)
        self._out: list[Event] = []
        self._tempo = settings.tempo
        self.surprises: deque[Surprise] = deque(maxlen=16)  # at the performer's last notes, until they are told
        self.ids = count(1) if member is None else member.ids
        self._steps: deque[Step] = deque(maxlen=_KEPT)
        self._told = 0  # steps, and not taken back
        self.history = History(self.performer, self.transport, self._attend)
        self._heard = self._line = self._composer.begin()  # `_line` runs ahead of `_heard` when a mode does not feed
        self._plan: Plan | None = None
        self._prepare_at: float | None = None
        self._keep_due: float | None = None

    @property
    def predictor(self) -> Predictor:
        """The model that answers."""
        return self._composer.predictor

    @property
    def playing(self) -> bool:
        """Whether it is the player's turn."""
        return self._turns.playing

    @property
    def hushed(self) -> bool:
        """Whether a panic silenced the player, until the performer plays."""
        return self._turns.hushed

    @property
    def limits(self) -> Limits:
        """Which pitches the player may use."""
        return self._composer.limits

    @property
    def place(self) -> Place:
        """Where the session stands: what was heard, as the model and the memory know it, and what is expected. It is a
        value, to be gone on from later."""
        return Place(self._heard, self._composer.state, self._told)

    # What the shells call.

    def receive(self, event: Heard) -> list[Event]:
        """Hear one event; its own time says when, but never earlier than what was already done.

        An event of a channel that is not listened to is as if it had not come, but a held key is always released.
        """
        if not self._listens_to(event):
            return []
        at = max(event.at, self.now)
        if event.at < at:
            event = replace(event, at=at)
        self._run(at, onsets=False)
        self.now = at
        if self._is_left_hand(event):
            return self._taken()
        self._meet(event)
        if isinstance(event, NoteOn) and self._turns.turn.listen:
            self._out.append(self._listen(event, at))
        return self._taken()

    def next_due(self) -> float | None:
        """When ``advance`` has something to do; None when it waits for the performer."""
        due = self.ledger.next_end()
        weigh = self.performer.pulse.due if self.weighs else None
        for other in (self._turns.turn.until, self._prepare_at, None if self._plan is None else self._plan.due, weigh):
            if other is not None and (due is None or other < due):
                due = other
        return due

    def decided(self) -> list[Plan]:
        """What the player is to play and has not played yet."""
        return [] if self._plan is None else [self._plan]

    @property
    def next_onset(self) -> float | None:
        """When the next note of the player is due, if it is decided."""
        return None if self._plan is None else self._plan.due

    @property
    def next_end(self) -> float | None:
        """When the next note of the player ends, of those that sound."""
        return self.ledger.next_end()

    def advance(self, now: float, promptly: bool = False) -> list[Event]:
        """What sounds or ends up to now, each event stamped with when it was due.

        ``promptly`` returns as soon as a note sounds, before the next is prepared, so that a shell can send it without
        waiting for the model; what is left to do by now, ``next_due`` says.
        """
        self._run(now, promptly=promptly)
        due = self.next_due()
        if due is None or due > now:
            self.now = max(self.now, now)
        return self._taken()

    def settle(self) -> None:
        """Weigh what the last onset means for the beat, if that has not been done: it is due when a chord would be
        complete, and before anything is decided that hangs on it."""
        if self.performer.pulse.due is not None:  # once: a grid that is settled again may move by a bit
            self.performer.pulse.settle()
            self.transport.settle()
            self.history.catch_up()

    def _take_metre(self) -> None:
        """In a raga a bar is the avartana."""
        if self.performer.teaches:
            tala = self._composer.limits.tala
            self.transport.beats_per_bar = self.settings.metre if tala is None else tala.aksharas

    def _expect_tempo(self) -> None:
        self._tempo = self.settings.tempo
        if self.performer.teaches and not self.performer.pulse.led:
            self.history.expect(self._tempo)
            self.performer.pulse.expect(self._tempo)

    # Time passes.

    def _pass(self, now: float) -> None:
        """Do what is due before something changes from outside."""
        self._run(now)
        self.now = max(self.now, now)

    def _run(self, now: float, onsets: bool = True, promptly: bool = False) -> None:
        """Do what is due by now in order of time, note-offs first. Without ``onsets``, those due exactly now stay."""
        while (due := self.next_due()) is not None and due <= now:
            at = self.now = max(due, self.now)
            if self._is_to_weigh(at):
                self.settle()
            elif offs := self.ledger.release(at):
                self._out += offs
            elif self._turns.turn.until is not None and self._turns.turn.until <= at:
                self._consider(at)
            elif self._prepare_at is not None and self._prepare_at <= at:
                self._prepare(at)
            elif self._plan is not None and (onsets or due < now):
                self._sound(self._plan, at)
                if promptly:
                    break
            else:
                break

    def _is_to_weigh(self, at: float) -> bool:
        return (due := self.performer.pulse.due) is not None and due <= at

    def _taken(self) -> list[Event]:
        """What is to be sent. It is kept until it is taken, so that a mode or model that fails loses no note-off."""
        out, self._out = self._out, []
        return out

    def _consider(self, at: float, interrupted: bool = False) -> None:
        """Ask whose turn it is. When interrupted the player falls silent at once, else its notes ring out."""
        turns, sam = self._turns, self._turns.cadence.sam
        changed = turns.ask(at, interrupted)
        if sam is None and self._plan is not None and turns.cadence.is_last(self._plan.due):
            self._plan, self._prepare_at = None, at
        if self._harmoniser.under and not turns.turn.under:
            self._out += self._harmoniser.end(at)
        if changed and turns.playing:
            self._begin_turn(at)
        elif changed:
            self._end_turn(at, interrupted)

    def _begin_turn(self, at: float) -> None:
        self._prepare_at = at
        over = self._turns.over()
        if over is not None and over <= at:
            self.history.end(over)
            self.performer.end_phrase(over)
        self._out.append(TurnChange(at, "player", self.name))

    def _end_turn(self, at: float, interrupted: bool) -> None:
        self._plan = self._prepare_at = self._keep_due = None
        self._line = self._heard
        if interrupted:
            self._out += self.ledger.silence(at)
        self._out.append(TurnChange(at, "performer", self.name))

    # Hearing and playing.

    def _listens_to(self, event: Heard) -> bool:
        if isinstance(event, NoteOff) and (event.pitch, event.channel) in self.performer.held:
            return True
        if isinstance(event, NoteOff) and self.performer.left_hand.holds(event):
            return True
        if isinstance(event, ControlChange) and event.control == SUSTAIN and event.value < 64:
            return True
        wanted = self.settings.channel_in
        return event.channel == wanted if wanted else event.channel != _DRUMS

    def _meet(self, event: Heard) -> None:
        """Take in an event of whom this player answers, and ask whose turn it is now."""
        if isinstance(event, NoteOn):
            self._turns.hushed = False
            self.history.keep(event.at, 1, self.place)
        patience = self.settings.patience
        self.history.hear_event(event, patience)
        self._attend(event, patience)
        self._consider(event.at, interrupted=True)
        if self._harmoniser.under:
            self._out += self._harmoniser.follow(event.at)
        if self._turns.turn.under and isinstance(event, NoteOn) and self.settings.harmony != MODEL:
            self._out += self._harmoniser.strike(event, self._harmoniser.below(event.pitch), self._next_id)

    def _attend(self, event: Heard, patience: float) -> None:
        """Have the performer, and with them the grid, take in an event."""
        if self._is_to_weigh(event.at):  # as it is heard again, after notes were taken back
            self.settle()
        self.performer.hear_event(event, patience)
        if self.performer.teaches and isinstance(event, NoteOn) and self.performer.onset == event.at:
            self.transport.hear_onset(event.at, begins=self.performer.phrase_start == event.at)

    def _is_left_hand(self, event: Heard) -> bool:
        """Whether it only sets the chord; what was planned keeps to the new one."""
        below = self.settings.zone if self.settings.chord == LEFT_HAND else 0
        if not self.performer.left_hand.hear_event(event, below):
            return False
        if self._plan is not None and not self._composer.keeps_limits(self._line, self._plan):
            self._plan_again()
        return True

    def _listen(self, on: NoteOn, at: float) -> Prediction:
        """Move the state by one of the performer's notes, and say what is expected next."""
        # The player keeps its own rhythm while both play: the note it was about to play stays, with a new pitch.
        # A note due right after the performer's sounds with it, for musicians who play together meet on the beat.
        due = self._plan.due if self._plan is not None and self._plan.due >= at else None
        if due is not None and due - at < _TOGETHER:
            due = at
        held = len(self.performer.held) - 1 + len(self.ledger)
        foreseen = self._heard.forecast
        self._heard, step = self._composer.heard(self._heard, on, held, due)
        if foreseen is not None and (now := self._heard.forecast) is not None:
            self.surprises.append(Surprise(foreseen, step.gap - 1, on.pitch, now, self._heard.next_gap))
        self._line = self._heard
        self._steps.append(step)
        self._told += 1
        if self._turns.playing:
            self._plan, self._prepare_at, self._keep_due = None, at, due
        if self._turns.turn.under and self.settings.harmony == MODEL:
            below = self._composer.below(self._harmoniser, self._heard, on.pitch)
            self._out += self._harmoniser.strike(on, below, self._next_id)
        return self._foreseen(at, on.id)

    def _foreseen(self, at: float, id: int = 0) -> Prediction:
        """What is expected next, to be told; without an ``id`` of its own it gets a running number."""
        line, running = self._heard, self._next_id()
        gap, duration = self._composer.seconds(line), self._composer.duration(line)
        return Prediction(at, id or running, line.next_pitch, gap, line.next_velocity, duration, self.name)

    def _prepare(self, at: float) -> None:
        """Decide what sounds next, ahead of its time."""
        self.settle()
        if self._turns.cadence.is_over(self._line.onset):
            self._prepare_at = None
            return
        due, beats = self._keep_due, None
        if due is None and self._line.onset is None:
            due = at + self.lead
        elif due is None:
            due, beats = self._composer.due(self._line, at, first=self._turns.played == 0)
        if self._keep_due is None:
            due, beats = self._in_time(due, beats, at)
        if self._turns.cadence.sam is not None and self._turns.cadence.is_last(due):
            self._plan = self._composer.last(self._line, self._turns.cadence.sam)
        else:
            self._plan = self._composer.plan(self._line, due, beats)
        self._prepare_at = self._keep_due = None

    def _in_time(self, due: float, beats: float | None, at: float) -> tuple[float, float | None]:
        """When a note sounds, and the gap that is meant, by the settings ``begin`` and ``quantise``."""
        if self._turns.played == 0:
            start = self._bars.begins(at)
            if start is None and self._composer.limits.tala is not None and self.settings.begin == AUTO:
                start = next_akshara(at, self._bars.beat_at(at), self.transport.beat)
            if start is not None:
                return max(at, start), None
        if not self.settings.quantise:
            return due, beats
        drawn = self._bars.quantised(due)
        onset = self._line.onset
        if drawn < at or (onset is not None and drawn < onset + _TOGETHER / 4):
            return due, beats
        return drawn, beats

    def _sound(self, plan: Plan, at: float) -> None:
        """Strike what was planned, and have the next prepared."""
        struck: list[Event] = []
        for pitch, velocity in plan.notes:
            on = NoteOn(at, pitch, velocity, self.settings.channel_out, self._next_id(), plan.duration)
            struck += self.ledger.strike(on)
        self._out += sorted(struck, key=lambda event: isinstance(event, NoteOn))
        self.history.keep(at, len(plan.notes), self.place)
        self._turns.played += len(plan.notes)
        self._line = plan.after.struck(at)
        if self._turns.turn.feed:
            self._heard = self._line
            self._steps.extend(plan.steps)
            self._told += len(plan.steps)
        self._plan, self._prepare_at = None, at
        self._consider(at)

    def _next_id(self) -> int:
        return next(self.ids)

    def _plan_again(self) -> None:
        """What was planned is planned anew, for the same time."""
        if self._plan is not None:
            self._keep_due, self._plan, self._prepare_at = self._plan.due, None, self.now
