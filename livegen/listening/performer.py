"""Follows the performer: the keys they hold, their phrase, their pace, their touch."""

import math
from dataclasses import dataclass, field, replace

from livegen.beat.pulse import Pulse
from livegen.events import ALL_NOTES_OFF, ALL_SOUND_OFF, SUSTAIN, ControlChange, Heard, NoteOff, NoteOn
from livegen.listening.chords_heard import ChordsHeard
from livegen.listening.dynamics import Articulation, Dynamics
from livegen.listening.layers import Layers
from livegen.listening.pace import Pace
from livegen.listening.phrase_end import PhraseEnd
from livegen.listening.register import Register
from livegen.listening.sonority import Sonority
from livegen.listening.timing import Timing
from livegen.listening.voicing import Voicing
from livegen.music.chords import LeftHand

_FULL = 16  # notes: more at once are a flood, not a chord to learn from
_STUCK = 10.0  # seconds after which a held key no longer keeps a phrase open: its note-off may be lost
_FIRST = 1.0  # seconds of silence that end a phrase of a single note, before any pace is known
_STRUM = 0.035  # seconds: a note this soon after another belongs to its chord
_RESUMED = 0.5  # seconds: a note this soon after a phrase counted as ended shows that it had not
_FRAGMENT, _SOON_AFTER = 2, 1.0  # by habit: so few notes, and so soon (seconds) another, are slow playing too
_SLOW = 2.0  # seconds: single notes closer than this are slow playing, not calls that wait for an answer
_LESSON = 4  # how many times a gap counts that showed the pace to be wrong
SOONEST, _LONGEST = 0.12, 4.0  # bounds, in seconds, of the silence that ends a phrase, counted from the release
_DRONE, _DRONE_GAPS = 2.0, 4.0  # seconds, and wide gaps: a key held for longer than both while others play is a drone
_NO_PITCH = 60  # of a pad, as far as the end of a phrase is concerned
_AT_ONCE = 0.3  # of the silence that ended a phrase: a note this soon after it shows that it had not


