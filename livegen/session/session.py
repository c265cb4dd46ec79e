"""A session of one player: it passes time to the player, and changes it from outside.

A Player says what happens at one instant; a Session says when. ``_run`` does whatever is due in the order of time, and
at one time in a fixed order: the beat is weighed, notes end, the mode is asked, the next note is decided, and what was
decided sounds. So note-offs come before note-ons, and how often time is passed changes nothing.

Every change from outside goes the same way: first all that is due before it (``_pass``), then the change at the instant
``now``, then what is to be sent (``player.take``).
"""

from collections.abc import Sequence
from dataclasses import replace

from livegen.errors import SettingsError
from livegen.events import ControlChange, Event, Heard, NoteOn, Remark
from livegen.player.asked import AGAIN, FILL, STOP
from livegen.player.line import Plan
from livegen.player.modes import Mode
from livegen.player.player import Player
from livegen.player.playing import Membership
from livegen.player.slots import Slot, between
from livegen.predictors.models import Predictor
from livegen.session.any_session import Act, AnySession
from livegen.session.unheard import Unheard
from livegen.settings import Settings

LEAD = 0.005  # seconds that the live server and a replay give ``lead``: a first note is decided before it is due


class Session(AnySession):
    """A session of one player; a voice of a band if it is a ``member`` of one."""

    def __init__(
        self,
        predictor: Predictor,
        settings: Settings,
        seed: int = 0,
        now: float = 0.0,
        member: Membership | None = None,
    ) -> None:
        super().__init__(Player(predictor, settings, seed, now, member), {}, now)
        self._morph = settings.morph
        self._unheard = Unheard()

    # Time and events

    def receive(self, event: Heard) -> list[Event]:
        """Hear one event of the performer."""
        player = self.player
        if not player.ear.listens_to(event):
            if not isinstance(event, NoteOn):
                return []
            return self._unheard.miss(max(event.at, self.now), event.channel, self.settings.channel_in)
        at = max(event.at, self.now)
        if event.at < at:
            event = replace(event, at=at)
        self._run(at, onsets=False)
        self.now = at
        if isinstance(event, ControlChange):
            player.hear_pedal(event)
        for heard in player.sift(event):
            if not player.hear_left_hand(heard):
                player.meet(heard)
                if isinstance(heard, NoteOn):
                    self._unheard.hear()
                    player.listen(heard)
        return player.take()

    def next_due(self) -> float | None:
        """The time at which there is something to do; None while the session waits for the performer."""
        return self.player.next_due()

    def advance(self, now: float, promptly: bool = False) -> list[Event]:
        """Return the events that sound or end up to now."""
        self._run(now, promptly=promptly)
        due = self.player.next_due()
        if due is None or due > now:
            self.now = max(self.now, now)
        return self.player.take()

    def _pass(self, now: float) -> None:
        """Do what is due before something changes from outside."""
        self._run(now)
        self.now = max(self.now, now)

    def _run(self, now: float, onsets: bool = True, promptly: bool = False) -> None:
        """Do what is due by now in order of time, note-offs first. Without ``onsets``, those due exactly now stay."""
        player = self.player
        while (due := player.next_due()) is not None and due <= now:
            at = self.now = max(due, self.now)
            if player.is_to_settle(at):
                player.settle()
            elif player.release(at):
                continue
            elif player.is_to_consider(at):
                player.consider(at)
            elif player.is_to_prepare(at):
                player.prepare(at)
            elif onsets or due < now:
                player.strike(at)
                if promptly:
                    break
            else:
                break

    def panic(self, now: float) -> list[Event]:
        """Note-offs for all that sounds, and silence."""
        self.now = max(self.now, now)
        self.player.hush(self.now)
        return self.player.take()

    def reset(self, now: float) -> list[Event]:
        """Forget everything heard and played, and begin again."""
        out = self.panic(now)
        self.player.begin_again(self.now)
        return out + self.player.take()

    def say(self, word: str, now: float, when: str = "") -> list[Event]:
        """The performer says whose turn it is. Raises SettingsError."""
        self._pass(now)
        if word == FILL:
            self.player.fill()
        elif word == STOP:
            self.player.finish(self.now)
        elif word == AGAIN:
            self.player.answer_again(self.now, when)
        else:
            self.player.answer(self.now, when)
        return self.player.take()

    def forget(self) -> None:
        """Let the memory of what was heard before lead no more."""
        self.player.forget()

    @property
    def next_onset(self) -> float | None:
        """The time of the next note, if it is decided."""
        return self.player.next_onset

    @property
    def next_end(self) -> float | None:
        """The time at which the next of the sounding notes ends."""
        return self.player.ledger.next_end()

    def decided(self) -> list[Plan]:
        """The notes that are decided and have not sounded yet."""
        plan = self.player.planner.plan
        return [] if plan is None else [plan]

    # Changes from outside

    def set_mode(self, mode: Mode, now: float) -> list[Event]:
        """Play in another mode from now on."""
        self._pass(now)
        self.player.set_mode(mode, self.now)
        return self.player.take()

    def set_predictor(self, predictor: Predictor, now: float) -> list[Event]:
        """Play with another model from now on."""
        self._pass(now)
        self.player.set_predictor(predictor, self.now)
        return self.player.take()

    def settings_changed(self, now: float) -> list[Event]:
        """Take up changed settings; if ``morph`` is one of them, continue from between two slots."""
        self._pass(now)
        self.player.take_settings(self.now)
        if self.settings.morph != self._morph:
            self._morph_to(self.settings.morph)
        return self.player.take()

    def go_on_from(self, slot: Slot, now: float) -> list[Event]:
        """Continue from a slot of this model's."""
        self._pass(now)
        if slot.line.state is not None:
            self.player.move_to(slot.place(self.place), self.now)
        self.player.go_on_drumming(slot.drummer)
        return self.player.take()

    def rewind(self, notes: int, now: float) -> list[Event]:
        """Take back the latest notes."""
        self._pass(now)
        self.player.rewind(notes, self.now)
        return self.player.take()

    def _morph_to(self, share: float) -> None:
        """Continue from between two slots."""
        self._morph = share
        wanted = self.settings.morph_from, self.settings.morph_to
        for number in wanted:
            if number not in self.slots:
                empty = Remark(self.now, f"Slot {number} is empty; /livegen/save {number} fills it.")
                self.player.out.append(empty)
                return
        here = self.place
        one, other = (self.slots[number].seen_by(self.predictor, here.line) for number in wanted)
        self.player.move_to(between(one, other, share).place(here), self.now)

    # Its only voice

    @property
    def names(self) -> list[str]:
        """There are none."""
        return []

    @property
    def voices(self) -> list[AnySession]:
        """Itself."""
        return [self]

    def voice(self, name: str) -> AnySession:
        """There is none of any name. Raises SettingsError."""
        raise SettingsError(
            f"There is no voice {name!r:.40}; declare voices in a settings file, as docs/voices.md says."
        )

    def hears(self, name: str) -> tuple[str, ...]:
        """There is no voice of any name. Raises SettingsError."""
        self.voice(name)
        return ()

    def set_hears(self, name: str, hears: Sequence[str], now: float) -> list[Event]:
        """There is no voice of any name. Raises SettingsError."""
        self.voice(name)
        return []

    def change(self, name: str, change: Act, now: float) -> list[Event]:
        """There is no voice of any name. Raises SettingsError."""
        return change(self.voice(name))

    def change_each(self, change: Act, now: float) -> list[Event]:
        """Change this session."""
        return change(self)

    @property
    def at_fault(self) -> str | None:
        """There is only one voice."""
        return None
