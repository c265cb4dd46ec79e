"""Carries out the commands that come to a live session over OSC, from a control or from a cue: notes, settings, verbs,
the beat."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from livegen.control.addresses import Value
from livegen.control.dispatch import dispatch
from livegen.control.unreleased import Key
from livegen.control.velocities import Velocities
from livegen.events import Heard, NoteOff, NoteOn
from livegen.live.chart_commands import ChartCommands
from livegen.live.file_player import FilePlayer
from livegen.live.model_loader import ModelLoader
from livegen.live.recovery import Recovery
from livegen.live.releases import Releases
from livegen.live.resources import Resources
from livegen.live.setting_commands import SettingCommands
from livegen.live.slot_commands import SlotCommands
from livegen.live.stage import Stage
from livegen.live.steering import Steering
from livegen.live.sync import Sync
from livegen.live.voice_commands import VoiceCommands
from livegen.osc.packets import Argument, Message
from livegen.osc.peers import Source
from livegen.session.changes import Change
from livegen.session.verbs import CHART_VERBS
from livegen.system import clock

HERE: Source = ("127.0.0.1", 0)  # the source of a message that a control or a cue on this machine sends


class Commands:
    """The object that the OSC addresses act on. ``hear`` takes a note of the performer.

    Each of its parts is given the parts that it needs, and none knows this object: a change of settings needs the
    recovery from faults and the beat; voices and slots are changed as settings are; steering sets settings and has
    messages done.
    """

    def __init__(self, stage: Stage, hear: Callable[[Heard], None], resources: Resources) -> None:
        self._stage = stage
        self._hear = hear
        self.velocities = Velocities()
        self.releases = Releases(hear)
        self.file_player = FilePlayer(hear)
        self.model_loader = ModelLoader(stage.session, resources.models, stage.output)
        self.recovery = Recovery(stage, self.model_loader)
        self.sync = Sync(stage)
        self.setting_commands = SettingCommands(stage, self.recovery, self.model_loader, self.sync)
        self.voice_commands = VoiceCommands(stage, self.setting_commands, self.model_loader)
        self.slot_commands = SlotCommands(stage, self.setting_commands, resources.slots)
        self.chart_commands = ChartCommands(stage, self.setting_commands, resources.charts)
        self.steering = Steering(stage, self.setting_commands, self.voice_commands, self.act, resources)

    def act(self, message: Message, source: Source = HERE) -> None:
        """Do what a message asks. Raises PacketError or SettingsError."""
        dispatch(message, source, self)

    # Notes

    def note(self, pitch: int, velocity: int, channel: int, id: int, source: Source = HERE) -> None:
        """A note over OSC; velocity 0 releases it."""
        at = clock.now()
        if velocity:
            self._hear(NoteOn(at, pitch, velocity, channel, id))
            self.releases.strike(source, Key(pitch, channel), id, at)
        else:
            self._hear(NoteOff(at, pitch, channel, id))
            self.releases.release(source, Key(pitch, channel))

    # Settings

    def set(self, name: str, value: Value) -> None:
        """Change a setting. Raises SettingsError."""
        self.setting_commands.set(name, value)

    def get(self, name: str) -> None:
        """Send the value of a setting on its own address."""
        self.setting_commands.get(name)

    def together(self) -> AbstractContextManager[None]:
        """Within it, settings that are changed are taken up as one change."""
        return self.setting_commands.together()

    # Verbs

    def do(self, verb: str, *args: Value) -> None:
        """Have the session do one of its verbs. Raises SettingsError."""
        if verb in ("save", "clear"):
            self.slot_commands.do(verb, int(args[0]))
        else:
            if verb == "count_in":
                self.sync.count_in()
            self._carry_out(verb, *args)
        if verb in CHART_VERBS:
            self.chart_commands.tell()

    def panic(self) -> None:
        """Silence now."""
        self.file_player.stop()
        self.setting_commands.take_up()
        self.recovery.silence(clock.now())
        self._stage.wake()

    def recall(self, slot: int, beats: float) -> None:
        """Continue from a slot, now or on the next multiple of so many beats. Raises SettingsError."""
        self.slot_commands.recall(slot, beats)

    def reset(self) -> None:
        """Forget everything that was heard."""
        self._carry_out("reset")
        self.sync.forget()

    def take(self, name: str) -> None:
        """Begin a take, which can be exported by itself. The music continues."""
        self._carry_out("take", name)
        self._stage.output.tell("/livegen/take", name)

    def chart(self, name: str) -> None:
        """Play the chart of that name; "off" plays none. Raises SettingsError if it is none."""
        self.chart_commands.want(name)

    def tap(self) -> None:
        """Take in a tap: a beat is now."""
        tempo = self.sync.tap()
        if tempo is not None:
            self.set("tempo", tempo)

    def _carry_out(self, verb: str, *args: Value) -> None:
        self.setting_commands.carry_out(Change(verb, args))

    # Listeners

    def listen(self, host: str, port: int) -> None:
        """Send to this client too, for a minute. Raises PacketError."""
        self._stage.output.endpoint.register(host, port, clock.now())
        self.slot_commands.greet()

    def tell(self, address: str, *args: Argument) -> None:
        """Send one message to every OSC target."""
        self._stage.output.tell(address, *args)
