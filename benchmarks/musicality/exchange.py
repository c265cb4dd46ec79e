"""Exchanges: what a performer played, what livegen sounded to it, and what the real musician played next."""

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from benchmarks.musicality import harmony, lines
from benchmarks.musicality.performance import DRUMS, Chord, Grid, Performer, Segment, moved
from livegen.events import SUSTAIN, ControlChange, Heard, Note, NoteOff, NoteOn, pair
from livegen.predictors.protocol import Predictor
from livegen.render import run
from livegen.session.session import Session
from livegen.settings import Settings

POLITE, TRADE, AGAIN, DUET, HARMONISE = "polite", "trade", "again", "duet", "harmonise"
SETTINGS = (POLITE, TRADE, AGAIN, DUET, HARMONISE)
CALLS, ROUNDS, DUET_UNITS = 5, 8, 4  # calls of a performer, rounds of the same call, units played in duet
TAIL = 12.0  # seconds after the last call
GRACE = 0.03  # seconds after a call begins: a note so soon is simultaneous, and no answer to it


@dataclass(frozen=True)
class Exchange:
    """One call and what came of it; in duet and harmonise all that was played is the call.

    ``sounded`` is what livegen played from the call's first onset until ``until``, where the next call begins;
    ``real`` is what the musician played next, put where it comes next; ``heard`` is the performer's music so far, the
    call included; ``former`` are the answers to the calls before. Times are seconds of the session.
    """

    performer: Performer
    setting: str
    call: tuple[Note, ...]
    sounded: tuple[Note, ...]
    real: tuple[Note, ...]
    until: float
    grid: Grid
    chords: tuple[Chord, ...] = ()
    heard: tuple[Note, ...] = ()
    former: tuple[tuple[Note, ...], ...] = ()

    @cached_property
    def answer(self) -> tuple[Note, ...]:
        """The notes that livegen played after the call's last note had begun; in duet and harmonise all of them."""
        if self.setting in (DUET, HARMONISE):
            return self.sounded
        last = self.call[-1].onset
        return tuple(note for note in self.sounded if note.onset > last)

    @cached_property
    def released(self) -> float:
        """The time at which the call's last note, or the longest of its last chord, is released.

        Of two hands it is the melody's: an accompaniment sounds on into what comes next, with real musicians as well.
        """
        last = self.call[-1].onset
        if self.performer.layered:
            melody = lines.top_line(self.call)[-1]
            return max(last, melody.onset + melody.duration)
        return max(note.onset + note.duration for note in self.call if note.onset > last - GRACE)

    @property
    def key(self) -> harmony.Key:
        """The performer's key, as written or as all their notes together say."""
        return self.performer.key or harmony.key_of(self.performer.notes)


@dataclass(frozen=True)
class Call:
    """A call as it is laid out in a session, what the musician played next, and when the next call begins."""

    notes: tuple[Note, ...]
    real: tuple[Note, ...]
    until: float
    chords: tuple[Chord, ...]


