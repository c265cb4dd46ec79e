"""The course of a drummer's part: where it fills, comes down and ends. Pure; its random numbers are the drummer's."""

from typing import NamedTuple

from livegen.beat.transport import Transport
from livegen.listening.performer import Performer
from livegen.player.rhythm import Rhythm
from livegen.player.seeded_random import SeededRandom
from livegen.player.timekeeper import Timekeeper
from livegen.player.turns import Turns
from livegen.predictors.drum_encoding import STEPS
from livegen.settings import Settings

_SECTION, _HALF_SECTION = 8, 4  # bars at whose end a fill is likely, and less likely
_LIKELY, _LESS_LIKELY, _WHOLE = 1.8, 0.7, 0.25  # of the setting ``fills``; how often a fill is a whole bar
_QUIET = 1.5  # beats of silence after which the performer is coming to an end
_SOONER = 0.4  # of a bar, if that is less
_OWN_BAR, _HELD_BAR = 0.95, 1.02  # of a bar of silence, and after the first under a held note: the final hit is within
_LONGEST = 2.3  # seconds: of a slower beat, which may be half of the performer's, no more is waited
_BEFORE = 0.02  # seconds before the end of the part in which there is no final hit
_SOFTER = 0.4  # how much softer each hit is where the music has come down, beside what the model makes of it
_FADES = 3.0  # beats over which the drummer comes down then
_ENDED = 0.7  # beats of silence after which an attentive drummer takes the phrase for ended, and fills
_IN_DOUBT = 0.5  # how far the music comes down where the beat is in doubt
_ROOM, _PAUSE = 0.5, 1.0  # an alert one: beats of silence, and since the performer's last onset
_OFTENER = 1.5  # than the setting ``fills`` says, for there is room
_USUAL = 80.0  # the performer's loudness before it is known
_PER_STEP = 1.17  # hits a step, in the mean of drummers


class Surroundings(NamedTuple):
    """The things among which a drummer, a bass or a player of chords plays."""

    settings: Settings
    performer: Performer
    transport: Transport
    rhythm: Rhythm
    turns: Turns
    time: Timekeeper


class Bar(NamedTuple):
    """A step's place: its number, the steps of a bar, when it is (seconds), and how long a beat lasts."""

    step: int
    steps: int
    at: float
    beat: float


class Cue(NamedTuple):
    """The purpose of a step: part of a ``fill``, or where one lands; ``down`` is how far the music came down, 0 to 1.
    At the ``last`` there is a final hit, and nothing after it."""

    fill: bool = False
    landing: bool = False
    down: float = 0.0
    last: bool = False


