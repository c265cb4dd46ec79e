"""Draws a line's next note from the model's forecast: first its gap, then its pitch given the gap, then its touch,
for the server must know when to wake.

The logits are the model's, plus masks: the limits of the settings, the performer's pace and register, what sounds now.
A mask of -inf forbids.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence

import numpy as np

from livegen.listening.performer import Performer
from livegen.player.accord import Accord
from livegen.player.balance import Norm
from livegen.player.bars import Bars
from livegen.player.changes import Changes
from livegen.player.expression import Expression
from livegen.player.limits import Limits
from livegen.player.line import Line
from livegen.player.masks import Masks, register_of
from livegen.player.seeded_random import SeededRandom
from livegen.player.tonality import Tonality
from livegen.predictors import sampling
from livegen.predictors.encoding import INTERVAL, Encoding, Step
from livegen.predictors.protocol import Forecast, Predictor
from livegen.predictors.quotation import Run
from livegen.settings import Settings

_CLOSEST = 0.25  # beats: the shortest gap that a note at a fixed time is drawn for; melodies seldom have shorter ones
_NEARLY = 0.95  # of the shortest gap: the beat is not known to a hair
_TRIES = 4  # to find a note that does not quote the training music


class Draw:
    """Draws with the composer's random numbers, within the limits of the settings. It knows what the performer played
    of the training music, which may be played, too."""

    def __init__(self, settings: Settings, performer: Performer, random: SeededRandom, bars: Bars) -> None:
        self._settings = settings
        self._performer = performer
        self._random = random
        self.predictor: Predictor  # that is drawn from
        self._encoding = Encoding()
        self.expression = Expression(performer, settings, random)
        self.limits = Limits(settings, performer.left_hand, lambda: performer.voicing)
        self.changes = Changes(settings, bars, performer)
        self.limits.chord_now = self.changes.classes
        self.accord = Accord(performer, settings, self.limits)
        self._tonality = Tonality(performer, settings, self.limits, self.changes)
        self._masks = Masks(performer, settings, self._encoding)
        self.performed = Run()  # the performer's own notes
        self.borrowed: frozenset[int] = frozenset()  # runs of the training music that the performer has played

    def suit(self, metadata: Mapping[str, str], first: Forecast) -> None:
        """Draw as befits a model that says so of itself; ``first`` is its forecast before any note."""
        self._norm = Norm.parse(metadata.get("pace", ""))
        self.expression.take_texture(self.predictor.polyphonic)
        self._masks.home = register_of(metadata.get("register", ""), first.pitch[self._encoding.gap_index(1.0)])

    def begin(self) -> None:
        """As if the performer had played nothing."""
        self.performed = Run()
        self.borrowed = frozenset()
        self.limits.forget()

    def next_note(
        self,
        line: Line,
        forecast: Forecast,
        due: float | None = None,
        avoid: Sequence[int] = (),
        more: bool | None = None,
    ) -> Line:
        """The line with its next note drawn: ``due`` fixes when it sounds, ``avoid`` what its chord has already, and
        ``more`` whether the chord is to grow (None: as the model predicts)."""
        gap = self._gap(line, forecast, due, len(avoid), more)
        self.changes.moment = self._moment(line, gap, due)
        pitch = self._pitch(line, forecast, gap, avoid)
        velocity, stance = self.expression.expect(line.stance, gap, self._encoding.beats[gap], pitch, forecast.touch)
        velocity = self.moderate(velocity)
        state, last, onset, length = line.state, line.pitch, line.onset, line.length
        run, loop, recent = line.run, line.loop, line.recent
        return Line(state, gap, pitch, velocity, last, onset, length, run, stance, loop, recent, forecast, line.tones)

    def _gap(self, line: Line, forecast: Forecast, due: float | None, sounding: int, more: bool | None) -> int:
        """The gap to the next note, an index; 0 if it belongs to the chord of which ``sounding`` notes are struck."""
        settings = self._settings
        if due is not None and line.onset is not None:
            seconds = self._performer.timing.straight(due - line.onset)
            return self._encoding.gap_index(max(_CLOSEST, seconds / self._performer.pulse.beat))
        if more and self.may_grow(sounding):
            return 0
        chords = more is None and self.may_grow(sounding)
        accord = self.accord
        logits = forecast.gap + self._masks.pace(chords, accord.share if accord.alongside and accord.is_heeded else 1.0)
        if accord.alongside and not chords and (closest := accord.closest(line.onset) / self._performer.pulse.beat):
            logits[1 : bisect_left(self._encoding.beats, _NEARLY * closest, 1, len(logits) - 1)] = -np.inf
        if self._norm and not self._performer.density():  # there is no performer's pace to follow
            logits += self._norm.lead(line.recent, settings.density)
        gap = sampling.choose(logits, self._random.random(), settings.temperature, settings.top_p)
        if gap == 0 and not chords:  # the model predicted nothing but a chord
            return self._encoding.gap_index(1.0)
        return gap

    def _pitch(self, line: Line, forecast: Forecast, gap: int, avoid: Sequence[int]) -> int:
        """The next pitch after that gap; it quotes no training music, if ``_TRIES`` draws find one."""
        settings, draw = self._settings, self._random.random
        allowed = self.limits.drawn(line.pitch, draw)
        follows = None if self.predictor.polyphonic else line.pitch
        told = self.changes.told(forecast.pitch[gap], follows, self._encoding.beats[gap])
        accord = self.accord
        if accord.alongside and accord.is_heeded and (register := accord.register(line)) is not None:
            pitches = accord.weigh(told, line, register[0])
            pitches += self._masks.pitch(allowed, register[1])
        else:
            pitches = told + self._masks.pitch(allowed)
            if self._performer.layers.split is not None:
                _raise_above(self._performer.layers.split, pitches)
            if self.predictor.polyphonic and self._tonality.is_kept:
                place = line.stance.place + self._encoding.beats[gap]
                pitches += self._tonality.costs(line.tones, place, avoid)
            accord.weigh_hands(pitches, self.changes.moment)
        self.changes.draw(pitches)
        if not gap and avoid:
            pitches[list(avoid)] = -np.inf
        elif closing := line.loop.closing(settings.loops):
            _without(pitches, closing)
        pitch = sampling.choose(pitches, draw(), settings.temperature, settings.top_p)
        for _ in range(_TRIES if settings.guard and line.run.is_near else 0):
            if not self.quotes(line, gap, pitch):
                break
            _without(pitches, [pitch])
            pitch = sampling.choose(pitches, draw(), settings.temperature, settings.top_p)
        return pitch

    def _moment(self, line: Line, gap: int, due: float | None) -> float:
        """The time at which the line's next note sounds, as far as that is known."""
        if due is not None or line.onset is None:
            return self.changes.moment if due is None else due
        return line.onset + self._encoding.beats[gap] * self._performer.pulse.beat

    def free(self, line: Line, due: float, pitches: list[int]) -> list[int]:
        """Of the pitches those that neither quote the training music nor repeat a figure too often."""
        closing = line.loop.closing(self._settings.loops)
        free = [pitch for pitch in pitches if pitch not in closing]
        if not self._settings.guard or not line.run.is_near or line.onset is None:
            return free
        gaps = {line.next_gap, self._encoding.gap_index(self._performer.beats(line.onset, due))}
        return [pitch for pitch in free if not any(self.quotes(line, gap, pitch) for gap in gaps)]

    def stable(self, stable: frozenset[int], taken: Sequence[int] = ()) -> list[int]:
        """The allowed pitches among the stable classes, without those that are taken."""
        nearest = self.limits.pitches(None).nearest
        return [p for p, near in enumerate(nearest) if p == near and p % 12 in stable and p not in taken]

    def perform(self, step: Step) -> None:
        """Note the training music that the performer plays: the player may answer with it."""
        self.performed = performed = self.performed.then(step)
        if performed in self.predictor.quotations and performed.key is not None:
            self.borrowed |= {performed.key}

    def quotes(self, line: Line, gap: int, pitch: int) -> bool:
        """Whether the line would repeat RUN notes of the training music that the performer has not played."""
        interval = max(-INTERVAL, min(INTERVAL, pitch - (pitch if line.pitch is None else line.pitch)))
        run = line.run.moved(1 + INTERVAL + interval, 1 + gap)
        return run in self.predictor.quotations and run.key not in self.borrowed

    def may_grow(self, sounding: int) -> bool:
        """Whether a chord of so many notes may have one more: within ``polyphony``, and the range's pitches."""
        if not self.predictor.polyphonic:
            return False
        return sounding < min(self.limits.polyphony, self.limits.pitches(None).size)

    def allowed(self, pitch: int, before: int | None) -> int:
        """The pitch after ``before``, or the nearest within limits that have changed since it was drawn."""
        return self.limits.pitches(before).nearest[pitch]

    def moderate(self, velocity: int) -> int:
        """The velocity, or the nearest within the limits."""
        low, high = self._settings.quietest, self._settings.loudest
        return max(low, min(high, velocity)) if low <= high else max(high, min(low, velocity))


def _raise_above(split: int, pitches: sampling.Logits) -> None:
    """Have a melody of two hands stay above the lower layer, if it may."""
    if np.isfinite(pitches[split:]).any():
        pitches[:split] = -np.inf


def _without(pitches: sampling.Logits, closing: list[int]) -> None:
    """Forbid the pitches, unless no other is left."""
    kept = pitches[closing]
    pitches[closing] = -np.inf
    if not math.isfinite(float(pitches.max())):
        pitches[closing] = kept
