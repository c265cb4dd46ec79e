"""The bass: roots and fifths where the music is plain, a walking line where it swings. Pure.

A bar has a pattern of roles, drawn at its beginning. Wherever another chord comes, its root sounds, whatever the
pattern says; where a chord came that nobody foresaw, the next place corrects it.
"""

import math

from livegen.music.chord_symbol import Chord
from livegen.player.bass_line import BassLine, Ground
from livegen.player.feel import BALLAD, BOSSA, DRIVE, SWING
from livegen.player.part_planner import Moment, Sound
from livegen.player.seeded_random import SeededRandom

ROOT, FIFTH, THIRD, LEADS, WALKS, AGAIN = "root", "fifth", "third", "leads", "walks", "again"

Pattern = tuple[tuple[float, str], ...]  # places in the bar, and what sounds there

# By feel: patterns of four beats, with how often each is played, and how busy the bass is to be for it (0 to 1).
_FOUR: dict[str, tuple[tuple[Pattern, float, float], ...]] = {
    "plain": (
        (((0.0, ROOT), (2.0, FIFTH)), 4.0, 0.0),
        (((0.0, ROOT), (2.0, FIFTH), (3.0, LEADS)), 2.0, 0.3),
        (((0.0, ROOT), (1.5, AGAIN), (2.0, FIFTH)), 1.5, 0.45),
        (((0.0, ROOT), (2.0, THIRD), (3.0, LEADS)), 0.7, 0.6),
    ),
    BALLAD: (
        (((0.0, ROOT), (2.0, FIFTH)), 3.0, 0.0),
        (((0.0, ROOT),), 2.0, 0.0),
        (((0.0, ROOT), (2.0, FIFTH), (3.5, LEADS)), 1.0, 0.5),
    ),
    BOSSA: (
        (((0.0, ROOT), (1.5, FIFTH), (2.0, FIFTH), (3.5, LEADS)), 3.0, 0.3),
        (((0.0, ROOT), (1.5, FIFTH), (2.0, FIFTH)), 1.5, 0.0),
        (((0.0, ROOT), (1.5, AGAIN), (2.0, FIFTH), (3.5, LEADS)), 1.0, 0.5),
    ),
    DRIVE: (
        ((*((place / 2, ROOT if not place else AGAIN) for place in range(7)), (3.5, LEADS)), 1.0, 0.7),
        (((0.0, ROOT), (1.0, AGAIN), (2.0, AGAIN), (3.0, AGAIN)), 1.0, 0.3),
        (((0.0, ROOT), (1.5, AGAIN), (2.0, FIFTH), (3.0, AGAIN), (3.5, LEADS)), 1.0, 0.4),
        (((0.0, ROOT), (2.0, FIFTH)), 1.0, 0.0),
    ),
    SWING: (
        (((0.0, WALKS), (1.0, WALKS), (2.0, WALKS), (3.0, WALKS)), 5.0, 0.3),
        (((0.0, WALKS), (1.0, WALKS), (2.0, WALKS), (2.5, AGAIN), (3.0, WALKS)), 0.6, 0.5),
        (((0.0, WALKS), (1.0, WALKS), (1.5, AGAIN), (2.0, WALKS), (3.0, WALKS)), 0.4, 0.6),
        (((0.0, ROOT), (2.0, FIFTH)), 0.01, 0.0),  # where nothing busier fits
    ),
}  # fmt: skip
_THREE: tuple[tuple[Pattern, float, float], ...] = (
    (((0.0, ROOT),), 3.0, 0.0),
    (((0.0, ROOT), (2.0, FIFTH)), 1.5, 0.2),
    (((0.0, ROOT), (2.0, LEADS)), 1.5, 0.3),
    (((0.0, ROOT), (1.0, THIRD), (2.0, LEADS)), 0.6, 0.6),
)
_SWUNG_THREE: tuple[tuple[Pattern, float, float], ...] = (
    (((0.0, WALKS), (1.0, WALKS), (2.0, WALKS)), 2.0, 0.4),
    (((0.0, ROOT), (2.0, LEADS)), 1.0, 0.0),
    (((0.0, ROOT),), 1.0, 0.0),
)
_NEAR = 0.15  # of ``complexity``: patterns that are busier by more than this are not played
_SUSTAINED, _DETACHED = 0.96, 0.88  # of the time until the next note
_ACCENT, _WEAK = 1.06, 0.94
_FINAL = 2.0  # beats of the last note
_TO_FIFTH, _TO_THIRD = 0.2, 0.15  # how often a walking line comes to these at a bar line


