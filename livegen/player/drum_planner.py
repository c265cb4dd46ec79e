"""Decides what a drummer plays next, and when: step by step, a little ahead, on a steady beat of its own.

Theory of operation. Every sixteenth is a step. A step is decided when its earliest hit could be due, less a lead, so
that what the performer has played up to then is heeded and no hit waits for the model. Its hits wait in order of time;
the first of them is the ``plan``. The rules:
- The beat is a ``Timekeeper``'s. Where it divides in three, or is swung, so do the hits. If the beat is attentive, an
  onset of the performer moves what is decided and has not sounded; a step that nobody knows the place of is left out.
- The drummer is told the style, how loud and how dense the performer plays, their rhythm, and where to fill.
- It keeps to a ``Pattern``, as far as the setting ``groove`` says.
- An accompaniment comes down when the performer does, and ends with a hit: ``Arrangement``.
- A drummer who answers a drummer has first heard their steps as if they were its own, and plays their pads.
"""

import math
from bisect import insort
from collections.abc import Iterator, Sequence

from livegen.music import drums
from livegen.music.drums import CHANNEL, CLOSED, CRASH, KICK, RIDE, SNARE
from livegen.player.arrangement import Bar, Cue, Surroundings
from livegen.player.drum_place import DrumPlace
from livegen.player.groove import Groove, Manner, step_of
from livegen.player.lookahead import Lookahead, Waiting
from livegen.player.pattern import Pattern, Wanted
from livegen.player.seeded_random import SeededRandom
from livegen.player.timekeeper import LEAD
from livegen.predictors import drum_encoding
from livegen.predictors.drum_encoding import FILL, GROOVE, STEPS, Step
from livegen.predictors.drums import DrumModel, Scene

LENGTH = 0.1  # seconds that a hit lasts
_HEARD = 4  # bars of a drummer's phrase that an answer is drawn from
_MOVED = 0.3  # of a deviation that is left where the steps themselves are moved
OPEN = 0.8  # of the temperature, in a bar that is to be kept
_SOFT = frozenset({KICK, SNARE, CLOSED, RIDE})  # what plays on while the music comes down
_USUAL_LATE = 0.012  # seconds of a hit from its place
_SEED = 0x44524D53  # so that a drummer's numbers are not those of the melody


