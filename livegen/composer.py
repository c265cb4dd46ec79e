"""Chooses the player's notes: the model's forecast, within the settings, in the performer's manner. Pure and seeded."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livegen import sampling
from livegen.encoding import CHORD, GAPS, INTERVAL, PERFORMER, PITCHES, PLAYER, START, Encoding, Onset, Step
from livegen.events import NoteOn
from livegen.performer import Performer
from livegen.predictor import Forecast, Predictor, State, with_memory_of
from livegen.quotation import Run
from livegen.settings import Settings

_CLOSEST = 0.25  # beats: what is asked of the model for a note that sounds sooner after another, as melodies seldom do
_FASTEST = 0.1  # seconds: gaps that are shorter are played only when the performer plays such
_REGISTER = 5.0  # semitones: the spread of the performer's register
_SHORTEST = 0.03  # seconds that the shortest note lasts
_TRIES = 4  # to find a note that is no quotation


class Line(NamedTuple):
    """A line of notes as the model knows it: its state after the last onset, and the note it expects next."""

    state: State
    next_gap: int  # index in GAPS
    next_pitch: int
    next_velocity: int = 80
    pitch: int | None = None  # of the last onset
    onset: float | None = None  # seconds
    length: float | None = None  # seconds the last note lasts; None: it is the performer's, who knows
    run: Run = Run()  # of the player's own notes up to here


class Plan(NamedTuple):
    """What the player does next: notes (pitch, velocity) that sound together at ``due``, and the line after them."""

    due: float
    notes: tuple[tuple[int, int], ...]
    duration: float
    after: Line
    steps: tuple[Step, ...]


class Composer:
    """Turns lines into longer lines. It keeps the predictor, the generator and the last steps, and nothing of time."""

    def __init__(self, predictor: Predictor, settings: Settings, performer: Performer, seed: int) -> None:
        self._settings = settings
        self._performer = performer
        self._random = np.random.default_rng(seed)
        self._encoding = Encoding()
        self._log_beats = np.log(np.maximum(self._encoding.beats, self._encoding.beats[1])).astype(np.float32)
        self._masks: dict[tuple[float, ...], sampling.Logits] = {}  # by what they were made for
        self._paced: tuple[object, ...] = ()  # what the pace was made for
        self._pace = np.zeros(len(GAPS), dtype=np.float32)
        self._performed = Run()  # the performer's own notes
        self._borrowed: set[int] = set()  # runs that the model was trained on and the performer played: theirs now
        self.load(predictor)

    def load(self, predictor: Predictor) -> None:
        """Use this predictor from now on."""
        self.predictor = predictor
        self._started, self._first = predictor.step(predictor.start(), START)

    def begin(self) -> Line:
        """The line before any note."""
        self._performed = Run()
        self._borrowed.clear()
        line = self._expect(Line(self._started, 0, 60), self._first)
        # The first note follows nothing: its pitch is drawn as after one beat.
        return line._replace(next_gap=self._encoding.gap_index(1.0))

    def told(self, line: Line, steps: list[Step]) -> Line:
        """The line as a newly loaded predictor knows it, from the steps that led there."""
        state, forecast = self._started, self._first
        for step in steps:
            state, forecast = self.predictor.step(state, step, self._settings.memory)
        return self._expect(line._replace(state=with_memory_of(line.state, state)), forecast)

    def forget(self, line: Line) -> Line:
        """The line without the memory of what was heard before; what was to come next stays."""
        return line._replace(state=self.predictor.forget(line.state))

    def heard(self, line: Line, on: NoteOn, held: int, due: float | None) -> tuple[Line, Step]:
        """The line after the performer's note; ``held`` notes sounded before it, ``due`` fixes when the next does."""
        seconds = None if line.onset is None else on.at - line.onset
        gap = released = None
        if seconds is not None:
            gap = 0.0 if seconds < CHORD else seconds / self._performer.pulse.beat
        if seconds is not None and gap:
            released = self._performer.last_share if line.length is None else line.length / seconds
        onset = Onset(on.pitch, gap, line.pitch, on.velocity, released, held, who=PERFORMER)
        step = self._encoding.encode(onset)
        state, forecast = self.predictor.step(line.state, step, self._settings.memory)
        self._perform(step)
        after = Line(state, line.next_gap, line.next_pitch, line.next_velocity, on.pitch, on.at)
        return self._expect(after, forecast, due=due), step

    def plan(self, line: Line, due: float) -> Plan:
        """What sounds at ``due``: the line's next note, with the rest of its chord if it is one."""
        share = self._performer.articulation(self._settings.touch)
        notes: list[tuple[int, int]] = []
        steps: list[Step] = []
        while True:
            pitch, velocity = self._folded(line.next_pitch), line.next_velocity
            gap = None if line.onset is None else (due - line.onset) / self._performer.pulse.beat
            onset = Onset(pitch, 0.0 if notes else gap, line.pitch, velocity, share, len(notes), who=PLAYER)
            steps.append(self._encoding.encode(onset))
            notes.append((pitch, velocity))
            state, forecast = self.predictor.step(line.state, steps[-1], self._settings.memory)
            line = line._replace(state=state, pitch=pitch, onset=due, run=line.run.then(steps[-1]))
            line = self._expect(line, forecast, avoid=[pitch for pitch, _ in notes])
            if GAPS[line.next_gap]:
                break
        duration = self.duration(self.seconds(line))
        return Plan(due, tuple(notes), duration, line._replace(length=duration), tuple(steps))

    def seconds(self, line: Line) -> float:
        """The gap to the line's next note."""
        return self._encoding.beats[line.next_gap] * self._performer.pulse.beat

    def duration(self, gap: float) -> float:
        """How long a note sounds when the next follows after ``gap`` seconds, as the performer articulates."""
        share = self._performer.articulation(self._settings.touch)
        return max(_SHORTEST, min(self._settings.longest, share * gap))

    def _expect(
        self,
        line: Line,
        forecast: Forecast,
        due: float | None = None,
        avoid: Sequence[int] = (),
    ) -> Line:
        """The line with its next note drawn: ``due`` fixes when it sounds, ``avoid`` what its chord has already."""
        settings, draw = self._settings, self._random.random
        if due is not None and line.onset is not None:
            beats = max(_CLOSEST, (due - line.onset) / self._performer.pulse.beat)
            gap = self._encoding.gap_index(beats)
        else:
            chords = self._may_grow(len(avoid))
            logits = forecast.gap + self._pace_mask(chords)
            gap = sampling.choose(logits, draw(), settings.temperature, settings.top_p)
            if gap == 0 and not chords:  # the model foresaw nothing but a chord
                gap = self._encoding.gap_index(1.0)
        pitches = forecast.pitch[gap] + self._pitch_mask()
        if not GAPS[gap] and avoid:
            pitches[list(avoid)] = -np.inf
        pitch = sampling.choose(pitches, draw(), settings.temperature, settings.top_p)
        for _ in range(_TRIES if settings.guard and line.run.is_near else 0):
            if not self._quotes(line, gap, pitch):
                break
            pitches[pitch] = -np.inf
            pitch = sampling.choose(pitches, draw(), settings.temperature, settings.top_p)
        velocity = self._performer.velocity(draw(), settings.touch)
        return Line(line.state, gap, pitch, velocity, line.pitch, line.onset, line.length, line.run)

    def _perform(self, step: Step) -> None:
        """Note what the performer plays of the music that the model was trained on: the player may answer with it."""
        self._performed = self._performed.then(step)
        if self._performed in self.predictor.quotations and self._performed.key is not None:
            self._borrowed.add(self._performed.key)

    def _quotes(self, line: Line, gap: int, pitch: int) -> bool:
        """Whether the line would run on for RUN notes as in the training music, where the performer did not."""
        interval = max(-INTERVAL, min(INTERVAL, pitch - (pitch if line.pitch is None else line.pitch)))
        run = line.run.moved(1 + INTERVAL + interval, 1 + gap)
        return run in self.predictor.quotations and run.key not in self._borrowed

    def _may_grow(self, sounding: int) -> bool:
        """Whether a chord of so many notes may have one more: within ``polyphony``, and the range's pitches."""
        most = min(self._settings.polyphony, abs(self._settings.highest - self._settings.lowest) + 1)
        return self.predictor.polyphonic and sounding < most

    def _pace_mask(self, chords: bool) -> sampling.Logits:
        """What is added to the gap logits: the performer's own onset density, as far as ``follow`` says, and a range.

        The forecast is multiplied by a log-normal of the performer's recent gaps (a product of experts).
        """
        beat, follow = self._performer.pulse.beat, self._settings.follow
        density = self._performer.density() if follow else None
        shortest = self._performer.shortest_gap()
        fastest = _FASTEST if shortest is None else min(_FASTEST, 0.9 * shortest)
        paced = chords, beat, follow, density, fastest
        if paced != self._paced:
            self._paced = paced
            self._pace = np.zeros(len(GAPS), dtype=np.float32)
            if density is not None:
                mean, spread = density
                self._pace += self._log_beats
                self._pace += math.log(beat) - mean
                self._pace *= self._pace
                self._pace *= -0.5 * follow / spread**2
                self._pace[0] = 0.0  # a chord is no gap
            self._pace[1 : bisect_left(self._encoding.beats, fastest / beat, 1)] = -np.inf
            if not chords:
                self._pace[0] = -np.inf
        return self._pace

    def _pitch_mask(self) -> sampling.Logits:
        """What is added to the pitch logits: the range, and the performer's register as far as ``in_register`` says."""
        settings = self._settings
        low, high = sorted((settings.lowest, settings.highest))
        centre = self._performer.register()
        centre = (low + high) // 2 if centre is None else max(low, min(high, centre))
        within = low, high, centre, settings.in_register
        mask = self._masks.get(within)
        if mask is None:
            if len(self._masks) >= PITCHES:  # a fader of the range or the register was moved
                self._masks.clear()
            away = (np.arange(PITCHES, dtype=np.float32) - centre) / _REGISTER
            mask = self._masks[within] = sampling.pitch_range(low, high) - settings.in_register * 0.5 * away**2
        return mask

    def _folded(self, pitch: int) -> int:
        """The pitch, or its nearest octave within a range that has been changed since it was drawn."""
        low, high = sorted((self._settings.lowest, self._settings.highest))
        while pitch < low:
            pitch += 12
        while pitch > high:
            pitch -= 12
        return max(low, pitch)
