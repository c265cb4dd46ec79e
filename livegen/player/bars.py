"""Places the player's notes and turns in the beats and bars of the transport: docs/time.md. Pure."""

import math

from livegen.beat.transport import AUTO, BEAT, CLOCK, FREELY, PULSE, Transport
from livegen.listening.performer import Performer
from livegen.settings import Settings

_METRES = {2: "2/4", 3: "3/4", 4: "4/4", 6: "3/2"}  # beats in a bar -> the metre's name in the encoding
_PARTS = 12  # of a beat: how finely a model is given a place in the bar
_EVEN, _TERNARY = 4, 6  # places a beat that notes are quantised to
_HALVES, _THIRDS = 2, 3  # of a beat: where answers begin
_OVER = 0.5  # beats: so long may a phrase's last note reach into the next bar
_JITTER = 0.04  # beats: an onset on a half beat has come this soon after it
_SOONER = 0.3  # beats by which an answer may begin sooner, where a half beat was empty
_LATEST, _FEWEST = 16, 6  # notes of the performer that show whether they play to the beat
_ON = 0.24  # of a part of the beat: an onset this near to it is on it; chance is 0.48
_FIT = 0.7  # of the latest onsets that are on parts of the beat, where the performer plays to it
_NEAR = 0.05  # beats: this soon after a beat still counts as on it
_EXACTLY = 1e-6  # beats
_SOON = 0.03  # seconds in which a first note can be decided
_SINCE = 0.2  # seconds after the release: an answer that waits for no beat begins no sooner, for notes are apart, too
_LET_GO = 0.75  # of the usual gap: so long before its end a phrase's last note may be let go
_PLAIN = ((2.0, 0.3), (1.5, 0.4), (1.0, 0.5))  # after so many bars a beat this sure is plain enough to come in on


