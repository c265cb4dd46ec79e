"""A drummer's time: the beat that it keeps, its steps and bars, and where in the beat each step falls. Pure."""

import math

from livegen.beat.attentive import AttentiveBeat
from livegen.beat.division import Division
from livegen.beat.steady import SteadyBeat
from livegen.beat.transport import PULSE, Transport
from livegen.listening.performer import Performer
from livegen.listening.timing import Timing
from livegen.music.drums import ANY
from livegen.player.rhythm import Rhythm
from livegen.predictors.drum_encoding import STEPS
from livegen.settings import Settings

LEAD = 0.06  # seconds from deciding a step to its earliest hit
_STRUM = 0.03  # seconds: a stroke this soon after another is no onset of its own
_ON_BEAT = 0.2  # of a beat
_SPACE = 0.36  # seconds that a beat lasts at least if sixteenths are to have room
_RECENT = 8.0  # seconds of onsets by which a beat is locked
_FIRST, _LOST, _DOUBTFUL = 0.5, 0.4, 0.45  # trust in a beat that is locked, locked anew, and that is too little
_TRUSTS = 0.15  # of the way to the pulse's confidence that trust goes at an onset


class Timekeeper:
    """Keeps a drummer's ``beat``, or a band's: attentive to the performer, if the setting says so, otherwise steady."""

    def __init__(self, settings: Settings, performer: Performer, transport: Transport, rhythm: Rhythm) -> None:
        self._settings = settings
        self._performer = performer
        self._transport = transport
        self._rhythm = rhythm
        self._attentive, self._division = AttentiveBeat(), Division()
        self.beat: SteadyBeat = SteadyBeat()
        self._followed = -math.inf  # the performer's last onset that the beat has followed
        self._trust = _FIRST  # in the beat
        self._players: list[object] = []  # who play by it

    @property
    def is_attentive(self) -> bool:
        """Whether the beat that is kept goes with each onset of the performer."""
        return self.beat is self._attentive

    @property
    def steps(self) -> int:
        """The steps of a bar. Of six beats felt in two, three steps of a beat are meant."""
        beats = self._transport.beats_per_bar
        if self.beat.ternary and beats > 3 and beats % 3 == 0:
            beats //= 3
        return beats * STEPS

    @property
    def in_doubt(self) -> bool:
        """Whether the performer's beat has been unsure for some time, or has just been lost: they play no rhythm."""
        led = self._transport.source != PULSE
        return self._settings.alert and self.is_attentive and not led and self._trust < _DOUBTFUL

    @property
    def locks(self) -> int:
        """The times that an attentive beat was locked; another number, another beat."""
        return self._attentive.locks

    @property
    def in_three(self) -> bool:
        """Whether a beat has three even parts."""
        return self.beat.ternary and (self._is_compound or not self.is_attentive)

    def begin(self, at: float, answers: bool, player: object = None) -> int:
        """Lock the beat, unless another ``player`` plays by it. Returns the first step: in an answer that of the next
        half beat, or the next one at all; otherwise the next beat's."""
        others = [each for each in self._players if each is not player]
        self._players = [*others, player]
        if not others:
            self._lock(at, answers)
        step = self.next_step(at, whole=not answers)
        return step + step % 2 if answers and self._settings.exact else step

    def leave(self, player: object) -> None:
        """Somebody no longer plays by the beat; after the last it follows nothing."""
        self._players = [each for each in self._players if each is not player]
        if not self._players:
            self.beat.unlock()

    def _lock(self, at: float, answers: bool) -> None:
        strokes = self._rhythm.strokes
        if self._settings.attentive and not answers:
            self.beat = self._attentive
            self._attentive.close = self._settings.alert
            self._attentive.lock(self._transport, at, self._onsets(at))
            self._trust = min(_FIRST, self._transport.pulse.confidence)  # who comes in unsurely begins softly
            self._division.forget()
            for onset in self._onsets(at):
                self._division.hear_onset(self.beat.beat_at(onset), self.beat.ternary)
        else:
            if self.is_attentive:
                self.beat = SteadyBeat()
            self.beat.lock(self._transport, at)
            if answers and self._settings.exact and self._transport.source == PULSE:
                self.beat.tune(self._phrase(at))
        self._followed = strokes[-1].at if strokes else at

    def next_step(self, at: float, whole: bool) -> int:
        """The next step that there is time to decide; that of a ``whole`` beat."""
        step = math.ceil(self.beat.beat_at(at + LEAD) * STEPS)
        return -(-step // STEPS) * STEPS if whole else step

    def _onsets(self, at: float) -> list[float]:
        """The performer's latest onsets, one for a chord."""
        found: list[float] = []
        for stroke in self._rhythm.since(at - _RECENT):
            if stroke.at <= at and (not found or stroke.at >= found[-1] + _STRUM):
                found.append(stroke.at)
        return found

    def _phrase(self, at: float) -> list[tuple[float, int]]:
        """The times and velocities of the strokes of the performer's phrase up to now."""
        since = self._performer.phrase_start
        return [(stroke.at, stroke.velocity) for stroke in self._rhythm.since(at if since is None else since)]

    def follow(self, at: float) -> None:
        """Follow the performer's onsets since the last step."""
        for stroke in self._rhythm.since(self._followed):
            if stroke.at > at or stroke.at < self._followed + _STRUM:
                continue
            self._followed = stroke.at
            if self.is_attentive:
                locks = self._attentive.locks
                self._attentive.follow(self._onsets(stroke.at), self._transport)
                self._trust += _TRUSTS * (self._transport.pulse.confidence - self._trust)
                if self._attentive.locks != locks:
                    self._division.forget()
                    self._trust = min(self._trust, _LOST)
                self._division.hear_onset(self.beat.beat_at(stroke.at), self.beat.ternary)
            else:
                self.beat.hear_onset(stroke.at, self._transport, self._performer.timing.swing > 0.5)

    # Where steps fall

    @property
    def _is_compound(self) -> bool:
        return self.beat.ternary and self._transport.beats_per_bar > 3 and self._transport.beats_per_bar % 3 == 0

    @property
    def _swing(self) -> float:
        """The place of the off-beat, in beats, of a beat that is divided unevenly; 0.5 of another."""
        timing = self._performer.timing
        if timing.swing > 0.5 and timing.unit(self.beat.length) == 1.0:
            return timing.swing
        return self._division.swing

    @property
    def is_uneven(self) -> bool:
        """Whether steps are moved from where straight sixteenths are."""
        if self.is_attentive and not self._is_compound:
            return self._swing > 0.5
        return self.beat.ternary or self._performer.timing.swing > 0.5

    def is_on_beat(self, at: float) -> bool:
        """Whether a time is near a beat, as near as the performer's onsets are."""
        place = self.beat.beat_at(at)
        return abs(place - round(place)) <= _ON_BEAT

    def is_silent(self, step: int) -> bool:
        """Whether nothing is to be hit at a step: the division of the beat has no such place, or it is not known."""
        place = step % STEPS
        if not self.is_attentive or self._is_compound:
            return self.beat.ternary and place == 2
        if self._swing > 0.5:
            return place == 1
        is_told = self._division.known or self._settings.style != ANY
        return place % 2 == 1 and not (is_told and self.beat.length >= _SPACE)

    def joins_former(self, step: int) -> bool:
        """Whether a step falls where the one before it does."""
        return self.is_attentive and not self._is_compound and self._swing > 0.5 and step % STEPS == 3

    def moved(self, place: float) -> float:
        """A place in straight sixteenths (beats), as the beat is divided: in three, or swung as the performer does."""
        beat, within = divmod(place, 1.0)
        if self.is_attentive and not self._is_compound:
            if self._swing == 0.5:
                return self._swung_quarters(place)
            within = within - 0.25 if 0.625 < within < 0.875 else within
            return beat + _bent(within, ((0.5, self._swing),)) + self._division.late
        if self.beat.ternary:
            return beat + _bent(within, ((0.25, 1 / 3), (0.75, 2 / 3)))
        return _swung(place, self._performer.timing, self.beat.length)

    def _swung_quarters(self, place: float) -> float:
        """The same, where it is sixteenths that swing."""
        timing = self._performer.timing
        return _swung(place, timing, self.beat.length) if timing.unit(self.beat.length) == 0.5 else place

    def heard(self, step: int) -> tuple[float, float, float]:
        """The performer's loudest strokes in the step before, and a bar before this step and the next (0 to 1)."""
        found, steps = [0.0, 0.0, 0.0], self.steps
        places = step - 1, step - steps, step - steps + 1
        for stroke in self._rhythm.since(self.beat.time_of((step - steps - 1) / STEPS)):
            place = round(self.beat.beat_at(stroke.at) * STEPS)
            for number, wanted in enumerate(places):
                if place == wanted:
                    found[number] = max(found[number], stroke.velocity / 127.0)
        return found[0], found[1], found[2]


def _swung(place: float, timing: Timing, length: float) -> float:
    """A place (beats) as the performer swings it; a beat lasts ``length`` seconds."""
    if timing.swing == 0.5 or (unit := timing.unit(length)) > 1.0:
        return place
    beat, within = divmod(place, 1.0)
    pair, rest = divmod(within, unit)
    return beat + unit * (pair + _bent(rest / unit, ((0.5, timing.swing),)))


def _bent(place: float, points: tuple[tuple[float, float], ...]) -> float:
    """A place, 0 to 1, on the line through the points."""
    former = 0.0, 0.0
    for point in (*points, (1.0, 1.0)):
        if place <= point[0]:
            return former[1] + (place - former[0]) / (point[0] - former[0]) * (point[1] - former[1])
        former = point
    return place