class DrumPlanner(Lookahead[int]):
    """As ``Planner``, of a drummer: the next hit in ``plan``, and at ``prepare_at`` the next step is to be decided."""

    _moves_unasked = True

    def __init__(self, around: Surroundings, seed: int) -> None:
        self._random = SeededRandom(seed ^ _SEED)
        super().__init__(around, self._random)
        self._groove: Groove | None = None
        self._pattern = Pattern(self._random)
        self._former: Sequence[int] = ()  # the drums of the step before
        self._recalled: DrumPlace | None = None  # where the next turn is to begin

    def use(self, model: DrumModel) -> None:
        """Draw from this model."""
        former = self._groove
        if former is None or former.model is not model:
            self._groove = Groove(model, self._random)
            if former is not None and model.goes_on:
                self._groove.go_on_after(former.state.steps)

    @property
    def place(self) -> DrumPlace | None:
        """The place in the groove; None while the drummer does not accompany."""
        if self._groove is None or self._next is None or self._answers:
            return None
        dice, drawn = self._random.place
        place, digest = self._next % self._time.steps, self._groove.model.digest
        return DrumPlace(self._groove.state, dice, drawn, place, digest, self._pattern.kept)

    def go_on_from(self, place: DrumPlace) -> None:
        """Play on from another place in the groove, in time; who does not play begins there. A place of another model
        changes nothing."""
        self._recalled = place
        if self._next is not None and not self._answers:
            self._take_up_place(self._next)

    def _take_up_place(self, step: int) -> None:
        """Take up the place that was recalled, if there is one."""
        recalled, self._recalled = self._recalled, None
        if recalled is not None and self._groove is not None and recalled.digest == self._groove.model.digest:
            self._groove.go_on_from(recalled.at(step % self._time.steps, self._time.steps))
            self._random.place = recalled.dice, recalled.drawn
            self._pattern.begin(recalled.kept)

    def fill(self) -> None:
        """Fill the end of this bar, or of the next if it is nearly over; nothing if the drummer does not play."""
        if self._next is not None:
            self._arrangement.ask_fill()

    @property
    def _channel(self) -> int:
        return CHANNEL

    def _time_of(self, place: float) -> float:
        return self._time.beat.time_of(place)

    def _begin(self, at: float) -> int:
        assert self._groove is not None
        answers = self._answers
        step = self._time.begin(at, answers, self)
        self._groove.begin(self._heard(step) if answers else ())
        self._pattern.begin()
        if not answers:
            self._take_up_place(step)
        self._arrangement.begin(step, answers)
        self._former = ()
        return step

    def _resume(self, at: float) -> int:
        step = self._time.next_step(at, whole=False)
        self._arrangement.begin(step, self._answers)
        return step

    def _decide(self, place: int, at: float) -> tuple[int, float | None]:
        assert self._groove is not None
        time = self._time.beat.time_of(place / STEPS)
        bar = Bar(place, self._time.steps, time, self._time.beat.length)
        ends = self._around.turns.turn.ends
        cue = self._arrangement.cue(bar, ends)
        if ends is None or time < ends - bar.beat / STEPS / 2 or cue.last:
            step = self._draw(self._groove, bar, cue)
            for hit in self._hits(bar, step, at, cue):
                insort(self._waiting, hit)
        over = cue.last or (ends is not None and time >= ends)
        early = 0.5 * bar.beat / STEPS + LEAD
        return place + 1, None if over else max(at, self._time.beat.time_of((place + 1) / STEPS) - early)

    # The beat

    @property
    def _answers(self) -> bool:
        """Whether the drummer answers a drummer's phrase."""
        return self._around.performer.on_pads and self._around.turns.mode.__name__ != "accompany"

    def _heard(self, end: int) -> Iterator[tuple[Scene, Step]]:
        """The steps of the performer's phrase on pads up to ``end``, with what a drummer is told of them."""
        since = self._time.beat.time_of((end - _HEARD * self._time.steps) / STEPS)
        since = max(since, self._around.performer.phrase_start or since)
        hits: dict[int, list[tuple[int, int, int]]] = {}
        for stroke in self._around.rhythm.since(since):
            if stroke.drum is not None:
                place = self._time.beat.beat_at(stroke.at) * STEPS
                late = drum_encoding.deviation_class(place - round(place))
                loud = drum_encoding.velocity_class(stroke.velocity)
                hits.setdefault(round(place), []).append((stroke.drum, loud, late))
        for step in range(min(hits, default=end), end):
            yield self._scene(step, Cue()), step_of(hits.get(step, ()))

    # A step

    def _scene(self, step: int, cue: Cue) -> Scene:
        steps = self._time.steps
        bar = Bar(step, steps, self._time.beat.time_of(step / STEPS), self._time.beat.length)
        return Scene(
            place=step % steps,
            steps=steps,
            tempo=60.0 / self._time.beat.length,
            style=drums.style_number(self._around.settings.style),
            fill=FILL if cue.fill else GROOVE,
            intensity=self._arrangement.intensity(cue.down),
            density=self._arrangement.density(bar, cue.down),
            rhythm=None if self._answers else self._time.heard(step),
        )

    def _draw(self, groove: Groove, bar: Bar, cue: Cue) -> Step:
        scene, settings = self._scene(bar.step, cue), self._around.settings
        if cue.last:
            if settings.stops_together:
                scene = scene._replace(intensity=self._arrangement.intensity(0.0))
            loud = min(15, round(16 * scene.intensity)) if scene.intensity is not None else 8
            final = step_of([(KICK, loud, 7), (CRASH, loud, 7)] if self._ends_with_a_hit else [])
            groove.keep(scene, final)
            return final
        silent = self._time.is_silent(bar.step) or (self._time.in_doubt and bar.step % STEPS > 0)
        soft = _SOFT if cue.down else None
        lean, temperature = self._lean(scene, cue), 0.6 + 0.6 * settings.complexity
        if lean and self._pattern.kept.is_open:
            temperature *= OPEN
        step = groove.draw(scene, Manner(temperature, soft, cue.landing, silent, lean))
        self._pattern.keep(scene.place, step, not (cue.fill or cue.down))
        return step

    @property
    def _ends_with_a_hit(self) -> bool:
        onset = self._around.performer.onset
        return not self._around.settings.ends_on_beat or onset is None or self._time.is_on_beat(onset)

    def _lean(self, scene: Scene, cue: Cue) -> tuple[float, ...]:
        """The lean of a step towards the pattern that is kept; none in a fill, or where the music comes down."""
        closely = 0.0 if self._answers else self._around.settings.groove
        if not closely:
            return ()
        wanted = Wanted(scene.density or 0.0, scene.intensity or 0.0, closely)
        lean = self._pattern.lean(scene.place, scene.steps, wanted)
        return () if cue.fill or cue.down else lean

    def _hits(self, bar: Bar, step: Step, at: float, cue: Cue) -> Iterator[Waiting]:
        """The hits of a step."""
        settings = self._around.settings
        share = settings.humanise * (_MOVED if self._time.is_uneven else 1.0)
        down = 0.0 if cue.last and settings.stops_together else cue.down
        former, self._former = self._former, step.drums
        for drum in step.drums:
            if drum in former and self._time.joins_former(bar.step):
                continue
            key = self._key(drum)
            if key is None:
                continue
            late = self._bounded(drum_encoding.deviation_of(step.deviation[drum]) * share)
            place = self._time.moved((bar.step + late) / STEPS)
            within = self._random.random() if settings.humanise else 0.5
            loud = drum_encoding.velocity_of(step.velocity[drum] - 1, within) * self._arrangement.loudness(down)
            velocity = max(settings.quietest, min(settings.loudest, round(loud)))
            notes = ((key, max(1, min(127, velocity))),)
            yield Waiting(max(at, self._time.beat.time_of(place)), notes, LENGTH, place)

    def _bounded(self, late: float) -> float:
        """A deviation (steps), within what is usual: the beat is uncertain already."""
        length = self._time.beat.length / STEPS
        if not self._around.settings.alert or not late:
            return late
        return _USUAL_LATE / length * math.tanh(late * length / _USUAL_LATE)

    def _key(self, drum: int) -> int | None:
        """The key that sounds a drum: of a drummer's own kit where they are answered."""
        if self._answers:
            return self._around.rhythm.pad(drum)
        return drums.kit(self._around.settings.kit).plays[drum]
