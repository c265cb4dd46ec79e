"""Lead sheets played in virtual time: the melody by the file, bass and chords, and perhaps drums, by livegen."""

import hashlib
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from livegen.beat.transport import OWN, Grid
from livegen.charts.text import write_chart
from livegen.events import Event, Heard, Note, NoteOff, NoteOn, pair
from livegen.music import ensemble
from livegen.player.part_planner import PartPlanner, Tally
from livegen.predictors import models
from livegen.predictors.models import Untrained
from livegen.session import verbs, voices
from livegen.session.any_session import AnySession
from livegen.settings import Settings
from livegen.training.changes.songs import Song, chart_of, is_learnt, read_songs

TUNE, REPORT = "tune", "report"
_UNEVEN = 0.012  # seconds: a standard deviation of the performer's onsets
_HELD = 0.92  # of its written length a note is held


class Take(NamedTuple):
    """A song as it was played: what was heard, livegen's notes by part, the beat (seconds), when beat 0 was, and by
    part what was late or revised."""

    song: Song
    melody: list[Note]
    parts: dict[str, list[Note]]
    beat: float
    start: float
    tallies: Mapping[str, Tally] = {}


def songs_of(folder: Path, part: str, most: int) -> list[Song]:
    """Songs of a half: ``tune`` is the half that the tables of chords learnt from. In an order of their own."""
    found = [song for song in read_songs(folder).songs if is_learnt(song.name) == (part == TUNE) and _fits(song)]
    return sorted(found, key=lambda song: hashlib.sha256(song.name.encode()).digest()[::-1])[:most]


def _fits(song: Song) -> bool:
    return len(song.notes) >= 32 and sum(chord is not None for chord in song.chords) >= 16


def events_of(song: Song, beat: float, start: float, seed: int) -> list[Heard]:
    """The melody, a little uneven; louder on the first beat of a bar."""
    draw = random.Random(f"{seed} {song.name}")
    events: list[Heard] = []
    for note in song.notes:
        at = max(0.0, start + note.begins * beat + max(-0.03, min(0.03, draw.gauss(0.0, _UNEVEN))))
        length = max(0.05, (note.ends - note.begins) * beat * _HELD)
        loud = 84 + 8 * (note.begins % song.beats_per_bar == 0) + draw.randint(-5, 5)
        events += [NoteOn(at, note.pitch, loud), NoteOff(at + length, note.pitch)]
    return sorted(events, key=lambda event: (event.at, isinstance(event, NoteOn)))


def play(song: Song, parts: Sequence[str], charted: bool, tempo: float = 112.0, style: str = "any") -> Take:
    """A song with a band: its own beat is kept (as by a clock), so that what is judged is harmony."""
    settings = Settings(mode="accompany", metre=song.beats_per_bar, tempo=tempo)
    settings.set("style", style)
    declared = voices.with_parts([], settings, parts)[1:]
    declared[:] = [voice._replace(hears=voice.hears[:1]) for voice in declared]
    session = voices.assembled(declared, settings, _model, 1)
    beat = 60.0 / tempo
    bars = math.ceil(max(0.0, -song.notes[0].begins) / song.beats_per_bar + 1e-6) + 1
    start = bars * song.beats_per_bar * beat
    session.follow(Grid(0.0, 0.0, beat, OWN))
    out: list[Event] = []
    if charted:
        at = start - 0.5 * beat
        out += verbs.do(session, "chart_text", at, (write_chart(chart_of(song)),))
    events = events_of(song, beat, start, 1)
    out += _heard(session, events)
    channels = {ensemble.ROLES[part].channel: part for part in parts}
    found = {part: [note for note in pair(out) if channels.get(note.channel) == part] for part in parts}
    planners = {part: session.voice(part).player.planner for part in parts}
    tallies = {part: planner.tally for part, planner in planners.items() if isinstance(planner, PartPlanner)}
    return Take(song, pair(events), found, beat, start, tallies)


def _heard(session: AnySession, events: Sequence[Heard]) -> list[Event]:
    out: list[Event] = []
    for event in events:
        out += session.advance_until(event.at)
        out += session.receive(event)
    end = session.now + 12.0
    return out + session.advance_until(end) + session.panic(end)


def _model(name: str) -> models.Predictor:
    return Untrained() if name == Untrained.name else models.load(name)
