"""Runs one player and its performer, one instant at a time. Session and Band pass the times; see session.py.

Theory of operation. A player is always in one of three states, and while it plays in one of two:

                 the mode says: play
    LISTENING  ────────────────────────►  PLAYING
        ▲  ▲                               │   ┌──────────── prepare ───────────┐
        │  └───── the mode says: listen ───┘   │                                ▼
        │         (end_turn)              to decide (prepare_at)        decided (plan)
        │                                      ▲                                │
        │   the performer plays,               ├── strike, when the plan is due ┤
        │   or a mode is set                   ├── the performer plays a note ──┤  the plan is thrown away,
      HUSHED  ◄── panic, from any state        └── settings, model, place ──────┘  its time is kept

The rules:
- Whose turn it is, only the mode decides (``consider``). It is asked after each event of the performer, after each
  note of the player, and when the time comes that it named itself (``Turn.until``).
- The next note is decided (``prepare``) as soon as the one before was struck, not when it is due. Inference takes
  longer than anything else here, and this way no note waits for it. The price is that a plan may be thrown away.
- ``strike`` only sends what was decided. ``listen`` moves the model by the performer's note and must be quick, too:
  the performer waits for the prediction.
- What has no hurry (weighing what an onset means for the beat, copying for a rewind) waits for ``settle``, which is due
  30 ms after the onset, or comes before anything is decided that depends on it.
- Each step leaves what is to be sent in ``out``, until it is taken: if a mode or a model fails, no note-off is lost.
"""

from collections import deque
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from livegen.beat.pulse import Pulse
from livegen.beat.transport import Grid, Transport
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
from livegen.player.line import Line
from livegen.player.modes import Mode
from livegen.player.planner import TOGETHER, Planner
from livegen.player.progress import Progress
from livegen.player.slots import Place
from livegen.player.surprise import Surprise
from livegen.player.turns import Turns
from livegen.predictors.models import Predictor
from livegen.settings import Settings

_DRUMS = 10  # General MIDI's channel for them


class Membership(NamedTuple):
    """A player's place among several: its name, and what all of them share."""

    name: str
    transport: Transport
    ids: Iterator[int]  # the numbers of notes and predictions


