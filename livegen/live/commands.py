"""Has the session do what is asked of it, over OSC, by a hand, or by a beat: notes, settings, verbs, models."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Protocol

from livegen.beat.transport import Grid, Transport
from livegen.control.addresses import Value
from livegen.errors import LivegenError, SettingsError
from livegen.events import ClockMessage, Event, Heard, NoteOff, NoteOn
from livegen.journal.record import Journal
from livegen.live.model_loader import FIRST, ModelLoader
from livegen.live.output import Output
from livegen.live.recovery import Recovery
from livegen.live.slot_commands import SlotCommands
from livegen.live.steering import Stage, Steering
from livegen.live.sync import Sync
from livegen.live.timer import Timer
from livegen.live.voice_commands import VoiceCommands
from livegen.osc.packets import Argument
from livegen.player import modes
from livegen.predictors.models import Predictor
from livegen.session import verbs
from livegen.session.any_session import AnySession
from livegen.system import clock


class House(Protocol):
    """What a director needs of the server."""

    session: AnySession
    out: Output
    timer: Timer

    def hear_event(self, event: Heard) -> None:
        """Hear one event of the performer."""

    def after(self) -> None:
        """Do what follows every event."""

    def flush_soon(self) -> None:
        """Have the journal written."""


class Commands:
    """What OSC may ask for (``dispatch.Performance``), and what hands, keeper, timekeeper and conductor ask for.

    ``changed`` are the settings that were changed and are to be taken up together.
    """

    def __init__(
        self,
        house: House,
        journal: Journal,
        say: Callable[[str], None],
        models: Path | None = None,
        steering: Callable[[Stage], Steering] = Steering,
    ) -> None:
        self._house = house
        self.session = house.session
        self.settings = house.session.settings
        self.out = house.out
        self.journal = journal
        self._say = say
        self.changed: list[str] = []
        self._gathering = 0
        self.model_loader = ModelLoader(self.session, models, self.out, self._change_model)
        self.voice_commands = VoiceCommands(self, models)
        self.slot_commands = SlotCommands(self, say)
        self.recovery = Recovery(self, house.timer.set)
        self.steering = steering(self)
        self.sync = Sync(self)

    # Notes

    def note(self, pitch: int, velocity: int, channel: int, id: int) -> None:
        """A note over OSC; velocity 0 releases it."""
        at = clock.now()
        self._house.hear_event(
            NoteOn(at, pitch, velocity, channel, id) if velocity else NoteOff(at, pitch, channel, id)
        )

    # Settings

    def set(self, name: str, value: Value) -> None:
        """Change a setting. Raises SettingsError.

        What is already so changes nothing and is not told, else two programs that echo each other would never stop.
        """
        self.steering.was_set(name)
        if name == "model":
            self.model_loader.want(FIRST, str(value))
        elif name == "mode":
            self.take_up()
            self._set_mode(str(value))
        else:
            before = getattr(self.settings, name)
            self.settings.set(name, value)
            if getattr(self.settings, name) != before:
                if self.out.rig is not None:
                    self.out.rig.echo.window = self.settings.echo
                if name not in self.changed:
                    self.changed.append(name)
                if not self._gathering:
                    self.take_up()

    def get(self, name: str) -> None:
        """Answer a setting's value on its own address."""
        self.out.tell(f"/livegen/{name}", getattr(self.settings, name))

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Within it, settings that are changed are taken up as one change: those of a bundle, a preset, a ramp."""
        self._gathering += 1
        try:
            yield
        finally:
            self._gathering -= 1
            if not self._gathering:
                self.take_up()

    def take_up(self) -> None:
        """Have the session take up what was changed."""
        changed, self.changed = self.changed, []
        if changed:
            self._follow(changed, self.session.settings_changed)
            self.sync.settings_changed()

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
        with self.recovery.guarded():
            self.journal.settings(now, values)
            self.out.send(change(now))
            self._house.after()
        for name in names:
            self.get(name)

    def _change_model(self, voice: str, name: str, model: Predictor) -> None:
        """Have the first voice play with a model that is loaded, which is called so."""
        now = clock.now()
        self.journal.changed(now, "model", name, model.digest)
        self.out.send(self.session.set_predictor(model, now))
        self.settings.model = name
        self.get("model")
        self._house.timer.set()

    # Verbs

    def do(self, verb: str, *args: Value) -> None:
        """Have the session do what one of its verbs says. Raises SettingsError."""
        self.carry_out(lambda now: verbs.do(self.session, verb, now, args), verb, *args)
        if args:
            self.slot_commands.follow(verb, int(args[0]))

    def carry_out(self, change: Callable[[float], list[Event]], verb: str, *args: Value) -> None:
        """Have a change made, which the verb and its arguments tell in the journal. Raises SettingsError."""
        self.take_up()  # what was changed before, in the same bundle or cue
        now = clock.now()
        self.journal.noted(now, verb, *args)
        try:
            self.out.send(change(now))
        except SettingsError:
            raise
        except Exception as error:
            self.recovery.recover(error)
        self._house.after()

    def panic(self) -> None:
        """Silence now."""
        self.take_up()
        self.recovery.silence(clock.now())
        self._house.after()

    def recall(self, slot: int, beats: float) -> None:
        """Go on from a slot, now or on the next multiple of so many beats. Raises SettingsError."""
        self.slot_commands.recall(slot, beats)

    def reset(self) -> None:
        """Forget everything heard."""
        self.do("reset")
        self.sync.forget()

    def forget(self) -> None:
        """Let what was heard before lead no more."""
        self.do("forget")

    def take(self, name: str) -> None:
        """Begin a take: from here on it is exported by itself. The music goes on."""
        self.carry_out(lambda now: [], "take", name)
        self.out.tell("/livegen/take", name)

    # The beat

    @property
    def transport(self) -> Transport:
        """Where the beats lie."""
        return self.session.transport

    def tap(self) -> None:
        """A beat is now."""
        self.sync.tap()

    def follow(self, grid: Grid) -> None:
        """Have the session keep to this beat."""
        self.journal.noted(grid.at, "follow", grid.beat, grid.length, grid.source, grid.running)
        self.session.follow(grid)
        self._house.flush_soon()

    def send_clock(self, message: ClockMessage) -> None:
        """Send what our clock says."""
        if self.out.rig is not None:
            self.out.rig.send_clock(message)

    # Who is told

    def listen(self, host: str, port: int) -> None:
        """Send to this client too, for a minute. Raises PacketError."""
        if self.out.endpoint is not None:
            self.out.endpoint.register(host, port, clock.now())
            self.slot_commands.greet()

    def tell(self, address: str, *args: Argument) -> None:
        """Send one message to every OSC target."""
        self.out.tell(address, *args)

    def tell_error(self, error: LivegenError) -> None:
        """Tell a mistake over OSC and on the screen."""
        self.out.tell_error(error)

    def show(self, sentence: str) -> None:
        """Show the musician a sentence."""
        self._say(sentence)

    def mark(self, what: str, *args: str) -> None:
        """Note in the journal, and say, where the show is."""
        self.journal.noted(clock.now(), what, *args)
        self._say(f"{what}: {', '.join(args)}")
