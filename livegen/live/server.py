"""The live shell: ports and addresses in, session, ports and addresses out; one timer, re-armed at what is due next.

What is asked for otherwise than by playing, the director sees to; when the session fails, the prompter.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from livegen.control import addresses
from livegen.control.dispatch import dispatch
from livegen.errors import PacketError, SettingsError
from livegen.events import Gesture, Heard, Received
from livegen.journal.record import BEGIN, END, RUN, Journal
from livegen.live.answer_text import AnswerText
from livegen.live.commands import Commands
from livegen.live.output import Output
from livegen.live.readouts import Readouts
from livegen.live.steering import Stage, Steering
from livegen.live.timer import Timer
from livegen.live.upkeep import look_after
from livegen.live.warm_up import WarmUp
from livegen.midi.rig import Rig
from livegen.osc.endpoint import open_endpoint
from livegen.osc.packets import Message
from livegen.osc.peers import Source
from livegen.session.any_session import AnySession
from livegen.session.session import LEAD
from livegen.system import clock, process
from livegen.web.listeners import Listeners
from livegen.web.port import WebPort
from livegen.web.server_info import ServerInfo

STALL = 1.0  # seconds: later than this, what was missed is dropped and the music begins anew


class Server:
    """One session on stage. ``say`` shows the musician a sentence."""

    def __init__(
        self,
        session: AnySession,
        journal: Journal,
        say: Callable[[str], None],
        models: Path | None = None,
        steering: Callable[[Stage], Steering] = Steering,
    ) -> None:
        self.session = session
        session.lead = LEAD
        self.settings = session.settings
        self._journal = journal
        self._say = say
        self._models = models
        self._loop = asyncio.get_running_loop()
        self.out = Output(self.settings, journal, say)
        self.out.answer_text = AnswerText(session)
        self._readouts = Readouts(self.out, self.settings)
        self._arrived: deque[tuple[Received, str]] = deque()  # from other threads
        self._woken = False
        self.timer = Timer(session, self._due)
        self._flush: asyncio.TimerHandle | None = None
        self._following: asyncio.Handle | None = None
        self._warm_up: WarmUp | None = None
        self.page: WebPort | None = None
        self._stopped = asyncio.Event()
        self.commands = Commands(self, journal, say, models, steering)
        self.recovery = self.commands.recovery
        self.steering = self.commands.steering
        self.sync = self.commands.sync

    # Life

    async def open(self, rig: Rig | None) -> None:
        """Open the OSC port and the MIDI ports. Raises PortError or SettingsError."""
        self.out.endpoint = await open_endpoint(
            self._hear_osc, self.settings.osc_port, self.settings.osc_target, self.settings.lan
        )
        self.out.endpoint.together, self.out.endpoint.done = self.commands.together, self._follow
        self._warm_up = self.timer.warm_up = WarmUp(self.session)
        if rig is not None:
            self.out.rig = rig
            rig.echo.window = self.settings.echo
            rig.delay(self.settings.delays)
            rig.follow = self.sync.hear_from_thread
            rig.open()
        self.sync.open()
        self._warm_up.begin()

    def open_page(self) -> None:
        """Open the page's port, if there is to be a page. Raises PortError; the music does not need it."""
        if self.settings.page and self.out.endpoint is not None:
            hear, journal = self.out.endpoint.datagram_received, self._journal.path
            names = tuple(self.commands.voice_commands.names)
            listeners = Listeners((*addresses.METHODS, *addresses.of_voices(names)))
            server_info = ServerInfo(self.settings, listeners, hear, self.osc_port, journal, self._models)
            server_info.voices, server_info.of_voice = names, self.commands.voice_commands.value
            server_info.presets = lambda: list(self.steering.show.presets)
            self.page = WebPort(server_info, self._say)
            self.page.load()
            self.out.listeners = server_info.listeners

    async def run(self) -> None:
        """Play until a signal or ``stop``; then leave silence, whatever happened."""
        caretaker = asyncio.create_task(look_after(self.out.rig, self._journal, self.out, self._say))
        try:
            with process.signals(self._loop, self.stop):
                # Opening ports took a while: a mode that plays by itself begins when its notes can be heard.
                now = clock.now()
                with self.recovery.guarded():
                    self._journal.noted(now, BEGIN)
                    self.out.send(self.session.reset(now))
                self.timer.set()
                if self.page is not None:
                    self.page.serve()
                self.commands.slot_commands.fill()
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
        self.timer.cancel()
        self._readouts.close()
        self.steering.close()
        self.sync.close()
        for handle in (self._flush, self._following):
            if handle is not None:
                handle.cancel()
        if self._warm_up is not None:
            self._warm_up.close()
        if self.out.rig is not None:
            self.out.rig.close()
        if self.out.endpoint is not None:
            self.out.endpoint.close()
        if self.page is not None:
            self.page.deafen()
        self._journal.close()
        self.commands.slot_commands.close()

    @property
    def osc_port(self) -> int:
        """The UDP port that is heard."""
        return self.out.endpoint.port if self.out.endpoint else 0

    # In

    def hear_event(self, event: Received, port: str = "") -> None:
        """Hear one event, in the loop; ``port`` is the MIDI port that it came through."""
        if isinstance(event, Gesture):
            self.out.pass_on(event)
            return
        if self.commands.changed:
            self.commands.take_up()
        music = self.steering.sift(event)
        if music is not None:
            self._hear_music(music)
            self.out.tell_heard(music, port)

    def _hear_music(self, event: Heard) -> None:
        if event.at < self.session.now:
            event = replace(event, at=self.session.now)
        self._journal.heard(event)
        self.out.pass_on(event)
        try:  # what ``Recovery.guarded`` does, but in less time
            self.out.send(self.session.receive(event))
        except Exception as error:
            self.recovery.recover(error)
        if self._following is None:
            self._following = self._loop.call_soon(self._follow)

    def hear_from_thread(self, event: Received, port: str = "") -> None:
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
            self.hear_event(*self._arrived.popleft())
        self._follow()

    def _hear_osc(self, message: Message, source: Source) -> None:
        if self.commands.changed and not addresses.is_setting(message.address):
            self.commands.take_up()
        try:
            dispatch(message, source, self.commands)
        except (PacketError, SettingsError) as error:
            self.out.tell_error(error)

    def _follow(self) -> None:
        """Do what follows notes, once for all that came together, and before any timer rings."""
        if self._following is None:
            return
        self._following.cancel()
        self._following = None
        with self.recovery.guarded():
            self.after()
            self._readouts.tell_soon(self.session)

    def after(self) -> None:
        """What follows every event: the next timer, the journal, warm caches."""
        self.timer.set()
        self.sync.after()
        self.flush_soon()
        if self._warm_up is not None:
            self._warm_up.go_on()

    def _due(self) -> None:
        now = clock.now()
        due = self.session.next_due()
        if due is not None and due <= now:
            with self.recovery.guarded():
                if now - due > STALL:
                    self.recovery.hold_up(now)
                    return
                self._journal.noted(now, RUN)
                out = self.session.advance(now, promptly=True)
                self.out.send(out)
                if out:
                    self.after()
                else:
                    self.sync.after()
                self._readouts.tell_soon(self.session)
        self.timer.set()

    def flush_soon(self) -> None:
        """Write the journal, and tell what an answer was, when nothing hurries."""
        if self._flush is None:
            self._flush = self._loop.call_later(0.005, self._flush_journal)

    def _flush_journal(self) -> None:
        self._flush = None
        self._journal.flush()
        self.out.tell_line()
