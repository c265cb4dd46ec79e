"""Several voices at once: each a session with its own model, mode, settings and ears; one performer, one beat."""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from livegen.events import Event, Heard, NoteOff, NoteOn, Prediction
from livegen.player.line import Plan
from livegen.player.player import Membership
from livegen.session.mixer import Mixer
from livegen.session.parts import PERFORMER, Part, Parts, Voice
from livegen.session.session import Session

_FIRST_INNER = 17  # voices hear each other on channels that no performer has


class Band(Session):
    """A session whose first voice is itself; others play beside it, and it passes time to all in one order.

    At one instant notes end first, then turns change, then all sounds that is due; then the voices hear each other,
    and then the next notes are prepared. So no voice can set off another, and that the first, without end.
    """

    def __init__(self, parts: Sequence[Part], seed: int = 0, now: float = 0.0) -> None:
        super().__init__(parts[0].predictor, parts[0].settings, seed, now)
        sessions = [
            Session(part.predictor, part.settings, seed + 1 + n, now, Membership(part.name, self.transport, self.ids))
            for n, part in enumerate(parts[1:])
        ]
        self._parts = Parts(
            [
                Voice(part.name, session, part.hears, _FIRST_INNER + n)
                for n, (part, session) in enumerate(zip(parts, [self, *sessions], strict=True))
            ]
        )
        self._voices = self._parts.voices
        self._mixer = Mixer()
        self._said: list[Event] = []
        self._later: deque[tuple[Voice, Heard, str]] = deque()  # who is still to hear what, and of whom
        # Who is to move on with what; is it told what is expected?
        self._unthought: deque[tuple[Voice, NoteOn, bool]] = deque()
        self._acting: Session = self
        for voice in self._voices[1:]:
            voice.look_ahead()

    # The voices

    @property
    def names(self) -> list[str]:
        """The names of the voices, in order."""
        return self._parts.names

    @property
    def at_fault(self) -> Session:
        """The voice that did something last: where that failed, it is the one to be mended."""
        return self._acting

    def voice(self, name: str) -> Session:
        """The voice of that name, to be looked at. Raises SettingsError."""
        return self._parts.find(name).session

    def hears(self, name: str) -> tuple[str, ...]:
        """Whom a voice hears. Raises SettingsError."""
        return self._parts.find(name).hears

    def change(self, name: str, change: Callable[[Session], list[Event]], now: float) -> list[Event]:
        """Have one voice do something out of turn, such as ``lambda voice: voice.set_mode(mode, now)``."""
        self._pass(now)
        voice = self._parts.find(name)
        self._acting = voice.session
        voice.session.now = self.now
        out = change(voice.session)
        if voice.session is self:
            return out
        voice.session._out += out
        self._collect(voice)
        return self._taken()

    def set_hears(self, name: str, hears: Sequence[str], now: float) -> list[Event]:
        """Let a voice hear others from now on, and answer the first of them. Raises SettingsError."""
        self._parts.check(name, hears)
        self._pass(now)
        self._parts.let_hear(name, hears)
        return self._taken()

    # What the shells call

    def receive(self, event: Heard) -> list[Event]:
        """Hear one event of the performer, each voice as it listens.

        The first that hears it says at once what it expects; the others when time is passed next.
        """
        at = max(event.at, self.now)
        if event.at < at:
            event = replace(event, at=at)
        self._run(at, onsets=False)
        self.now = at
        if isinstance(event, NoteOn):
            self._wake(at)
        for voice in self._parts.listeners[PERFORMER]:
            if self._unthought or self._later:
                self._later.append((voice, event, PERFORMER))
            else:
                self._let_hear(voice, event, PERFORMER)
        if self._unthought:
            self._listen_to(*self._unthought.popleft())
        return self._taken()

    def forget(self) -> None:
        """Let what was heard before lead no more, in any voice."""
        super().forget()
        for voice in self._voices[1:]:
            voice.session.forget()
            voice.look_ahead()

    def decided(self) -> list[Plan]:
        """What any voice is to play and has not played yet."""
        return [voice.session._plan for voice in self._voices if voice.session._plan is not None]

    @property
    def next_onset(self) -> float | None:
        """When the next note of any voice is due, if it is decided."""
        dues = [voice.session._plan.due for voice in self._voices if voice.session._plan is not None]
        return min(dues, default=None)

    @property
    def next_end(self) -> float | None:
        """When the next note of any voice ends, of those that sound."""
        ends = [end for voice in self._voices if (end := voice.session.ledger.next_end()) is not None]
        return min(ends, default=None)

    # What a session does for itself, done for all

    def next_due(self) -> float | None:
        """When any voice has something to do; None when all wait for the performer."""
        if self._later or self._unthought:
            return self.now
        self._voices[0].look_ahead()
        due = min([voice.due for voice in self._voices])
        return None if due == math.inf else due

    def _run(self, now: float, onsets: bool = True, promptly: bool = False) -> None:
        """Do what is due by now in order of time. ``promptly`` stops after sounds, and after each slow thing."""
        while (due := self.next_due()) is not None and due <= now:
            at = self.now = max(due, self.now)
            slow = False
            if self._is_to_weigh(at):
                self.settle()
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

    def _taken(self) -> list[Event]:
        for voice in self._voices:
            if voice.session._out:
                self._collect(voice)
        said, self._said = self._said, []
        return said

    def _hush(self) -> None:
        self._later.clear()
        self._unthought.clear()
        super()._hush()
        for voice in self._voices[1:]:
            voice.session.now = self.now
            voice.session._hush()

    def _begin_anew(self) -> None:
        self._later.clear()
        self._unthought.clear()
        super()._begin_anew()
        for voice in self._voices[1:]:
            voice.session._begin_anew()
            voice.look_ahead()

    # One instant

    def _end_what_is_due(self, at: float) -> bool:
        """The notes that end, of all voices; then the turns. Whether there were any."""
        ready = [voice for voice in self._voices if voice.due <= at]
        any_ended = False
        for voice in ready:
            voice.session.now = at
            if offs := voice.session.ledger.release(at):
                voice.session._out += offs
                self._collect(voice)
                any_ended = True
        for voice in ready:
            session = self._acting = voice.session
            if (until := session._turns.turn.until) is not None and until <= at:
                session._consider(at)
                self._collect(voice)
                any_ended = True
        return any_ended

    def _strike_what_is_due(self, at: float) -> bool:
        """The notes that begin, of all voices. Whether there were any."""
        struck = False
        for voice in self._voices:
            plan = voice.session._plan
            if plan is not None and plan.due <= at:
                session = self._acting = voice.session
                session.now = at
                session._sound(plan, at)
                self._collect(voice)
                struck = True
        return struck

    def _prepare_one(self, at: float) -> bool:
        """Have one voice that has nothing decided decide on its next note. Whether there was one."""
        for voice in self._voices:
            session = voice.session
            if session._prepare_at is not None and session._prepare_at <= at:
                self._acting = session
                session.now, session.lead = at, self.lead
                session._prepare(at)
                voice.look_ahead()
                return True
        return False

    # Hearing each other

    def _collect(self, voice: Voice) -> None:
        """Take what a voice does: it is to be sent, and others hear it."""
        session = voice.session
        if session._out:
            out, session._out = session._out, []
            self._pass_on(voice, out)
            self._said += self._mixer.mix(out)
        if session is not self:
            voice.look_ahead()

    def _pass_on(self, voice: Voice, out: list[Event]) -> None:
        listeners = self._parts.listeners[voice.name]
        if not listeners:
            return
        for event in out:
            if isinstance(event, NoteOn | NoteOff):
                heard = replace(event, channel=voice.channel)
                self._later += [(listener, heard, voice.name) for listener in listeners if listener is not voice]

    def _let_hear(self, voice: Voice, event: Heard, of: str) -> None:
        """A voice hears the performer or another voice; what it makes of it takes longer, and comes later."""
        session = self._acting = voice.session
        if of == PERFORMER and not session._listens_to(event):
            return
        session.now = max(session.now, event.at)
        if of == PERFORMER and session._is_left_hand(event):
            self._collect(voice)
            return
        if voice.hears[:1] == (of,):
            session._meet(event)
        if isinstance(event, NoteOn):
            self._unthought.append((voice, event, of == PERFORMER))
        self._collect(voice)

    def _listen_to(self, voice: Voice, on: NoteOn, told: bool) -> None:
        """A voice's model moves on with a note."""
        session = self._acting = voice.session
        if session._turns.turn.listen:
            prediction: Prediction = session._listen(on, on.at)
            if told:
                session._out.append(prediction)
        self._collect(voice)

    def _wake(self, at: float) -> None:
        """After a panic the performer's first note wakes all, those too who do not hear it."""
        for voice in self._voices:
            session = voice.session
            if session._turns.hushed and voice.hears[:1] != (PERFORMER,):
                session._turns.hushed, session.now = False, at
                session._consider(at)
                self._collect(voice)
