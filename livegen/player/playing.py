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
- ``strike`` only sends what was decided. ``Player.listen`` moves the model by the performer's note and must be quick,
  too: the performer waits for the prediction.
- What has no hurry (weighing what an onset means for the beat, copying for a rewind) waits for ``settle``, which is due
  30 ms after the onset, or comes before anything is decided that depends on it.
- Each step leaves what is to be sent in ``out``, until it is taken: if a mode or a model fails, no note-off is lost.
"""

from collections import deque
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from livegen.beat.pulse import Pulse
from livegen.beat.rhythm import SETS
from livegen.beat.transport import Transport
from livegen.events import (
    Event,
    Heard,
    NoteOff,
    NoteOn,
    TurnChange,
)
from livegen.listening.keys import Keys
from livegen.listening.performer import Performer
from livegen.listening.zones import Zones
from livegen.music import drums
from livegen.player import count_in
from livegen.player.arrangement import Surroundings
from livegen.player.bars import Bars
from livegen.player.candidates import Candidates
from livegen.player.changes import Changes
from livegen.player.composer import Composer
from livegen.player.count_in import CountIn
from livegen.player.drum_part import DrumPart
from livegen.player.drum_planner import DrumPlanner
from livegen.player.ear import Ear
from livegen.player.endings import Endings
from livegen.player.harmoniser import Harmoniser
from livegen.player.history import History
from livegen.player.ledger import Ledger
from livegen.player.limits import Limits
from livegen.player.line import Plan
from livegen.player.lower_layer import LowerLayer
from livegen.player.part_planner import PartPlanner
from livegen.player.parts_played import PartsPlayed
from livegen.player.planner import Planner
from livegen.player.progress import Progress
from livegen.player.rhythm import Rhythm
from livegen.player.surprise import Surprise
from livegen.player.timekeeper import Timekeeper
from livegen.player.turns import Turns
from livegen.predictors.models import Predictor
from livegen.predictors.protocol import Stopwatch
from livegen.settings import Settings


class Membership(NamedTuple):
    """A player's place among several: its name, and what all of them share."""

    name: str
    transport: Transport
    ids: Iterator[int]  # the numbers of notes and predictions
    time: Timekeeper | None = None  # of those who accompany, where they are one band


