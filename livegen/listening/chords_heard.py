"""Follows the chords of what the performer plays, beat by beat. Beats are counted from a bar line, by the transport."""

import copy
import math
from collections import deque
from functools import cache

from livegen.listening.chord_filter import ON, ChordFilter, Estimate, Sounding, played, shares
from livegen.listening.chord_tables import Table, place_of, shipped

_LONG = 8.0  # beats: a silence longer than this says nothing more
_TOGETHER = 3  # pitch classes that sound together are a chord
_MOST = 64  # notes that wait to be weighed
_RINGS = 4.0  # beats that a note sounds at most: its release may be lost


class ChordsHeard:
    """Hears notes, which costs next to nothing, and weighs them when it is asked to, or when 64 wait."""

    def __init__(self) -> None:
        self._belief: Table | None = None  # for the beat that is under way, before its notes
        self._beat = 0
        self._per_bar = 4
        self._notes: list[Sounding] = []  # of the beat under way, or still sounding
        self._waiting: deque[tuple[float, int, bool, int]] = deque()  # beat, pitch, begins, beats in a bar

    def copy(self) -> "ChordsHeard":
        """All that was heard up to now, as a value of its own."""
        kept = copy.copy(self)
        kept.part()
        return kept

    def part(self) -> None:
        """Share no list with the object that this one was copied from; beliefs are never changed in place."""
        self._notes, self._waiting = self._notes.copy(), self._waiting.copy()

    def hear_note(self, beat: float, pitch: int, beats_per_bar: int) -> None:
        """A note began."""
        self._waiting.append((beat, pitch, True, beats_per_bar))
        if len(self._waiting) >= _MOST:
            self.settle()

    def hear_release(self, beat: float, pitch: int, beats_per_bar: int) -> None:
        """A note ended."""
        self._waiting.append((beat, pitch, False, beats_per_bar))
        if len(self._waiting) >= _MOST:
            self.settle()

    def settle(self) -> None:
        """Weigh the notes that were heard."""
        while self._waiting:
            beat, pitch, begins, self._per_bar = self._waiting.popleft()
            # A note a little before a beat is meant for it.
            self._advance(beat + ON if begins else beat)
            if begins:
                self._notes.append(Sounding(pitch, max(beat, float(self._beat)), math.inf))
            else:
                self._notes = [
                    note._replace(ends=beat) if note.pitch == pitch and note.ends > beat else note
                    for note in self._notes
                ]

    def estimate(self, beat: float, most: int = 3) -> Estimate | None:
        """The chord at a beat, now or in a moment, and at most so many next ones; None while nothing was heard. What
        was heard stays as it is."""
        self.settle()
        if self._belief is None:
            return None
        here = copy.copy(self)
        return here.estimate_ahead(beat, most)

    def estimate_ahead(self, beat: float, most: int) -> Estimate | None:
        """The same of a copy, which goes on to that beat."""
        self._advance(beat)
        return None if self._belief is None else _filter().estimate(self._weighed(self._belief, beat), most)

    def _advance(self, beat: float) -> None:
        """Go on to the beat that is under way then."""
        reached = math.floor(beat)
        if self._belief is None:
            self._belief, self._beat = _filter().start, reached
        elif reached - self._beat > _LONG:
            self._belief = self._weighed(self._belief, self._beat + 1.0)
            self._beat, self._notes = reached - 1, []
        while self._beat < reached:
            belief = self._weighed(self._belief, self._beat + 1.0)
            self._beat += 1
            place = place_of(self._beat, self._per_bar)
            self._belief = _filter().next_beat(belief, place, self._beat // self._per_bar)
            self._notes = [note for note in self._notes if self._end(note) > self._beat]

    def _end(self, note: Sounding) -> float:
        return min(note.ends, note.begins + _RINGS)

    def _weighed(self, belief: Table, until: float) -> Table:
        """The belief after the notes of the beat under way, up to a place in it."""
        if not self._notes:
            return belief
        notes = [Sounding(note.pitch, note.begins, self._end(note)) for note in self._notes]
        weights = shares(notes, self._beat, until)
        return _filter().heard(belief, weights, self._chord())

    def _chord(self) -> Table | None:
        """The evidence of a chord that is played: the notes that sound when the latest of the beat began."""
        latest = max(note.begins for note in self._notes)
        pitches = sorted(note.pitch for note in self._notes if self._end(note) > latest)
        classes = frozenset(pitch % 12 for pitch in pitches)
        return played(classes, pitches[0] % 12, pitches[-1] % 12) if len(classes) >= _TOGETHER else None


@cache
def _filter() -> ChordFilter:
    """One for all, made when it is first needed."""
    return ChordFilter(shipped())
