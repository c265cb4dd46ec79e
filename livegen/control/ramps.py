"""Settings that move by themselves from one value to another over a number of beats. Pure: time is passed in."""

import math
from dataclasses import dataclass

from livegen.errors import SettingsError
from livegen.settings import specs
from livegen.spec import Spec

STEP = 1 / 8  # beats from one value to the next
LONGEST = 4096.0  # beats

_LIVE = {spec.name: spec for spec in specs() if spec.live}


@dataclass
class Ramp:
    """One setting that is moving. ``done`` beats of ``beats`` have passed."""

    spec: Spec
    first: float
    last: float
    beats: float
    done: float = 0.0

    @property
    def value(self) -> float | int | bool:
        """The setting's value now: it moves evenly along its curve, as a hand would move its fader."""
        if self.done >= self.beats:
            return self.spec.kind(self.last)  # type: ignore[no-any-return]
        start, end = self.spec.position(self.first), self.spec.position(self.last)
        value = self.spec.at(start + (end - start) * self.done / self.beats)
        low, high = sorted((self.first, self.last))
        return self.spec.kind(min(high, max(low, value)))  # type: ignore[no-any-return]


def ramp(name: str, first: float, last: float, beats: float) -> Ramp:
    """A ramp of a live setting. Raises SettingsError if it is not a number, is out of range, or lasts too long."""
    spec = _LIVE.get(name)
    if spec is None or spec.low is None or spec.high is None:
        raise SettingsError(f"{name!r:.40} cannot be ramped; choose a live setting that is a number.")
    for value in (first, last):
        if not (isinstance(value, int | float) and spec.low <= value <= spec.high):
            raise SettingsError(f"A ramp of {name} cannot reach {value!r:.40}; it takes {spec.range}.")
    if not (isinstance(beats, int | float) and 0.0 <= beats <= LONGEST):
        raise SettingsError(f"A ramp cannot last {beats!r:.40} beats; choose 0 to {LONGEST:g}.")
    if spec.kind is int:
        first, last = round(first), round(last)
    return Ramp(spec, first, last, beats)


class Ramps:
    """The ramps under way, at most one a setting. They follow the tempo as it is at each step."""

    def __init__(self) -> None:
        self._ramps: dict[str, Ramp] = {}
        self._at = 0.0  # seconds, of the last step
        self._beat = 0.5

    def start(self, ramp: Ramp, at: float, beat: float) -> None:
        """Begin a ramp at ``at``, with the length of a beat (both seconds); it replaces one of the same setting."""
        if not self._ramps:
            self._at, self._beat = at, beat
        # The others may be between two steps: this ramp counts from their last one.
        self._ramps[ramp.spec.name] = Ramp(ramp.spec, ramp.first, ramp.last, ramp.beats, (self._at - at) / beat)

    def end(self, name: str) -> None:
        """Stop a setting where it is, because somebody moves it by hand."""
        self._ramps.pop(name, None)

    def clear(self) -> None:
        """Stop all where they are."""
        self._ramps.clear()

    @property
    def names(self) -> tuple[str, ...]:
        """The settings that are moving."""
        return tuple(self._ramps)

    def next_due(self) -> float | None:
        """The time (seconds) at which ``advance`` has something to do; None when nothing is moving."""
        if not self._ramps:
            return None
        soonest = min(ramp.beats - ramp.done for ramp in self._ramps.values())
        return self._at + self._beat * min(STEP, max(0.0, soonest))

    def advance(self, now: float, beat: float) -> dict[str, float | int | bool]:
        """The settings' values now, to be taken up together. ``beat`` is the length of a beat in seconds."""
        passed = max(0.0, now - self._at) / beat
        self._at, self._beat = max(now, self._at), beat
        values: dict[str, float | int | bool] = {}
        for name, one in list(self._ramps.items()):
            one.done += passed
            # Rounding must not leave a ramp just before its end for ever.
            if math.isclose(one.done, one.beats, abs_tol=1e-6):
                one.done = one.beats
            if one.done >= 0.0:
                values[name] = one.value
            if one.done >= one.beats:
                del self._ramps[name]
        return values
