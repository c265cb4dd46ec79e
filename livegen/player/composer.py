"""Chooses the player's notes: the model's forecast, within the settings, in the performer's manner. Pure and seeded.

Theory of operation. The composer turns a Line, which is a value, into a longer one; it keeps no line of its own. The
rules:
- Each line carries its next note, already drawn (see draw.py). So the prediction that is sent after a note is the very
  note that the player would play, and to play it needs no model.
- One step of the model for each note: ``heard`` steps with the performer's note, ``plan`` with the player's own, and
  with each further note of a chord. A step gives the forecast from which the next note is drawn.
- A pitch was drawn under the limits of its time. Before it sounds, it is moved to the nearest one that is allowed now.
- All random numbers come from one seeded generator, in a fixed order. With ``state`` they are part of a place in the
  music: restore it, and the same numbers are drawn again. Whoever adds a draw changes every later note.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from livegen.events import NoteOn
from livegen.listening.performer import Performer
from livegen.player import opening
from livegen.player.bars import Bars
from livegen.player.draw import Draw
from livegen.player.expression import Stance
from livegen.player.harmoniser import Harmoniser
from livegen.player.line import ComposerState, Line, Plan
from livegen.player.modes import call_and_response
from livegen.player.seeded_random import SeededRandom
from livegen.predictors import memory
from livegen.predictors.encoding import CHORD, PERFORMER, PLAYER, START, Encoding, Onset, Step
from livegen.predictors.memory import PLAYING_TRUST
from livegen.predictors.protocol import (
    Forecast,
    Predictor,
    State,
    Stopwatch,
    begun_again,
    listening,
    pitches,
    with_memory_of,
)
from livegen.predictors.quotation import Run
from livegen.settings import Settings

_SHORTEST = 0.03  # seconds that the shortest note lasts
_MOVED = 6  # semitones: so far is a note moved that would clash
_NO_RUN = Run()
_BY_CALL = call_and_response.__name__


class Composer:
    """Turns lines into longer lines. It holds the predictor, the random numbers and the limits, but no clock."""

    def __init__(self, predictor: Predictor, settings: Settings, performer: Performer, bars: Bars, seed: int) -> None:
        self._settings = settings
        self._performer = performer
        self._bars = bars
        self._random = SeededRandom(seed)
        self._encoding = Encoding()
        self.stopwatch: Stopwatch | None = None  # of whoever wants to know how long the model takes
        self.draw = draw = Draw(settings, performer, self._random, bars)
        self._expression, self.limits = draw.expression, draw.limits
        self.changes, self.accord = draw.changes, draw.accord
        self.load(predictor)

    @property
    def predictor(self) -> Predictor:
        """The model that is drawn from."""
        return self.draw.predictor

    @predictor.setter
    def predictor(self, predictor: Predictor) -> None:
        self.draw.predictor = predictor

    def load(self, predictor: Predictor) -> None:
        """Use this predictor from now on."""
        self.limits.home = predictor.default_raga
        self.predictor = predictor
        self.take_raga()
        predictor = self.predictor
        self._started, self._first = predictor.step(predictor.start(), START)
        self.draw.suit(predictor.metadata, self._first)

    def take_raga(self) -> None:
        """Give the model a changed raga or tonic, if there is a raga."""
        if self.limits.raga is not None:
            self.predictor = self.predictor.in_raga(self.limits.raga, self.limits.tonic)

    def _place(self, at: float) -> tuple[float | None, str | None]:
        """The place in the avartana or the bar, and the metre, for a model that takes them as input."""
        if self.draw.predictor.knows_talas:
            tala = self.limits.tala
            return (None if tala is None else round(4 * self._bars.beat_at(at)) / 4 % tala.aksharas), None
        return self._bars.place(at) if self.draw.predictor.knows_bars else (None, None)

    @property
    def state(self) -> ComposerState:
        """The random state. Restore it, and the same numbers are drawn again."""
        state, drawn = self._random.place
        return ComposerState(state, drawn, self.draw.performed, self.draw.borrowed, self.limits.found_key)

    @state.setter
    def state(self, state: ComposerState) -> None:
        self._random.place = state.state, state.drawn
        self.draw.performed, self.draw.borrowed, self.limits.found_key = state.performed, state.borrowed, state.key

    @contextmanager
    def on_trial(self, dice: ComposerState) -> Iterator[None]:
        """Draw other random numbers meanwhile, as where the performer is silent; afterwards all is as it was."""
        kept, self.state = self.state, dice
        alongside, self.accord.alongside = self.accord.alongside, False
        try:
            yield
        finally:
            self.state, self.accord.alongside = kept, alongside

    def _trust(self, line: Line) -> float:
        """The weight of the memory for the player's own next note."""
        return memory.trust(line.recent.familiar) * self._settings.memory

    def _listens_to(self) -> float:
        """The share of the performer's notes in what leads, by ``listen_to``: in call and response twice as large."""
        settings = self._settings
        leads = settings.call_leads and settings.mode == _BY_CALL
        return min(1.0, 2.0 * settings.listen_to) if leads else settings.listen_to

    def _leads_by_call(self) -> bool:
        return self._settings.call_leads and self._settings.mode == _BY_CALL

    def _step(self, state: State, step: Step, trust: float | None = None) -> tuple[State, Forecast]:
        """One step of the model. It hears the memory, and trusts it, as far as the settings say."""
        heeding = listening(state, self._listens_to())
        trust, stopwatch = PLAYING_TRUST * self._settings.memory if trust is None else trust, self.stopwatch
        if stopwatch is None:
            return self.draw.predictor.step(heeding, step, trust)
        began = stopwatch.begin()
        found = self.draw.predictor.step(heeding, step, trust)
        stopwatch.end(began)
        return found

    def begin(self) -> Line:
        """The line before any note."""
        self.draw.begin()
        line = self.draw.next_note(Line(self._started, 0, 60), self._first)
        # The first note follows nothing: its pitch is drawn as after one beat.
        return line._replace(next_gap=self._encoding.gap_index(1.0))

    def heard_again(self, line: Line, steps: list[Step]) -> Line:
        """The line as a newly loaded predictor knows it, which hears the steps that led there."""
        state, forecast = self._started, self._first
        for step in steps:
            state, forecast = self._step(state, step)
        return self.draw.next_note(line._replace(state=with_memory_of(line.state, state)), forecast)

    def forget(self, line: Line) -> Line:
        """The line without the memory of what was heard before; its next note stays."""
        return line._replace(state=self.predictor.forget(line.state))

    def heard(self, line: Line, on: NoteOn, held: int, due: float | None) -> tuple[Line, Step]:
        """The line after the performer's note; ``held`` notes sounded before it, ``due`` fixes when the next does."""
        seconds = None if line.onset is None else on.at - line.onset
        gap = released = None
        if seconds is not None and line.onset is not None:
            gap = 0.0 if seconds < CHORD else self._performer.beats(line.onset, on.at)
        if seconds is not None and gap:
            released = self._performer.last_share if line.length is None else line.length / seconds
        phase, metre = self._place(on.at)
        onset = Onset(on.pitch, gap, line.pitch, on.velocity, released, held, phase, metre, PERFORMER)
        step = self._encoding.encode(onset)
        state, forecast = self._step(line.state, step)
        self.draw.perform(step)
        self.limits.hear_note()
        stance = self._expression.heard(line.stance)
        # The next note is drawn now. The arguments are given one by one: a note waits for this, a star costs a list.
        after = Line(state, 0, 0, 0, on.pitch, on.at, None, _NO_RUN, stance, line.loop, line.recent, None, line.tones)
        single = self._performer.voicing.is_melody and self._settings.touch > 0.0
        return self.draw.next_note(after, forecast, due=due, more=False if single else None), step

    def due(self, line: Line, at: float, first: bool) -> tuple[float, float]:
        """The time of the line's next note, and how many beats that is after the last: after the expected gap; if that
        is past, on the performer's next half beat. The ``first`` of a turn comes within a beat."""
        assert line.onset is not None
        beat, beats = self._performer.pulse.beat, self._encoding.beats[line.next_gap]
        due = self._expression.due(line.onset, line.stance, beats)
        late = due < at
        if late or (first and due > at + beat):
            since = at - line.onset + line.stance.late + (0.0 if late else beat)
            beats = max(1, (math.ceil if late else math.floor)(2 * since / beat)) / 2
            while (due := self._expression.due(line.onset, line.stance, beats)) < at:
                beats += 0.5
        if beats:
            due = self._expression.loosely(due, line.stance, min(beats, self._encoding.beats[line.next_gap] or beats))
        return max(at, due), beats

    def plan(self, line: Line, due: float, beats: float | None = None, stable: frozenset[int] | None = None) -> Plan:
        """The notes that sound at ``due``: the line's next note, with the rest of its chord if it is one. ``beats`` is
        the gap that is meant; None: the time until then. Of a chord all notes are among the ``stable`` pitch classes,
        if there are any."""
        self.changes.moment = due
        pitch, voiced = self.draw.allowed(line.next_pitch, line.pitch), line.stance
        line = line._replace(loop=line.loop.then(pitch))
        gap = released = None
        if line.onset is not None:
            gap, stance = self._expression.arrive(line.onset, line.stance, due, beats)
            line = line._replace(stance=stance)
            if gap and line.length is not None:
                released = line.length / (gap * self._performer.pulse.beat)
            elif gap:
                released = self._expression.share(voiced, gap)
        size, place = self._size(line.stance.place), self._place(due)
        notes: list[tuple[int, int]] = []
        steps: list[Step] = []
        while True:
            velocity = line.next_velocity
            onset = Onset(pitch, 0.0 if notes else gap, line.pitch, velocity, released, len(notes), *place, PLAYER)
            steps.append(self._as_meant(onset, voiced))
            notes.append((pitch, velocity))
            state, forecast = self._step(line.state, steps[-1], self._trust(line))
            run, recent = line.run.then(steps[-1]), line.recent.heard(state)
            line = line._replace(state=state, pitch=pitch, onset=due, run=run, recent=recent)
            more = None if size is None else len(notes) < size
            line = self.draw.next_note(line, forecast, avoid=[pitch for pitch, _ in notes], more=more)
            if line.next_gap:
                break
            pitch, released = self.draw.allowed(line.next_pitch, line.pitch), None
            if stable is not None:
                left = self.draw.stable(stable, taken=[pitch for pitch, _ in notes])
                if not left:
                    break
                pitch = min(left, key=lambda each: abs(each - pitch))
        tones = line.tones.struck([pitch for pitch, _ in notes], line.stance.place)
        line = line._replace(recent=line.recent.struck(gap, len(notes)), tones=tones)
        self.changes.moment = due
        if size is not None and not self.predictor.polyphonic:
            notes += self._harmony(notes[0], size, stable)
        seconds = self.seconds(line)
        beats, again = self._encoding.beats[line.next_gap], line.next_pitch == notes[0][0]
        share = self._expression.share(voiced, beats, again)
        line = line._replace(stance=self._expression.lasted(line.stance, share))
        duration = self.lasting(share * seconds)
        struck = self._expression.balanced(notes) if forecast.touch is None else tuple(notes)
        struck = tuple((pitch, self.draw.moderate(velocity)) for pitch, velocity in struck)
        sounding = self.lasting(self._expression.ringing(voiced, line.stance.place, duration))
        return Plan(due, struck, sounding, line._replace(length=duration), tuple(steps))

    def begin_in_call(self, line: Line, due: float) -> Line:
        """The line, whose next note begins an answer: the memory goes on as the performer's phrase did from its
        beginning, and the pitch is one from which that fits."""
        if not self._leads_by_call() or not self._settings.memory:
            return line
        notes, heard = self._performer.phrase_notes, self._performer.voicing.classes()
        allowed = self.draw.free(
            line, due, [p for p, near in enumerate(self.limits.pitches(line.pitch).nearest) if p == near]
        )
        first = opening.first_pitch(line.next_pitch, pitches(line.state, notes)[: opening.CALL], heard, allowed)
        return line._replace(state=begun_again(line.state, notes), next_pitch=first)

    def led(self, plan: Plan, gap: int, pitch: int, share: float | None) -> Plan:
        """The plan, followed by a note of that pitch after that gap (an index), unless the limits forbid it. ``share``
        is that of the gap which the plan's notes sound; None: as of the gap that was drawn."""
        line = plan.after
        pitch = self._beside(plan, gap, pitch)
        after = line._replace(next_gap=gap, next_pitch=pitch)
        forbidden = self.draw.allowed(pitch, line.pitch) != pitch or self.accord.clashes(pitch)
        if forbidden or not self.draw.free(after, plan.due, [pitch]):
            return plan
        share = plan.duration / max(_SHORTEST, self.seconds(line)) if share is None else share
        duration = self.lasting(min(1.0, share) * self.seconds(after))
        return plan._replace(duration=duration, after=after._replace(length=duration))

    def _beside(self, plan: Plan, gap: int, pitch: int) -> int:
        """The pitch that is to follow the plan after that gap, or one near it among the performer's that clashes less
        with the player's left hand."""
        at = plan.due + self._encoding.beats[gap] * self._performer.pulse.beat
        near = self.accord.beside(pitch, at)
        used, before = self._performer.voicing.classes(), plan.after.pitch
        return next(
            each for each in near if each == pitch or (used[each % 12] and self.draw.allowed(each, before) == each)
        )

    def fit(self, line: Line, due: float) -> Line:
        """The line with a next note that clashes with no key which is down, if there is one near: it was drawn before
        the player was to play with the performer."""
        if not self.accord.clashes(line.next_pitch):
            return line
        nearest, drawn = self.limits.pitches(line.pitch).nearest, line.next_pitch
        near = [pitch for pitch in dict.fromkeys(nearest) if abs(pitch - drawn) <= _MOVED]
        found = self.draw.free(line, due, self.accord.fitting(near))
        return line._replace(next_pitch=min(found, key=lambda pitch: abs(pitch - drawn), default=drawn))

    def _as_meant(self, onset: Onset, stance: Stance) -> Step:
        """The step of a note of the player's: its gap is the note value, its microtiming the model's."""
        step = self._encoding.encode(onset)
        if onset.gap and stance.deviation is not None:
            return step._replace(deviation=1 + stance.deviation)
        return step

    def _size(self, place: float) -> int | None:
        """The number of notes that the player strikes together there; None: as the model predicts."""
        if self._performer.layers.split is not None:
            return 1  # the lower layer has the chords
        if not self._settings.touch:
            return None
        if self.accord.leaves_chords:
            return 1
        size = self._performer.voicing.size(place, self._random.random())
        return size if size is None else min(size, self.limits.polyphony)

    def _harmony(
        self, melody: tuple[int, int], size: int, stable: frozenset[int] | None = None
    ) -> list[tuple[int, int]]:
        """The other notes of a chord under a melody note, for a model that knows melodies alone and does not
        hear them; those of a last chord are ``stable``."""
        if size < 2:
            return []
        lowest = min(self._settings.lowest, self._settings.highest)
        voices = self._performer.voicing.below(melody[0], size, lowest)
        allowed = self.limits.drawn(melody[0], self._random.random)
        found = allowed.voices(voices, melody[0])
        found = [pitch for pitch in found if not self.accord.clashes(pitch)]
        if stable is not None:
            found = _settled(found, [pitch for pitch in self.draw.stable(stable) if pitch < melody[0]])
        return [(pitch, melody[1]) for pitch in found]

    def seconds(self, line: Line) -> float:
        """The gap to the line's next note in seconds, swung, without the random part."""
        return self._expression.seconds(line.stance, self._encoding.beats[line.next_gap])

    def duration(self, line: Line) -> float:
        """The seconds that the line's next note sounds, if another follows after as long a gap."""
        beats = self._encoding.beats[line.next_gap] or 1.0
        return self.lasting(self._expression.share(line.stance, beats) * beats * self._performer.pulse.beat)

    def lasting(self, seconds: float) -> float:
        """The seconds that a note sounds that is to sound so long, by the setting ``longest``."""
        return max(_SHORTEST, min(self._settings.longest, seconds))

    def within_limits(self, line: Line) -> Line:
        """The line with the note that it expects next within limits that have changed since."""
        pitch, velocity = self.draw.allowed(line.next_pitch, line.pitch), self.draw.moderate(line.next_velocity)
        return line._replace(next_pitch=pitch, next_velocity=velocity)

    def below(self, harmoniser: Harmoniser, line: Line, pitch: int) -> list[int]:
        """The pitches below the performer's note, with which the line ends: those that the model expects to sound with
        it, or by the scale if it knows melodies alone."""
        if self.predictor.polyphonic and line.forecast is not None:
            return harmoniser.foreseen(pitch, line.forecast.pitch[0], self._random.random())
        return harmoniser.below(pitch)

    def keeps_limits(self, line: Line, plan: Plan) -> bool:
        """Whether the plan after ``line`` is still within the limits."""
        self.changes.moment = plan.due
        allowed = self.limits.pitches(line.pitch).nearest
        return all(allowed[pitch] == pitch for pitch, _ in plan.notes)


def _settled(voices: Sequence[int], stable: Sequence[int]) -> list[int]:
    """The voices, each moved to the stable pitch nearest to it, no two to the same."""
    near = [min(stable, key=lambda pitch: abs(pitch - voice)) for voice in voices if stable]
    return sorted(set(near), reverse=True)