class Playing:
    """One player as time passes. Times are seconds and never go back; ``out`` is what is to be sent."""

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
        pulse = Pulse(settings.tempo, SETS[settings.pulse]) if member is None else member.transport.pulse
        self.performer = Performer(pulse, teaches=member is None)
        self.transport = Transport(pulse, now, settings.metre) if member is None else member.transport
        self.ids = count(1) if member is None else member.ids
        self.ledger = Ledger()
        self.out: list[Event] = []
        self._stopwatch: Stopwatch | None = None  # of whoever wants to know how long drums, bass and chords take
        self.surprises: deque[Surprise] = deque(maxlen=16)  # at the performer's last notes, until they are sent
        bars = Bars(settings, self.transport, self.performer)
        self._composer = Composer(predictor, settings, self.performer, bars, seed)
        self._take_metre()
        keys, zones = Keys(), Zones()
        self._harmoniser = Harmoniser(self.performer, keys, settings, self._composer.limits, self.ledger)
        self._lower = LowerLayer(bars, self._composer.limits, settings)
        self._composer.accord.left_hand = self._lower.under
        self._answered: float | None = None  # when the phrase began that gets a lower layer, once the answer begins
        self.turns = Turns(settings, self.performer, bars, self._composer.limits, now)
        self.progress = Progress(self._composer)
        self._endings = Endings(self._composer, settings, self.performer)
        self._melody = Planner(self._composer, self._endings, self.turns, bars, settings)
        self.candidates = Candidates(self._composer, self.progress, self._melody, self.performer, self.transport)
        self.planner: Planner | DrumPlanner | PartPlanner = self._melody  # of what plays now
        rhythm = Rhythm()
        own = Timekeeper(settings, self.performer, self.transport, rhythm)
        self.time = own if member is None or member.time is None else member.time
        around = Surroundings(settings, self.performer, self.transport, rhythm, self.turns, self.time)
        self._count_in = CountIn(self.transport)
        self._drums = DrumPart(around, zones, first=member is None, seed=seed)
        self._drums.load(predictor)
        self._parts = PartsPlayed(around, self._composer.changes, seed)
        self.turns.is_over_chart = self._composer.changes.is_over_chart
        self.ear = Ear(settings, self.performer, self._drums, keys, zones)
        self.history = History(self.performer, self.transport, self._attend)
        self._weighs = member is None  # the performer's onsets, for the beat; of several players the first does
        self.decisions: deque[tuple[float, float]] = deque(
            maxlen=64
        )  # when they sounded, and how old they were (beats)
        self._decided = now  # when the latest plan was
        self._tempo = settings.tempo
        self._told_counted: tuple[int, int] | None = None  # of a trade's bars

    @property
    def predictor(self) -> Predictor:
        """The model that answers."""
        return self._composer.predictor

    def time_model(self, stopwatch: Stopwatch, parts: Stopwatch) -> None:
        """Have the steps of the model timed from now on, and by ``parts`` those of drums, bass and chords."""
        self._composer.stopwatch, self._stopwatch = stopwatch, parts

    @property
    def changes(self) -> Changes:
        """The chords of a chart, or those that are heard."""
        return self._composer.changes

    @property
    def limits(self) -> Limits:
        """The pitches that the player may use."""
        return self._composer.limits

    @property
    def plays_part(self) -> bool:
        """Whether what plays now is a bass or chords."""
        return isinstance(self.planner, PartPlanner)

    def next_due(self) -> float | None:
        """The time at which there is something to do; None while the player waits for the performer."""
        planner = self.planner
        due = self.ledger.next_end()
        weigh = self.performer.pulse.due if self._weighs else None
        for other in (self.turns.turn.until, planner.prepare_at, self.next_onset, weigh):
            if other is not None and (due is None or other < due):
                due = other
        return due

    @property
    def next_onset(self) -> float | None:
        """The time of the next note that is decided, or of the next click."""
        plan = self.planner.plan
        due = None if plan is None else plan.due
        for others in (self._lower, self._count_in):
            if others.coming and (other := others.next_due()) is not None and (due is None or other < due):
                due = other
        return due

    @property
    def foreseen(self) -> list[NoteOn]:
        """The notes of a drummer, a bass or chords that are decided; they may still be moved, or dropped."""
        planner, usual = self.planner, self.settings.channel_out
        return [
            NoteOn(sound.due, pitch, velocity, channel or usual, 0, sound.length)
            for sound, channel in (() if isinstance(planner, Planner) else planner.foreseen)
            for pitch, velocity in sound.notes
        ]

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
            self.candidates.forget()
            self.performer.pulse.settle()
            self.transport.settle()
            self.performer.chords_heard.settle()
            self.performer.phrase_end.learn()
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
        turns, sam = self.turns, self.turns.cadence.sam
        changed = turns.ask(at, interrupted)
        self._composer.accord.alongside = turns.playing
        if turns.playing:
            self._choose_planner(at, begun=changed)
        planner = self.planner
        if (
            planner is self._melody
            and sam is None
            and planner.plan is not None
            and turns.cadence.is_last(planner.plan.due)
        ):
            planner.ask(at)
        if turns.turn.counted != self._told_counted and not changed:
            self.out.append(self._turn_change(at))
        self._told_counted = turns.turn.counted
        if self._harmoniser.under and not turns.turn.under:
            self.out += self._harmoniser.end(at)
        if changed and turns.playing:
            self._begin_turn(at)
        elif changed:
            self._end_turn(at, interrupted)

    def _choose_planner(self, at: float, begun: bool) -> None:
        """Play drums, bass or chords where they are wanted, otherwise notes. What has ``begun`` to play goes on."""
        wanted = self._drums.planner if self._drums.is_wanted(at) else self._parts.wanted() or self._melody
        self.out += self._drums.remarks
        self._drums.remarks.clear()
        if wanted is not self.planner:
            self.planner.drop()
            self.planner = wanted
            if not begun:
                wanted.ask(at)

    def _begin_turn(self, at: float) -> None:
        self.planner.ask(at)
        if not self.turns.asked.is_second:
            self.progress.keep_call(always=not self.settings.same_phrase)
        over = self.turns.over()
        if over is not None and over <= at:
            self.history.end(over)
            self.performer.end_phrase(over)
            if self.planner is self._melody:
                self.candidates.open(again=self.turns.asked.is_second)
                self._answered = self.performer.phrase_start if self.performer.layers.split is not None else None
        self.out.append(self._turn_change(at))

    def _turn_change(self, at: float) -> TurnChange:
        """The event that tells the turn: who plays, and the bar of a trade."""
        bar, bars = self.turns.turn.counted or (0, 0)
        return TurnChange(at, "player" if self.turns.playing else "performer", self.name, bar, bars)

    def _end_turn(self, at: float, interrupted: bool) -> None:
        self.planner.drop()
        self.candidates.drop()
        self._lower.drop()
        self._answered = None
        self.progress.fall_back()
        if interrupted:
            self.out += self.ledger.silence(at)
        self.out.append(self._turn_change(at))

    def is_to_prepare(self, at: float) -> bool:
        """Whether the next notes are to be decided by then."""
        return self.planner.prepare_at is not None and self.planner.prepare_at <= at

    def prepare(self, at: float) -> None:
        """Decide what sounds next, ahead of its time."""
        self.settle()
        self._decided = at
        if self.planner is self._melody:
            self.candidates.choose(self.settings, self.turns.over())
        stopwatch = None if self.planner is self._melody else self._stopwatch
        began = stopwatch.begin() if stopwatch is not None else 0.0
        self.planner.prepare(self.progress.ahead, at)
        if stopwatch is not None:
            stopwatch.end(began)
        plan, start = self.planner.plan, self._answered
        if plan is not None and start is not None:
            self._answered = None
            phrase = self.performer.layers.lower(start)
            self._lower.begin(phrase, start, self.performer.phrase_length(), plan.due)

    def is_to_strike(self, at: float) -> bool:
        """Whether a note that is decided is due by then."""
        onset = self.next_onset
        return onset is not None and onset <= at

    def strike(self, at: float) -> None:
        """Sound what was decided and is due, and ask for the next."""
        click = self._count_in.take(at)
        if click is not None:
            on = NoteOn(at, count_in.KEY, click, drums.CHANNEL, next(self.ids), count_in.LENGTH)
            self.out += self.ledger.strike(on)
        lower = self._lower.take(at, self.turns.ending.aim if self.turns.ends is not None else None)
        notes = {note.pitch: (note.velocity, note.duration) for note in reversed(lower)}
        plan = self.planner.plan
        due = plan is not None and plan.due <= at
        if plan is not None and due:  # of two on one pitch the melody's sounds
            notes |= {pitch: (velocity, plan.duration) for pitch, velocity in (*self._last_chord(plan), *plan.notes)}
        struck: list[Event] = []
        channel = (plan.channel if plan is not None and due else 0) or self.settings.channel_out
        if due and self.plays_part:
            self.out += self.ledger.silence(at)  # its next sound ends the one before
        for pitch, (velocity, duration) in notes.items():
            struck += self.ledger.strike(NoteOn(at, pitch, velocity, channel, next(self.ids), duration))
        self.out += sorted(struck, key=lambda event: isinstance(event, NoteOn))
        if plan is not None and due:
            self.decisions.append((at, (at - self._decided) / self.performer.pulse.beat))
            self._move_on(plan, at)

    def _last_chord(self, plan: Plan) -> list[tuple[int, int]]:
        """The pitches and velocities under the answer's last note, if ``plan`` is that and there is a lower layer."""
        ends = self.turns.ends
        if not self._lower.plays or ends is None or not self.turns.ending.is_over(plan.due, ends):
            return []
        tonic, stable = self._endings.stable_classes()
        chord = self._lower.last_chord(stable, tonic, min(pitch for pitch, _ in plan.notes))
        self._lower.drop()
        return chord

    def _move_on(self, plan: Plan, at: float) -> None:
        """The plan's notes sounded: ask for the next."""
        self.planner.struck()
        self.turns.played += len(plan.notes)
        if self.planner is self._drums.planner:
            self._drums.rhythm.strike(plan.notes[0][0], at)
        elif self.planner is self._melody:
            self.history.keep(at, len(plan.notes), self.progress.place)
            self.progress.play(plan, at, self.turns.turn.feed)
            self.candidates.go_on()
        self.planner.ask(at)
        self.consider(at)

    def work_ahead(self, at: float) -> bool:
        """Do a piece of what can be worked out before it is asked for; whether there was anything to do. It changes
        nothing that is played."""
        return not (self.turns.playing or self.performer.on_pads) and self.candidates.work(at, self.settings)

    # What the player keeps to

    def _attend(self, event: Heard, patience: float) -> None:
        """Have the performer, and with them the grid, take in an event."""
        performer, settings = self.performer, self.settings
        performer.by_pace, performer.by_length = not settings.phrase_cues, settings.prompt
        performer.by_habit, performer.by_stretch = settings.habits, settings.stretches
        # A raga knows no chords, and a model of two hands plays both.
        composer = self._composer
        melodic = composer.limits.raga is None and not composer.draw.predictor.polyphonic
        performer.layers.on, performer.layers.soon = settings.layers and melodic, settings.hands
        due = performer.pulse.due
        if due is not None and due <= event.at:  # as it is heard again, after notes were taken back
            self.settle()
        performer.hear_event(event, patience)
        if isinstance(event, NoteOn):
            if performer.teaches and performer.onset == event.at:
                self.transport.hear_onset(event.at, begins=performer.phrase_start == event.at)
            composer.changes.hear_note(event)
        elif isinstance(event, NoteOff):
            composer.changes.hear_release(event)

    def _take_metre(self) -> None:
        """In a raga a bar is the avartana. In a metre of 6, 9 or 12 a beat divides in three."""
        if self.performer.teaches:
            tala = self._composer.limits.tala
            beats = self.transport.beats_per_bar = self.settings.metre if tala is None else tala.aksharas
            is_compound = self.settings.alert and tala is None and beats > 3 and beats % 3 == 0
            self.performer.pulse.compound = is_compound