class Bars:
    """Finds the place of a time in the beats and bars, and the times at which a player's answers and notes may come."""

    def __init__(self, settings: Settings, transport: Transport, performer: Performer) -> None:
        self._settings = settings
        self._transport = transport
        self._performer = performer

    @property
    def beat(self) -> float:
        """The length of a beat in seconds."""
        return self._transport.beat

    @property
    def felt_bar(self) -> float:
        """The length of a bar in seconds; where six or more beats are written and each felt one divides in three, three
        of them are one."""
        beats, felt = self._transport.beats_per_bar, self._performer.pulse.felt
        in_three = felt.ternary and self._transport.source == PULSE and beats > 3 and beats % 3 == 0
        return self._transport.beat * (beats // 3 if in_three else beats)

    @property
    def known(self) -> bool:
        """Whether the beat is worth following."""
        return self._transport.running

    def is_plain(self, at: float) -> bool:
        """Whether the beat is plain enough to come in on: the longer it was listened to, the less sure it need be, for
        nobody waits for ever."""
        transport, start = self._transport, self._performer.phrase_start
        if transport.running or start is None or transport.source != PULSE:
            return transport.running
        bars, sure = (at - start) / self.felt_bar, transport.pulse.confidence
        return any(bars >= least and sure >= enough for least, enough in _PLAIN)

    @property
    def led(self) -> bool:
        """Whether a clock gives the beat."""
        return self._transport.running and self._transport.source != PULSE

    @property
    def bar(self) -> float:
        """The length of a bar in seconds."""
        return self._transport.beat * self._transport.beats_per_bar

    @property
    def follows_beat(self) -> bool:
        """Whether there is a beat that is worth following."""
        return self._transport.running

    @property
    def parts(self) -> int:
        """The parts of a beat that the performer feels: halves, or thirds."""
        return _THIRDS if self._performer.pulse.felt.ternary else _HALVES

    def beat_at(self, at: float) -> float:
        """Beats since a bar line; while no beat is worth following, since the performer's phrase began."""
        transport, start = self._transport, self._performer.phrase_start
        if transport.running or start is None:
            return transport.beat_at(at)
        return (at - start) / transport.beat

    def entry_parts(self) -> int | None:
        """The parts of a beat on which an answer may begin: those of the performer, or half as long ones. None, where
        the performer's latest notes lie on neither, as of who plays freely or to another beat than is heard."""
        transport, performer, parts = self._transport, self._performer, self.parts
        if not self._settings.free_entry or transport.source != PULSE or performer.onset is None:
            return parts
        onsets = performer.phrase_end.stretches.onsets(performer.onset, _LATEST)
        if len(onsets) < _FEWEST:
            return parts
        for each in (parts, 2 * parts):
            near = _ON / each * transport.beat
            places = [self._swung(round(transport.beat_at(onset) * each) / each) for onset in onsets]
            on = sum(abs(onset - place) <= near for onset, place in zip(onsets, places, strict=True))
            if on >= _FIT * len(onsets):
                return each
        return None

    @property
    def running(self) -> bool:
        """Whether a beat is worth following."""
        return self._transport.running

    @property
    def beats_per_bar(self) -> int:
        """The beats of a bar."""
        return self._transport.beats_per_bar

    @property
    def by_clock(self) -> bool:
        """Whether a MIDI clock counts the beats, from the beginning of the song."""
        return self._transport.source == CLOCK

    def count(self, at: float) -> float:
        """Beats since a bar line, which go on from phrase to phrase."""
        return self._transport.beat_at(at)

    def counted(self, at: float) -> tuple[float, int]:
        """Beats since a bar line, as ``count``, and the beats of a bar."""
        grid = self._transport.grid
        return grid.beat + (at - grid.at) / grid.length, self._transport.beats_per_bar

    def line_after(self, at: float) -> float:
        """The beat, counted so, of the bar line at a time or the next one."""
        bar = self._transport.beats_per_bar
        return math.ceil(self._transport.beat_at(at) / bar - 1e-9) * float(bar)

    def time_of(self, beat: float) -> float:
        """The time at which so many beats have passed since a bar line (seconds)."""
        return self._transport.time_of(beat)

    def place(self, at: float) -> tuple[float | None, str | None]:
        """The place of a time in the bar (beats) and the bar's metre, where a clock gives them; otherwise None, None.

        Bars heard from the performer alone are too uncertain for a model: a wrong bar misleads it more than the right
        one helps.
        """
        transport = self._transport
        if transport.grid.source == PULSE or not transport.grid.running:
            return None, None
        metre = _METRES.get(transport.beats_per_bar)
        if metre is None:
            return None, None
        return round(transport.beat_at(at) * _PARTS) / _PARTS % transport.beats_per_bar, metre

    def begins(self, at: float, wish: str = "") -> float | None:
        """The time at which an answer that could begin at ``at`` begins, as wished or by the setting ``begin``; None:
        at the time of its first note."""
        every = self._every(wish or self._settings.begin)
        transport = self._transport
        return None if every is None else transport.next_beat(at - _NEAR * transport.beat, every)

    def ends(self, at: float) -> float:
        """The time at which an answer that could end at ``at`` ends."""
        every = self._every(self._settings.end)
        transport = self._transport
        return at if every is None else max(at, transport.next_beat(at - _NEAR * transport.beat, every))

    def last_beat(self, at: float) -> float | None:
        """The last beat that is not after ``at``; None where no beat is worth following."""
        transport = self._transport
        return transport.time_of(math.floor(transport.beat_at(at) + 1e-9)) if transport.running else None

    def beats_within(self, first: float, last: float, parts: int = 1) -> list[float]:
        """The times of the beats, or of such parts of them, from ``first`` to ``last``: of the likeliest beat, where
        none is worth following."""
        transport = self._transport
        ends = math.floor(transport.beat_at(last) * parts + _EXACTLY)
        return [
            transport.time_of(place / parts)
            for place in range(math.ceil(transport.beat_at(first) * parts - _EXACTLY), ends + 1)
        ]

    def turn(self, length: float) -> float:
        """The seconds of a turn of which a phrase took ``length``: until the next beat, if that is where the phrase's
        last note, which is let go a little before, has its end."""
        beat = self._transport.grid.length
        whole = beat * math.ceil(length / beat - _NEAR)
        return whole if length <= whole <= length + _LET_GO * self.usual_gap else length

    @property
    def usual_gap(self) -> float:
        """The performer's usual gap between onsets in seconds; a beat, before they played."""
        performer = self._performer
        if (density := performer.density()) is not None:
            return math.exp(density[0])
        length, notes = performer.phrase_length(), performer.phrase_notes
        return length / notes if notes and length else self._transport.beat

    def enters(self, at: float, due: float) -> float | None:
        """The half beat, or third of a beat in three, that is nearest to ``due`` and not before ``at``, swung as the
        performer swings, or ``due`` for who does not play to the beat; None where no beat is worth following."""
        transport = self._transport
        if not transport.running:
            return None
        parts = self.entry_parts()
        if parts is None:
            return self.at_once(at) if self._settings.at_once else max(at, due)
        place = round(transport.beat_at(due) * parts)
        while (time := self._swung(place / parts)) < at - _NEAR * transport.beat:
            place += 1
        return time

    def at_once(self, at: float) -> float:
        """The time at which an answer begins that is decided at ``at`` and waits for no beat (seconds)."""
        released = self._performer.phrase_end.released
        return at + _SOON if released is None else max(at + _SOON, released + _SINCE)

    def empty_before(self, at: float, since: float) -> float | None:
        """The time just after a half beat, or third of a beat in three, that comes a little before ``at`` and after
        ``since``: an onset there would have come by then. None: there is none, or no beat is worth following."""
        transport = self._transport
        if not transport.grid.running:
            return None
        parts = self.entry_parts()
        if parts is None:
            return None
        place, beat = math.floor(transport.beat_at(at) * parts), transport.beat
        for each in (place, place - 1):  # a swung one may be later than straight
            time = self._swung(each / parts) + _JITTER * beat
            if time < at:
                return time if time >= max(since, at - _SOONER * beat) else None
        return None

    def _swung(self, place: float) -> float:
        """The time of a place in the beats, as the performer swings."""
        timing, pulse = self._performer.timing, self._performer.pulse
        late = 0.0 if pulse.felt.ternary else timing.shift(place % 1.0, pulse.beat, self._settings.touch)
        return self._transport.time_of(place) + (late or 0.0)

    def bars_of(self, start: float, end: float) -> tuple[float, float] | None:
        """The times of the bar line where a phrase from ``start`` to ``end`` begins, and of the one where it is over.
        None where no clock gives the bars: those heard from the performer are too uncertain."""
        transport, bar = self._transport, self._transport.beats_per_bar
        if transport.grid.source == PULSE or not transport.grid.running:
            return None
        first = round(transport.beat_at(start) / bar)
        last = max(first + 1, math.ceil((transport.beat_at(end) - _OVER) / bar))
        return transport.time_of(first * bar), transport.time_of(last * bar)

    def quantised(self, due: float) -> float:
        """The time of a note, moved to the grid as far as the setting ``quantise`` says."""
        transport, share = self._transport, self._settings.quantise
        if not share or not transport.running:
            return due
        parts = _TERNARY if self._performer.pulse.felt.ternary else _EVEN
        nearest = transport.time_of(round(transport.beat_at(due) * parts) / parts)
        return due + share / 100.0 * (nearest - due)

    def _every(self, wish: str) -> float | None:
        """The beats between two times at which it may happen; None: it may happen at any time."""
        transport = self._transport
        if wish == FREELY or not transport.running:
            return None
        if wish == AUTO:
            return None if transport.source == PULSE else 1.0
        return 1.0 if wish == BEAT else float(transport.beats_per_bar)
