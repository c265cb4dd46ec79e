"""The session in virtual time: a MIDI file in, a MIDI file out."""

from collections.abc import Iterable
from pathlib import Path

from livegen.events import Event, Heard
from livegen.midi import midifile
from livegen.session.any_session import AnySession


def run(session: AnySession, events: Iterable[Heard], tail: float) -> list[Event]:
    """The session's answer to the events, and at most ``tail`` seconds after the last; then all notes end."""
    out: list[Event] = []
    for event in events:
        out += _until(session, event.at)
        out += session.receive(event)
    end = session.now + tail
    out += _until(session, end)
    return out + session.panic(min(end, session.now + session.settings.longest))


def render(source: Path, target: Path, session: AnySession, tail: float = 16.0) -> midifile.Score:
    """Play ``source`` to the session; write both parts to ``target``. Returns what was read. Raises FileError."""
    score = midifile.read(source)
    out = run(session, score.events, tail)
    midifile.write(target, {"performer": score.events, "player": out}, session.settings.tempo)
    return score


def _until(session: AnySession, end: float) -> list[Event]:
    out: list[Event] = []
    while (due := session.next_due()) is not None and due < end:
        out += session.advance(max(due, session.now))
    return out
