"""Plays a journal's session again, bit for bit; or plays it with another setting.

Offline, in the journal's own time. Every line of a journal is a note of the performer or a change, and changes are
carried out as they are live: by ``session.changes``.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from livegen import __version__
from livegen.errors import FileError, LivegenError, ModelError, SettingsError
from livegen.events import ControlChange, Event, Heard, NoteOff, NoteOn
from livegen.journal.record import ASIDE, DRUMMER, Recording
from livegen.music import drums
from livegen.player import modes
from livegen.predictors import models
from livegen.predictors.models import Predictor
from livegen.session import changes, voices
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.change_names import END, RUN, SET, TOGETHER
from livegen.session.parts import Part
from livegen.session.session import LEAD, Session
from livegen.settings import Settings, specs

# Seconds between two lines of a journal: livegen writes one whenever its player is asked to go on.
_LONGEST_GAP = 7 * 86400.0

Load = Callable[[str], Predictor]  # a model by name; raises ModelError


def header(session: AnySession, seed: int) -> dict[str, Any]:
    """The first line of a journal: enough about a session to make the same one again."""
    return {
        "version": __version__,
        "model": models.card(session.predictor),
        "seed": seed,
        "start": session.now,
        "settings": session.settings.model_dump(exclude={"token"}),
        "drummers": _drummers(session),
        **({"voices": described} if (described := voices.described(session)) else {}),
    }


def _drummers(session: AnySession) -> dict[str, str]:
    """The hashes of the drum models that the settings name, by name; none of one that cannot be read."""
    found = {}
    for name in sorted({each.settings.drums for each in (session, *session.voices)} - {drums.OFF}):
        with contextlib.suppress(LivegenError):
            found[name] = models.drummer(name).digest
    return found


@dataclass
class Replayed:
    """The outcome of a replay: the events ``played``, and how many the journal says were sent (``expected``).

    ``differs`` is the first event that differs, as a pair (in the journal, in the replay); None if all are the same.
    """

    played: list[Heard] = field(default_factory=list)
    expected: int = 0
    differs: tuple[Heard | None, Heard | None] | None = None

    @property
    def notes(self) -> int:
        """The number of notes that the player struck."""
        return sum(isinstance(event, NoteOn) for event in self.played)


class Replay:
    """Plays one journal's session again. ``changes`` are settings by name that replace the journal's throughout;
    ``seed`` may be one of them. With changes notes are due at other times, so the replay advances time itself.

    Raises ModelError if the model that played is not there, and SettingsError for a change that cannot be.
    """

    def __init__(self, take: Recording, load: Load, changes: Mapping[str, str] | None = None) -> None:
        self.take = take
        _check_times(take)
        self.changes = dict(changes or {})
        # Otherwise use the times of the journal; older journals have none.
        self._by_itself = bool(changes) or not any(entry[0] == RUN for entry in take.entries)
        self._load = load
        self._models: dict[tuple[str, str], Predictor] = {}
        told = take.header
        self.began = float(told.get("began", 0.0))  # the session's time that is 0 in the journal
        settings = _settings(told.get("settings", {}))
        for name, value in self.changes.items():
            settings.set(name, value)
        card = told.get("model", {})
        model = self._model(settings.model) if "model" in self.changes else self._model(*_named(card))
        seed = settings.seed if "seed" in self.changes else int(told.get("seed", 0))
        start = float(told.get("start", self.began))
        self.session: AnySession = (
            self._band(told["voices"], model, settings, seed, start)
            if told.get("voices")
            else (Session(model, settings, seed, start))
        )
        self._check_drummers()
        self.session.lead = LEAD
        if settings.mode != Settings.model_fields["mode"].default:
            modes.find(settings.mode)  # raises, if it is nowhere

    def _band(self, told: list[dict[str, Any]], model: Predictor, settings: Settings, seed: int, at: float) -> Band:
        """The band of a journal; its first voice has the journal's own model and settings."""
        first, *others = told
        parts = [Part(first["name"], model, settings, tuple(first["hears"]))]
        for other in others:
            own = self._model(*_named(other["model"]))
            parts.append(Part(other["name"], own, _settings(other["settings"]), tuple(other["hears"])))
        return Band(parts, seed, at)

    def _check_drummers(self) -> None:
        """Raises ModelError if a drummer played that is not there, or another by now."""
        hit = any(isinstance(event, NoteOn) and event.channel == drums.CHANNEL for event in self.take.sent)
        if not hit or "drums" in self.changes:
            return
        told = self.take.header.get("drummers", {})
        later = [(entry[2], entry[3]) for entry in self.take.entries if entry[0] == DRUMMER]
        for name, digest in (*told.items(), *later):
            found = models.drummer(str(name)).digest
            if found != digest:
                raise ModelError(
                    f"The drummer {name} is not the one that played (its hash begins with {str(digest)[:8]}, that of "
                    f"today's with {found[:8]}); `--set drums={name}` tries today's."
                )

    def run(self) -> Replayed:
        """Play all of it. Times are those of the journal."""
        out = [event for _, events in self.steps() for event in events]
        ended = bool(self.take.entries) and self.take.entries[-1][0] == END
        if self.changes or not ended:  # a session that was cut off leaves no note sounding
            out += self.session.panic(self.session.now)
        kept = [event for event in out if isinstance(event, NoteOn | NoteOff | ControlChange)]
        played = [replace(event, at=event.at - self.began) for event in kept]
        return self._compared(Replayed(played))

    def steps(self) -> Iterator[tuple[tuple[Any, ...], list[Event]]]:
        """Play entry by entry: each with what the session played by then, in the session's own time."""
        for entry in self.take.entries:
            out: list[Event] = []
            with contextlib.suppress(Exception):  # as live, where a fault was answered by the next lines
                out = self._act(entry)
            yield entry, out

    def _act(self, entry: tuple[Any, ...]) -> list[Event]:
        side, what, *args = entry
        session = self.session
        if side in ("sent", "late", *ASIDE):
            return []
        at = (what.at if side == "heard" else what) + self.began
        out = session.advance_until(at) if self._by_itself else []
        if side == "heard":
            return out + session.receive(replace(what, at=at))
        change = self._wanted(changes.Change(side, tuple(args)))
        return out + changes.carry_out(session, change, at, self._model) if change is not None else out

    def _wanted(self, change: changes.Change) -> changes.Change | None:
        """The change without what ``changes`` fixes throughout, or what this session does by itself; None if nothing
        remains."""
        verb, args = change
        if (verb == RUN and self._by_itself) or (verb == SET and args[0] in self.changes):
            return None
        if verb == TOGETHER and self.changes:
            pairs = zip(args[::2], args[1::2], strict=True)
            return change._replace(args=tuple(one for pair in pairs if pair[0] not in self.changes for one in pair))
        return change

    def _model(self, name: str, digest: str | None = None) -> Predictor:
        """The model of that name and hash, loaded once. Raises ModelError if it is not there, or another by now."""
        found = self._models.get((name, digest or ""))
        if found is None:
            found = self._models[name, digest or ""] = self._load(name)
            if digest is not None and found.digest != digest:
                raise ModelError(
                    f"The model {name} is not the one that played (its hash begins with {digest[:8] or 'nothing'}, "
                    f"that of today's with {found.digest[:8] or 'nothing'}); `--set model={name}` tries today's."
                )
        return found

    def _compared(self, replayed: Replayed) -> Replayed:
        """The same, compared with the journal."""
        late = {_key(entry[1]) for entry in self.take.entries if entry[0] == "late"}
        again = [_key(event) for event in replayed.played if not late or _key(event) not in late]
        told = [_key(event) for event in self.take.sent]
        replayed.expected = len(told)
        for place, key in enumerate(told):
            if place >= len(again) or again[place] != key:
                other = again[place] if place < len(again) else None
                by_key = {_key(event): event for event in replayed.played}
                replayed.differs = self.take.sent[place], by_key.get(other) if other else None
                break
        return replayed


