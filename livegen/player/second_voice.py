"""The second voice: the note under a melody note that goes with the harmony. Pure.

Theory of operation. A third, sixth or fourth below the note, in the key heard, or another note of the chord that is
down. Of these the one that costs least is taken: its dissonance with the keys that are down, its not being in the chord
of the moment, its interval, its leap from the second voice's last note. It is above the keys that are down below the
melody; the melody's note before does not count, for legato it is let go only now. One that sounds already is none.
"""

from collections.abc import Sequence

from livegen.listening.performer import Performer
from livegen.music import scales
from livegen.music.consonance import HARSHEST, clash, membership
from livegen.player.cadence import key
from livegen.player.limits import Limits
from livegen.settings import Settings

_BELOW = (3, 0.0), (4, 0.0), (5, 0.8), (7, 0.8), (8, 0.3), (9, 0.3)  # semitones below the melody, and what each costs
_CHORDAL = 7  # of them the one that is for notes of a chord that is down
_CLASH = 3.0  # what a minor second costs
_OUTSIDE = 2.0  # a note outside the chord
_HEARD = 0.5  # of it, what a note costs that was not heard, though it may be in the chord
_LEAP, _FAR = 0.06, 9  # each semitone of a leap, and so many at the most
_KNOWN = 2  # pitch classes from which a chord is known for sure
_CHORD = 3  # pitch classes that make a chord by themselves
_FEWEST = 4  # notes heard, before which no key is known


class SecondVoice:
    """Chooses a note below each of a melody's, by what one performer plays."""

    def __init__(self, performer: Performer, settings: Settings, limits: Limits) -> None:
        self._performer = performer
        self._settings = settings
        self._limits = limits
        self._latest: int | None = None
        self._melody: int | None = None  # the key followed before

    def below(self, pitch: int) -> list[int]:
        """The one pitch under a key that was just struck; none, if none fits or the key is not known yet."""
        performer = self._performer
        if performer.phrase_notes <= 1:
            self._latest = None  # a phrase begins where it likes
        others = [key for key, _ in performer.held if key != pitch]
        down = _classes((pitch, *others))
        found = self._candidates(pitch, others, down)
        self._melody = pitch
        if not found:
            return []
        beat = performer.pulse.beat
        heard = performer.sonority.chord(down, performer.onset or 0.0, beat)
        chord, known = membership()[heard], min(1.0, heard.bit_count() / _KNOWN)

        def cost(lower: int) -> float:
            belongs = (1 - _HEARD) * float(chord[lower % 12]) + _HEARD * (heard >> lower % 12 & 1)
            leap = 0 if self._latest is None else min(_FAR, abs(lower - self._latest))
            return found[lower] + _OUTSIDE * known * (1 - belongs) + _LEAP * leap

        self._latest = min(found, key=cost)
        return [self._latest]

    def _candidates(self, pitch: int, others: Sequence[int], down: int) -> dict[int, float]:
        """The pitches that may sound under a key, the highest first, and what their intervals and clashes cost."""
        scale, is_chord = self._scale(), down.bit_count() >= _CHORD
        nearest = self._limits.pitches(None).nearest
        bass = min((key for key in others if key < pitch and key != self._melody), default=-1)
        found: dict[int, float] = {}
        for interval, cost in _BELOW:
            lower = pitch - interval
            in_chord = is_chord and down >> lower % 12 & 1
            if not in_chord and (lower % 12 not in scale or interval == _CHORDAL):
                continue
            if lower <= bass or nearest[lower] != lower or lower in others:
                continue
            harsh = clash(lower, others) if others else 0.0
            if harsh < HARSHEST and (in_chord or not is_chord or not harsh):
                found[lower] = cost + _CLASH * harsh
        return found

    def _scale(self) -> frozenset[int]:
        """The classes of the scale that is set, or of the key that is heard; none while that is not known."""
        settings = self._settings
        if settings.scale != scales.OFF:
            return scales.classes(settings.scale, self._limits.key)
        heard = self._performer.voicing.classes()
        if sum(heard) < _FEWEST:
            return frozenset()
        tonic, minor = key(heard)
        return scales.classes("minor" if minor else "major", tonic)


def _classes(pitches: Sequence[int]) -> int:
    """The pitch classes as bits."""
    bits = 0
    for pitch in pitches:
        bits |= 1 << pitch % 12
    return bits