@dataclass(eq=False)
class Performer:
    """Follows the performer's events, one by one, in order of time. Of several voices that share a ``pulse`` one
    ``teaches`` it."""

    pulse: Pulse = field(default_factory=Pulse)
    teaches: bool = True
    left_hand: LeftHand = field(default_factory=LeftHand)
    timing: Timing = field(default_factory=Timing)
    dynamics: Dynamics = field(default_factory=Dynamics)
    articulation: Articulation = field(default_factory=Articulation)
    voicing: Voicing = field(default_factory=Voicing)
    sonority: Sonority = field(default_factory=Sonority)
    chords_heard: ChordsHeard = field(default_factory=ChordsHeard)
    phrase_end: PhraseEnd = field(default_factory=PhraseEnd)
    pads: int | None = None  # the channel on which they play drums, which have rhythm and no pitch
    phrase_strokes: int = 0  # the notes of the phrase that were on pads
    layers: Layers = field(default_factory=Layers)
    by_pace: bool = False  # the pace alone ends phrases, if the setting ``phrase_cues`` is off
    by_length: bool = False  # so do the lengths of phrases, if the setting ``prompt`` is on
    by_habit: bool = False  # so do the performer's habits, if the setting ``habits`` is
    by_stretch: bool = False  # so does how long they play between rests, if the setting ``stretches`` is
    held: dict[tuple[int, int], NoteOn] = field(default_factory=dict)  # by pitch and channel
    pedals: dict[int, float] = field(default_factory=dict)  # channel -> when it went down
    onset: float | None = None  # of the last note or chord
    phrase_start: float | None = None
    phrase_notes: int = 0
    phrase_lower: int = 0  # of them those that were heard as a lower layer
    last_share: float = 1.0  # length of the note before the last, as a share of its gap; 1 when it still sounded
    _latest: float = -math.inf  # the last note-on, within a chord too
    _former: float = -math.inf  # the one before that
    _released: float | None = None
    _over: float | None = None  # when the phrase ended, once it has
    _pace: Pace = field(default_factory=Pace)
    _register: Register = field(default_factory=Register)
    _struck: list[tuple[int, int]] = field(default_factory=list)  # pitch, velocity: the last note, or all of its chord
    _last: NoteOn | None = None
    _last_length: float | None = None

    def forget(self) -> None:
        """As if nothing had been heard, but for the beat."""
        self.restore(
            Performer(
                *(self.pulse, self.teaches, self.left_hand),
                pads=self.pads,
                by_pace=self.by_pace,
                by_length=self.by_length,
                by_habit=self.by_habit,
                by_stretch=self.by_stretch,
            ),
        )

    def copy(self) -> "Performer":
        """All that was heard up to now, as a value of its own. The pulse, which may be another's, and the left hand
        are the same objects."""
        return replace(
            self,
            timing=self.timing.copy(),
            dynamics=self.dynamics.copy(),
            articulation=self.articulation.copy(),
            voicing=self.voicing.copy(),
            sonority=self.sonority.copy(),
            chords_heard=self.chords_heard.copy(),
            phrase_end=self.phrase_end.copy(),
            layers=self.layers.copy(),
            held=self.held.copy(),
            pedals=self.pedals.copy(),
            _pace=self._pace.copy(),
            _register=self._register.copy(),
            _struck=self._struck.copy(),
        )

    def restore(self, kept: "Performer") -> None:
        """Become what a copy says, and leave the copy as it is."""
        vars(self).update(vars(kept.copy()))

    def hear_event(self, event: Heard, patience: float) -> None:
        """Take in one event. ``patience`` as the setting: it decides whether a note begins a new phrase."""
        if self._over is None and self.onset is not None and event.at >= self.onset:
            over = self.phrase_over(patience)
            if over is not None and event.at >= over:
                self._over = over
        if isinstance(event, NoteOn):
            self._note_on(event, patience)
        elif isinstance(event, NoteOff):
            self._note_off(event)
        elif isinstance(event, ControlChange):
            self._control(event)

    def _note_on(self, on: NoteOn, patience: float) -> None:
        gap = math.inf if self.onset is None else on.at - self.onset
        chord, stroke = on.at - self._latest < _STRUM, on.channel == self.pads
        self._former, self._latest = self._latest, on.at
        if not chord:
            self.last_share = self._released_share(on.at)
            self._last, self._last_length = on, None
            self.onset = on.at
        ended = False
        if self.phrase_start is None:
            self.phrase_start = on.at
        elif self._over is not None and self.by_pace:
            self._begin(on.at, gap, patience)
        elif self._over is not None:
            ended = self._begin_another(on.at, gap, patience)
        elif not chord:
            self.timing.hear_gap(gap, self.pulse.beat)
            self._pace.hear_gap(gap)
            self._learn_share(gap, stroke)
        if not chord:
            self.phrase_end.hear_note(on.at, _NO_PITCH if stroke else on.pitch, ended)
        if self.teaches and not chord:
            self.pulse.hear_onset(on.at, self.timing.late)
        self._count(on, chord, stroke)
        if stroke:
            self._strike(on.at)
            return
        self._hear_layers(on)
        key = on.pitch, on.channel
        self.held.pop(key, None)  # so that the latest is the last
        self.held[key] = on

    def _hear_layers(self, on: NoteOn) -> None:
        """Have the layers hear a note, if they are looked for."""
        if not self.layers.on:
            self.layers.forget()
            return
        self.layers.hear_note(on, self.held)
        if self.layers.split is not None:
            self.phrase_lower += self.layers.is_lower(on.pitch)

    def _strike(self, at: float) -> None:
        """A pad sounds for no time at all, whenever it is let go."""
        self._let_go(at)
        if not self._holds_key():
            self.phrase_end.hear_release(at)

    def _learn_share(self, gap: float, stroke: bool) -> None:
        if not stroke:
            self.articulation.hear_length(self.last_share, gap / self.pulse.beat)

    def _count(self, on: NoteOn, chord: bool, stroke: bool) -> None:
        """Count a note of the phrase; a stroke on a pad has no pitch and no touch that notes should have."""
        self.phrase_strokes = stroke + (self.phrase_strokes if self.phrase_notes else 0)
        self.phrase_notes += 1
        if not stroke:
            self._register.hear_pitch(on.pitch)
            self._touch(on, chord)

    def _touch(self, on: NoteOn, chord: bool) -> None:
        """Learn how a note was struck, alone or with others."""
        if not chord or not self._struck:  # a note with a pad is no chord
            if len(self._struck) > 1:
                self.dynamics.hear_chord(self._struck)
            self._struck = [(on.pitch, on.velocity)]
            self.dynamics.hear_note(on.velocity, self.timing.place, on.pitch)
            self.voicing.hear_note(on.pitch, self.timing.place)
            return
        if len(self._struck) >= _FULL:
            return
        if on.pitch > max(self._struck)[0]:
            self.dynamics.hear_top(on.velocity, on.pitch)
        self._struck.append((on.pitch, on.velocity))
        self.voicing.hear_more(on.pitch)

    def _begin_another(self, at: float, gap: float, patience: float) -> bool:
        """A note after the phrase had ended by its cues: another phrase, and True; unless it was a single note, which
        is slow playing: the gap is learnt, and the phrase continues. If it comes at once, we had come too soon."""
        over, self._over = self._over, None
        few = _FRAGMENT if self.by_habit and gap < _SOON_AFTER else 1
        if self.phrase_notes <= few and 0.0 < gap < _SLOW:
            for _ in range(_LESSON):
                self._pace.hear_gap(gap)
            self.phrase_end.slow_down(gap)
            return False
        if over is not None and at - over < _AT_ONCE * self._silence(patience):
            self.phrase_end.resume()
        self.phrase_start, self.phrase_notes, self.phrase_lower = at, 0, 0
        self.timing.begin()
        return True

    def _begin(self, at: float, gap: float, patience: float) -> None:
        """A note after the phrase had counted as ended: another phrase, unless we had overestimated their pace. Then
        the gap is learnt, and the phrase continues."""
        over, self._over = self._over, None
        resumed = over is not None and at - over < max(_RESUMED, self.wait(patience))
        if resumed:
            self.timing.hear_gap(gap, self.pulse.beat)
        if resumed or (self.phrase_notes == 1 and gap < _SLOW):
            for _ in range(_LESSON):
                self._pace.hear_gap(gap)
        if not resumed:
            self.phrase_start, self.phrase_notes, self.phrase_lower = at, 0, 0
            self.timing.begin()

    def _note_off(self, off: NoteOff) -> None:
        on = self.held.pop((off.pitch, off.channel), None)
        if on is None:
            return
        self.sonority.let_go(off.pitch, off.at)
        self._let_go(off.at)
        if self.layers.on:
            self.layers.hear_release(off.at, off.pitch, off.channel)
        if not self._holds_key():
            self.phrase_end.hear_release(off.at)
        self.timing.settle(self.pulse.beat)
        self.dynamics.settle()
        if on is self._last:
            self._last_length = off.at - on.at

    def _control(self, event: ControlChange) -> None:
        if event.control == SUSTAIN and event.value >= 64:
            self.pedals.setdefault(event.channel, event.at)
        elif event.control == SUSTAIN:
            if self.pedals.pop(event.channel, None) is not None:
                self._let_go(event.at)
        elif event.control in (ALL_SOUND_OFF, ALL_NOTES_OFF):
            keys = [key for key in self.held if key[1] == event.channel]
            for key in keys:
                del self.held[key]
                self.sonority.let_go(key[0], event.at)
            if self.pedals.pop(event.channel, None) is not None or keys:
                self._let_go(event.at)
            if keys and not self._holds_key():
                self.phrase_end.hear_release(event.at)

    def _let_go(self, at: float) -> None:
        if self._over is None:
            self._released = at

    def _released_share(self, at: float) -> float:
        """Length of the last note as a share of its gap up to ``at``, 0 to 1; 1 when it still sounds."""
        if self._last is None or self._last_length is None or at <= self._last.at:
            return 1.0
        return min(1.0, self._last_length / (at - self._last.at))

    def phrase_over(self, patience: float) -> float | None:
        """The time at which the phrase counts as ended if nothing more is played; None before the first note.

        The silence that ends it is that of ``phrase_end``, counted from the last release; a pedal or a drone that
        stays down does not matter, another held key keeps the phrase open. ``by_pace`` it follows the performer's pace
        alone: ``patience`` times their wider gaps (the third quartile of the last 16), and a held key or pedal keeps
        the phrase open. Either does so for 10 s at the most; once the phrase has ended, only a note begins another.
        """
        if self.onset is None or self._over is not None:
            return self._over
        if not self.by_pace:
            return self._over_by_cues(patience)
        wait = self.wait(patience)
        if self._is_held(self.onset):
            return max(self.onset, self._released or 0.0) + max(_STUCK, wait)
        over = self.onset + wait
        if self._released is not None and self._released > self.onset:
            over = max(over, self._released + wait / 2)
        return over

    def _over_by_cues(self, patience: float) -> float:
        released = self.phrase_end.released
        assert self.onset is not None
        if released is None or released < self.onset:
            return self.onset + _STUCK
        if not self._pace.is_known:
            return released + _FIRST
        return released + min(_LONGEST, max(SOONEST, self._silence(patience)))

    def _silence(self, patience: float) -> float:
        return self.phrase_end.silence(patience, self.by_length, self.by_habit, self.by_stretch)

    @property
    def on_pads(self) -> bool:
        """Whether the phrase is one of drums."""
        return 2 * self.phrase_strokes > self.phrase_notes

    @property
    def silent_since(self) -> float | None:
        """The time since which nothing sounds (seconds); None while a key is held, or before the first note."""
        if self.onset is None or self._holds_key():
            return None
        return max(self.onset, self._released or self.onset)

    def _holds_key(self) -> bool:
        """Whether a key is down that is no drone."""
        if not self.held or self.onset is None:
            return False
        return next(reversed(self.held.values())).at > self.onset - max(_DRONE, _DRONE_GAPS * self._pace.wide)

    def _is_held(self, onset: float) -> bool:
        """Whether a key or pedal is down; one that went down long before the last onset is stuck and does not count."""
        # Both are in order of time: the last went down latest.
        stuck = onset - _STUCK
        if self.held and next(reversed(self.held.values())).at > stuck:
            return True
        return bool(self.pedals) and next(reversed(self.pedals.values())) > stuck

    @property
    def in_phrase(self) -> bool:
        """Whether a phrase has begun that nobody has heard the end of."""
        return self.onset is not None and self._over is None

    def end_phrase(self, at: float) -> None:
        """The phrase that counts as ended at ``at`` stays ended, whatever ``patience`` becomes."""
        if self._over is None:
            self._over = at

    def wait(self, patience: float) -> float:
        """The silence, in seconds, that ends a phrase now."""
        return self._pace.wait(patience)

    def phrase_length(self) -> float:
        """Seconds from the phrase's first onset to its last onset or release."""
        if self.phrase_start is None or self.onset is None:
            return 0.0
        return max(self.onset, self._released or 0.0) - self.phrase_start

    def density(self) -> tuple[float, float] | None:
        """Mean and spread of the logarithm of the recent gaps (seconds); None until four are known. Of two hands those
        of the melody count."""
        if self.layers.split is None:
            return self._pace.density
        return self.layers.density() or self._pace.density

    def shortest_gap(self) -> float | None:
        """The shortest of the recent gaps, in seconds; of two hands of the melody's."""
        if self.layers.split is None:
            return self._pace.shortest
        return self.layers.shortest_gap() or self._pace.shortest

    def beats(self, since: float, at: float) -> float:
        """The note value, in written quarters, from an onset of anybody's to one of the performer's, which is their
        last: the value that was meant, as in written music, not the one played or swung."""
        value = self.pulse.value
        if value is not None and at == self.pulse.onset and since == self._former:
            return value
        return self.timing.straight(at - since) / self.pulse.beat

    def register(self) -> tuple[int, int] | None:
        """The middle of the recent pitches, and how far they spread (semitones, at least 5: a hand's width). Of two
        hands those of the melody count."""
        if self.layers.split is not None and (upper := self.layers.register()) is not None:
            return upper
        return self._register.spread()

    @property
    def motion(self) -> int:
        """The way that their melody moves: 1 is up, -1 down, 0 neither or not known, as of two hands."""
        return 0 if self.layers.split is not None else self._register.motion
