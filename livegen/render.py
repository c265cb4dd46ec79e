"""The session in virtual time: a music file in, a MIDI file out."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from livegen.events import Event, Heard
from livegen.files import music_file
from livegen.midi import midifile
from livegen.session.any_session import AnySession


def run(session: AnySession, events: Iterable[Heard], tail: float) -> list[Event]:
    """The session's answer to the events, and at most ``tail`` seconds after the last; then all notes end."""
    out: list[Event] = []
    for event in events:
        out += session.advance_until(event.at)
        out += session.receive(event)
    end = session.now + tail
    out += session.advance_until(end)
    return out + session.panic(min(end, session.now + session.settings.longest))


def render(source: Path, target: Path, session: AnySession, tail: float = 16.0) -> midifile.Score:
    """Play ``source`` to the session; write both parts to ``target``. Returns what was read. Raises FileError.

    The performer's tracks stay as they are, with their tempo and metre; what the player answers is on the same grid.
    """
    score = music_file.read_score(source)
    out = run(session, score.events, tail)
    tracks = [replace(track, name=track.name or "performer") for track in score.tracks]
    midifile.write(target, {"player": out}, score.conductor, tracks=tracks)
    return score