class Player:
    """One player and its performer. Times are seconds and never go back; ``out`` is what is to be sent."""

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
        pulse = Pulse(settings.tempo) if member is None else member.transport.pulse
        self.performer = Performer(pulse, teaches=member is None)
        self.transport = Transport(pulse, now, settings.metre) if member is None else member.transport
        self.ids = count(1) if member is None else member.ids
        self.ledger = Ledger()
        self.out: list[Event] = []
        self.surprises: deque[Surprise] = deque(maxlen=16)  # at the performer's last notes, until they are sent
        bars = Bars(settings, self.transport, self.performer)
        self._composer = Composer(predictor, settings, self.performer, bars, seed)
        self._take_metre()
        self._harmoniser = Harmoniser(self.performer, settings, self._composer.limits, self.ledger)
        self.turns = Turns(settings, self.performer, bars, self._composer.limits, now)
        self.progress = Progress(self._composer)
        self.planner = Planner(self._composer, self.turns, bars, settings)
        self.history = History(self.performer, self.transport, self._attend)
        self._weighs = member is None  # the performer's onsets, for the beat; of several players the first does
        self._tempo = settings.tempo

    @property
    def predictor(self) -> Predictor:
        """The model that answers."""
        return self._composer.predictor

    @property
    def limits(self) -> Limits:
        """The pitches that the player may use."""
        return self._composer.limits

    def next_due(self) -> float | None:
        """The time at which there is something to do; None while the player waits for the performer."""
        planner = self.planner
        due = self.ledger.next_end()
        plan, weigh = planner.plan, self.performer.pulse.due if self._weighs else None
        for other in (self.turns.turn.until, planner.prepare_at, None if plan is None else plan.due, weigh):
            if other is not None and (due is None or other < due):
                due = other
        return due

    def take(self) -> list[Event]:
        """Return the events to send, and forget them."""
        out, self.out = self.out, []
        return out

    # Time passes

    def is_to_settle(self, at: float) -> bool:
        """Whether the last onset is to be weighed by then."""
        return (due := self.performer.pulse.due) is not None and due <= at

    def settle(self) -> None:
        """Weigh what the last onset means for the beat, if that has not been done. It is due when a chord would be
        complete, and before anything is decided that depends on it."""
        if self.performer.pulse.due is not None:  # once: a grid that is settled again may move by a bit
            self.performer.pulse.settle()
            self.transport.settle()
            self.history.catch_up()

    def release(self, at: float) -> bool:
        """End the notes whose end is due; whether there were any."""
        offs = self.ledger.release(at)
        self.out += offs
        return bool(offs)

    def is_to_consider(self, at: float) -> bool:
        """Whether the mode wants to be asked by then."""
        until = self.turns.turn.until
        return until is not None and until <= at

    def consider(self, at: float, interrupted: bool = False) -> None:
        """Ask the mode whose turn it is. An interrupted player falls silent at once; otherwise its notes ring out."""
        turns, planner, sam = self.turns, self.planner, self.turns.cadence.sam
        changed = turns.ask(at, interrupted)
        if sam is None and planner.plan is not None and turns.cadence.is_last(planner.plan.due):
            planner.ask(at)
        if self._harmoniser.under and not turns.turn.under:
            self.out += self._harmoniser.end(at)
        if changed and turns.playing:
            self._begin_turn(at)
        elif changed:
            self._end_turn(at, interrupted)

    def _begin_turn(self, at: float) -> None:
        self.planner.ask(at)
        over = self.turns.over()
        if over is not None and over <= at:
            self.history.end(over)
            self.performer.end_phrase(over)
        self.out.append(TurnChange(at, "player", self.name))

    def _end_turn(self, at: float, interrupted: bool) -> None:
        self.planner.drop()
        self.progress.fall_back()
        if interrupted:
            self.out += self.ledger.silence(at)
        self.out.append(TurnChange(at, "performer", self.name))

    def is_to_prepare(self, at: float) -> bool:
        """Whether the next notes are to be decided by then."""
        return self.planner.prepare_at is not None and self.planner.prepare_at <= at

    def prepare(self, at: float) -> None:
        """Decide what sounds next, ahead of its time."""
        self.settle()
        self.planner.prepare(self.progress.ahead, at)

    def strike(self, at: float) -> None:
        """Sound what was decided, and ask for the next."""
        plan = self.planner.plan
        if plan is None:
            return
        struck: list[Event] = []
        for pitch, velocity in plan.notes:
            on = NoteOn(at, pitch, velocity, self.settings.channel_out, next(self.ids), plan.duration)
            struck += self.ledger.strike(on)
        self.out += sorted(struck, key=lambda event: isinstance(event, NoteOn))
        self.history.keep(at, len(plan.notes), self.progress.place)
        self.turns.played += len(plan.notes)
        self.progress.play(plan, at, self.turns.turn.feed)
        self.planner.ask(at)
        self.consider(at)

    # The performer plays

    def listens_to(self, event: Heard) -> bool:
        """Whether an event's channel is listened to. A held key or pedal is released on any channel."""
        if isinstance(event, NoteOff) and (event.pitch, event.channel) in self.performer.held:
            return True
        if isinstance(event, NoteOff) and self.performer.left_hand.holds(event):
            return True
        if isinstance(event, ControlChange) and event.control == SUSTAIN and event.value < 64:
            return True
        wanted = self.settings.channel_in
        return event.channel == wanted if wanted else event.channel != _DRUMS

    def hear_left_hand(self, event: Heard) -> bool:
        """Whether the event only sets the chord; a plan that does not keep to the new one is made again."""
        below = self.settings.zone if self.settings.chord == LEFT_HAND else 0
        if not self.performer.left_hand.hear_event(event, below):
            return False
        plan = self.planner.plan
        if plan is not None and not self._composer.keeps_limits(self.progress.ahead, plan):
            self.planner.ask_again(event.at)
        return True

    def meet(self, event: Heard) -> None:
        """Take in an event of the one whom this player answers, and ask whose turn it is now."""
        if isinstance(event, NoteOn):
            self.turns.hushed = False
            self.history.keep(event.at, 1, self.progress.place)
        patience = self.settings.patience
        self.history.hear_event(event, patience)
        self._attend(event, patience)
        self.consider(event.at, interrupted=True)
        harmoniser = self._harmoniser
        if harmoniser.under:
            self.out += harmoniser.follow(event.at)
        if self.turns.turn.under and isinstance(event, NoteOn) and self.settings.harmony != MODEL:
            self.out += harmoniser.strike(event, harmoniser.below(event.pitch), self.ids)

    def _attend(self, event: Heard, patience: float) -> None:
        """Have the performer, and with them the grid, take in an event."""
        self.performer.by_pace = not self.settings.phrase_cues
        if self.is_to_settle(event.at):  # as it is heard again, after notes were taken back
            self.settle()
        self.performer.hear_event(event, patience)
        if self.performer.teaches and isinstance(event, NoteOn) and self.performer.onset == event.at:
            self.transport.hear_onset(event.at, begins=self.performer.phrase_start == event.at)

    def listen(self, on: NoteOn, announce: bool = True) -> None:
        """Move the model by a note, if the mode listens; ``announce``: send what is expected next."""
        if not self.turns.turn.listen:
            return
        # The player keeps its own rhythm while both play: the note it was about to play stays, with a new pitch. A note
        # due right after the performer's sounds with it, for musicians who play together meet on the beat.
        at, plan, progress = on.at, self.planner.plan, self.progress
        due = plan.due if plan is not None and plan.due >= at else None
        if due is not None and due - at < TOGETHER:
            due = at
        held = len(self.performer.held) - 1 + len(self.ledger)
        foreseen = progress.heard.forecast
        line, step = self._composer.heard(progress.heard, on, held, due)
        if foreseen is not None and (now := line.forecast) is not None:
            self.surprises.append(Surprise(foreseen, step.gap - 1, on.pitch, now, line.next_gap))
        progress.hear(line, step)
        if self.turns.playing:
            self.planner.ask(at, due)
        if self.turns.turn.under and self.settings.harmony == MODEL:
            below = self._composer.below(self._harmoniser, line, on.pitch)
            self.out += self._harmoniser.strike(on, below, self.ids)
        prediction = self.expected(at, on.id)
        if announce:
            self.out.append(prediction)

    def expected(self, at: float, id: int = 0) -> Prediction:
        """The note that is expected next; without an ``id`` of its own it gets a running number."""
        line, running = self.progress.heard, next(self.ids)
        gap, duration = self._composer.seconds(line), self._composer.duration(line)
        return Prediction(at, id or running, line.next_pitch, gap, line.next_velocity, duration, self.name)

    # Something changes from outside

    def hush(self, at: float) -> None:
        """Silence everything until the performer plays or a mode is set."""
        self.turns.hushed = True
        self.consider(at, interrupted=True)
        self.out += self.ledger.silence(at)

    def wake(self, at: float) -> None:
        """End the silence after a panic."""
        self.turns.hushed = False
        self.consider(at)

    def begin_again(self, at: float) -> None:
        """Forget everything heard and played; whether to play is asked again."""
        self.performer.forget()
        self._expect_tempo()
        if self.performer.teaches:
            self.transport.forget(at)
        self.history.clear()
        self.progress.begin_again()
        self.turns.begin_again()
        self.consider(at)

    def set_mode(self, mode: Mode, at: float) -> None:
        """Play in another mode; what sounds ends, unless the new mode plays on."""
        self.turns.mode, self.turns.hushed = mode, False
        self.turns.cadence.cancel()
        self.consider(at, interrupted=True)

    def set_predictor(self, predictor: Predictor, at: float) -> None:
        """Play with another model. It hears the latest notes, so that the music continues."""
        self.progress.load(predictor)
        self._take_metre()
        self.history.clear()
        self.planner.ask_again(at)

    def take_settings(self, at: float) -> None:
        """Take up changed settings."""
        if self.settings.tempo != self._tempo:
            self._expect_tempo()
        self._composer.take_raga()
        self._take_metre()
        self.consider(at)
        self.planner.ask_again(at)

    def follow(self, grid: Grid) -> None:
        """Keep to a clock's beat from now on, or again to the performer's. What is planned stays."""
        self.settle()
        self.history.follow(grid)
        self.transport.follow(grid)

    def rewind(self, notes: int, at: float) -> None:
        """Take back the latest notes, the performer's and the player's. What sounds, sounds."""
        place = self.history.rewind(notes)
        self.settle()
        if place is not None:
            self.progress.take_back(place)
            self.consider(at)
            self.move_to(place, at)

    def move_to(self, place: Place, at: float) -> None:
        """Continue from another place in the music, and say what is expected there."""
        self.progress.move_to(place)
        self.planner.ask_again(at)
        self.out.append(self.expected(at))

    def forget(self) -> None:
        """Let the memory of what was heard before lead no more; what sounds and what is about to sound stay."""
        self.history.clear()
        self.progress.forget()
        self.planner.forget()

    def take_over(self, line: Line, predictor: Predictor) -> None:
        """Take over a line and the loaded model of another player."""
        self._composer.predictor = predictor
        self.progress.heard = self.progress.ahead = line

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
