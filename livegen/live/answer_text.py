"""Writes the player's answers as text: a line for each turn, or for each eight bars of a longer one."""

from collections.abc import Iterable

from livegen.events import Event, NoteOn, TurnChange
from livegen.session.any_session import AnySession
from livegen.tunes import notation
from livegen.tunes.notation import WrittenNote

_BARS = 8
_MOST = 200  # notes of a line


class AnswerText:
    """Collects the notes that are sent, which costs next to nothing; ``line`` writes them down when there is time."""

    def __init__(self, session: AnySession) -> None:
        self._session = session
        self._notes: list[WrittenNote] = []
        self._done: list[WrittenNote] = []

    def hear_events(self, events: Iterable[Event]) -> None:
        """Collect the notes of what was sent."""
        session = self._session
        for event in events:
            if isinstance(event, NoteOn):
                if event.channel == session.settings.channel_out:
                    self._write(event)
            elif isinstance(event, TurnChange) and not event.voice:
                self._finish()

    def line(self) -> str:
        """The answers that have ended since the last call, in writing; "" if none has."""
        notes, self._done = self._done, []
        session = self._session
        limits, transport, settings = session.limits, session.transport, session.settings
        if limits.raga is not None:
            return notation.sargam(notes, limits.raga, limits.tonic, limits.tala)
        if not notes:
            return ""
        key = notation.key_of(settings.scale, settings.key, notes)
        return notation.abc(notes, key, transport.beats_per_bar, transport.tempo)

    def _write(self, on: NoteOn) -> None:
        transport = self._session.transport
        beat = transport.beat_at(on.at)
        if self._notes and (beat - self._notes[0].beat >= _BARS * transport.beats_per_bar or len(self._notes) >= _MOST):
            self._finish()
        self._notes.append(WrittenNote(beat, on.duration / transport.beat, on.pitch))

    def _finish(self) -> None:
        if self._notes:
            self._done, self._notes = self._notes, []
