"""Chooses the player's notes: the model's forecast, within the settings, in the performer's manner. Pure and seeded."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from livegen.events import NoteOn
from livegen.listening.performer import Performer
from livegen.player.balance import Home
from livegen.player.expression import Expression, Stance
from livegen.player.harmoniser import Harmoniser
from livegen.player.limits import Limits
from livegen.player.line import ComposerState, Line, Plan
from livegen.player.masks import Masks, register_of
from livegen.player.seeded_random import SeededRandom
from livegen.predictors import memory, sampling
from livegen.predictors.encoding import CHORD, INTERVAL, PERFORMER, PLAYER, START, Encoding, Onset, Step
from livegen.predictors.memory import PLAYING_TRUST
from livegen.predictors.protocol import Forecast, Predictor, State, listening, with_memory_of
from livegen.predictors.quotation import Run
from livegen.settings import Settings

_CLOSEST = 0.25  # beats: what is asked of the model for a note that sounds sooner after another, as melodies seldom do
_SHORTEST = 0.03  # seconds that the shortest note lasts
_SUNG = 0.9  # beats that the last note of an answer lasts at least
_TRIES = 4  # to find a note that is no quotation
_NO_RUN = Run()


class Composer:
    """Turns lines into longer lines. It keeps the predictor, its chance and the last steps, and nothing of time."""

    def __init__(self, predictor: Predictor, settings: Settings, performer: Performer, seed: int) -> None:
        self._settings = settings
        self._performer = performer
        self._random = SeededRandom(seed)
        self._expression = Expression(performer, settings, self._random)
        self._encoding = Encoding()
        self.limits = Limits(settings, performer.left_hand, lambda: performer.voicing)
        self._masks = Masks(performer, settings, self._encoding)
        self._performed = Run()  # the performer's own notes
        self.bar_at: Callable[[float], tuple[float | None, str | None]] = lambda at: (None, None)  # beats, and metre
        self.beat_at: Callable[[float], float] = lambda at: 0.0  # beats since a bar line, at a time
        # Runs that the model was trained on and the performer played: theirs now.
        self._borrowed: frozenset[int] = frozenset()
        self.load(predictor)

    def load(self, predictor: Predictor) -> None:
        """Use this predictor from now on."""
        self.limits.home = predictor.default_raga
        self.predictor = predictor
        self.take_up()
        predictor = self.predictor
        self._started, self._first = predictor.step(predictor.start(), START)
        said = predictor.metadata
        self._home = Home.parse(said.get("pace", ""))
        self._masks.home = register_of(said.get("register", ""), self._first.pitch[self._encoding.gap_index(1.0)])

    def take_up(self) -> None:
        """Let the model know a changed raga or tonic, if it sings in one."""
        if self.limits.raga is not None:
            self.predictor = self.predictor.in_raga(self.limits.raga, self.limits.tonic)

    def _place(self, at: float) -> tuple[float | None, str | None]:
        """Where in the avartana or the bar that is, and the metre, for a model that is to be told."""
        if self.predictor.knows_talas:
            tala = self.limits.tala
            return (None if tala is None else round(4 * self.beat_at(at)) / 4 % tala.aksharas), None
        return self.bar_at(at) if self.predictor.knows_bars else (None, None)

    @property
    def state(self) -> ComposerState:
        """What is drawn with next. Set to what they were, they fall again as they fell."""
        state, drawn = self._random.place
        return ComposerState(state, drawn, self._performed, self._borrowed, self.limits.found_key)

    @state.setter
    def state(self, state: ComposerState) -> None:
        self._random.place = state.state, state.drawn
        self._performed, self._borrowed, self.limits.found_key = state.performed, state.borrowed, state.key

    def _trust(self, line: Line) -> float:
        """How far the memory is trusted for the player's own next note."""
        return memory.trust(line.habit.familiar) * self._settings.memory

    def _step(self, state: State, step: Step, trust: float | None = None) -> tuple[State, Forecast]:
        """One step of the model, which listens to the memory, and trusts it, as the settings say."""
        heeding = listening(state, self._settings.listen_to)
        return self.predictor.step(heeding, step, PLAYING_TRUST * self._settings.memory if trust is None else trust)

    def begin(self) -> Line:
        """The line before any note."""
        self._performed = Run()
        self._borrowed = frozenset()
        self.limits.forget()
        line = self._expect(Line(self._started, 0, 60), self._first)
        # The first note follows nothing: its pitch is drawn as after one beat.
        return line._replace(next_gap=self._encoding.gap_index(1.0))

    def told(self, line: Line, steps: list[Step]) -> Line:
        """The line as a newly loaded predictor knows it, from the steps that led there."""
        state, forecast = self._started, self._first
        for step in steps:
            state, forecast = self._step(state, step)
        return self._expect(line._replace(state=with_memory_of(line.state, state)), forecast)

    def forget(self, line: Line) -> Line:
        """The line without the memory of what was heard before; what was to come next stays."""
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
        self._perform(step)
        self.limits.hear_note()
        stance = self._expression.heard(line.stance)
        # What it expects next is drawn now. One by one, for a note waits for this and a starred argument costs a list.
        after = Line(state, 0, 0, 0, on.pitch, on.at, None, _NO_RUN, stance, line.loop, line.habit)
        single = self._performer.voicing.is_melody and self._settings.touch > 0.0
        return self._expect(after, forecast, due=due, more=False if single else None), step

    def due(self, line: Line, at: float, first: bool) -> tuple[float, float]:
        """When the line's next note is due, and how many beats after the last: after the expected gap; if that is past,
        on the performer's next half beat. The ``first`` of a turn comes within a beat."""
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

    def plan(self, line: Line, due: float, beats: float | None = None) -> Plan:
        """What sounds at ``due``: the line's next note, with the rest of its chord if it is one. ``beats`` is the gap
        that is meant; None: what there is until then."""
        pitch, voiced = self._allowed(line.next_pitch, line.pitch), line.stance
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
            run, habit = line.run.then(steps[-1]), line.habit.heard(state)
            line = line._replace(state=state, pitch=pitch, onset=due, run=run, habit=habit)
            more = None if size is None else len(notes) < size
            line = self._expect(line, forecast, avoid=[pitch for pitch, _ in notes], more=more)
            if line.next_gap:
                break
            pitch, released = self._allowed(line.next_pitch, line.pitch), None
        line = line._replace(habit=line.habit.struck(gap, len(notes)))
        if size is not None and not self.predictor.polyphonic:
            notes += self._harmony(notes[0], size)
        seconds = self.seconds(line)
        duration = self._lasting(self._expression.share(voiced, self._encoding.beats[line.next_gap]) * seconds)
        struck = self._expression.balanced(notes) if forecast.touch is None else tuple(notes)
        struck = tuple((pitch, self._moderate(velocity)) for pitch, velocity in struck)
        return Plan(due, struck, duration, line._replace(length=duration), tuple(steps))

    def last(self, line: Line, sam: float) -> Plan:
        """The last note of an answer that ends on ``sam``: Sa, for about an akshara."""
        near = line.next_pitch if line.pitch is None else line.pitch
        plan = self.plan(line._replace(next_pitch=self.limits.sa(near)), sam)
        return plan._replace(duration=self._lasting(max(plan.duration, _SUNG * self._performer.pulse.beat)))

    def _as_meant(self, onset: Onset, stance: Stance) -> Step:
        """The step of a note of the player's: its gap is the note value, its microtiming what the model foresaw."""
        step = self._encoding.encode(onset)
        if onset.gap and stance.deviation is not None:
            return step._replace(deviation=1 + stance.deviation)
        return step

    def _size(self, place: float) -> int | None:
        """How many notes the player strikes together there; None: as the model likes."""
        if not self._settings.touch:
            return None
        size = self._performer.voicing.size(place, self._random.random())
        return size if size is None else min(size, self.limits.polyphony)

    def _harmony(self, melody: tuple[int, int], size: int) -> list[tuple[int, int]]:
        """The other notes of a chord under a melody note, for a model that knows melodies alone: it is not told."""
        if size < 2:
            return []
        lowest = min(self._settings.lowest, self._settings.highest)
        voices = self._performer.voicing.below(melody[0], size, lowest)
        allowed = self.limits.drawn(melody[0], self._random.random)
        return [(pitch, melody[1]) for pitch in allowed.voices(voices, melody[0])]

    def seconds(self, line: Line) -> float:
        """The gap to the line's next note, swung, and without what is left to chance."""
        return self._expression.seconds(line.stance, self._encoding.beats[line.next_gap])

    def duration(self, line: Line) -> float:
        """How long the line's next note sounds, if another follows after as long a gap."""
        beats = self._encoding.beats[line.next_gap] or 1.0
        return self._lasting(self._expression.share(line.stance, beats) * beats * self._performer.pulse.beat)

    def _lasting(self, seconds: float) -> float:
        return max(_SHORTEST, min(self._settings.longest, seconds))

    def _expect(
        self,
        line: Line,
        forecast: Forecast,
        due: float | None = None,
        avoid: Sequence[int] = (),
        more: bool | None = None,
    ) -> Line:
        """The line with its next note drawn: ``due`` fixes when it sounds, ``avoid`` what its chord has already, and
        ``more`` whether the chord is to grow (None: as the model likes)."""
        settings, draw = self._settings, self._random.random
        if due is not None and line.onset is not None:
            seconds = self._performer.timing.straight(due - line.onset)
            gap = self._encoding.gap_index(max(_CLOSEST, seconds / self._performer.pulse.beat))
        elif more and self._may_grow(len(avoid)):
            gap = 0
        else:
            chords = more is None and self._may_grow(len(avoid))
            logits = forecast.gap + self._masks.pace(chords)
            if self._home and not self._performer.density():  # nobody leads it
                logits += self._home.lead(line.habit, settings.density)
            gap = sampling.choose(logits, draw(), settings.temperature, settings.top_p)
            if gap == 0 and not chords:  # the model foresaw nothing but a chord
                gap = self._encoding.gap_index(1.0)
        pitches = forecast.pitch[gap] + self._masks.pitch(self.limits.drawn(line.pitch, draw))
        if not gap and avoid:
            pitches[list(avoid)] = -np.inf
        elif closing := line.loop.closing(settings.loops):
            _without(pitches, closing)
        pitch = sampling.choose(pitches, draw(), settings.temperature, settings.top_p)
        for _ in range(_TRIES if settings.guard and line.run.is_near else 0):
            if not self._quotes(line, gap, pitch):
                break
            _without(pitches, [pitch])
            pitch = sampling.choose(pitches, draw(), settings.temperature, settings.top_p)
        velocity, stance = self._expression.expect(line.stance, gap, self._encoding.beats[gap], pitch, forecast.touch)
        velocity = self._moderate(velocity)
        state, last, onset, length = line.state, line.pitch, line.onset, line.length
        return Line(state, gap, pitch, velocity, last, onset, length, line.run, stance, line.loop, line.habit, forecast)

    def _perform(self, step: Step) -> None:
        """Note what the performer plays of the music that the model was trained on: the player may answer with it."""
        self._performed = performed = self._performed.then(step)
        if performed in self.predictor.quotations and performed.key is not None:
            self._borrowed |= {performed.key}

    def _quotes(self, line: Line, gap: int, pitch: int) -> bool:
        """Whether the line would run on for RUN notes as in the training music, where the performer did not."""
        interval = max(-INTERVAL, min(INTERVAL, pitch - (pitch if line.pitch is None else line.pitch)))
        run = line.run.moved(1 + INTERVAL + interval, 1 + gap)
        return run in self.predictor.quotations and run.key not in self._borrowed

    def _may_grow(self, sounding: int) -> bool:
        """Whether a chord of so many notes may have one more: within ``polyphony``, and the range's pitches."""
        if not self.predictor.polyphonic:
            return False
        return sounding < min(self.limits.polyphony, self.limits.pitches(None).size)

    def _allowed(self, pitch: int, before: int | None) -> int:
        """The pitch after ``before``, or the nearest within limits that have changed since it was drawn."""
        return self.limits.pitches(before).nearest[pitch]

    def _moderate(self, velocity: int) -> int:
        """The velocity, or the nearest within the limits."""
        low, high = self._settings.quietest, self._settings.loudest
        return max(low, min(high, velocity)) if low <= high else max(high, min(low, velocity))

    def below(self, harmoniser: Harmoniser, line: Line, pitch: int) -> list[int]:
        """What the model expects to sound with the performer's note that the line ends with, below it; by the scale, if
        it knows melodies alone."""
        if self.predictor.polyphonic and line.forecast is not None:
            return harmoniser.foreseen(pitch, line.forecast.pitch[0], self._random.random())
        return harmoniser.below(pitch)

    def keeps_limits(self, line: Line, plan: Plan) -> bool:
        """Whether what was planned after ``line`` may still be played."""
        allowed = self.limits.pitches(line.pitch).nearest
        return all(allowed[pitch] == pitch for pitch, _ in plan.notes)


def _without(pitches: sampling.Logits, closing: list[int]) -> None:
    """Take the pitches away, unless there is no other."""
    kept = pitches[closing]
    pitches[closing] = -np.inf
    if not math.isfinite(float(pitches.max())):
        pitches[closing] = kept