class Arrangement:
    """Gives the cue of each step, in order."""

    def __init__(self, around: Surroundings, random: SeededRandom) -> None:
        self._settings = around.settings
        self._performer = around.performer
        self._rhythm = around.rhythm
        self._turns = around.turns
        self._time = around.time
        self._random = random
        self.begin(0, answers=False)

    def begin(self, step: int, answers: bool) -> None:
        """Begin at a step; ``answers``: the drummer answers a phrase, and does not accompany one."""
        self._first, self._answers = step, answers
        self._fill: tuple[int, int] | None = None  # its first step, and the one after it
        self._filled: int | None = None  # the step after the one before
        self._last: int | None = None
        self._is_asked = False

    def ask_fill(self) -> None:
        """Fill from the middle of this bar on, or from the next beat if that is past; at the end of it, in the next."""
        self._is_asked = True

    def cue(self, bar: Bar, ends: float | None) -> Cue:
        """The cue of a step. The drummer's part is over at ``ends`` (seconds), unless the performer plays on. Where the
        beat is in doubt, it is a soft pulse."""
        cue = self._cue(bar, ends)
        return Cue(down=max(_IN_DOUBT, cue.down), last=cue.last) if self._time.in_doubt and not self._answers else cue

    def _cue(self, bar: Bar, ends: float | None) -> Cue:
        if bar.step % bar.steps == 0:
            self._plan_fill(bar)
        self._fill_as_asked(bar)
        landing = self._fill is not None and bar.step == self._fill[1]
        if self._answers:
            return Cue(self._is_filling(bar, ends), landing)
        quiet, enough = self._quiet(bar, ends), self._enough(bar)
        if quiet <= enough:
            self._last = None
            self._fill_the_rest(bar, quiet)
        elif self._last is None:
            together = self._settings.stops_together
            self._last = self._final(bar, ends, quiet) if together else _ending(bar, ends)
        filling = self._fill is not None and self._fill[0] <= bar.step < self._fill[1]
        if filling and self._settings.attentive:
            return Cue(True, landing, 0.0, bar.step == self._last)
        down = max(0.0, min(1.0, (quiet - enough) / _FADES + 0.3)) if quiet > enough else 0.0
        return Cue(filling and not down, landing and not down, down, bar.step == self._last)

    def intensity(self, down: float) -> float:
        """The loudness that the kit is to have, 0 to 1: as the performer, and as the setting says."""
        loud = _USUAL if self._rhythm.loudness is None else self._rhythm.loudness
        wanted = loud / 127.0 * 0.9 + 0.6 * (self._settings.intensity - 0.5)
        return max(0.08, min(0.95, wanted)) * (1.0 - 0.4 * down)

    def loudness(self, down: float) -> float:
        """The share of its velocity that a hit is played with, beside what the model makes of the intensity."""
        softer = _SOFTER * down if self._settings.stops_together else 0.0
        return max(0.5, min(1.4, 0.4 + 1.05 * self.intensity(down))) * (1.0 - softer)

    def density(self, bar: Bar, down: float) -> float:
        """The hits a step that there are to be: more where the performer plays more, and as the setting says."""
        since = bar.at - 2 * bar.steps / STEPS * bar.beat
        share = min(1.0, len(self._rhythm.since(since)) / (2 * bar.steps))
        return _PER_STEP * (0.4 + 1.2 * self._settings.complexity) * (0.75 + 0.6 * share) * (1.0 - 0.6 * down)

    def _quiet(self, bar: Bar, ends: float | None) -> float:
        """Beats since which nothing of the performer's sounds; to an attentive drummer also those, after the first bar,
        of a note that is held. Of a band, those of the last bar before its end."""
        if self._settings.alert:
            return self._since_all(bar, ends)
        if self._settings.ensemble and ends is not None:
            return max(0.0, bar.steps / STEPS - (ends - bar.at) / bar.beat)
        silent, onset = self._performer.silent_since, self._performer.onset
        if silent is not None:
            return (bar.at - silent) / bar.beat
        held = (bar.at - onset) / bar.beat if self._settings.attentive and onset is not None else 0.0
        return max(0.0, held - bar.steps / STEPS)

    def _enough(self, bar: Bar) -> float:
        """The beats of silence after which the music comes down."""
        return min(_QUIET, _SOONER * bar.steps / STEPS) if self._settings.stops_together else _QUIET

    def _final(self, bar: Bar, ends: float | None, quiet: float) -> int:
        """The step of the final hit, within a bar of silence: on the next bar line, if that is too late on the next
        beat or half beat, otherwise at once."""
        held = self._performer.silent_since is None
        whole = bar.steps / STEPS * bar.beat
        left = (_HELD_BAR if held else min(_OWN_BAR, _LONGEST / whole)) * whole - quiet * bar.beat
        if ends is not None:
            left = min(left, ends - _BEFORE - bar.at)
        for every in (bar.steps, STEPS, STEPS // 2):
            step = -(-bar.step // every) * every
            if (step - bar.step) / STEPS * bar.beat <= left:
                return step
        return bar.step

    def _since_all(self, bar: Bar, ends: float | None) -> float:
        """Beats since which nothing sounds of those who are accompanied; where more than a bar of it is played over,
        those of the last bar."""
        silent, onset, others = self._performer.silent_since, self._performer.onset, self._turns.others
        whole = bar.steps / STEPS * bar.beat
        since = onset + whole if silent is None and onset is not None else silent
        if since is None:
            return 0.0
        if others is not None:
            since = max(since, others)
        if ends is not None and (not self._settings.stops_together or self._turns.is_over_chart()):
            since = max(since, ends - whole)
        return max(0.0, (bar.at - since) / bar.beat)

    def _plan_fill(self, bar: Bar) -> None:
        """At a bar line: decide whether the bar ends in a fill."""
        number = (bar.step - self._first) // bar.steps + 1
        fills = self._settings.fills
        chance = _LIKELY if number % _SECTION == 0 else _LESS_LIKELY if number % _HALF_SECTION == 0 else 0.0
        drawn, whole = self._random.random(), self._random.random()
        if self._fill is not None and bar.step > self._fill[1]:
            self._filled, self._fill = self._fill[1], None
        if not self._answers and drawn < fills * chance:
            start = bar.step if whole < _WHOLE else bar.step + bar.steps // 2
            self._fill = start, bar.step + bar.steps

    def _fill_as_asked(self, bar: Bar) -> None:
        rest = bar.steps - bar.step % bar.steps
        if self._is_asked and bar.step % STEPS == 0 and rest <= max(STEPS, bar.steps // 2):
            self._is_asked, self._fill = False, (bar.step, bar.step + rest)

    def _fill_the_rest(self, bar: Bar, quiet: float) -> None:
        """In the middle of a bar: a fill, if the performer's phrase has ended. An attentive drummer fills from any beat
        of a bar's second half on at which the performer has been ``quiet`` (beats)."""
        rest, attentive = bar.steps - bar.step % bar.steps, self._settings.attentive
        every = STEPS // 2 if self._settings.alert else STEPS
        may = bar.step % every == 0 and rest <= bar.steps // 2 if attentive else rest == bar.steps // 2
        if not may or bar.step - self._first < bar.steps or self._fill is not None:
            return
        over = self._performer.phrase_over(self._settings.patience)
        ended = (over is not None and over <= bar.at) or (attentive and quiet >= _ENDED)
        if self._settings.alert:
            ended = self._leaves_room(bar, quiet)
        if ended and self._random.random() < self._settings.fills * (_OFTENER if attentive else 1.0):
            self._fill = bar.step, bar.step + rest

    def _leaves_room(self, bar: Bar, quiet: float) -> bool:
        """Whether the performer pauses, and the bar before had no fill: who fills each bar says nothing."""
        onset, filled = self._performer.onset, self._filled
        lately = filled is not None and bar.step - bar.step % bar.steps - filled < bar.steps
        return not lately and quiet >= _ROOM and onset is not None and bar.at - onset >= _PAUSE * bar.beat

    def _is_filling(self, bar: Bar, ends: float | None) -> bool:
        """Whether an answer is in its last half bar."""
        if ends is None or not self._settings.fills:
            return False
        return ends - bar.at <= bar.steps / 2 / STEPS * bar.beat


def _ending(bar: Bar, ends: float | None) -> int:
    """The step of the final hit: the next bar line, or the next beat if that is too late."""
    line = -(-bar.step // bar.steps) * bar.steps
    at = bar.at + (line - bar.step) / STEPS * bar.beat
    return line if ends is None or at <= ends else -(-bar.step // STEPS) * STEPS
