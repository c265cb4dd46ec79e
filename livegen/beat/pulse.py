"""Estimates the performer's pulse (tempo, beat and note values) from their onsets alone, one by one.

Theory of operation. The pulse holds up to 32 hypotheses. Each states the place in the beat of the last onset, whether
beats divide in two or in three, and a Kalman filter over the beat's time and length. The rules:
- An onset turns each hypothesis into one for every place in the beat that the onset may be on, each with its
  likelihood. Those that agree are merged, the unlikely ones are dropped, the likeliest come first.
- At every onset some hypotheses that know nothing are added, at a cost, so that a wrong belief can be left.
- The belief (``felt``) changes only if another hypothesis is clearly likelier, so that the beat does not flicker.
- It is done in two parts, for hundreds of hypotheses take time. ``hear_onset`` asks only the two likeliest ones what
  the onset means: enough for the note, which waits for it. ``settle`` weighs all, when a chord would be complete; the
  next onset calls it at the latest. Without a new onset it does nothing.
- Hypotheses know the tempo as the last few notes have it. What is told is the believed one's beat as all notes that it
  explains have it: ``livegen.beat.long_view``.
- A clock that leads takes the place of all hypotheses; when it is released, they begin again from its tempo.

The model is that of Cemgil and Kappen, "Monte Carlo Methods for Tempo Tracking
and Rhythm Quantization" (Journal of Artificial Intelligence Research 18, 2003), searched by a beam and not by
particles, so that nothing is random; that of divisions in two and three comes from Raphael, "Automated Rhythm
Transcription" (ISMIR 2001). Figures: docs/time.md.
"""

import copy
import math
from operator import itemgetter

from livegen.beat import long_view, usual_tempo
from livegen.beat.hypotheses import Beat, Row, agree, apart, beat_of, fresh, is_akin, likeliest, reached
from livegen.beat.rhythm import EVEN, PARTS, PLAIN, TERNARY, Rhythms

_CHORD = 0.03  # seconds: an onset this soon after another is no other
_LIKE = 0.15  # gaps this much alike are a run
_OFTEN = 12  # each hypothesis that begins again is tried every 12 onsets
_SILENCE = 3.0  # seconds after which hypotheses may begin anywhere in the beat
_STAY = 0.7  # another beat must be this much likelier
_EVEN_RUN, _SLOW = 6, 0.2  # gaps alike, and seconds of each: its notes are halves of beats, or thirds, or beats
_FEWEST = 4  # onsets before which nothing is sure
_LOOSE = 0.01  # seconds: a performer who follows a clock is seldom nearer to it
_ASKED = 2  # hypotheses that an onset is weighed by at once
_APART, _ASIDE = 0.08, 0.12  # shares of a beat: further from the hypothesis, the beat over the phrase begins again
_MISSED = 3.0  # parts: a place further from where an onset is expected is another's
CUES = 8  # of the confidence
_FIRM = 0.001  # the evidence's share is no nearer than this to none and to all


