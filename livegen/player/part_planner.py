"""Decides what a bass or a player of chords plays next, and when: place by place, a little ahead, on the band's beat.

Theory of operation. The halves of a beat, or its thirds, are places. A place is decided shortly before it could sound,
so that the chord and the performer's playing up to then are heeded, and what was meant before can still be corrected.
The sounds of a place wait in order of time; the first of them is the ``plan``. The rules:
- The beat is the band's ``Timekeeper``; off the beat the performer's swing divides it, or the style's. What is decided
  moves with it.
- The chords are the chart's, those that are set, or the ones heard: ``GroundChords``. Those that are heard are decided
  just after a strong beat, for the performer's note there tells more than all before it.
- The part (``BassPart``, ``ChordPart``) says what sounds at a place. What it sounds ends what it sounded before.
- It comes down, and ends, where the drummer does: ``Arrangement``.
"""

import math
from bisect import insort
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from livegen.player.arrangement import Bar, Cue, Surroundings
from livegen.player.changes import Changes
from livegen.player.feel import feel_of, usual_swing
from livegen.player.ground_chords import ChordsAhead, GroundChords
from livegen.player.lookahead import Lookahead, Waiting
from livegen.player.seeded_random import SeededRandom
from livegen.player.timekeeper import LEAD
from livegen.predictors.drum_encoding import STEPS

_WAITS = 0.03  # seconds after a strong beat in which the performer's note or chord for it has come
_USUAL = 80.0  # the performer's loudness before it is known
_COMES_DOWN = 0.35  # of its loudness
_UNEVEN = 0.008  # seconds: a standard deviation of its onsets, with ``humanise`` at 1
_MOST_LATE = 0.016  # seconds that the next place is decided sooner for it
_LATE = 0.005  # seconds after its place at which a sound counts as late
_RECENT = 2.0  # beats in which the performer's onsets are counted
_BUSY = 4.0  # onsets in them of somebody who is busy


class Sound(NamedTuple):
    """Pitches that sound together from a place on, for so many ``beats``; ``loud``: a share of the part's loudness."""

    pitches: tuple[int, ...]
    beats: float
    loud: float = 1.0


@dataclass
class Tally:
    """The ``sounds`` that were decided; of them those that came ``late`` to their place, and by how many ``seconds`` in
    all; and those that are ``revised``: by them a chord is left that the harmony surprised."""

    sounds: int = 0
    late: int = 0
    seconds: float = 0.0
    revised: int = 0


class Moment(NamedTuple):
    """A place, and all that a part is told of it: ``place`` in beats since a bar line, the ``beats`` of a bar, those
    that a place lasts (``part``), the chords (None: none sounds), the feel and the cue; of the performer how busy they
    are (0 to 1), for how many beats they have rested, the pitches they hold and their lowest; how busy the part is to
    be (0 to 1), and beats a minute; the ``notes`` a beat of the performer; ``learnt``: rhythms are learnt ones."""

    place: float
    beats: int
    part: float
    chords: ChordsAhead | None
    feel: str
    cue: Cue
    busy: float
    rests: float
    held: tuple[int, ...]
    under: int | None
    complexity: float
    tempo: float
    notes: float = 0.0
    learnt: bool = False

    @property
    def in_bar(self) -> float:
        """The beats since the bar line."""
        return self.place % self.beats

    @property
    def starts_bar(self) -> bool:
        """Whether it is a bar line."""
        return self.in_bar < 1e-6

    @property
    def on_beat(self) -> bool:
        """Whether it is a beat."""
        return abs(self.place - round(self.place)) < 1e-6

    @property
    def wait(self) -> float:
        """The beats until the next chord; where nobody knows, until the next bar."""
        left = self.beats - self.in_bar
        return left if self.chords is None or self.chords.wait is None else self.chords.wait


class Part(Protocol):
    """A bass, or a player of chords."""

    def begin(self, random: SeededRandom, low: int, high: int) -> None:
        """A turn begins; the keys that may be used."""

    def sounds(self, moment: Moment) -> list[Sound]:
        """The sounds from this place on, until the next is asked for."""


