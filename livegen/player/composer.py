"""Chooses the player's notes: the model's forecast, within the settings, in the performer's manner. Pure and seeded.

Theory of operation. The composer turns a Line, which is a value, into a longer one; it keeps no line of its own. The
rules:
- Each line carries its next note, already drawn (``_expect``). So the prediction that is sent after a note is the very
  note that the player would play, and to play it needs no model.
- One step of the model for each note: ``heard`` steps with the performer's note, ``plan`` with the player's own, and
  with each further note of a chord. A step gives the forecast from which the next note is drawn.
- A draw goes gap first, then pitch given the gap, then velocity: the server must know when to wake. The logits are the
  model's, plus masks: the limits of the settings, the performer's pace and register. A mask of -inf forbids.
- A pitch was drawn under the limits of its time. Before it sounds, it is moved to the nearest one that is allowed now.
- All random numbers come from one seeded generator, in a fixed order. With ``state`` they are part of a place in the
  music: restore it, and the same numbers are drawn again. Whoever adds a draw changes every later note.
"""

import math
from collections.abc import Sequence

import numpy as np

from livegen.events import NoteOn
from livegen.listening.performer import Performer
from livegen.player import cadence
from livegen.player.balance import Norm
from livegen.player.bars import Bars
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

_CLOSEST = 0.25  # beats: the shortest gap that a note at a fixed time is drawn for; melodies seldom have shorter ones
_SHORTEST = 0.03  # seconds that the shortest note lasts
_SUNG = 0.9  # beats that the last note of an answer lasts at least
_TRIES = 4  # to find a note that does not quote the training music
_NO_RUN = Run()


