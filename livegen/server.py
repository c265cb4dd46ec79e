"""The live shell: ports and addresses in, session, ports and addresses out; one timer, re-armed at what is due next."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from livegen import address, clock, modes, process, verbs, voices
from livegen.alarm import Alarm
from livegen.asides import Asides
from livegen.audience import Audience
from livegen.backstage import Backstage
from livegen.caretaker import look_after
from livegen.conductor import Conductor
from livegen.dispatch import dispatch
from livegen.errors import LivegenError, ModelError, PacketError, SettingsError
from livegen.events import ClockMessage, Event, Heard, NoteOff, NoteOn, ProgramChange
from livegen.hands import Hands, Stage
from livegen.keeper import Keeper
from livegen.osc import Argument, Message
from livegen.osc_endpoint import open_endpoint
from livegen.osc_peers import Source
from livegen.outlet import Outlet
from livegen.ports import Rig
from livegen.predictor import Predictor, Untrained
from livegen.record import BEGIN, END, RUN, Journal
from livegen.rehearsal import Rehearsal
from livegen.scribe import Scribe
from livegen.session import LEAD, Session
from livegen.timekeeper import Timekeeper
from livegen.transport import Grid, Transport
from livegen.web_port import WebPort
from livegen.wings import FIRST, Wings

STALL = 1.0  # seconds: later than this, what was missed is dropped and the music begins anew

logger = logging.getLogger(__name__)


class Server:
    """One session on stage. ``say`` shows the musician a sentence."""

    def __init__(
        self,
        session: Session,
        journal: Journal,
        say: Callable[[str], None],
        models: Path | None = None,
        hands: Callable[[Stage], Hands] = Hands,
    ) -> None:
        self.session = session
        session.lead = LEAD
        self.settings = session.settings
        self._journal = journal
        self._say = say
        self._models = models
        self._loop = asyncio.get_running_loop()
        self._rig: Rig | None = None
        self.out = Outlet(self.settings, journal, say)
        self.out.scribe = Scribe(session)
        self._asides = Asides(self.out, self.settings)
        self._wings = Wings(session, models, self.out, self._change_model)
        self._arrived: deque[tuple[Heard | ProgramChange, str]] = deque()  # from other threads
        self._woken = False
        self._alarm = Alarm(session, self._due)
        self._flush: asyncio.TimerHandle | None = None
        self._rehearsal: Rehearsal | None = None
        self.page: WebPort | None = None
        self.conductor = Conductor(self, models)
        self.keeper = Keeper(self, say)
        self._stopped = asyncio.Event()
        self._gathering = 0
        self._changed: list[str] = []  # settings to be taken up together
        self.hands = hands(self)
        self.timekeeper = Timekeeper(self)

    # Life

    async def open(self, rig: Rig | None) -> None:
        """Open the OSC port and the MIDI ports. Raises PortError or SettingsError."""
        self.out.endpoint = await open_endpoint(
            self._hear_osc, self.settings.osc_port, self.settings.osc_target, self.settings.lan
        )
        self.out.endpoint.together = self.together
        self._rehearsal = self._alarm.rehearsal = Rehearsal(self.session)
        if rig is not None:
            self._rig = self.out.rig = rig
            rig.echo.window = self.settings.echo
            rig.delay(self.settings.delays)
            rig.follow = self.timekeeper.hear_from_thread
            rig.open()
        self.timekeeper.open()
        self._rehearsal.begin()

    def open_page(self) -> None:
        """Open the page's port, if there is to be a page. Raises PortError; the music does not need it."""
        if self.settings.page and self.out.endpoint is not None:
            hear, journal = self.out.endpoint.datagram_received, self._journal.path
            names = tuple(self.conductor.names)
            audience = Audience((*address.METHODS, *address.of_voices(names)))
            backstage = Backstage(self.settings, audience, hear, self.osc_port, journal, self._models)
            backstage.voices, backstage.of_voice = names, self.conductor.value
            backstage.presets = lambda: list(self.hands.show.presets)
            self.page = WebPort(backstage, self._say)
            self.page.load()
            self.out.audience = backstage.audience

    async def run(self) -> None:
        """Play until a signal or ``stop``; then leave silence, whatever happened."""
        caretaker = asyncio.create_task(look_after(self._rig, self._journal, self.out, self._say))
        try:
            with process.signals(self._loop, self.stop):
                # Opening ports took a while: a mode that plays by itself begins when its notes can be heard.
                now = clock.now()
                with self._guarded():
                    self._journal.noted(now, BEGIN)
                    self.out.send(self.session.reset(now))
                self._alarm.set()
                if self.page is not None:
                    self.page.serve()
                self.keeper.fill()
                await self._stopped.wait()
        finally:
            caretaker.cancel()
            self.close()
            if self.page is not None:
                await self.page.close()
            await asyncio.sleep(0)  # in which the caretaker ends

    def stop(self) -> None:
        """End ``run``."""
        self._stopped.set()

    def close(self) -> None:
        """Note-offs for all that sounds, then close what is open."""
        now = clock.now()
        self._journal.noted(now, END)
        self.out.send(self.session.panic(now))
        self._alarm.cancel()
        self._asides.close()
        self.hands.close()
        self.timekeeper.close()
        if self._flush is not None:
            self._flush.cancel()
        if self._rehearsal is not None:
            self._rehearsal.close()
        if self._rig is not None:
            self._rig.close()
        if self.out.endpoint is not None:
            self.out.endpoint.close()
        if self.page is not None:
            self.page.deafen()
        self._journal.close()
        self.keeper.close()

    @property
    def osc_port(self) -> int:
        """The UDP port that is heard."""
        return self.out.endpoint.port if self.out.endpoint else 0

    # In

    def hear(self, event: Heard | ProgramChange, port: str = "") -> None:
        """Hear one event, in the loop; ``port`` is the MIDI port that it came through."""
        if self._changed:
            self._take_up()
        music = self.hands.sift(event)
        if music is not None:
            self._hear_music(music)
            self.out.tell_heard(music, port)

    def _hear_music(self, event: Heard) -> None:
        if event.at < self.session.now:
            event = replace(event, at=self.session.now)
        self._journal.heard(event)
        self.out.pass_on(event)
        try:  # what ``_guarded`` does, but in less time
            self.out.send(self.session.receive(event))
            self._after()
            self._asides.tell_soon(self.session)
        except Exception as error:
            self._recover(error)

    def hear_from_thread(self, event: Heard | ProgramChange, port: str = "") -> None:
        """Hear one event, from another thread.

        The loop is woken once for all that waits: a wake-up for each would fill asyncio's pipe in a flood of notes, and
        a signal that comes then would be lost.
        """
        self._arrived.append((event, port))
        if not self._woken:
            self._woken = True
            with contextlib.suppress(RuntimeError):  # the loop has closed
                self._loop.call_soon_threadsafe(self._hear_arrived)

    def _hear_arrived(self) -> None:
        self._woken = False
        for _ in range(len(self._arrived)):
            self.hear(*self._arrived.popleft())

    def _hear_osc(self, message: Message, source: Source) -> None:
        if self._changed and not address.is_setting(message.address):
            self._take_up()
        try:
            dispatch(message, source, self)
        except (PacketError, SettingsError) as error:
            self.out.tell_error(error)

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Within it, settings that are changed are taken up as one change: those of a bundle, a preset, a ramp."""
        self._gathering += 1
        try:
            yield
        finally:
            self._gathering -= 1
            if not self._gathering:
                self._take_up()

    def _take_up(self) -> None:
        changed, self._changed = self._changed, []
        if changed:
            self._follow(changed, self.session.settings_changed)
            self.timekeeper.settings_changed()

    @property
    def transport(self) -> Transport:
        """Where the beats lie."""
        return self.session.transport

    # What a timekeeper asks for

    def follow(self, grid: Grid) -> None:
        """Have the session keep to this beat."""
        self._journal.noted(grid.at, "follow", grid.beat, grid.length, grid.source, grid.running)
        self.session.follow(grid)
        self._soon_flush()

    def send_clock(self, message: ClockMessage) -> None:
        """Send what our clock says."""
        if self._rig is not None:
            self._rig.send_clock(message)

    def show(self, sentence: str) -> None:
        """Show the musician a sentence."""
        self._say(sentence)

    # What OSC may ask for: dispatch.Performance

    def note(self, pitch: int, velocity: int, channel: int, id: int) -> None:
        """A note over OSC; velocity 0 releases it."""
        at = clock.now()
        self.hear(NoteOn(at, pitch, velocity, channel, id) if velocity else NoteOff(at, pitch, channel, id))

    def set(self, name: str, value: address.Value) -> None:
        """Change a setting. Raises SettingsError.

        What is already so changes nothing and is not told, else two programs that echo each other would never stop.
        """
        self.hands.was_set(name)
        if name == "model":
            self._wings.want(FIRST, str(value))
        elif name == "mode":
            self._take_up()
            self._set_mode(str(value))
        else:
            before = getattr(self.settings, name)
            self.settings.set(name, value)
            if getattr(self.settings, name) != before:
                if self._rig is not None:
                    self._rig.echo.window = self.settings.echo
                if name not in self._changed:
                    self._changed.append(name)
                if not self._gathering:
                    self._take_up()

    def _set_mode(self, name: str) -> None:
        mode = modes.MODES.get(name)
        if mode is None:
            raise SettingsError(f"There is no mode {name!r:.40}; choose one of {', '.join(modes.MODES)}.")
        if name != self.settings.mode or self.session.hushed:
            self.settings.mode = name
            self._follow(["mode"], partial(self.session.set_mode, mode))

    def _follow(self, names: list[str], change: Callable[[float], list[Event]]) -> None:
        """Have the session take up settings that were changed, and tell them."""
        now = clock.now()
        values = {name: getattr(self.settings, name) for name in names}
        with self._guarded():
            self._journal.settings(now, values)
            self.out.send(change(now))
            self._after()
        for name in names:
            self.out.tell(f"/livegen/{name}", getattr(self.settings, name))

    def get(self, name: str) -> None:
        """Answer a setting's value on its own address."""
        self.out.tell(f"/livegen/{name}", getattr(self.settings, name))

    def panic(self) -> None:
        """Silence now."""
        self._take_up()
        self._silence(clock.now())
        self._after()

    def recall(self, slot: int, beats: float) -> None:
        """Go on from a slot, now or on the next multiple of so many beats. Raises SettingsError."""
        self.keeper.recall(slot, beats)

    def do(self, verb: str, *args: address.Value) -> None:
        """Have the session do what one of its verbs says. Raises SettingsError."""
        self.carry_out(lambda now: verbs.do(self.session, verb, now, args), verb, *args)
        if args:
            self.keeper.follow(verb, int(args[0]))

    def carry_out(self, change: Callable[[float], list[Event]], verb: str, *args: address.Value) -> None:
        """Have a change made, which the verb and its arguments tell in the journal. Raises SettingsError."""
        self._take_up()  # what was changed before, in the same bundle or cue
        now = clock.now()
        self._journal.noted(now, verb, *args)
        try:
            self.out.send(change(now))
        except SettingsError:
            raise
        except Exception as error:
            self._recover(error)
        self._after()

    def reset(self) -> None:
        """Forget everything heard."""
        self.do("reset")
        self.timekeeper.forget()

    def forget(self) -> None:
        """Let what was heard before lead no more."""
        self.do("forget")

    def take(self, name: str) -> None:
        """Begin a take: from here on it is exported by itself. The music goes on."""
        self.carry_out(lambda now: [], "take", name)
        self.out.tell("/livegen/take", name)

    def tap(self) -> None:
        """A beat is now."""
        self.timekeeper.tap()

    def listen(self, host: str, port: int) -> None:
        """Send to this client too, for a minute. Raises PacketError."""
        if self.out.endpoint is not None:
            self.out.endpoint.register(host, port, clock.now())
            self.keeper.greet()

    def tell(self, address: str, *args: Argument) -> None:
        """Send one message to every OSC target."""
        self.out.tell(address, *args)

    def mark(self, what: str, *args: str) -> None:
        """Note in the journal, and say, where the show is."""
        self._journal.noted(clock.now(), what, *args)
        self._say(f"{what}: {', '.join(args)}")

    def tell_error(self, error: LivegenError) -> None:
        """Tell a mistake over OSC and on the screen."""
        self.out.tell_error(error)

    def _change_model(self, voice: str, name: str, model: Predictor) -> None:
        """Have the first voice play with a model that is loaded, which is called so."""
        now = clock.now()
        self._journal.changed(now, "model", name, model.digest)
        self.out.send(self.session.set_predictor(model, now))
        self.settings.model = name
        self.out.tell("/livegen/model", name)
        self._alarm.set()

    def _after(self) -> None:
        """What follows every event: the next timer, the journal, warm caches."""
        self._alarm.set()
        self.timekeeper.after()
        self._soon_flush()
        if self._rehearsal is not None:
            self._rehearsal.go_on()

    def _due(self) -> None:
        now = clock.now()
        due = self.session.next_due()
        if due is not None and due <= now:
            with self._guarded():
                if now - due > STALL:
                    # The machine slept, or stood still: what was missed is not played in a burst.
                    self._say("livegen was held up; it goes on from here.")
                    self._silence(now)
                    self._journal.changed(now, "mode", self.settings.mode)
                    self.out.send(self.session.set_mode(modes.find(self.settings.mode), now))
                    self.conductor.rouse()
                    self._alarm.set()
                    return
                self._journal.noted(now, RUN)
                out = self.session.advance(now, promptly=True)
                self.out.send(out)
                if out:
                    self._after()
                self._asides.tell_soon(self.session)
        self._alarm.set()

    def _soon_flush(self) -> None:
        if self._flush is None:
            self._flush = self._loop.call_later(0.005, self._flush_journal)

    def _flush_journal(self) -> None:
        self._flush = None
        self._journal.flush()
        self.out.tell_line()

    # Trouble

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """A fault in a mode or a model ends in silence and one sentence, never in a drone; listening goes on."""
        try:
            yield
        except Exception as error:
            self._recover(error)

    def _recover(self, error: Exception) -> None:
        logger.error("the session failed", exc_info=error)
        now = clock.now()
        self._silence(now)
        sentence = str(error) if isinstance(error, LivegenError) else f"Something failed inside: {error!r}."
        if (faulty := voices.at_fault(self.session)) is not None:
            self.out.tell("/livegen/error", "session", sentence)
            self._say(f"{sentence} {self.conductor.mend(faulty, isinstance(error, ModelError))}")
        else:
            self._mend(sentence, isinstance(error, ModelError), now)
        self._journal.changed(now, "mode", self.settings.mode)
        self.out.send(self.session.set_mode(modes.find(self.settings.mode), now))
        self.conductor.rouse()
        self._alarm.set()

    def _mend(self, sentence: str, of_model: bool, now: float) -> None:
        if of_model:
            self._wings.forget(FIRST)
            self._journal.changed(now, "model", Untrained.name, Untrained.digest)
            self.session.set_predictor(Untrained(), now)
            self.settings.model = Untrained.name
            changed, after = "model", "livegen plays plain scales until you choose another model."
        else:
            self.settings.mode = modes.call_and_response.__name__
            changed, after = "mode", "livegen listens on in call and response."
        self._say(f"{sentence} {after}")
        self.out.tell("/livegen/error", "session", sentence)
        self.out.tell(f"/livegen/{changed}", getattr(self.settings, changed))

    def _silence(self, now: float) -> None:
        self._journal.noted(now, "panic")
        self.out.send(self.session.panic(now))
        self.out.panic()
