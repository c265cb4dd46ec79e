"""A steady beat that follows a performer with inertia: a drummer's own, which leads as much as it follows.

Theory of operation. The beat is a Kalman filter over the time and the length of a beat. The rules:
- It is locked to the transport's grid once; from then on each onset of the performer that is near a place of the grid
  moves it a little, one on a beat the most. A note that comes far too late or too early counts no more than one that is
  a little so, for it is rubato and no tempo.
- Its own notes are never heard, so that it cannot chase itself.
- Where the transport finds another beat, and keeps to it, the steady beat is locked again. Twice or half the tempo, in
  phase, is the same beat: what is played stays.
"""

import math
from collections.abc import Sequence

from livegen.beat import resonance
from livegen.beat.transport import PULSE, Transport

_JITTER = 0.018  # seconds: a standard deviation of an onset on a beat
_HALF, _THIRD, _QUARTER = 1.0, 2.0, 4.0  # the cost, as a logarithm, of such a place
_UNLIKELY = 8.0  # an onset that costs more is on no place
_DRIFT = 0.01  # of the beat's length, a beat: how fast a tempo moves
_FIRST_PHASE, _FIRST_TEMPO = 0.02, 0.02  # seconds, and share of the beat: uncertainty when it is locked
_RECENT = 0.3  # of the mean of the latest onsets, the last one's share
_LEANS, _TURNS = 0.5, 3.0  # standard deviations from which on, and how much, a tempo is allowed to move faster
_CLIPPED = 2.5  # standard deviations that an onset counts at most
_SAME_TEMPO, _SAME_PHASE = 0.07, 0.17  # shares of a beat
_INERTIA, _DRAWN = 0.012, 0.8  # seconds that it may be apart from the transport; the share of the rest given up
_RATIOS = (1.0, 2.0, 0.5, 1.5, 2.0 / 3.0, 3.0, 1.0 / 3.0, 4.0, 0.25)
_ROOM = 0.36  # seconds of a beat that has room for sixteenths
_PATIENCE = 10  # onsets in a row at which the transport disagrees, until it is believed