class BassPart:
    """Plays the bass, one note at a time."""

    def __init__(self) -> None:
        self._line: BassLine | None = None
        self._random: SeededRandom | None = None
        self._pattern: dict[float, str] = {}
        self._chord: Chord | None = None  # the one that was played last
        self._alternates = False  # the bar before had the root of the same chord
        self._aim: int | None = None  # the pitch class for the next bar line, if the chord stays

    def begin(self, random: SeededRandom, low: int, high: int) -> None:
        """A turn begins."""
        self._random = random
        self._line = BassLine(random)
        self._line.begin(low, high)
        self._pattern, self._chord, self._alternates, self._aim = {}, None, False, None

    def sounds(self, moment: Moment) -> list[Sound]:
        """The note of a place, if there is one."""
        assert self._line is not None and self._random is not None
        if moment.chords is None:
            self._chord = None
            return []
        aimed = self._aim
        if moment.starts_bar or not self._pattern:
            self._pattern = self._choose(moment)
            self._aim = self._aim_within(moment.chords.now)
        ground = self._ground(moment)
        if moment.cue.last:
            return [Sound((self._line.keep(self._line.root(ground)),), _FINAL)]
        changed = self._chord is None or self._chord.lowest != ground.chord.lowest
        role = self._pattern.get(round(moment.in_bar, 3))
        if changed and (role is None or moment.chords.sure or moment.on_beat):
            role = ROOT
        if role is None:
            return []
        if role == WALKS and moment.starts_bar and aimed is not None and not changed:
            pitch = self._line.keep(self._line.nearest(aimed))
        else:
            pitch = self._line.keep(self._pitch(role, ground, moment, changed))
        self._chord = ground.chord
        return [Sound((pitch,), self._lasts(moment), self._loud(moment, role))]

    def _choose(self, moment: Moment) -> dict[float, str]:
        """The pattern of a bar."""
        assert self._random is not None
        same = moment.chords is not None and self._chord == moment.chords.now
        self._alternates = same and not self._alternates
        table = _patterns(moment)
        fits = [(pattern, weight) for pattern, weight, least in table if least <= moment.complexity + _NEAR]
        drawn = self._random.random() * sum(weight for _, weight in fits)
        chosen = table[0][0]
        for pattern, weight in fits:
            drawn -= weight
            chosen = pattern
            if drawn <= 0.0:
                break
        last = moment.beats - 1
        return {
            on_thirds(place, moment.part): role for place, role in chosen if role != LEADS or moment.wait <= last + 1.1
        }

    def _pitch(self, role: str, ground: Ground, moment: Moment, changed: bool) -> int:
        line = self._line
        assert line is not None
        if role == AGAIN and line.last is not None and not changed:
            return line.last
        if role == WALKS:
            if changed or line.last is None:
                return line.root(ground)
            if moment.starts_bar:
                return line.root(ground)
            if ground.wait <= 1:
                return line.approach(ground)
            return line.walk(ground, strong=moment.in_bar % 2 < 0.5)
        if role == LEADS and moment.chords is not None and moment.chords.next is not None:
            return line.approach(ground)
        if role in (FIFTH, LEADS) or (role == ROOT and self._alternates and moment.beats == 3 and not changed):
            return line.fifth(ground)
        return line.third(ground) if role == THIRD else line.root(ground)

    def _aim_within(self, chord: Chord) -> int:
        """The pitch class for the next bar line, if the chord stays: mostly its root."""
        assert self._random is not None
        drawn = self._random.random()
        wanted = 5 if drawn < _TO_FIFTH else 3 if drawn < _TO_FIFTH + _TO_THIRD else 1
        found = next((semitones for degree, semitones in chord.tones if degree == wanted), None)
        return chord.lowest if found is None or wanted == 1 else (chord.root + found) % 12

    def _ground(self, moment: Moment) -> Ground:
        """The ground of a note: it leads to the next chord, or where that is far, to the next bar."""
        assert moment.chords is not None
        chords, left = moment.chords, moment.beats - moment.in_bar
        if chords.next is not None and moment.wait <= left + 0.2:
            return Ground(chords.now, chords.next.lowest, max(1, round(moment.wait)), chords.key)
        aim = chords.now.lowest if self._aim is None else self._aim
        return Ground(chords.now, aim, max(1, math.ceil(left - 1e-3)), chords.key)

    def _lasts(self, moment: Moment) -> float:
        """The beats until the next note, a little less."""
        here = moment.in_bar
        later = [place for place in self._pattern if place > here + 1e-3]
        until = min(later, default=float(moment.beats)) - here
        share = _SUSTAINED if moment.feel in (BALLAD, BOSSA) or moment.feel == SWING else _DETACHED
        return share * max(moment.part, until)

    def _loud(self, moment: Moment, role: str) -> float:
        if role == AGAIN or not moment.on_beat:
            return _WEAK
        if moment.feel == SWING:  # the second and the fourth beat
            return _ACCENT if moment.in_bar % 2 >= 1 else 1.0
        return _ACCENT if moment.starts_bar else 1.0


def on_thirds(place: float, part: float) -> float:
    """A place of a pattern; where beats have three parts, what is on half a beat is on the last of them."""
    return round(place + 1 / 6 if part < 0.4 and place % 1.0 == 0.5 else place, 3)


def _patterns(moment: Moment) -> tuple[tuple[Pattern, float, float], ...]:
    """The patterns for a feel and a metre. A bar of another than three or four beats has its own."""
    if moment.beats == 4:
        return _FOUR[moment.feel]
    if moment.beats == 3:
        return _SWUNG_THREE if moment.feel == SWING else _THREE
    if moment.feel == SWING:
        return ((tuple((float(beat), WALKS) for beat in range(moment.beats)), 1.0, 0.0),)
    middle = float((moment.beats + 1) // 2)
    plain: Pattern = ((0.0, ROOT), (middle, FIFTH)) if moment.beats > 1 else ((0.0, ROOT),)
    return ((plain, 1.0, 0.0),)
