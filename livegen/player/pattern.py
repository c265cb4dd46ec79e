"""The bar, or the two bars, that a drummer keeps as its groove, and how closely it plays each bar by it. Pure.

Theory of operation. What is drawn step by step alone hardly ever comes again. A drummer plays a pattern, again with
small changes, until the music gives a reason for another. The rules:
- The first bar that is played out, neither filled nor softened, is the pattern; in some of the patterns two bars are.
- A later bar is played as kept, or varied: the logits of hits lean towards the pattern, far or a little.
- At the end of a section the pattern may be dropped, and is where the performer has become much louder or denser, or
  much less so. The next bar that is played out is the next pattern.
- A crash is no part of a pattern, and a fill leans towards nothing.
"""

from typing import NamedTuple

from livegen.music.drums import CRASH
from livegen.player.seeded_random import SeededRandom
from livegen.predictors.drum_encoding import KIT, Step

_SECTION, _HALF_SECTION = 8, 4  # bars after which another pattern is likely, and less likely
_LIKELY, _LESS_LIKELY = 0.5, 0.15
_TWO_BARS = 0.4  # of the patterns
_FAR, _LITTLE = 12.0, 1.6  # logits, in a bar as kept, and in one that is varied where the setting is 1
_AS_KEPT = 0.6  # of the bars where the setting is 1
_OTHER = 0.25  # a change of the wanted hits a step, or of loudness (0 to 1), that asks for another pattern


class Wanted(NamedTuple):
    """All that is wanted of a bar: the hits a step, the loudness (0 to 1), and how closely a pattern is kept (0 to
    1)."""

    density: float
    loudness: float
    closely: float


class Kept(NamedTuple):
    """A pattern: its ``steps``, those of a ``bar``, how many ``bars`` it is to have, and which ``number`` is played
    (-1: it is not complete). And the bar that is played: its steps so far, its ``lean`` (logits), the bars
    that were ``begun``; and what was wanted when the pattern ``began``."""

    steps: tuple[Step, ...] = ()
    bar: int = 1
    bars: int = 1
    number: int = -1
    played: tuple[Step, ...] = ()
    lean: float = 0.0
    begun: int = 0
    began: Wanted | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is not complete."""
        return len(self.steps) != self.bars * self.bar


class Pattern:
    """Keeps the pattern; its random numbers are the drummer's."""

    def __init__(self, random: SeededRandom) -> None:
        self._random = random
        self.begin()

    def begin(self, kept: Kept | None = None) -> None:
        """Begin with a pattern, or with none."""
        self.kept = kept or Kept()

    def lean(self, place: int, steps: int, wanted: Wanted) -> tuple[float, ...]:
        """The logits to be added to each drum's at a ``place`` in a bar of so many ``steps``."""
        if place == 0:
            self._begin_bar(steps, wanted)
        at, lean = self.kept.number * steps + place, self.kept.lean
        if not lean or not 0 <= at < len(self.kept.steps):
            return (0.0,) * KIT
        velocities = self.kept.steps[at].velocity
        signs = [0.0 if drum == CRASH else 1.0 if velocity else -1.0 for drum, velocity in enumerate(velocities)]
        return tuple(sign * lean for sign in signs)

    def keep(self, place: int, step: Step, is_plain: bool) -> None:
        """The step that was played; ``is_plain``: neither filled nor softened."""
        played = () if place == 0 or not is_plain else self.kept.played
        if is_plain and place == len(played):
            played = (*played, step)
        self.kept = self.kept._replace(played=played)

    def _begin_bar(self, steps: int, wanted: Wanted) -> None:
        """At a bar line: learn the bar that is over, and decide how the next is played."""
        begun = self.kept.begun + 1
        drawn, near = self._random.random(), self._random.random()
        kept = self.kept if self.kept.bar == steps else self.kept._replace(steps=(), bar=steps, bars=1)
        if kept.is_open and len(kept.played) == steps:
            if not kept.steps:
                kept = kept._replace(bars=1 + (self._random.random() < _TWO_BARS), began=wanted)
            kept = kept._replace(steps=(*kept.steps, *kept.played))
        chance = {1: _LIKELY, 1 + _HALF_SECTION: _LESS_LIKELY}.get(begun % _SECTION, 0.0)
        if drawn < chance or self._is_other(wanted):
            kept = kept._replace(steps=(), bars=1)
        share = wanted.closely**2  # so that the middle of the setting is as drummers are
        lean = 0.0 if kept.is_open else _FAR if near < _AS_KEPT * share else _LITTLE * share
        number = -1 if kept.is_open else (kept.number + 1) % kept.bars
        self.kept = kept._replace(number=number, begun=begun, lean=lean)

    def _is_other(self, wanted: Wanted) -> bool:
        began = self.kept.began
        return began is not None and (
            abs(began.density - wanted.density) > _OTHER or abs(began.loudness - wanted.loudness) > _OTHER
        )
