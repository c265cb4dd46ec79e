"""The live server: passes events from ports and OSC to the session, sends its events out, and runs one timer.

The session has no clock, thread or port. It is given an event or a time, and returns the events to be sent
(``session.receive``, ``session.advance``), and with the time at which it next has something to do
(``session.next_due``). This file is the driver around it, on one asyncio loop:

- A note comes in on the loop, over OSC, or on a MIDI driver's thread, which stamps it and passes it to the loop
  (``hear_from_thread``, the only place where a note crosses threads). A control is sifted out. The note is written to
  the journal and given to the session, and what comes back is sent at once.
- All that can wait follows when the notes that came together are answered (``_follow``): the timer is set again, the
  beat is reported, the journal is written, surprises are sent.
- The timer rings when something is due (``_due``): time is passed to the session, which plays.

Commands, bindings, ramps, cues and the beat are in ``commands`` and the parts below it; a fault goes to ``recovery``.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace

from livegen.control import addresses
from livegen.control.dispatch import dispatch
from livegen.errors import PacketError, SettingsError
from livegen.events import Gesture, Heard, ProgramChange, Received
from livegen.journal.record import Journal
from livegen.listening.own_channels import OwnChannels
from livegen.listening.zones import configuration
from livegen.live.absent import NoPage, NoRig
from livegen.live.answer_text import AnswerText
from livegen.live.backlog import Backlog
from livegen.live.commands import Commands
from livegen.live.deadline import Deadline
from livegen.live.output import Destinations, Output
from livegen.live.readouts import Readouts
from livegen.live.resources import NONE, Resources
from livegen.live.stage import Stage
from livegen.live.timer import Timer
from livegen.live.upkeep import look_after
from livegen.live.warm_up import WarmUp
from livegen.midi.rig import Rig
from livegen.osc.endpoint import open_endpoint
from livegen.osc.packets import Message
from livegen.osc.peers import Source
from livegen.session.any_session import AnySession
from livegen.session.change_names import BEGIN, END, RUN
from livegen.session.changes import Change
from livegen.session.session import LEAD
from livegen.system import clock, process
from livegen.web.listeners import Listeners
from livegen.web.port import WebPort
from livegen.web.server_info import ServerInfo

STALL = 1.0  # seconds: if the loop is later than this, what was missed is dropped and the music begins again
_BEGIN, _RUN, _END = Change(BEGIN), Change(RUN), Change(END)


async def open_server(
    session: AnySession,
    journal: Journal,
    say: Callable[[str], None],
    rig: Rig | NoRig | None = None,
    resources: Resources = NONE,
) -> "Server":
    """Put a server together around a session, and open its ports. Raises PortError or SettingsError.

    ``say`` shows the musician a sentence. What was opened is closed again if anything cannot be opened.
    """
    settings = session.settings
    try:
        endpoint = await open_endpoint(settings.osc_port, settings.osc_target, settings.lan)
    except BaseException:
        journal.close()
        raise
    listeners = Listeners((*addresses.METHODS, *addresses.of_voices(tuple(session.names))))
    destinations = Destinations(endpoint, rig or NoRig(), listeners, AnswerText(session))
    output = Output(settings, journal, say, destinations)
    server = Server(session, journal, output, say, resources)
    try:
        server.open()
    except BaseException:
        server.close()
        raise
    return server


class Server:
    """One session, live. ``open_server`` makes one."""

    def __init__(
        self,
        session: AnySession,
        journal: Journal,
        output: Output,
        say: Callable[[str], None],
        resources: Resources,
    ) -> None:
        self.session = session
        session.lead = LEAD
        self.settings = session.settings
        self.journal = journal
        self.output = output
        self._resources = resources
        self._loop = asyncio.get_running_loop()
        self._backlog = Backlog(journal.passed_over)  # from other threads
        self._woken = False
        self._following: asyncio.Handle | None = None
        self._stopped = asyncio.Event()
        self._own_channels = OwnChannels()
        self._warm_up = WarmUp(session)
        self.timer = Timer(session, self._due, self._warm_up, output.ahead)
        self.stage = Stage(session, journal, output, say, self.after)
        self._readouts = Readouts(output, self.settings)
        self.commands = Commands(self.stage, self.hear_event, resources)
        self.recovery, self.steering, self.sync = self.commands.recovery, self.commands.steering, self.commands.sync
        self._setting_commands = self.commands.setting_commands
        self._deadline = Deadline(
            self.stage, self._setting_commands.change_model, self.commands.voice_commands.change_drummer
        )
        self.page: WebPort | NoPage = NoPage()

    # Life

    def open(self) -> None:
        """Open the MIDI ports, and begin to hear. Raises PortError or SettingsError."""
        output = self.output
        output.endpoint.start(
            self._hear_osc,
            self.commands.together,
            self._follow,
            tell=lambda sentence: output.tell_error(PacketError(sentence)),
        )
        output.rig.echo.window = self.settings.echo
        output.rig.delay(self.settings.delays)
        output.rig.open(self.hear_from_thread, self.sync.hear_from_thread)
        self.sync.open()
        self._warm_up.begin()

    def open_page(self, ends: bool = False) -> None:
        """Open the page's port, if there is to be a page, which may end livegen if it ``ends``. Raises PortError; the
        music does not need it."""
        if not self.settings.page or not isinstance(self.output.listeners, Listeners):
            return
        server_info = ServerInfo(
            self.settings,
            self.output.listeners,
            self.output.endpoint.datagram_received,
            self.osc_port,
            self.journal.path,
            self.commands.voice_commands.value,
            self._resources.models,
            presets=lambda: list(self.steering.show.presets),
            voices=tuple(self.commands.voice_commands.names),
            play_file=self.commands.file_player.play,
            play_chart=self.commands.chart_commands.bring,
            charts=self.commands.chart_commands.shown,
            end=self.stop if ends else None,
        )
        page = WebPort(server_info, self.stage.say)
        page.load()
        self.page = page

    async def run(self, last: bool = False) -> None:
        """Play until a signal or ``stop``. Then leave silence, whatever happened.

        ``last``: the process ends after it, and no second signal is to cut the recording short.
        """
        upkeep = asyncio.create_task(look_after(self.stage))
        with process.signals(self._loop, self.stop, last):
            try:
                # Opening ports took a while: a mode that plays by itself begins when its notes can be heard.
                with self.recovery.guarded():
                    self.stage.carry_out(_BEGIN, clock.now())
                self.timer.set()
                self.page.serve()
                self.commands.slot_commands.fill()
                await self._stopped.wait()
            finally:
                upkeep.cancel()
                self.close()
                await self.page.close()
                await asyncio.sleep(0)  # in which ``upkeep`` ends

    def stop(self) -> None:
        """End ``run``."""
        self._stopped.set()

    def close(self) -> None:
        """Note-offs for all that sounds, then close what is open."""
        self.commands.file_player.stop()
        while len(self._backlog):
            self._hear_arrived()
        self.stage.carry_out(_END, clock.now())
        self.timer.cancel()
        self._readouts.close()
        self._deadline.close()
        self.commands.releases.close()
        self.steering.close()
        self.sync.close()
        self.stage.close()
        if self._following is not None:
            self._following.cancel()
        self._warm_up.close()
        self.output.rig.close()
        self.output.endpoint.close()
        self.page.deafen()
        self.journal.close()
        self.commands.slot_commands.close()

    @property
    def osc_port(self) -> int:
        """The UDP port that is heard."""
        return self.output.endpoint.port

    # In

    def hear_event(self, event: Received, port: str = "") -> None:
        """Hear one event, in the loop; ``port`` is the MIDI port that it came through."""
        if isinstance(event, Gesture | ProgramChange):
            self.journal.noticed(event)
        manager = self._own_channels.find(event)
        if manager is not None:
            self._configure_zone(manager, event.at)
        if isinstance(event, Gesture):
            self.output.pass_on(event)
            return
        if self._setting_commands.changed:
            self._setting_commands.take_up()
        music = self.steering.sift(event)
        if music is not None:
            self._hear_music(music)
            self.output.tell_heard(music, port)

    def _configure_zone(self, manager: int, at: float) -> None:
        """The controller does not say that each note has a channel of its own: say it for it, for a replay too."""
        for control in configuration(at, manager):
            self._hear_music(control, passes=False)
        self.stage.say("Your controller gives each note a channel of its own (MPE); livegen hears all of them.")

    def _hear_music(self, event: Heard, passes: bool = True) -> None:
        if event.at < self.session.now:
            event = replace(event, at=self.session.now)
        self.journal.heard(event)
        if passes:
            self.output.pass_on(event)
        try:  # the same as ``Recovery.guarded``, but faster
            self.output.send(self.session.receive(event))
        except Exception as error:
            self.recovery.recover(error)
        if self._following is None:
            self._following = self._loop.call_soon(self._follow)

    def hear_from_thread(self, event: Received, port: str = "") -> None:
        """Hear one event, on another thread.

        The loop is woken once for all that waits: a wake-up for each would fill asyncio's pipe in a flood of notes, and
        a signal that comes then would be lost.
        """
        self._backlog.append(event, port)
        if not self._woken:
            self._woken = True
            with contextlib.suppress(RuntimeError):  # the loop has closed
                self._loop.call_soon_threadsafe(self._hear_arrived)

    def _hear_arrived(self) -> None:
        self._woken = False
        for event, port in self._backlog.turn():
            self.hear_event(event, port)
        self._follow()
        self.output.health.waiting = len(self._backlog)
        if len(self._backlog):
            self._woken = True
            self._loop.call_soon(self._hear_arrived)
        elif self._backlog.passed_over:
            count, self._backlog.passed_over = self._backlog.passed_over, 0
            self.output.health.passed_over += count
            self.stage.say(f"{count} notes came faster than livegen can answer; they are in the journal alone.")

    def _hear_osc(self, message: Message, source: Source) -> None:
        if self._setting_commands.changed and not addresses.is_setting(message.address):
            self._setting_commands.take_up()
        try:
            dispatch(message, source, self.commands)
        except (PacketError, SettingsError) as error:
            self.output.tell_error(error)

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
        """Do all that follows an event or a change: what is decided, the timer, the beat, the journal, warm caches."""
        self.output.hand_ahead(self.session.foreseen)
        self.timer.set()
        self.sync.after()
        self.stage.flush_soon()
        self._warm_up.go_on()

    def _due(self) -> None:
        now = clock.now()
        due = self.session.next_due()
        if due is not None and due <= now:
            with self.recovery.guarded():
                if now - due > STALL:
                    self.recovery.hold_up(now)
                    return
                if self.stage.carry_out(_RUN, now):
                    self.output.tell_decisions(self.session.voices)
                    self.after()
                else:
                    self.output.hand_ahead(self.session.foreseen)
                    self.sync.after()
                self._readouts.tell_soon(self.session)
        self.timer.set()