def _check_times(take: Recording) -> None:
    """Raises FileError where a journal asks a player to play on for longer than any session stands still."""
    times = [
        0.0,
        *(
            entry[1].at if isinstance(entry[1], NoteOn | NoteOff | ControlChange) else entry[1]
            for entry in take.entries
        ),
    ]
    for before, at in itertools.pairwise(times):
        if at - before > _LONGEST_GAP:
            raise FileError(
                f"The journal leaves {(at - before) / 86400:.1f} days between two of its lines, which no session does;"
                " it is damaged, and cannot be played again."
            )


def _key(event: Heard) -> tuple[object, ...]:
    """The part of an event that a journal holds: its kind, and all but the length."""
    if isinstance(event, NoteOn):
        return "on", event.at, event.pitch, event.velocity, event.channel, event.id
    if isinstance(event, NoteOff):
        return "off", event.at, event.pitch, event.channel, event.id
    return "cc", event.at, event.control, event.value, event.channel


def _settings(table: Mapping[str, Any]) -> Settings:
    """The settings of a journal; a setting that no longer exists is passed over, one that did not exist yet acts as
    livegen did without it."""
    settings = Settings()
    for each in specs():
        if each.formerly is not None:
            settings.set(each.name, each.formerly)
    for name, value in table.items():
        with contextlib.suppress(SettingsError):
            settings.set(name, value)
    return settings


def _named(card: Mapping[str, Any]) -> tuple[str, str | None]:
    return str(card.get("name", "untrained")), card.get("sha256")


def sentence(replay: Replay, replayed: Replayed) -> str:
    """The outcome, in a sentence for the musician."""
    notes = f"{replayed.notes} note{'' if replayed.notes == 1 else 's'}"
    if replay.changes:
        changed = ", ".join(f"{name} {value}" for name, value in replay.changes.items())
        return f"With {changed} livegen would have played {notes}."
    if replayed.differs is None:
        return f"{notes}, the same as then: {replayed.expected} events of the journal came again bit for bit."
    then, now = replayed.differs
    return f"{notes}, not all as then: the journal has {then}, the replay {now}."