class Composer:
    """Turns lines into longer lines. It holds the predictor, the random numbers and the limits, but no clock."""

    def __init__(self, predictor: Predictor, settings: Settings, performer: Performer, bars: Bars, seed: int) -> None:
        self._settings = settings
        self._performer = performer
        self._bars = bars
        self._random = SeededRandom(seed)
        self._expression = Expression(performer, settings, self._random)
        self._encoding = Encoding()
        self.limits = Limits(settings, performer.left_hand, lambda: performer.voicing)
        self._masks = Masks(performer, settings, self._encoding)
        self._performed = Run()  # the performer's own notes
        # Runs of the training music that the performer has played: the player may play them, too.
        self._borrowed: frozenset[int] = frozenset()
        self.load(predictor)

    def load(self, predictor: Predictor) -> None:
        """Use this predictor from now on."""
        self.limits.home = predictor.default_raga
        self.predictor = predictor
        self.take_raga()
        predictor = self.predictor
        self._started, self._first = predictor.step(predictor.start(), START)
        said = predictor.metadata
        self._norm = Norm.parse(said.get("pace", ""))
        self._masks.home = register_of(said.get("register", ""), self._first.pitch[self._encoding.gap_index(1.0)])

    def take_raga(self) -> None:
        """Give the model a changed raga or tonic, if there is a raga."""
        if self.limits.raga is not None:
            self.predictor = self.predictor.in_raga(self.limits.raga, self.limits.tonic)

    def _place(self, at: float) -> tuple[float | None, str | None]:
        """The place in the avartana or the bar, and the metre, for a model that takes them as input."""
        if self.predictor.knows_talas:
            tala = self.limits.tala
            return (None if tala is None else round(4 * self._bars.beat_at(at)) / 4 % tala.aksharas), None
        return self._bars.place(at) if self.predictor.knows_bars else (None, None)

    @property
    def state(self) -> ComposerState:
        """The random state. Restore it, and the same numbers are drawn again."""
        state, drawn = self._random.place
        return ComposerState(state, drawn, self._performed, self._borrowed, self.limits.found_key)

    @state.setter
    def state(self, state: ComposerState) -> None:
        self._random.place = state.state, state.drawn
        self._performed, self._borrowed, self.limits.found_key = state.performed, state.borrowed, state.key

    def _trust(self, line: Line) -> float:
        """The weight of the memory for the player's own next note."""
        return memory.trust(line.recent.familiar) * self._settings.memory

    def _step(self, state: State, step: Step, trust: float | None = None) -> tuple[State, Forecast]:
        """One step of the model. It hears the memory, and trusts it, as far as the settings say."""
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

    def heard_again(self, line: Line, steps: list[Step]) -> Line:
        """The line as a newly loaded predictor knows it, which hears the steps that led there."""
        state, forecast = self._started, self._first
        for step in steps:
            state, forecast = self._step(state, step)
        return self._expect(line._replace(state=with_memory_of(line.state, state)), forecast)

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
        self._perform(step)
        self.limits.hear_note()
        stance = self._expression.heard(line.stance)
        # The next note is drawn now. The arguments are given one by one: a note waits for this, a star costs a list.
        after = Line(state, 0, 0, 0, on.pitch, on.at, None, _NO_RUN, stance, line.loop, line.recent)
        single = self._performer.voicing.is_melody and self._settings.touch > 0.0
        return self._expect(after, forecast, due=due, more=False if single else None), step

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
            run, recent = line.run.then(steps[-1]), line.recent.heard(state)
            line = line._replace(state=state, pitch=pitch, onset=due, run=run, recent=recent)
            more = None if size is None else len(notes) < size
            line = self._expect(line, forecast, avoid=[pitch for pitch, _ in notes], more=more)
            if line.next_gap:
                break
            pitch, released = self._allowed(line.next_pitch, line.pitch), None
            if stable is not None:
                left = self._stable(stable, taken=[pitch for pitch, _ in notes])
                if not left:
                    break
                pitch = min(left, key=lambda each: abs(each - pitch))
        line = line._replace(recent=line.recent.struck(gap, len(notes)))
        if size is not None and not self.predictor.polyphonic:
            notes += self._harmony(notes[0], size, stable)
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

    def resolve(self, line: Line, due: float, until: float) -> Plan:
        """The last note of an answer, from ``due`` to ``until``: a stable one near the line."""
        near = line.next_pitch if line.pitch is None else line.pitch
        tonic, stable = cadence.stable(self._settings, self._performer, self.limits)
        if self.limits.raga is not None:
            pitch, stable = self.limits.sa(near), frozenset({self.limits.tonic % 12})
        else:
            found = self._free(line, due, self._stable(stable))
            pitch = cadence.nearest(found, near, tonic) if found else line.next_pitch
        plan = self.plan(line._replace(next_pitch=pitch), due, stable=stable)
        return plan._replace(duration=self._lasting(until - due))

    def lead(self, line: Line, due: float) -> Line:
        """The line, with a next note that leads to a last one by a step: the likeliest by the model's forecast."""
        if line.forecast is None or self.limits.raga is not None:
            return line
        _, stable = cadence.stable(self._settings, self._performer, self.limits)
        logits = line.forecast.pitch[line.next_gap] + self.limits.pitches(line.pitch).logits
        free = self._free(line, due, [pitch for pitch, logit in enumerate(logits) if math.isfinite(logit)])
        likely = {pitch: float(logits[pitch]) for pitch in free}
        return line._replace(next_pitch=cadence.leading(stable, line.next_pitch, likely))

    def _stable(self, stable: frozenset[int], taken: Sequence[int] = ()) -> list[int]:
        """The allowed pitches among the stable classes, without those that are taken."""
        nearest = self.limits.pitches(None).nearest
        return [p for p, near in enumerate(nearest) if p == near and p % 12 in stable and p not in taken]

    def _free(self, line: Line, due: float, pitches: list[int]) -> list[int]:
        """Of the pitches those that neither quote the training music nor repeat a figure too often."""
        closing = line.loop.closing(self._settings.loops)
        free = [pitch for pitch in pitches if pitch not in closing]
        if not self._settings.guard or not line.run.is_near or line.onset is None:
            return free
        gaps = {line.next_gap, self._encoding.gap_index(self._performer.beats(line.onset, due))}
        return [pitch for pitch in free if not any(self._quotes(line, gap, pitch) for gap in gaps)]

    def _as_meant(self, onset: Onset, stance: Stance) -> Step:
        """The step of a note of the player's: its gap is the note value, its microtiming the model's."""
        step = self._encoding.encode(onset)
        if onset.gap and stance.deviation is not None:
            return step._replace(deviation=1 + stance.deviation)
        return step

    def _size(self, place: float) -> int | None:
        """The number of notes that the player strikes together there; None: as the model predicts."""
        if not self._settings.touch:
            return None
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
        if stable is not None:
            found = _settled(found, [pitch for pitch in self._stable(stable) if pitch < melody[0]])
        return [(pitch, melody[1]) for pitch in found]

    def seconds(self, line: Line) -> float:
        """The gap to the line's next note in seconds, swung, without the random part."""
        return self._expression.seconds(line.stance, self._encoding.beats[line.next_gap])

    def duration(self, line: Line) -> float:
        """The seconds that the line's next note sounds, if another follows after as long a gap."""
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
        ``more`` whether the chord is to grow (None: as the model predicts)."""
        settings, draw = self._settings, self._random.random
        if due is not None and line.onset is not None:
            seconds = self._performer.timing.straight(due - line.onset)
            gap = self._encoding.gap_index(max(_CLOSEST, seconds / self._performer.pulse.beat))
        elif more and self._may_grow(len(avoid)):
            gap = 0
        else:
            chords = more is None and self._may_grow(len(avoid))
            logits = forecast.gap + self._masks.pace(chords)
            if self._norm and not self._performer.density():  # there is no performer's pace to follow
                logits += self._norm.lead(line.recent, settings.density)
            gap = sampling.choose(logits, draw(), settings.temperature, settings.top_p)
            if gap == 0 and not chords:  # the model predicted nothing but a chord
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
        run, loop, recent = line.run, line.loop, line.recent
        return Line(state, gap, pitch, velocity, last, onset, length, run, stance, loop, recent, forecast)

    def _perform(self, step: Step) -> None:
        """Note the training music that the performer plays: the player may answer with it."""
        self._performed = performed = self._performed.then(step)
        if performed in self.predictor.quotations and performed.key is not None:
            self._borrowed |= {performed.key}

    def _quotes(self, line: Line, gap: int, pitch: int) -> bool:
        """Whether the line would repeat RUN notes of the training music that the performer has not played."""
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
        """The pitches below the performer's note, with which the line ends: those that the model expects to sound with
        it, or by the scale if it knows melodies alone."""
        if self.predictor.polyphonic and line.forecast is not None:
            return harmoniser.foreseen(pitch, line.forecast.pitch[0], self._random.random())
        return harmoniser.below(pitch)

    def keeps_limits(self, line: Line, plan: Plan) -> bool:
        """Whether the plan after ``line`` is still within the limits."""
        allowed = self.limits.pitches(line.pitch).nearest
        return all(allowed[pitch] == pitch for pitch, _ in plan.notes)


def _without(pitches: sampling.Logits, closing: list[int]) -> None:
    """Forbid the pitches, unless no other is left."""
    kept = pitches[closing]
    pitches[closing] = -np.inf
    if not math.isfinite(float(pitches.max())):
        pitches[closing] = kept


def _settled(voices: Sequence[int], stable: Sequence[int]) -> list[int]:
    """The voices, each moved to the stable pitch nearest to it, no two to the same."""
    near = [min(stable, key=lambda pitch: abs(pitch - voice)) for voice in voices if stable]
    return sorted(set(near), reverse=True)
