"""Several voices at once: each has its own model, mode and settings; they share one performer and one beat."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from livegen.events import ControlChange, Event, Heard, NoteOff, NoteOn
from livegen.player.asked import FILL, STOP
from livegen.player.line import Plan
from livegen.player.modes import Mode
from livegen.player.playing import Membership
from livegen.player.slots import Slot
from livegen.predictors.models import Predictor
from livegen.session.any_session import Act, AnySession
from livegen.session.mixer import Mixer
from livegen.session.parts import PERFORMER, Part, Parts, Voice
from livegen.session.session import Session
from livegen.session.unheard import Unheard

_FIRST_INNER = 17  # voices hear each other on channels that no performer has


class Band(AnySession):
    """Passes time to its voices, in their order, so that all of them play as one session.

    At one instant notes end first, then turns change, then all that is due sounds; then the voices hear each other, and
    then the next notes are prepared. So voices that set each other off cannot loop for ever at one instant.
    """

    def __init__(self, parts: Sequence[Part], seed: int = 0, now: float = 0.0) -> None:
        first, *others = parts
        leader = Session(first.predictor, first.settings, seed, now)
        super().__init__(leader.player, leader.slots, now)
        sessions = [leader]
        for number, part in enumerate(others, seed + 1):
            time = leader.player.time if part.settings.ensemble else None
            member = Membership(part.name, leader.transport, leader.player.ids, time)
            sessions.append(Session(part.predictor, part.settings, number, now, member))
        self._parts = Parts(
            [
                Voice(part.name, session, part.hears, channel)
                for channel, (part, session) in enumerate(zip(parts, sessions, strict=True), _FIRST_INNER)
            ]
        )
        self._voices = self._parts.voices
        self._mixer = Mixer()
        self._said: list[Event] = []
        self._unheard = Unheard()
        self._later: deque[tuple[Voice, Heard, str]] = deque()  # the voice is still to hear the event, of that name
        # The voice's model is still to hear the note; is what is then expected to be sent?
        self._unthought: deque[tuple[Voice, NoteOn, bool]] = deque()
        self._acting = self._voices[0]
        for voice in self._voices:
            voice.look_ahead()

    # The voices

    @property
    def names(self) -> list[str]:
        """The names of the voices, in order."""
        return self._parts.names

    @property
    def voices(self) -> list[AnySession]:
        """The session of each voice, in order."""
        return [voice.session for voice in self._voices]

    def voice(self, name: str) -> Session:
        """The voice of that name, to be looked at. Raises SettingsError."""
        return self._parts.find(name).session

    def hears(self, name: str) -> tuple[str, ...]:
        """The names that a voice hears. Raises SettingsError."""
        return self._parts.find(name).hears

    def set_hears(self, name: str, hears: Sequence[str], now: float) -> list[Event]:
        """Let a voice hear others from now on, and answer the first of them. Raises SettingsError."""
        self._parts.check(name, hears)
        self._pass(now)
        self._parts.let_hear(name, hears)
        return self._take()

    def change(self, name: str, change: Act, now: float) -> list[Event]:
        """Change one voice out of turn. Raises SettingsError."""
        self._pass(now)
        return self._change(self._parts.find(name), change)

    def change_each(self, change: Act, now: float) -> list[Event]:
        """Change each voice, in order."""
        return [event for name in self.names for event in self.change(name, change, now)]

    @property
    def at_fault(self) -> str | None:
        """The voice that did something last, if it is not the first: if that failed, it is the one to be mended."""
        return None if self._acting is self._voices[0] else self._acting.name

    def _change(self, voice: Voice, change: Act) -> list[Event]:
        self._acting = voice
        voice.session.now = self.now
        self._pass_on(voice, change(voice.session))
        return self._take()

    # The first voice

    def set_mode(self, mode: Mode, now: float) -> list[Event]:
        """Have the first voice play in another mode from now on."""
        return self._change_first(lambda first: first.set_mode(mode, now), now)

    def set_predictor(self, predictor: Predictor, now: float) -> list[Event]:
        """Have the first voice play with another model from now on."""
        return self._change_first(lambda first: first.set_predictor(predictor, now), now)

    def settings_changed(self, now: float) -> list[Event]:
        """Have the first voice take up changed settings."""
        return self._change_first(lambda first: first.settings_changed(now), now)

    def go_on_from(self, slot: Slot, now: float) -> list[Event]:
        """Have the first voice continue from a slot of its model's."""
        return self._change_first(lambda first: first.go_on_from(slot, now), now)

    def rewind(self, notes: int, now: float) -> list[Event]:
        """Take back the latest notes of the performer and the first voice."""
        return self._change_first(lambda first: first.rewind(notes, now), now)

    def _change_first(self, change: Act, now: float) -> list[Event]:
        self._pass(now)
        return self._change(self._voices[0], change)

    # Time and events

    def receive(self, event: Heard) -> list[Event]:
        """Hear one event of the performer, each voice as it listens.

        The first voice that hears it says at once what it expects; the others do when time is passed next.
        """
        at = max(event.at, self.now)
        if event.at < at:
            event = replace(event, at=at)
        self._run(at, onsets=False)
        self.now = at
        if isinstance(event, NoteOn):
            self._wake(at)
            self._say_if_unheard(event)
        for voice in self._parts.listeners[PERFORMER]:
            if self._unthought or self._later:
                self._later.append((voice, event, PERFORMER))
            else:
                self._let_hear(voice, event, PERFORMER)
        if self._unthought:
            self._listen_to(*self._unthought.popleft())
        return self._take()

    def next_due(self) -> float | None:
        """The time at which any voice has something to do; None while all wait for the performer."""
        if self._later or self._unthought:
            return self.now
        self._voices[0].look_ahead()  # it alone weighs the beat, which others may have changed
        due = min([voice.due for voice in self._voices])
        return None if due == math.inf else due

    def advance(self, now: float, promptly: bool = False) -> list[Event]:
        """Return the events of all voices up to now. ``promptly`` returns after each slow thing, too."""
        self._run(now, promptly=promptly)
        due = self.next_due()
        if due is None or due > now:
            self.now = max(self.now, now)
        return self._take()

    def panic(self, now: float) -> list[Event]:
        """Note-offs for all that sounds, and silence of all voices."""
        self.now = max(self.now, now)
        self._later.clear()
        self._unthought.clear()
        for voice in self._voices:
            voice.player.hush(self.now)
            voice.look_ahead()
        return self._take()

    def reset(self, now: float) -> list[Event]:
        """Forget everything heard and played, and begin again with all voices."""
        out = self.panic(now)
        self._later.clear()
        for voice in self._voices:
            voice.player.begin_again(self.now)
            voice.look_ahead()
        return out + self._take()

    def say(self, word: str, now: float, when: str = "") -> list[Event]:
        """The performer says whose turn it is: to the voices that answer them, and to all that they are to finish.
        Raises SettingsError."""
        told = [voice.name for voice in self._voices if word in (STOP, FILL) or voice.hears[:1] == (PERFORMER,)]
        return [
            event for name in told for event in self.change(name, lambda voice: voice.say(word, voice.now, when), now)
        ]

    def forget(self) -> None:
        """Let the memory of what was heard before lead no more, in any voice."""
        for voice in self._voices:
            voice.player.forget()
            voice.look_ahead()

    @property
    def next_onset(self) -> float | None:
        """The time of the next note of any voice, if it is decided."""
        onsets = [onset for voice in self._voices if (onset := voice.player.next_onset) is not None]
        return min(onsets, default=None)

    @property
    def next_end(self) -> float | None:
        """The time at which the next sounding note of any voice ends."""
        ends = [end for voice in self._voices if (end := voice.player.ledger.next_end()) is not None]
        return min(ends, default=None)

    def decided(self) -> list[Plan]:
        """The notes of any voice that are decided and have not sounded yet."""
        return [plan for voice in self._voices if (plan := voice.player.planner.plan) is not None]

    def _pass(self, now: float) -> None:
        """Do what is due before something changes from outside."""
        self._run(now)
        self.now = max(self.now, now)

    def _run(self, now: float, onsets: bool = True, promptly: bool = False) -> None:
        """Do what is due by now in order of time. ``promptly`` stops after sounds, and after each slow thing."""
        while (due := self.next_due()) is not None and due <= now:
            at = self.now = max(due, self.now)
            slow = False
            if self.player.is_to_settle(at):
                self.player.settle()
            elif self._later:
                self._let_hear(*self._later.popleft())
            elif self._unthought:
                self._listen_to(*self._unthought.popleft())
                slow = True
            else:
                ended = self._end_what_is_due(at)
                slow = (self._strike_what_is_due(at) if onsets or due < now else False) or self._prepare_one(at)
                if not ended and not slow:
                    break  # only onsets, which are to stay
            if promptly and slow:
                break

    def _take(self) -> list[Event]:
        """Return the events to send, and forget them."""
        for voice in self._voices:
            if voice.player.out:
                self._collect(voice)
        said, self._said = self._said, []
        return said

    # One instant

    def _end_what_is_due(self, at: float) -> bool:
        """The notes that end, of all voices; then the turns. Whether there were any."""
        ready = [voice for voice in self._voices if voice.due <= at]
        any_ended = False
        for voice in ready:
            if voice.player.release(at):
                self._collect(voice)
                any_ended = True
        for voice in ready:
            self._acting = voice
            if voice.player.is_to_consider(at):
                voice.player.consider(at)
                self._collect(voice)
                any_ended = True
        return any_ended

    def _strike_what_is_due(self, at: float) -> bool:
        """The notes that begin, of all voices. Whether there were any."""
        struck = False
        for voice in self._voices:
            if voice.player.is_to_strike(at):
                self._acting = voice
                voice.player.strike(at)
                self._collect(voice)
                struck = True
        return struck

    def _prepare_one(self, at: float) -> bool:
        """Have one voice that has nothing decided decide on its next note. Whether there was one."""
        for voice in self._voices:
            if voice.player.is_to_prepare(at):
                self._acting = voice
                voice.player.prepare(at)
                voice.look_ahead()
                return True
        return False

    # Hearing each other

    def _collect(self, voice: Voice) -> None:
        """Take what a voice did."""
        self._pass_on(voice, voice.player.take())

    def _pass_on(self, voice: Voice, out: list[Event]) -> None:
        """Have what a voice did sent, and heard by those who hear it."""
        if out:
            listeners = [listener for listener in self._parts.listeners[voice.name] if listener is not voice]
            for event in out if listeners else ():
                if isinstance(event, NoteOn | NoteOff):
                    heard = replace(event, channel=voice.channel)
                    self._later += [(listener, heard, voice.name) for listener in listeners]
            self._said += self._mixer.mix(out)
        voice.look_ahead()

    def _let_hear(self, voice: Voice, event: Heard, of: str) -> None:
        """A voice hears the performer or another voice; its model hears the note later, for that takes longer."""
        self._acting, player = voice, voice.player
        if of == PERFORMER and not player.ear.listens_to(event):
            return
        if isinstance(event, ControlChange) and voice.hears[:1] == (PERFORMER,) and of == PERFORMER:
            player.hear_pedal(event)
        for heard in player.sift(event) if of == PERFORMER else (event,):
            if of != PERFORMER or not player.hear_left_hand(heard):
                if voice.hears[:1] == (of,):
                    player.meet(heard)
                elif of != PERFORMER and isinstance(heard, NoteOn):
                    player.overhear(heard.at)
                if isinstance(heard, NoteOn):
                    self._unthought.append((voice, heard, of == PERFORMER))
        self._collect(voice)

    def _listen_to(self, voice: Voice, on: NoteOn, announce: bool) -> None:
        """A voice's model hears a note."""
        self._acting = voice
        voice.player.listen(on, announce)
        self._collect(voice)

    def _say_if_unheard(self, on: NoteOn) -> None:
        listeners = self._parts.listeners[PERFORMER]
        if any(voice.player.ear.hears_channel(on.channel) for voice in listeners):
            self._unheard.hear()
        elif listeners:
            self._said += self._unheard.miss(on.at, on.channel, listeners[0].player.settings.channel_in)

    def _wake(self, at: float) -> None:
        """After a panic the performer's first note wakes all voices, those too that do not hear it."""
        for voice in self._voices:
            if voice.player.turns.hushed and voice.hears[:1] != (PERFORMER,):
                voice.player.wake(at)
                self._collect(voice)
