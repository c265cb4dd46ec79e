"""A player, and what comes to it from outside: the performer's events and wishes, and changes."""

from collections.abc import Sequence

from livegen.beat.rhythm import SETS
from livegen.beat.transport import Grid
from livegen.errors import SettingsError
from livegen.events import (
    ControlChange,
    Heard,
    NoteOn,
    Prediction,
)
from livegen.music import drums
from livegen.music.chords import LEFT_HAND
from livegen.music.consonance import HARSHEST, clash
from livegen.music.harmony import MODEL
from livegen.player import modes
from livegen.player.drum_place import DrumPlace
from livegen.player.line import Line
from livegen.player.modes import Mode
from livegen.player.planner import TOGETHER
from livegen.player.playing import Playing
from livegen.player.slots import Place
from livegen.player.surprise import Surprise
from livegen.predictors.models import Predictor


class Player(Playing):
    """Plays, and hears. What time does to it is in playing.py; Session and Band pass time and events."""

    # The performer plays

    def sift(self, event: Heard) -> Sequence[Heard]:
        """The events that one amounts to, if it is listened to. A note-on that changes nothing is told what is expected
        all the same."""
        if event.channel == drums.CHANNEL and self._drums.is_echo(event):
            return ()
        heard = self.ear.strokes(event)
        if not heard:
            if self._harmoniser.under:
                self.out += self._harmoniser.follow(event.at)
            if isinstance(event, NoteOn) and self.turns.turn.listen:
                self.out.append(self._told(self._composer.within_limits(self.progress.heard), event.at, event.id))
        return heard

    def hear_left_hand(self, event: Heard) -> bool:
        """Whether the event only sets the chord; a plan that does not keep to the new one is made again."""
        if event.channel == drums.CHANNEL and self._drums.is_stroke(event):
            return False
        below = self.settings.zone if self.settings.chord == LEFT_HAND else 0
        if not self.performer.left_hand.hear_event(event, below):
            return False
        self.candidates.forget()
        plan = self.planner.plan
        if plan is not None and not plan.channel and not self._composer.keeps_limits(self.progress.ahead, plan):
            self.planner.ask_again(event.at)
        return True

    def meet(self, event: Heard) -> None:
        """Take in an event of the one whom this player answers, and ask whose turn it is now."""
        self.candidates.forget()
        begins = isinstance(event, NoteOn)
        if begins:
            self.turns.hushed = False
            self.history.keep(event.at, 1, self.progress.place)
        self._drums.take_up(event)
        if begins:
            self._parts.hear_onset(event.at)
        patience = self.settings.patience
        self.history.hear_event(event, patience)
        self._attend(event, patience)
        if begins:
            self.turns.asked.hear_note(event.at, begins=self.performer.phrase_start == event.at)
        self.consider(event.at, interrupted=True)
        if self._harmoniser.under:
            self.out += self._harmoniser.follow(event.at)
        if isinstance(event, NoteOn) and not self._drums.is_stroke(event):
            self._sound_under(event)

    def _sound_under(self, on: NoteOn) -> None:
        """End what a note of the performer's clashes with, and have notes sound under it where the mode wants them."""
        if len(self.ledger) and self._gives_way:
            self._give_way(on)
        if self.turns.turn.under and self.settings.harmony != MODEL:
            harmoniser = self._harmoniser
            below = harmoniser.below(on.pitch) if harmoniser.follows(on) else []
            self.out += harmoniser.strike(on, below, self.ids)

    def _give_way(self, on: NoteOn) -> None:
        """End those of the player's notes that a note of the performer's clashes with: the harmony has moved on."""
        for note in self.ledger.sounding():
            if not self._drums.is_pad(note.channel) and clash(note.pitch, (on.pitch,)) >= HARSHEST:
                self.out += self.ledger.end(note, on.at)

    @property
    def _gives_way(self) -> bool:
        """Whether a note of the player's ends where one of the performer's clashes with it. A bass never does, and
        chords are decided anew."""
        return self._composer.accord.is_heeded and not self.plays_part

    def overhear(self, at: float) -> None:
        """Another voice, which this player does not answer, plays a note."""
        self.turns.others = at
        if self.settings.ensemble and self.turns.mode is modes.accompany:
            self.consider(at)

    def listen(self, on: NoteOn, announce: bool = True) -> None:
        """Move the model by a note, if the mode listens; ``announce``: send what is expected next."""
        if not self.turns.turn.listen or self._drums.is_stroke(on):
            return
        # The player keeps its own rhythm while both play: the note it was about to play stays, with a new pitch. A note
        # due right after the performer's sounds with it, for musicians who play together meet on the beat.
        at, plan, progress = on.at, self._melody.plan, self.progress
        due = plan.due if plan is not None and plan.due >= at else None
        if due is not None and due - at < TOGETHER:
            due = at
        split = self.performer.layers.split
        if split is not None and on.pitch < split:  # a model of melodies hears the melody
            self.progress.heard = self._composer.within_limits(self.progress.heard)
            if announce:
                self.out.append(self.expected(at, on.id))
            return
        held = len(self.performer.held) - 1 + len(self.ledger)
        foreseen = progress.heard.forecast
        line, step = self._composer.heard(progress.heard, on, held, due)
        if foreseen is not None and (now := line.forecast) is not None:
            self.surprises.append(Surprise(foreseen, step.gap - 1, on.pitch, now, line.next_gap))
        progress.hear(line, step)
        self.candidates.drop()
        if self.turns.playing and self.planner is self._melody:
            self.planner.ask(at, due)
        if self.turns.turn.under and self.settings.harmony == MODEL:
            harmoniser = self._harmoniser
            below = self._composer.below(harmoniser, line, on.pitch) if harmoniser.follows(on) else []
            self.out += harmoniser.strike(on, below, self.ids)
        prediction = self.expected(at, on.id)
        if announce:
            self.out.append(prediction)

    def expected(self, at: float, id: int = 0) -> Prediction:
        """The note that is expected next; without an ``id`` of its own it gets a running number."""
        return self._told(self.progress.heard, at, id)

    def _told(self, line: Line, at: float, id: int) -> Prediction:
        running = next(self.ids)
        gap, duration = self._composer.seconds(line), self._composer.duration(line)
        return Prediction(at, id or running, line.next_pitch, gap, line.next_velocity, duration, self.name)

    # The performer says whose turn it is

    def hear_pedal(self, event: ControlChange) -> None:
        """Do what the pedal says that says whose turn it is, if the event presses it."""
        if self.turns.asked.is_pressed(event):
            self.finish(event.at) if self.turns.playing else self.answer(event.at)

    def answer(self, at: float, when: str = "") -> None:
        """It is the player's turn, from ``when`` on, if it is not already. To a phrase that was answered there is
        another answer. Raises SettingsError if it cannot begin then."""
        self.turns.asked.check(when)
        self.candidates.forget()
        self.turns.hushed = False
        if not self.turns.playing:
            self.turns.asked.ask(at, when)
            self._return_to_call(at)
            self.consider(at)

    def answer_again(self, at: float, when: str = "") -> None:
        """Give another answer to the same phrase, instead of the one that sounds. Raises SettingsError if there is no
        phrase, or if it cannot begin then."""
        if self.performer.phrase_start is None:
            raise SettingsError("There is no phrase of yours to answer again; play one first, or send /livegen/reply.")
        self.turns.asked.check(when)
        if self.turns.playing:
            self.turns.break_off()
            self._end_turn(at, interrupted=False)
        self.answer(at, when)

    def finish(self, at: float) -> None:
        """Come to an end, and be silent until the performer's next phrase."""
        self.turns.finish(at)
        self.consider(at)
        if self.turns.playing and self.planner.plan is not None:
            self.planner.ask(at)

    def fill(self) -> None:
        """Have the drummer, if one plays, fill the end of the bar."""
        self._drums.planner.fill()

    def _return_to_call(self, at: float) -> None:
        asked, over = self.turns.asked, self.performer.phrase_over(self.settings.patience)
        if asked.is_second and over is not None:
            self.progress.return_to_call(over, at, always=not self.settings.same_phrase)

    # Something changes from outside

    def hush(self, at: float) -> None:
        """Silence everything until the performer plays or a mode is set."""
        self.candidates.forget()
        self.turns.hushed = True
        self._count_in.drop()
        self.consider(at, interrupted=True)
        self.out += self.ledger.silence(at)

    def wake(self, at: float) -> None:
        """End the silence after a panic."""
        self.turns.hushed = False
        self.consider(at)

    def begin_again(self, at: float) -> None:
        """Forget everything heard and played; whether to play is asked again."""
        self.performer.forget()
        self.ear.forget()
        self._expect_tempo()
        if self.performer.teaches:
            self.transport.forget(at)
        self.history.clear()
        self._drums.rhythm.forget()
        self.progress.begin_again()
        self.candidates.forget()
        self.turns.begin_again()
        self.consider(at)

    def set_mode(self, mode: Mode, at: float) -> None:
        """Play in another mode; what sounds ends, unless the new mode plays on."""
        self.turns.mode, self.turns.hushed = mode, False
        self.turns.asked.forget()
        self.turns.cadence.cancel()
        self.candidates.forget()
        self.consider(at, interrupted=True)

    def set_predictor(self, predictor: Predictor, at: float) -> None:
        """Play with another model. It hears the latest notes, so that the music continues."""
        self.progress.load(predictor)
        self.candidates.drop()
        self._drums.load(predictor)
        self._take_metre()
        self.history.clear()
        self.planner.ask_again(at)

    def take_settings(self, at: float) -> None:
        """Take up changed settings."""
        self.candidates.forget()
        if self.performer.teaches and self.performer.pulse.rhythms is not SETS[self.settings.pulse]:
            self._take_rhythms()
        elif self.settings.tempo != self._tempo:
            self._expect_tempo()
        self._composer.take_raga()
        self._take_metre()
        self.consider(at)
        self.planner.ask_again(at)

    def follow(self, grid: Grid) -> None:
        """Keep to a clock's beat from now on, or again to the performer's. What is planned stays."""
        self.settle()
        self.candidates.forget()
        self.history.follow(grid)
        self.transport.follow(grid)

    def count_in(self, at: float, clicks: bool) -> None:
        """The music begins after a bar: those who accompany, the chart, a trade. ``clicks``: this player counts it."""
        self.settle()
        self.turns.hushed = False
        self.turns.asked.forget()
        beat = self.turns.count_in(at)
        beats = self.transport.beats_per_bar
        self.changes.begin_at(beat + beats)
        if clicks:
            self._count_in.begin(beat, beats)
        self.consider(at)

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
        self.candidates.drop()
        self.planner.ask_again(at)
        self.out.append(self.expected(at))

    @property
    def drum_place(self) -> DrumPlace | None:
        """The drummer's place in its groove; None if it does not play, or is not alert."""
        return self._drums.planner.place if self.settings.alert else None

    def go_on_drumming(self, place: DrumPlace | None) -> None:
        """Have the drummer play on from a place in its groove, in time."""
        if place is not None and self.settings.alert:
            self._drums.planner.go_on_from(place)

    def forget(self) -> None:
        """Let the memory of what was heard before lead no more; what sounds and what is about to sound stay."""
        self.history.clear()
        self.candidates.forget()
        self.progress.forget()
        self.planner.forget()

    def take_over(self, line: Line, predictor: Predictor) -> None:
        """Take over a line and the loaded model of another player."""
        self.candidates.drop()
        self._composer.predictor = predictor
        self.progress.heard = self.progress.ahead = line

    def _take_rhythms(self) -> None:
        """Find the beat in another way. What was heard before can no longer be taken back: it was heard in the old."""
        self.performer.pulse.rhythms = SETS[self.settings.pulse]
        self._expect_tempo()
        self.history.clear()

    def _expect_tempo(self) -> None:
        self._tempo = self.settings.tempo
        if self.performer.teaches and not self.performer.pulse.led:
            self.history.expect(self._tempo)
            self.performer.pulse.expect(self._tempo)
