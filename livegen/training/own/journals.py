"""Tunes from journals: a performer's own notes, in beats as the session counted them."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from livegen.beat.pulse import Pulse
from livegen.beat.rhythm import SETS
from livegen.errors import SettingsError
from livegen.events import Heard, Note, NoteOn, pair
from livegen.files.midi_tune import DRUMS, one_player
from livegen.listening.performer import Performer
from livegen.predictors.encoding import CHORD
from livegen.settings import Settings, spec
from livegen.tunes.tune import Tune

SILENCE = 8.0  # seconds in which neither plays; another tune begins after it
FEWEST = 8  # notes of a tune; fewer are keys touched by chance
_HEEDED = ("tempo", "channel_in", "patience", "phrase_cues", "pulse")  # settings on which the counting of beats depends
_EVER = 16.0  # beats, the longest gap that the encoding knows


@dataclass(frozen=True)
class PlayedJournal:
    """The content of a journal: events ``heard`` and ``sent``, ``changes`` as the journal's lines have them, and the
    settings at the beginning. Times are seconds."""

    name: str
    heard: Sequence[Heard]
    sent: Sequence[Heard] = ()
    changes: Sequence[tuple[Any, ...]] = ()
    settings: dict[str, Any] = field(default_factory=dict)


def tunes(session: PlayedJournal) -> list[Tune]:
    """The performer's tunes, cut at silences and where the session was reset; their touch is real.

    A gap is counted from the last onset of either, as the session does: what the player answered is no silence of the
    performer's.
    """
    return [tune for part in _Listener(session).parts() if len((tune := _tune(session.name, part)).notes) >= FEWEST]


class _Listener:
    """Reads a session's events in order, and follows the performer's pulse again."""

    def __init__(self, session: PlayedJournal) -> None:
        self._settings = Settings()
        for name in _HEEDED:
            formerly = spec(name).formerly
            if name in session.settings:
                self._set(name, session.settings[name])
            elif formerly is not None:
                self._set(name, formerly)
        self._performer = self._new_performer()
        self._lengths = {(note.onset, note.pitch, note.channel): note.duration for note in pair(session.heard)}
        self._latest: float | None = None  # the last onset of either, seconds
        self._before: float | None = None  # the one before that, if the last is the player's
        self._parts: list[list[Note]] = [[]]
        # At equal times: what was changed, then what sounded, then what was heard.
        changes = [each for each in session.changes if len(each) > 1 and isinstance(each[1], int | float)]
        events: list[tuple[float, int, Any]] = [(each[1], 0, each) for each in changes]
        events += [(each.at, 1, each) for each in session.sent if isinstance(each, NoteOn)]
        events += [(each.at, 2, each) for each in session.heard]
        self._events = sorted(events, key=lambda event: event[:2])

    def parts(self) -> list[list[Note]]:
        """The notes of each part, in beats from the part's beginning."""
        for at, kind, event in self._events:
            if kind == 0:
                self._change(event)
            elif kind == 1:
                if self._latest is None or at - self._latest >= CHORD:
                    self._before = self._latest
                self._latest = at
            elif self._is_listened_to(event):
                self._hear(event)
        return self._parts

    def _is_listened_to(self, event: Heard) -> bool:
        wanted = self._settings.channel_in
        return event.channel == wanted if wanted else event.channel != DRUMS

    def _change(self, change: tuple[Any, ...]) -> None:
        match change:
            case ("set", _, str(name), value) if name in _HEEDED:
                before = self._settings.tempo, self._settings.pulse
                self._set(name, value)
                if (self._settings.tempo, self._settings.pulse) != before:
                    self._performer.pulse.rhythms = SETS[self._settings.pulse]
                    self._performer.pulse.expect(self._settings.tempo)
            case ("reset", *_):
                self._performer = self._new_performer()
                self._latest = self._before = None

    def _new_performer(self) -> Performer:
        return Performer(Pulse(self._settings.tempo, SETS[self._settings.pulse]))

    def _set(self, name: str, value: object) -> None:
        with suppress(SettingsError):  # a damaged line
            self._settings.set(name, value)

    def _hear(self, event: Heard) -> None:
        self._performer.by_pace = not self._settings.phrase_cues
        self._performer.hear_event(event, self._settings.patience)
        if not isinstance(event, NoteOn):
            return
        since = self._latest
        if since is not None and self._before is not None and event.at - since < CHORD:
            since = self._before  # with a note of the player's it is no chord of the performer's
        seconds = None if since is None else event.at - since
        self._latest, self._before = event.at, None
        beat = self._performer.pulse.beat
        if seconds is None or seconds >= SILENCE:
            self._parts.append([])
        part = self._parts[-1]
        onset = 0.0
        if part and seconds is not None:
            onset = part[-1].onset
            if since is not None and seconds >= CHORD:
                onset += min(_EVER, self._performer.beats(since, event.at))
        length = self._lengths.get((event.at, event.pitch, event.channel), 0.0)
        part.append(Note(onset, length / beat, event.pitch, event.velocity))


def _tune(name: str, part: Sequence[Note]) -> Tune:
    return Tune(name, one_player(part), touched=True)


def at_least(tunes: Sequence[Tune], count: int) -> list[Tune]:
    """The tunes, the longest cut in two at its longest gap near the middle until there are ``count`` of them."""
    found = sorted(tunes, key=lambda tune: len(tune.notes))
    while found and len(found) < count and len(found[-1].notes) >= 2 * FEWEST:
        found += _halves(found.pop())
        found.sort(key=lambda tune: len(tune.notes))
    return found


def _halves(tune: Tune) -> list[Tune]:
    """Two tunes, cut at the longest gap of the middle third."""
    notes = tune.notes
    third = max(FEWEST, len(notes) // 3)
    middle = range(third, len(notes) - third + 1)
    at = max(middle, key=lambda place: notes[place].onset - notes[place - 1].onset)
    start = notes[at].onset
    later = tuple(replace(note, onset=note.onset - start) for note in notes[at:])
    bars = tuple(replace(bar, at=bar.at - start) for bar in tune.bars)
    return [replace(tune, notes=notes[:at]), replace(tune, notes=later, bars=bars)]
