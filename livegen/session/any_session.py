"""The surface of a session, which the server, a render, a replay and the commands by name use.

One player (Session) and several voices (Band) offer it alike, so that nobody has to ask which of the two it is. A plain
session is its own only voice and has no names. What belongs to one player (settings, model, slots, place) is here that
of the first voice; what is due, silenced or forgotten is all voices'.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence

from livegen.beat.transport import Grid, Transport
from livegen.events import Event, Heard, NoteOn
from livegen.listening.performer import Performer
from livegen.player.changes import Changes
from livegen.player.ledger import Ledger
from livegen.player.limits import Limits
from livegen.player.line import Plan
from livegen.player.modes import Mode
from livegen.player.player import Player
from livegen.player.slots import Place, Slot
from livegen.player.surprise import Surprise
from livegen.predictors.models import Predictor
from livegen.settings import Settings

Act = Callable[["AnySession"], list[Event]]  # of one voice, such as ``lambda voice: voice.set_mode(mode, now)``


class AnySession(ABC):
    """Events and times go in, events due come out. ``now`` is the latest time it has been given, and never goes back.

    The rules it keeps, in every mode: output times never go back; every note-on gets its note-off; a pitch struck again
    is released first; a late-dated input is taken as now; the same seed and input give the same output.
    """

    def __init__(self, player: Player, slots: dict[int, Slot], now: float) -> None:
        self.player = player  # of the first voice
        self.slots = slots  # of the first voice, by number
        self.now = now

    # Time and events

    @abstractmethod
    def receive(self, event: Heard) -> list[Event]:
        """Hear one event of the performer; its own time says when, but never earlier than what was already done.

        An event of a channel that is not listened to changes nothing, but a held key is always released.
        """

    @abstractmethod
    def next_due(self) -> float | None:
        """The time at which ``advance`` has something to do; None while the session waits for the performer."""

    @abstractmethod
    def advance(self, now: float, promptly: bool = False) -> list[Event]:
        """Return the events that sound or end up to now, each stamped with the time at which it was due.

        ``promptly`` returns as soon as a note sounds, before the next is prepared, so that a shell can send it without
        waiting for the model; ``next_due`` says what is left to do by now.
        """

    def advance_until(self, end: float) -> list[Event]:
        """All that sounds or ends before ``end`` (seconds), each thing when it is due: time passed in virtual time."""
        out: list[Event] = []
        while (due := self.next_due()) is not None and due < end:
            out += self.advance(max(due, self.now))
        return out

    def work_ahead(self, now: float) -> bool:
        """Do a small piece of what any voice can work out before it is asked for; whether there was anything to do. It
        changes nothing that comes out, and may be left undone."""
        return any(voice.player.work_ahead(now) for voice in self.voices)

    @abstractmethod
    def panic(self, now: float) -> list[Event]:
        """Note-offs for all that sounds; silence until the performer plays or a mode is set."""

    @abstractmethod
    def reset(self, now: float) -> list[Event]:
        """Forget everything heard and played, and begin again."""

    @abstractmethod
    def say(self, word: str, now: float, when: str = "") -> list[Event]:
        """The performer says that it is the player's turn (REPLY of player/asked.py), that it is to finish (STOP), or
        that it is to give another answer (AGAIN), from ``when`` on; or that a drummer is to fill (FILL). Raises
        SettingsError."""

    @abstractmethod
    def forget(self) -> None:
        """Let the memory of what was heard before lead no more; what sounds and what is about to sound stay."""

    @property
    @abstractmethod
    def next_onset(self) -> float | None:
        """The time of the next note, if it is decided."""

    @property
    @abstractmethod
    def next_end(self) -> float | None:
        """The time at which the next of the sounding notes ends."""

    @abstractmethod
    def decided(self) -> list[Plan]:
        """The notes that are decided and have not sounded yet."""

    @property
    def foreseen(self) -> list[NoteOn]:
        """The notes of drummers, basses and chords that are decided; they may still be moved, or dropped."""
        return [on for voice in self.voices for on in voice.player.foreseen]

    # The voices

    @property
    @abstractmethod
    def names(self) -> list[str]:
        """The names of the voices, in order; a plain session has none."""

    @property
    @abstractmethod
    def voices(self) -> "list[AnySession]":
        """The session of each voice, in order; a plain session is its own only voice."""

    @abstractmethod
    def voice(self, name: str) -> "AnySession":
        """The voice of that name, to be looked at; ``change`` changes it. Raises SettingsError."""

    @abstractmethod
    def hears(self, name: str) -> tuple[str, ...]:
        """The names that a voice hears. Raises SettingsError."""

    @abstractmethod
    def set_hears(self, name: str, hears: Sequence[str], now: float) -> list[Event]:
        """Let a voice hear others from now on, and answer the first of them. Raises SettingsError."""

    @abstractmethod
    def change(self, name: str, change: Act, now: float) -> list[Event]:
        """Change one voice. Raises SettingsError if there is none of that name."""

    @abstractmethod
    def change_each(self, change: Act, now: float) -> list[Event]:
        """Change each voice, in order."""

    @property
    @abstractmethod
    def at_fault(self) -> str | None:
        """After a failure, the name of the voice that failed; None if it is the first, or the only one."""

    # The first voice

    @abstractmethod
    def set_mode(self, mode: Mode, now: float) -> list[Event]:
        """Play in another mode from now on; what sounds ends, unless the new mode plays on."""

    @abstractmethod
    def set_predictor(self, predictor: Predictor, now: float) -> list[Event]:
        """Play with another model from now on. It hears the latest notes, so that the music continues."""

    @abstractmethod
    def settings_changed(self, now: float) -> list[Event]:
        """Take up changed settings: the mode is asked again, and what was planned is planned again."""

    @abstractmethod
    def go_on_from(self, slot: Slot, now: float) -> list[Event]:
        """Continue from a slot of this model's, and say what is expected there. The next note is decided again, and
        sounds when it was to sound."""

    @abstractmethod
    def rewind(self, notes: int, now: float) -> list[Event]:
        """Take back the latest notes, the performer's and the player's: they were never heard. What sounds, sounds."""

    def change_chart(self, change: Callable[[Changes], None], now: float) -> list[Event]:
        """Change the chart that all voices play, or the place in it. Raises SettingsError if that cannot be."""

        def each(voice: AnySession) -> list[Event]:
            out = voice.settings_changed(now)  # time passes, and what is planned is planned again
            change(voice.player.changes)
            voice.player.planner.ask_again(voice.now)
            return out + voice.player.take()

        return self.change_each(each, now)

    def follow(self, grid: Grid) -> None:
        """Keep to a clock's beat from now on, or again to the performer's. What is planned stays."""
        self.player.follow(grid)

    @property
    def lead(self) -> float:
        """Seconds from deciding a first note, which follows nothing, to its sounding; the same for all voices."""
        return self.player.planner.lead

    @lead.setter
    def lead(self, seconds: float) -> None:
        for voice in self.voices:
            voice.player.planner.lead = seconds

    @property
    def settings(self) -> Settings:
        """The settings, which whoever changes them reports by ``settings_changed``."""
        return self.player.settings

    @property
    def predictor(self) -> Predictor:
        """The model that answers."""
        return self.player.predictor

    @property
    def performer(self) -> Performer:
        """The performer, as the player knows them."""
        return self.player.performer

    @property
    def transport(self) -> Transport:
        """The beats and bars, which all voices share."""
        return self.player.transport

    @property
    def limits(self) -> Limits:
        """The pitches that the player may use."""
        return self.player.limits

    @property
    def ledger(self) -> Ledger:
        """The player's notes that sound."""
        return self.player.ledger

    @property
    def playing(self) -> bool:
        """Whether it is the player's turn."""
        return self.player.turns.playing

    @property
    def hushed(self) -> bool:
        """Whether a panic silenced the player, until the performer plays."""
        return self.player.turns.hushed

    @property
    def place(self) -> Place:
        """The place in the music, as a value to continue from later."""
        return self.player.progress.place

    @property
    def surprises(self) -> deque[Surprise]:
        """The surprise of the performer's latest notes; the caller that reports one removes it."""
        return self.player.surprises

    def notes_since(self, at: float) -> int:
        """The number of notes that can be taken back and sounded at that time or later."""
        return self.player.history.since(at)

    def reach(self, notes: int) -> float:
        """The time at which the first of so many latest notes sounded (seconds); infinity for none."""
        return self.player.history.reach(notes)