class Pulse:
    """The performer's pulse. ``beat`` is the length, in seconds, of a written quarter note, in which note values are
    counted; ``felt`` the beat that a foot taps, which is three eighths where beats divide in three.

    ``hear_onset`` takes in an onset and is quick; ``settle`` then weighs all that it may mean, which takes longer and
    is ``due`` when a chord would be complete; at the latest the next onset does it.
    """

    def __init__(self, tempo: float = 120.0, rhythms: Rhythms = PLAIN) -> None:
        self.rhythms = rhythms
        self.led = False  # by a clock: what is heard says nothing about the beat
        self.compound = False  # whether the metre says that a beat divides in three
        self.expect(tempo)

    def copy(self) -> "Pulse":
        """All that was heard up to now, as a value of its own. None of its lists is ever changed in place."""
        return copy.copy(self)

    def restore(self, kept: "Pulse") -> None:
        """Become what a copy says, and leave the copy as it is."""
        vars(self).update(vars(kept))

    def expect(self, tempo: float) -> None:
        """Forget what was heard and start from a tempo in beats a minute."""
        self.tempo = tempo
        self.beat = 60.0 / tempo
        self.felt = Beat(0.0, self.beat)
        self.confidence = 0.0  # the probability that the beat is right: at its level, half or twice of it; 0 to 1
        self.cues: tuple[float, ...] = ()  # that the confidence is worked out from
        self.value: float | None = None  # of the gap before the last onset, in written quarters
        self.onset = self._latest = -math.inf  # the last one, as it was played, and without its swing
        self._gap = 0.0  # before it
        self._late = 0.0  # its swing
        self._run = 0
        self._weight = 1.0  # of what it says about the rhythm
        self._waiting: float | None = None
        self._ornament = False  # whether the last onset was one
        self._count = 0
        self._stayed = 0  # onsets since another beat was believed
        self._usual: usual_tempo.Shares = ()
        self._rows: list[Row] = []
        self._made: tuple[tuple[Rhythms, float, bool], list[Row]] | None = None  # hypotheses that know nothing
        self._lines: long_view.Lines = ()  # over the onsets of the believed beat
        self._place = 0  # of the last of them

    def lead(self, beat: Beat) -> None:
        """A clock's beat, which is a written quarter, holds from now on."""
        self.led, self.felt, self.beat, self.confidence = True, beat, beat.length, 1.0
        self._waiting = None
        place = 0 if self._latest == -math.inf else round(PARTS * (self._latest - beat.at) / beat.length)
        at = beat.at + place / PARTS * beat.length
        self._rows = [(0.0, beat.length, 0, place % PARTS, at, _LOOSE**2, 0.0, 0.0, 0)]

    def release(self) -> None:
        """The performer's own pulse holds again, from the tempo that was led."""
        if self.led:
            self.led = False
            self.expect(60.0 / self.beat)

    def hear_onset(self, onset: float, late: float = 0.0) -> None:
        """Take in an onset (seconds) that is swung so late; those of a chord after its first say nothing."""
        self.settle()
        self.onset, onset = onset, onset - late
        if onset - self._latest < _CHORD:
            return
        gap, former = onset - self._latest, self._gap
        self._run = self._run + 1 if abs(gap - former) < _LIKE * former else 1
        self._weight = self._run**-self.rhythms.again
        self._latest, self._gap, self._late, self.value = onset, gap, late, None
        if self._rows:
            self._ask(onset)
        if not self.led:
            self._waiting = onset

    def _ask(self, onset: float) -> None:
        """Take the onset's note value, and the beat moved a little, from the likeliest hypotheses."""
        asked = 1 if self.rhythms.long_view and self._count == 1 else _ASKED
        best = likeliest(self.rhythms, self._rows[:asked], onset, self._weight, self._late)
        if best is None:
            return
        quarters = 1.5 if best[2] == TERNARY else 1.0
        former, self._ornament = self._ornament, best[8] == 0
        if not former and not self._ornament:
            self.value = best[8] / PARTS * quarters
        if self.led:
            self._rows = [(0.0, self.beat, 0, best[3], self._rows[0][4] + best[8] / PARTS * self.beat, *best[5:])]
        elif not self.rhythms.long_view or abs(best[1] / quarters / self.beat - 1.0) > _APART:
            self.beat = best[1] / quarters

    @property
    def due(self) -> float | None:
        """The time at which to weigh the last onset (seconds); None once it is weighed."""
        return None if self._waiting is None else self.onset + _CHORD

    def settle(self) -> None:
        """Weigh all that the last onset may mean."""
        onset, self._waiting = self._waiting, None
        if onset is None:
            return
        self._count += 1
        if self._rows:
            found = reached(self.rhythms, self._rows + self._begun_again(onset), onset, self._weight, self._late)
            found.sort(key=itemgetter(0), reverse=True)
            self._rows = apart(self.rhythms, found) or self._fresh(onset)
        else:
            self._rows = self._fresh(onset)
        self._believe()

    def _fresh(self, onset: float, first: int = 0, every: int = 1) -> list[Row]:
        """Hypotheses that know nothing but an onset: those of a number, and each so many further on."""
        made, of = self._made, (self.rhythms, self.tempo, self.compound)
        if made is None or made[0][0] is not self.rhythms or made[0][1:] != of[1:]:
            made = self._made = of, fresh(*of[:2], onset, self.compound)
        return [(*row[:4], onset, *row[5:]) for row in made[1][first::every]]

    def _begun_again(self, onset: float) -> list[Row]:
        """Hypotheses that know less of the onsets heard."""
        former = self._rows[0][4]
        if onset - former < _SILENCE:
            found = self._fresh(former, self._count % _OFTEN, _OFTEN)
            return [(row[0] + self.rhythms.restart, *row[1:]) for row in found]
        resumed, noise = self.rhythms.resumed, self.rhythms.noise
        # After a silence the place in the beat is unknown; the tempo is likely the same.
        again = [
            (log + resumed, length, kind, 0, onset - length, noise[kind].jitter ** 2, 0.0, tt, 0)
            for log, length, kind, _, _, _, _, tt, _ in self._rows
        ]
        return again + [
            (row[0] + self.rhythms.restart, *row[1:4], onset - row[1], *row[5:]) for row in self._fresh(onset)
        ]

    def _believe(self) -> None:
        """Choose what is believed: the likeliest, but the same as before unless another is clearly likelier."""
        rows, scores = self._rows, [row[0] for row in self._rows]
        weights = [math.exp(score) for score in scores]
        familiar: list[float] = []
        if carried := self.rhythms.carried:
            self._usual = usual_tempo.heard(self._usual, rows, self._count)
            familiar = usual_tempo.familiar(self._usual)
            scores = [row[0] + carried * familiar[usual_tempo.bin_of(row[1])] for row in rows]
        order = sorted(range(len(rows)), key=scores.__getitem__, reverse=True)
        chosen, stayed = order[0], False
        for index in order:
            if scores[index] < scores[order[0]] - _STAY:
                break
            if agree(rows[index], self.felt):
                chosen, stayed = index, True
                break
        if self.rhythms.long_view and self._count == 1:  # beats in three take more than a note to be believed
            chosen = next(index for index in order if rows[index][2] == EVEN)
        best = rows[chosen]
        self._stayed = self._stayed + 1 if stayed else 0
        self._rows = [best, *(row for row in rows if row is not best)]
        self.felt = felt = self._over_the_phrase(best, stayed) if self.rhythms.long_view else beat_of(best)
        self.beat = felt.length / (1.5 if felt.ternary else 1.0)
        akin = sum([weight for row, weight in zip(rows, weights, strict=True) if is_akin(row, felt)])
        self._weigh(akin / sum(weights), familiar)

    def _over_the_phrase(self, row: Row, stayed: bool) -> Beat:
        """The believed beat, as exactly as all the onsets that it explains tell it."""
        _, length, kind, place, at, *_, gap = row
        if self._count == 1:
            return Beat(at, 60.0 / self.tempo)
        lines = self._lines or self._begun(row)
        if self._latest - long_view.told(lines)[0] > _SILENCE:
            lines = long_view.resumed(lines, at)
        elif gap and self._lines:
            lines = self._drawn_on(lines if stayed else long_view.stretched(lines, length), row)
        time, beat = long_view.told(lines)
        if gap:
            self._place = place
            if abs(beat / length - 1.0) > _APART or abs(time - at) > _ASIDE * length:
                lines = self._begun(row)
                time, beat = long_view.told(lines)
        self._lines = lines
        return Beat(time - self._place / PARTS * beat, beat, kind == TERNARY)

    def _begun(self, row: Row) -> long_view.Lines:
        """The lines from the onset before, if the hypothesis goes on from there."""
        _, length, _, _, at, *_, gap = row
        if gap and abs(gap - PARTS * self._gap / length) < _MISSED and self._gap < _SILENCE:
            return self._drawn_on(long_view.begun(self._latest - self._gap, length), row)
        return long_view.begun(at, length)

    def _drawn_on(self, lines: long_view.Lines, row: Row) -> long_view.Lines:
        """The lines over the last onset, which is where the hypothesis has it."""
        _, length, kind, place, *_, gap = row
        time, beat = long_view.told(lines)
        swung = dict(self.rhythms.ways[kind])[place] / PARTS * length
        onset = self._latest - max(0.0, swung - self._late)
        parts = PARTS * (onset - time) / beat
        if abs(gap - parts) > _MISSED:  # the hypothesis took an onset before it for an ornament, or did not
            gap = place - self._place + PARTS * round((parts - place + self._place) / PARTS)
        return long_view.heard(lines, onset, gap / PARTS) if gap > 0 else lines

    def _weigh(self, share: float, familiar: list[float]) -> None:
        """Work out the confidence from the share of the evidence that agrees, and from what else tells a right beat."""
        self.confidence = share if self._count >= _FEWEST else 0.0
        if self.rhythms.trust:
            firm = max(_FIRM, min(1.0 - _FIRM, share))
            familiar = familiar or usual_tempo.familiar(self._usual)
            steady = familiar[usual_tempo.bin_of(self.felt.length)]
            self.cues = (
                *(1.0, math.log(firm / (1.0 - firm)), math.log(self._count), math.log1p(self._stayed)),
                *(self._weight, math.log(self.felt.length), float(self.felt.ternary), steady),
            )
            odds = sum([weight * cue for weight, cue in zip(self.rhythms.trust, self.cues, strict=True)])
            self.confidence = 1.0 / (1.0 + math.exp(-odds)) if self._count >= _FEWEST else 0.0

    @property
    def is_sure(self) -> bool:
        """Whether the beat is sure enough to be followed: right, or a grid at least, as a long and slow even run is."""
        even = self.rhythms.long_view and self._run >= _EVEN_RUN and self._gap >= _SLOW
        return even or self.confidence >= self.rhythms.sure