class SteadyBeat:
    """The beat: ``beat`` beats have passed since a bar line at ``at`` (seconds), and each lasts ``length`` seconds."""

    def __init__(self) -> None:
        self.locked = self.ternary = False
        self.at, self.beat, self.length = 0.0, 0.0, 0.5
        self._spread = (0.0, 0.0, 0.0)  # variances of time and length, and their covariance
        self._against = 0  # onsets at which the transport disagreed
        self._lean = 0.0  # mean of the latest onsets, in standard deviations: all late or all early, the tempo moves

    def lock(self, transport: Transport, now: float) -> None:
        """Take up the transport's grid, from the beat that is nearest to now."""
        grid = transport.grid
        self.length = grid.length
        self.beat = float(round(transport.beat_at(now)))
        self.at = transport.time_of(self.beat)
        self.ternary = transport.pulse.felt.ternary and transport.source == PULSE
        self._spread = _FIRST_PHASE**2, (_FIRST_TEMPO * self.length) ** 2, 0.0
        self.locked, self._against, self._lean = True, 0, 0.0

    def tune(self, strokes: Sequence[tuple[float, int]]) -> None:
        """Take the tempo from all these strokes (seconds, velocity), near the one that it is locked to; half of it, if
        sixteenths would have no room."""
        self.at, self.length = resonance.beat_of(strokes, self.at, self.length, self.ternary)
        if self.length < _ROOM and not self.ternary:
            self.at = resonance.of_two(strokes, self.at, self.length)
            self.beat, self.length = float(self.beat // 2), 2.0 * self.length

    def unlock(self) -> None:
        """Follow nothing until it is locked again."""
        self.locked = False

    def beat_at(self, at: float) -> float:
        """The beats that have passed since a bar line."""
        return self.beat + (at - self.at) / self.length

    def time_of(self, beat: float) -> float:
        """The time at which so many beats have passed (seconds)."""
        return self.at + (beat - self.beat) * self.length

    def hear_onset(self, onset: float, transport: Transport, swung: bool = False) -> None:
        """An onset of the performer, whom the transport knows up to then; ``swung``: what is off the beat says nothing.

        A clock's beat is taken as it is.
        """
        if not self.locked:
            return
        if transport.source != PULSE:
            self.lock(transport, onset)
            return
        self._compare(onset, transport, swung)
        if (meant := self._meant(onset, swung)) is not None:
            self._correct(onset, *meant)

    def _meant(self, onset: float, swung: bool) -> tuple[float, float] | None:
        """The place (beats) that an onset was meant for, and how exactly (seconds); None if it is near none.

        A beat is likelier than half of one, and that than a quarter; a swung half is no place.
        """
        place = self.beat_at(onset)
        spread = math.sqrt(_JITTER**2 + self._spread[0])
        parts = ((1, 0.0), (3, _THIRD)) if self.ternary else ((1, 0.0), (2, _HALF), (4, _QUARTER))
        best, found = _UNLIKELY, None
        for number, cost in parts[:1] if swung else parts:
            near = round(place * number) / number
            off = (place - near) * self.length / spread
            if off * off / 2 + cost < best:
                best, found = off * off / 2 + cost, (near, _JITTER * (1.0 if near == round(near) else 1.0 + cost))
        return found

    def _correct(self, onset: float, beat: float, jitter: float) -> None:
        """Move the beat and its length by an onset that was meant for ``beat``."""
        beats = max(0.0, beat - self.beat)
        time, tempo, both = self._spread
        drift = (_DRIFT * self.length * (1.0 + _TURNS * max(0.0, abs(self._lean) - _LEANS))) ** 2 * beats
        time += beats * (2 * both + beats * (tempo + drift / 3))
        both += beats * (tempo + drift / 2)
        tempo += drift
        whole = time + jitter**2
        off = onset - self.time_of(beat)
        bound = _CLIPPED * math.sqrt(whole)
        off = max(-bound, min(bound, off))
        self._lean += _RECENT * (off / math.sqrt(whole) - self._lean)
        expected = self.time_of(beat)
        gain, turn = time / whole, both / whole
        self.at, self.beat = expected + gain * off, beat
        self.length += turn * off
        self._spread = time * (1 - gain), tempo - turn * both, both * (1 - gain)

    def _compare(self, onset: float, transport: Transport, swung: bool) -> None:
        """Stay near the transport's grid, which a swing leads astray; believe it if it has disagreed for long."""
        if not transport.running:
            return
        apart = self._apart(transport, onset)
        if apart is not None and abs(apart[0]) < _SAME_PHASE * self.length:
            self._against = 0
            if not swung:
                self._draw_near(*apart)
            return
        self._against += 1
        if self._against > _PATIENCE:
            self.lock(transport, onset)

    def _draw_near(self, late: float, length: float) -> None:
        """Go to the transport's beat in part, if it is ``late`` by more than inertia explains."""
        beyond = abs(late) - _INERTIA
        if beyond > 0.0:
            self.at += _DRAWN * math.copysign(beyond, late)
            self.length += _DRAWN * (length - self.length)

    def _apart(self, transport: Transport, at: float) -> tuple[float, float] | None:
        """The seconds by which the transport's beats are later than these, and their length in terms of these: those
        of twice or half the tempo are the same. None if they are of another tempo."""
        ratio = transport.beat / self.length
        near = min(_RATIOS, key=lambda each: abs(math.log(ratio / each)))
        if abs(ratio / near - 1.0) > _SAME_TEMPO:
            return None
        if transport.beat >= self.length:
            time = transport.time_of(round(transport.beat_at(at)))
            late = time - self.time_of(round(self.beat_at(time)))
        else:
            time = self.time_of(round(self.beat_at(at)))
            late = transport.time_of(round(transport.beat_at(time))) - time
        return late, transport.beat / near
