"""The chords: comping in good voice-leading, lighter while the performer is busy, answering where they rest. Pure."""

from livegen.music import voicings
from livegen.music.chord_symbol import Chord
from livegen.music.ensemble import CHORDS, ROLES
from livegen.music.voicings import Place, Voicing
from livegen.player.bass_part import on_thirds
from livegen.player.comping_learnt import melody_class
from livegen.player.comping_rhythm import CompingRhythm, Hit
from livegen.player.feel import BALLAD, BOSSA, SWING
from livegen.player.part_planner import Moment, Sound
from livegen.player.seeded_random import SeededRandom

_ROLE = ROLES[CHORDS]
_JAZZ = frozenset({SWING, BOSSA})
_SOFT = 0.92  # of the loudness of the part: chords are several notes
_LIGHTER = 0.35  # how much less busy it is beside a performer who is busy
_RESTS, _ANSWERS = 1.0, 0.25  # beats after which it answers in a rest, and how much busier it is then
_TWO_HANDS = 3  # keys that the performer holds where they play chords themselves
_AHEAD = 0.6  # beats: a hit off the beat that comes so soon before a chord is of that chord
_INVERTS = 0.3  # of hits on the same chord, those that move to another voicing
_SUSTAINED, _FINAL = 0.97, 3.0
_SLURRED = 0.98


class ChordPart:
    """Plays chords. Its last voicing stays in its mind while it rests."""

    def __init__(self) -> None:
        self._random: SeededRandom | None = None
        self._rhythm: CompingRhythm | None = None
        self._hits: dict[float, Hit] = {}
        self._chord: Chord | None = None  # that sounds, or sounded last
        self._voicing: Voicing = ()
        self._low, self._high = _ROLE.lowest, _ROLE.highest
        self._rested = False  # the performer rested when the bar's rhythm was drawn

    def begin(self, random: SeededRandom, low: int, high: int) -> None:
        """A turn begins."""
        self._random, self._rhythm = random, CompingRhythm(random)
        self._low = min(max(_ROLE.lowest, low), _ROLE.highest - 15)
        self._high = max(min(_ROLE.highest, high), self._low + 15)
        self._hits, self._chord, self._rested = {}, None, False

    def sounds(self, moment: Moment) -> list[Sound]:
        """The chord of a place, if there is one."""
        if moment.chords is None:
            self._chord = None
            return []
        if moment.cue.last:
            return self._strike(moment, Hit(0.0, _FINAL), moment.chords.now)
        if moment.starts_bar or not self._hits:
            self._draw(moment, since=0.0)
        elif moment.on_beat and moment.rests >= _RESTS and not self._rested:
            self._draw(moment, since=moment.in_bar)
        hit = self._hits.get(round(moment.in_bar, 3))
        chord = moment.chords.now
        if hit is not None:
            following = moment.chords.next
            if following is not None and not moment.on_beat and moment.wait <= _AHEAD:
                chord = following
            return self._strike(moment, hit, chord)
        if self._chord is not None and chord != self._chord and self._must_move(moment):
            return self._strike(moment, Hit(moment.in_bar), chord)
        return []

    def _must_move(self, moment: Moment) -> bool:
        """Whether a chord that no hit is of must be struck: in music that sustains, what sounds would be wrong."""
        assert moment.chords is not None
        return moment.feel not in _JAZZ and (moment.on_beat or moment.chords.sure)

    def _draw(self, moment: Moment, since: float) -> None:
        """Draw the rhythm of the bar, or of what is left of it."""
        assert self._rhythm is not None
        self._rested = moment.rests >= _RESTS
        activity = moment.complexity * 0.8 + (_ANSWERS if self._rested else -_LIGHTER * moment.busy + 0.1)
        if len(moment.held) >= _TWO_HANDS:
            activity -= _LIGHTER / 2
        activity = max(0.05, min(1.0, activity)) * (1.0 - 0.6 * moment.cue.down)
        melody = melody_class(0.0 if self._rested else moment.notes) if moment.learnt else None
        hits = self._rhythm.draw(moment.feel, moment.beats, activity, melody)
        kept = {place: hit for place, hit in self._hits.items() if place < since - 1e-3}
        drawn = {on_thirds(hit.place, moment.part): hit for hit in hits}
        self._hits = kept | {place: hit for place, hit in drawn.items() if place >= since - 1e-3}
        if not self._hits:
            self._hits = {0.0: Hit(0.0)} if since < 1e-3 else {-1.0: Hit(-1.0)}

    def _strike(self, moment: Moment, hit: Hit, chord: Chord) -> list[Sound]:
        assert self._random is not None
        jazzy = moment.feel in _JAZZ
        again = chord == self._chord
        other = again and self._random.random() < _INVERTS and not moment.cue.last
        held = moment.held
        place = Place(self._voicing, held, moment.under, self._low, self._high)
        if again and not other and not _rubs(self._voicing, held):
            voicing = self._voicing
        else:
            voicing = voicings.best(chord, place, coloured=jazzy, other=other)
        if not voicing:
            return []
        self._chord, self._voicing = chord, voicing
        return [Sound(voicing, self._lasts(moment, hit), hit.loud * _SOFT)]

    def _lasts(self, moment: Moment, hit: Hit) -> float:
        """The beats that a hit lasts: its own, or until the next one or the next chord."""
        if hit.beats:
            return hit.beats
        here = moment.in_bar
        until = min((place for place in self._hits if place > here + 1e-3), default=float(moment.beats)) - here
        share = _SLURRED if moment.feel == BALLAD else _SUSTAINED
        return max(moment.part, min(until, max(moment.part, moment.wait))) * share


def _rubs(voicing: Voicing, held: tuple[int, ...]) -> bool:
    """Whether a note of a voicing is beside one that the performer holds."""
    return any(abs(pitch - other) in (1, 13) for pitch in voicing for other in held)