@dataclass
class _Stage:
    """A session's time being laid out: what the performer plays, and the beats that go on meanwhile."""

    at: float = 0.5
    beats: list[float] = field(default_factory=list)
    pedals: list[tuple[float, int]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def play(self, segment: Segment) -> tuple[Note, ...]:
        """The segment now; its notes."""
        notes = moved(segment.notes, self.at)
        self.pedals += [(at + self.at, value) for at, value in segment.pedals]
        if segment.pedals and segment.pedals[-1][1]:  # the foot leaves the pedal with the unit's last note
            self.pedals.append((self.at + segment.length, 0))
        self.skip(segment)
        return notes

    def skip(self, segment: Segment) -> tuple[Note, ...]:
        """The segment's time and beats, while the performer is silent; its notes where they would be."""
        notes = moved(segment.notes, self.at)
        self.beats += [at + self.at for at in segment.beats]
        self.at += segment.length
        return notes

    def wait(self, until: float) -> None:
        """Silence, in which the beats go on evenly."""
        self.waits.append(self.at)
        self.at = until


def arrange(performer: Performer, setting: str, most: int = CALLS) -> tuple[list[Call], list[Heard], Grid]:
    """The calls of a performance (at most so many in turn), what livegen hears, and the beats of the whole session."""
    stage = _Stage()
    if setting in (DUET, HARMONISE):
        _all_through(stage, performer)
    elif setting == AGAIN:
        _the_same_again(stage, performer)
    else:
        _in_turn(stage, performer, most, polite=setting == POLITE)
    return stage.calls, _events(stage, performer.drums), _grid(stage, performer)


def play(performer: Performer, setting: str, predictor: Predictor, settings: Settings, seed: int) -> list[Exchange]:
    """Play to livegen, and what came of each call."""
    calls, events, grid = arrange(performer, setting)
    mode = setting if setting in (DUET, HARMONISE) else settings.mode
    session = Session(predictor, settings.model_copy(update={"mode": mode}), seed)
    sounded = pair(run(session, events, TAIL))
    exchanges: list[Exchange] = []
    heard: tuple[Note, ...] = ()
    for call in calls:
        first = call.notes[0].onset + (0.0 if setting in (DUET, HARMONISE) else GRACE)
        own = tuple(note for note in sounded if first < note.onset < call.until)
        heard += call.notes
        former = (*exchanges[-1].former, exchanges[-1].answer) if exchanges else ()
        exchanges.append(
            Exchange(performer, setting, call.notes, own, call.real, call.until, grid, call.chords, heard, former)
        )
    return exchanges


def _in_turn(stage: _Stage, performer: Performer, most: int, polite: bool) -> None:
    """Every second unit is played; the others' time, and where the performer is polite a bar more, is livegen's."""
    units = performer.units[: 2 * most]
    for call, answer in zip(units[::2], units[1::2], strict=False):
        if not call.notes:
            continue
        chords = _chords(call, stage.at) + _chords(answer, stage.at + call.length)
        notes = stage.play(call)
        real = stage.skip(answer)
        if polite:
            stage.wait(stage.at + performer.grid.bar * _beat(answer))
        stage.calls.append(Call(notes, real, stage.at, chords))


def _the_same_again(stage: _Stage, performer: Performer) -> None:
    """The first call eight times, each after whole bars that leave the answer as much time as the call or more.

    The musician's own continuations stand in as ``real`` in turn: they differ as those of a musician do.
    """
    call, *others = performer.units[0], *performer.units[1::2]
    length = len(call.beats) if call.beats else 1
    period = math.ceil(2 * length / performer.grid.bar) * performer.grid.bar * _beat(call)
    for number in range(ROUNDS):
        start = stage.at
        notes = stage.play(call)
        real = moved(others[number].notes, stage.at) if number < len(others) else ()
        stage.wait(start + max(period, 2 * call.length))
        stage.calls.append(Call(notes, real, stage.at, _chords(call, start)))


def _all_through(stage: _Stage, performer: Performer) -> None:
    """Four units without a pause; the real partner of two layers is the lower one."""
    notes: tuple[Note, ...] = ()
    chords: tuple[Chord, ...] = ()
    for unit in performer.units[:DUET_UNITS]:
        chords += _chords(unit, stage.at)
        notes += stage.play(unit)
    stage.calls.append(Call(notes, (), stage.at + TAIL, chords))


def _chords(segment: Segment, at: float) -> tuple[Chord, ...]:
    return tuple(replace(chord, start=chord.start + at, end=chord.end + at) for chord in segment.chords)


def _beat(segment: Segment) -> float:
    """Seconds of a beat in a segment."""
    return float(np.median(np.diff(segment.beats))) if len(segment.beats) > 1 else segment.length


def _events(stage: _Stage, drums: bool) -> list[Heard]:
    """The events that livegen hears: both hands on channel 1, drums on 10; a key struck again is released first."""
    channel = DRUMS if drums else 1
    notes = sorted((note for call in stage.calls for note in call.notes), key=lambda note: note.onset)
    following: dict[int, float] = {}
    events: list[Heard] = [ControlChange(at, SUSTAIN, value) for at, value in stage.pedals]
    for note in reversed(notes):
        end = min(note.onset + note.duration, following.get(note.pitch, math.inf))
        following[note.pitch] = note.onset
        events += [NoteOn(note.onset, note.pitch, note.velocity, channel), NoteOff(end, note.pitch, channel)]
    return sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn)))


def _grid(stage: _Stage, performer: Performer) -> Grid:
    """The session's beats: those of what was played and left out, and even ones where nobody had any."""
    length = float(np.median(np.diff(performer.grid.times)))
    beats: list[float] = []
    for at in sorted(stage.beats):
        if beats and at - beats[-1] < 0.25 * length:
            continue
        if beats and any(beats[-1] <= wait < at for wait in stage.waits):
            parts = max(1, round((at - beats[-1]) / length))
            beats += [beats[-1] + (at - beats[-1]) * part / parts for part in range(1, parts)]
        beats.append(at)
    return Grid(tuple(beats), performer.grid.bar, performer.grid.eighths)
