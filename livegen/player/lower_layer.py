"""The lower layer of an answer to two hands: what the performer's left hand played, under livegen's melody. Pure.

Theory of operation. The left hand of the phrase that is answered goes on under the answer: the same chords, rhythm and
touch, moved by whole beats, so that the answer's first note falls where the phrase began. The melody stays above it,
and on beats it fits what it plays (``under``). Where the answer is longer than the phrase, the
left hand begins again; at the answer's last note it ends on a stable chord. Nothing is drawn, so the same phrase has
the same left hand.
"""

from collections import deque
from collections.abc import Collection, Sequence
from typing import NamedTuple

from livegen.listening.layers import LayerNote
from livegen.player.bars import Bars
from livegen.player.limits import Limits
from livegen.settings import Settings

_LATE = 0.25  # beats: a note of the layer that is this late or more is left out
_CLOSE = 0.2  # beats: so long before the last note nothing new begins
_SHORTEST = 0.05  # seconds
_TOGETHER = 0.05  # seconds: notes this close begin together
_ABOVE = 3  # semitones at least from the bass to the other notes of the last chord
_CHORD = 4  # notes: the most of the last chord
_ON_BEAT = 0.1  # beats
_SOUNDING = 8  # notes that may still sound


class LowerNote(NamedTuple):
    """A note to be struck at ``due``, and its length, in seconds."""

    due: float
    pitch: int
    velocity: int
    duration: float


class LowerLayer:
    """Holds the notes that are still to come, in order of time."""

    def __init__(self, bars: Bars, limits: Limits, settings: Settings) -> None:
        self._settings = settings
        self._bars = bars
        self._limits = limits
        self._phrase: list[LayerNote] = []
        self.coming: deque[LowerNote] = deque()  # the notes, in order of time
        self._period = 0.0  # seconds from one round of the phrase to the next
        self._taken: deque[LowerNote] = deque(maxlen=_SOUNDING)

    @property
    def plays(self) -> bool:
        """Whether there is a lower layer now."""
        return bool(self._phrase)

    def next_due(self) -> float | None:
        """The time at which the next note is due; None without a layer."""
        return self.coming[0].due if self.coming else None

    def under(self, at: float) -> Sequence[int]:
        """The pitches that sound, or begin, on a beat that is not long from now; none between beats, where a melody
        passes."""
        if not self._phrase:
            return ()
        place = self._bars.beat_at(at)
        if abs(place - round(place)) > _ON_BEAT:
            return ()
        near = at + _TOGETHER
        return [note.pitch for note in (*self._taken, *self.coming) if note.due <= near < note.due + note.duration]

    def drop(self) -> None:
        """The layer plays no more."""
        self._phrase, self.coming = [], deque()
        self._taken.clear()

    def begin(self, phrase: Sequence[LayerNote], start: float, length: float, first: float) -> None:
        """Play ``phrase``, the performer's, which began at ``start`` and lasted ``length`` seconds, from ``first`` on,
        the time of the answer's first note."""
        self._phrase = list(phrase)
        beat = self._bars.beat
        moved = first - start
        if self._bars.follows_beat:  # an upbeat stays one
            beats, parts = moved / beat, self._bars.parts
            moved -= round((beats - round(beats)) * parts) / parts * beat
        self._period = max(1, round(length / beat)) * beat
        self.coming = deque(self._round(moved, first))

    def _round(self, moved: float, first: float) -> list[LowerNote]:
        """The phrase once, that much later, without what would come before ``first``."""
        earliest = first - _LATE * self._bars.beat
        notes: list[LowerNote] = []
        for number, note in enumerate(self._phrase):
            due = note.at + moved
            together = sum(each.due > due - _TOGETHER for each in notes)
            if due < earliest or together >= self._settings.polyphony - 1:
                continue
            length = note.length
            if length is None:  # its key is still down
                after = [each.at for each in self._phrase[number + 1 :] if each.at > note.at + _TOGETHER]
                length = (after[0] - note.at) if after else self._bars.beat
            notes.append(LowerNote(max(first, due), note.pitch, note.velocity, max(_SHORTEST, length)))
        return sorted(notes)

    def take(self, at: float, last: float | None) -> list[LowerNote]:
        """The notes that are due by ``at``; none from shortly before ``last`` on, when the answer's last note comes."""
        taken = []
        while self.coming and self.coming[0].due <= at:
            note = self.coming.popleft()
            if not self.coming and self._phrase:
                self._again(note)
            if last is None or note.due < last - _CLOSE * self._bars.beat:
                until = note.duration if last is None else min(note.duration, last - note.due)
                taken.append(self._within(note._replace(duration=max(_SHORTEST, until))))
        self._taken.extend(taken)
        return taken

    def _within(self, note: LowerNote) -> LowerNote:
        """The note as the settings allow it."""
        settings = self._settings
        low, high = sorted((settings.quietest, settings.loudest))
        pitch = self._limits.pitches(None).nearest[note.pitch]
        duration = min(note.duration, settings.longest)
        return LowerNote(note.due, pitch, max(low, min(high, note.velocity)), duration)

    def _again(self, played: LowerNote) -> None:
        """Begin the phrase again, a period after it began."""
        moved = played.due - self._phrase[-1].at + self._period
        self.coming = deque(note for note in self._round(moved, played.due + _TOGETHER) if note.due > played.due)

    def last_chord(self, stable: Collection[int], tonic: int, below: int) -> list[tuple[int, int]]:
        """The pitches and velocities of a chord to end on, under ``below``: the tonic in the bass, and above it as many
        ``stable`` notes as the layer struck together."""
        pitches = sorted(note.pitch for note in self._phrase)
        nearest = self._limits.pitches(None).nearest
        mean = round(sum(note.velocity for note in self._phrase) / len(pitches))
        velocity = self._within(LowerNote(0.0, pitches[0], mean, 1.0)).velocity
        low, middle = pitches[len(pitches) // 10], pitches[len(pitches) // 2]
        bass_class = tonic if tonic >= 0 else min(stable)
        bass = min((p for p in range(below) if p % 12 == bass_class), key=lambda p: abs(p - low), default=low)
        chord = [nearest[bass]]
        size = min(_CHORD, self._most_together(), self._settings.polyphony - 1)
        upper = [p for p in range(bass + _ABOVE, below) if p % 12 in stable]
        for pitch in sorted(upper, key=lambda p: abs(p - max(middle, bass + 7))):
            if len(chord) >= size:
                break
            if all(abs(pitch - each) > 2 and pitch % 12 != each % 12 for each in chord):
                chord.append(nearest[pitch])
        return [(pitch, velocity) for pitch in dict.fromkeys(chord[: max(0, size)])]

    def _most_together(self) -> int:
        """The most notes of the phrase that sound together: struck at once, or in a round of a broken chord."""
        counts = [
            sum(note.at <= other.at < note.at + max(_TOGETHER, self._bars.beat) for other in self._phrase)
            for note in self._phrase
        ]
        return max(counts, default=1)
