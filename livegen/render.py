"""The session in virtual time: a music file in, a MIDI file out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from livegen.events import Event, Heard, NoteOn, ProgramChange, Received, Remark
from livegen.files import midi_tune, music_file
from livegen.listening.zones import LOWER, UPPER, configuration
from livegen.midi import midifile
from livegen.session.any_session import AnySession
from livegen.settings import Settings


class Audience(NamedTuple):
    """Those who are told of a render: ``say`` gets the sentences that a musician should read, ``played`` the share of
    the performer's events that were heard (0 to 1)."""

    say: Callable[[str], None] = lambda _: None
    played: Callable[[float], None] = lambda _: None


_NOBODY = Audience()
_OFTEN = 50  # the share is told after so many events


def run(session: AnySession, events: Iterable[Heard], tail: float) -> list[Event]:
    """The session's answer to the events, and at most ``tail`` seconds after the last; then all notes end."""
    out: list[Event] = []
    for event in events:
        out += session.advance_until(event.at)
        out += session.receive(event)
    end = session.now + tail
    out += session.advance_until(end)
    return out + session.panic(min(end, session.now + session.settings.longest))


def render(
    source: Path, target: Path, session: AnySession, tail: float = 16.0, audience: Audience = _NOBODY
) -> midifile.Score:
    """Play ``source`` to the session; write both parts to ``target``. Returns what was read. Raises FileError.

    The performer's tracks stay as they are, with their tempo and metre; what the player answers is on the same grid.
    """
    score = music_file.read_score(source)
    events = score.events
    if midi_tune.has_channels_for_notes(score):
        events = [*configuration(0.0, UPPER if any(note.channel == LOWER for note in score.beats) else LOWER), *events]
    out = run(session, _counted(events, audience.played), tail)
    for event in out:
        if isinstance(event, Remark):
            audience.say(event.text)
    tracks = [replace(track, name=track.name or "performer") for track in score.tracks]
    midifile.write(target, parts_of(session, out), score.conductor, tracks=tracks)
    return score


def _counted(events: Sequence[Heard], played: Callable[[float], None]) -> Iterator[Heard]:
    for index, event in enumerate(events):
        if not index % _OFTEN:
            played(index / len(events))
        yield event


def parts_of(session: AnySession, events: Sequence[Event]) -> dict[str, list[Event | Received]]:
    """The notes that were played: a part for each voice that has a channel of its own, and a last one for the rest.
    Each begins with its program, if it chooses one."""
    channels = [voice.settings.channel_out for voice in session.voices]
    own = {
        name: voice.settings
        for name, voice in zip(session.names, session.voices, strict=False)
        if channels.count(voice.settings.channel_out) == 1
    }
    parts = {name: _part(events, settings) for name, settings in own.items()}
    taken = {settings.channel_out for settings in own.values()}
    rest = [event for event in events if getattr(event, "channel", 0) not in taken]
    if not parts:
        parts["player"] = _part(events, session.settings, every=True)
    elif any(isinstance(event, NoteOn) for event in rest):
        parts["player"] = [*rest]
    return parts


def _part(events: Sequence[Event], settings: Settings, every: bool = False) -> list[Event | Received]:
    """The notes that were played on a voice's channel, or ``every`` event, after its program."""
    channel, program = settings.channel_out, settings.program_out
    chosen = [ProgramChange(0.0, program, channel)] if program else []
    return [*chosen, *(event for event in events if every or getattr(event, "channel", 0) == channel)]
