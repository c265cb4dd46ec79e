"""The last notes of an answer: one that leads to its end by a step, and a stable one, which lasts."""

import math

from livegen.listening.performer import Performer
from livegen.player import cadence
from livegen.player.composer import Composer
from livegen.player.line import Line, Plan
from livegen.settings import Settings

_SUNG = 0.9  # beats that the last note of an answer lasts at least


class Endings:
    """Has the composer end an answer, in a scale, over chords, in a raga or free."""

    def __init__(self, composer: Composer, settings: Settings, performer: Performer) -> None:
        self._composer = composer
        self._draw = composer.draw
        self._settings = settings
        self._performer = performer

    def last(self, line: Line, sam: float) -> Plan:
        """The last note of an answer that ends on ``sam``: Sa, for about an akshara."""
        near = line.next_pitch if line.pitch is None else line.pitch
        plan = self._composer.plan(line._replace(next_pitch=self._draw.limits.sa(near)), sam)
        return plan._replace(duration=self._composer.lasting(max(plan.duration, _SUNG * self._performer.pulse.beat)))

    def resolve(self, line: Line, due: float, until: float) -> Plan:
        """The last note of an answer, from ``due`` to ``until``: a stable one near the line."""
        self._draw.changes.moment = due
        near = line.next_pitch if line.pitch is None else line.pitch
        tonic, stable = self.stable_classes()
        stable = frozenset(self._draw.accord.fitting(stable))
        if self._draw.limits.raga is not None:
            pitch, stable = self._draw.limits.sa(near), frozenset({self._draw.limits.tonic % 12})
        else:
            found = self._draw.free(line, due, self._draw.stable(stable))
            pitch = cadence.nearest(found, near, tonic) if found else line.next_pitch
        plan = self._composer.plan(line._replace(next_pitch=pitch), due, stable=stable)
        return plan._replace(duration=self._composer.lasting(until - due))

    def lead(self, line: Line, due: float) -> Line:
        """The line, with a next note that leads to a last one by a step: the likeliest by the model's forecast."""
        if line.forecast is None or self._draw.limits.raga is not None:
            return line
        self._draw.changes.moment = due
        _, stable = self.stable_classes()
        logits = line.forecast.pitch[line.next_gap] + self._draw.limits.pitches(line.pitch).logits
        free = self._draw.free(line, due, [pitch for pitch, logit in enumerate(logits) if math.isfinite(logit)])
        free = self._draw.accord.fitting(free)
        free = [pitch for pitch in free if self._draw.accord.beside(pitch, due)[0] == pitch] or free
        likely = {pitch: float(logits[pitch]) for pitch in free}
        return line._replace(next_pitch=cadence.leading(stable, line.next_pitch, likely))

    def stable_classes(self) -> tuple[int, frozenset[int]]:
        """The tonic, and the pitch classes that an answer may end on: those of a chart's chord, if one is played."""
        return self._draw.changes.resting() or cadence.stable(self._settings, self._performer, self._draw.limits)