class PartPlanner(Lookahead[float]):
    """As ``Planner``, of such a part: the next sound in ``plan``, and at ``prepare_at`` the next place is decided."""

    def __init__(self, part: Part, around: Surroundings, changes: Changes, seed: int) -> None:
        super().__init__(around, SeededRandom(seed + 1))
        self.tally = Tally()
        self._former: ChordsAhead | None = None  # at the place before
        self._part = part
        self._changes = changes
        self._random = SeededRandom(seed)
        self._ground = GroundChords(around.settings, changes, around.performer.left_hand)
        self._reacts = False  # the chords are heard, and the performer plays

    @property
    def _channel(self) -> int:
        return self._around.settings.channel_out

    def _begin(self, at: float) -> float:
        settings = self._around.settings
        place = self._time.begin(at, False, self) / STEPS
        self._part.begin(self._random, settings.lowest, settings.highest)
        self._ground.begin()
        self._arrangement.begin(round(place * STEPS), answers=False)
        return place

    def _resume(self, at: float) -> float:
        place = self._time.next_step(at, whole=True) / STEPS
        self._arrangement.begin(round(place * STEPS), answers=False)
        return place

    def _decide(self, place: float, at: float) -> tuple[float, float | None]:
        time = self._time_of(place)
        bar = Bar(round(place * STEPS), self._time.steps, time, self._time.beat.length)
        ends = self._around.turns.turn.ends
        cue = self._arrangement.cue(bar, ends)
        if ends is None or time < ends - 0.1 * bar.beat or cue.last:
            moment = self._moment(place, time, cue)
            sounds = self._part.sounds(moment)
            self._count(moment.chords, len(sounds))
            for sound in sounds:
                self._keep(sound, place, at, cue)
        after = self._after(place)
        over = cue.last or (ends is not None and time >= ends)
        return after, None if over else max(at, self._time_of(after) - self._early(after))

    # The places

    @property
    def _parts(self) -> int:
        """The places of a beat."""
        chart = self._changes.chart
        return 3 if self._time.in_three or (chart is not None and chart.compound) else 2

    @property
    def _beats(self) -> int:
        """The beats of a bar. Of six beats felt in two, three are one here."""
        return self._time.steps // STEPS

    @property
    def _feel(self) -> str:
        around = self._around
        return feel_of(around.settings.style, self._changes.chart, around.performer.timing, self._tempo)

    @property
    def _tempo(self) -> float:
        return 60.0 / self._time.beat.length

    def _after(self, place: float) -> float:
        parts = self._parts
        return (math.floor(place * parts + 1e-6) + 1) / parts

    def _early(self, place: float) -> float:
        """The seconds before a place in which it is decided; negative for one that waits for the performer."""
        return -_WAITS if self._reacts and self._is_strong(place) else LEAD + _MOST_LATE

    def _is_strong(self, place: float) -> bool:
        beats = self._beats
        return place % beats < 1e-6 or (beats == 4 and abs(place % beats - 2.0) < 1e-6)

    def _time_of(self, place: float) -> float:
        """The time of a place, divided as the performer, or the style, divides a beat."""
        beat = self._time.beat
        if self._parts == 3:  # thirds are where they are written
            return beat.time_of(place)
        swing = usual_swing(self._feel, self._tempo)
        if swing > 0.5 and not self._time.is_uneven:
            whole, within = divmod(place, 1.0)
            late = 2 * within * swing if within <= 0.5 else swing + (2 * within - 1) * (1 - swing)
            return beat.time_of(whole + late)
        return beat.time_of(self._time.moved(place))

    # A place

    def _moment(self, place: float, time: float, cue: Cue) -> Moment:
        performer, beat = self._around.performer, self._time.beat.length
        strokes = self._around.rhythm.since(time - _RECENT * beat)
        on_beat = abs(place - round(place)) < 1e-6
        heard = [stroke.pitch for stroke in strokes if on_beat and stroke.drum is None and stroke.at > time - beat]
        chords = self._ground.at(time, beat, self._is_strong(place), heard)
        if cue.last and chords is not None:
            chords = chords.last
        register, silent = performer.register(), performer.silent_since
        self._reacts = silent is None and chords is not None and not chords.told
        return Moment(
            place,
            self._beats,
            1.0 / self._parts,
            chords,
            self._feel,
            cue,
            busy=min(1.0, len(strokes) / _BUSY),
            rests=0.0 if silent is None else (time - silent) / beat,
            held=tuple(pitch for pitch, _ in performer.held),
            under=None if register is None else register[0] - register[1],
            complexity=self._around.settings.complexity,
            tempo=self._tempo,
            notes=len(strokes) / _RECENT,
            learnt=self._parts == 2 and self._around.settings.learnt_rhythms,
        )

    def _count(self, chords: ChordsAhead | None, sounds: int) -> None:
        former, self._former = self._former, chords
        self.tally.sounds += sounds
        if former is not None and chords is not None and chords.now not in (former.now, former.next):
            self.tally.revised += sounds

    def _keep(self, sound: Sound, place: float, at: float, cue: Cue) -> None:
        """Have a sound wait for its time."""
        settings = self._around.settings
        late = 0.0
        if settings.humanise:
            late = max(-_MOST_LATE, min(_MOST_LATE, _UNEVEN * self._random.normal())) * settings.humanise
        meant = self._time_of(place) + late
        due = max(at, meant)
        if due - meant > _LATE:
            self.tally.late += 1
            self.tally.seconds += due - meant
        velocity = max(settings.quietest, min(settings.loudest, round(self._loudness(cue.down) * sound.loud)))
        end = self._time_of(place + sound.beats)
        notes = tuple((pitch, max(1, min(127, velocity))) for pitch in sound.pitches)
        length = max(0.05, min(settings.longest, end - due))
        insort(self._waiting, Waiting(due, notes, length, place, late))

    def _loudness(self, down: float) -> float:
        """The velocity that its notes are to have: as loud as the performer, and as the setting ``intensity`` says."""
        loud = self._around.rhythm.loudness
        usual = 0.75 * (_USUAL if loud is None else loud) + 0.25 * _USUAL
        return usual * (0.7 + 0.6 * self._around.settings.intensity) * (1.0 - _COMES_DOWN * down)
