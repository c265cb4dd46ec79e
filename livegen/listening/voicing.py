"""The chords the performer plays: how many notes, where, in what shapes; and chords like them below a melody note."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

_RECENT = 16  # onsets that the sizes are learnt from
_ENOUGH = 4  # onsets without a chord, after which it is a melody
_ALIKE = 3  # onsets of like place, from which they count alone
_SHAPES = 8  # chords that are remembered
_PITCHES = 48  # notes that count as heard lately
_FAR = 2  # semitones: how far a voice is moved to a pitch class that was heard


@dataclass(eq=False)
class Voicing:
    """Follows the performer's onsets as notes and chords."""

    _onsets: deque[tuple[bool, int]] = field(default_factory=lambda: deque(maxlen=_RECENT))  # on the beat?, notes
    _chords: deque[tuple[int, ...]] = field(default_factory=lambda: deque(maxlen=_SHAPES))  # pitches, from the lowest
    _heard: deque[int] = field(default_factory=lambda: deque(maxlen=_PITCHES))
    _struck: list[int] = field(default_factory=list)  # together, last
    _single: int = 0  # onsets since the last chord

    def copy(self) -> "Voicing":
        """The same knowledge, which does not change with this one."""
        return replace(
            self,
            _onsets=self._onsets.copy(),
            _chords=self._chords.copy(),
            _heard=self._heard.copy(),
            _struck=self._struck.copy(),
        )

    def hear_note(self, pitch: int, place: float) -> None:
        """A note that begins an onset at this place (beats)."""
        self._onsets.append((abs(place - round(place)) < 0.1, 1))
        self._single += 1
        self._heard.append(pitch)
        self._struck = [pitch]

    def hear_more(self, pitch: int) -> None:
        """Another note of the last onset."""
        if len(self._struck) > 1:
            self._chords.pop()
        self._struck.append(pitch)
        self._chords.append(tuple(sorted(set(self._struck))))
        self._onsets[-1] = self._onsets[-1][0], len(self._struck)
        self._single = 0
        self._heard.append(pitch)

    @property
    def is_melody(self) -> bool:
        """Whether four onsets or more were heard lately, and no chord among them."""
        return _ENOUGH <= len(self._onsets) <= self._single

    def _plays_chords(self) -> bool:
        return self._single < len(self._onsets)

    def classes(self) -> list[int]:
        """The number of times that each pitch class was heard lately."""
        counts = [0] * 12
        for pitch in self._heard:
            counts[pitch % 12] += 1
        return counts

    def size(self, place: float, random: float) -> int | None:
        """The number of notes that the player strikes together at this place: as many as the performer did at one of
        their last onsets, drawn from those on the beat or off it like this one. None: nothing is known yet."""
        if not self._plays_chords():
            return 1 if self.is_melody else None
        on_beat = abs(place - round(place)) < 0.1
        sizes = [size for on, size in self._onsets if on == on_beat]
        if len(sizes) < _ALIKE:
            sizes = [size for _, size in self._onsets]
        return sizes[int(random * len(sizes))]

    def below(self, top: int, size: int, lowest: int) -> list[int]:
        """Voices for a chord of ``size`` notes under ``top``, from the highest down, none below ``lowest``.

        The performer's chords are set under the melody note, each voice moved to a pitch class they played where one
        is near; the one that then shares most with a chord of theirs is taken, the latest of equals.
        """
        own = 1 << top % 12
        heard = {pitch % 12 for pitch in self._heard}
        chords = [_classes(chord) for chord in self._chords]
        best: list[int] = []
        best_score = -1.0
        for chord in reversed(self._chords):
            voices = _fitted(top, [chord[-1] - pitch for pitch in chord[-2::-1]], heard, lowest)[: size - 1]
            classes = own | _classes(voices)
            score = max((classes & each).bit_count() / (classes | each).bit_count() for each in chords)
            score += len(voices) / 4  # a whole chord rather than one that fits better
            if score > best_score + 1e-9:
                best, best_score = voices, score
        return best


def _classes(pitches: Sequence[int]) -> int:
    """The pitch classes as bits."""
    bits = 0
    for pitch in pitches:
        bits |= 1 << pitch % 12
    return bits


def _fitted(top: int, shape: Sequence[int], heard: set[int], lowest: int) -> list[int]:
    """Voices at the intervals ``shape`` below ``top``, moved by up to two semitones to what was heard."""
    voices: list[int] = []
    for interval in shape:
        near = [top - interval + move for move in sorted(range(-_FAR, _FAR + 1), key=abs)]
        fitting = [pitch for pitch in near if pitch % 12 in heard and pitch < (voices[-1] if voices else top) - 1]
        if fitting and fitting[0] >= lowest:
            voices.append(fitting[0])
    return voices
