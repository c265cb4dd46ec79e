"""Carries out controls, presets, ramps and cues live: moves settings when they are due, and reports each change."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from livegen.control.bindings import Binding, Bindings
from livegen.control.learning import HIGHEST, PARAMETERS
from livegen.control.ramps import ramp
from livegen.control.show import Cue, Show, SongPosition
from livegen.errors import LivegenError, SettingsError
from livegen.events import SOSTENUTO, SUSTAIN, ControlChange, Heard, NoteOff, NoteOn, ProgramChange
from livegen.journal.record import CUE, PRESET
from livegen.live.learned_bindings import LearnedBindings
from livegen.live.resources import Resources
from livegen.live.setting_commands import SettingCommands
from livegen.live.stage import Stage
from livegen.live.voice_commands import VoiceCommands
from livegen.osc.packets import Message
from livegen.system import clock

# What a control does to notes is done while one is learned: pedals, the choice of parameters and its data, modes.
_ALWAYS_HEARD = frozenset((SUSTAIN, SOSTENUTO, 6, *PARAMETERS, *range(HIGHEST + 1, 128)))


class Steering:
    """Moves settings by controls, presets, ramps and cues.

    ``act`` does what an OSC message asks.
    """

    def __init__(
        self,
        stage: Stage,
        setting_commands: SettingCommands,
        voice_commands: VoiceCommands,
        act: Callable[[Message], None],
        resources: Resources,
    ) -> None:
        self.show = resources.show or Show()
        self.controls = Bindings(own=self.show.bindings)
        self._stage = stage
        self._setting_commands = setting_commands
        self._voice_commands = voice_commands
        self._act = act
        self._ramps = setting_commands.ramps
        self._waiting: tuple[float, SongPosition] | None = None  # a cue for the next beat or bar, and when that is
        self._last_preset = ""
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._file = LearnedBindings(resources.learned, self.controls, stage.output.tell_error)

    @property
    def trouble(self) -> str | None:
        """One sentence, if what was learned cannot be read."""
        return self._file.trouble

    # Controls

    def sift(self, event: Heard | ProgramChange) -> Heard | None:
        """The event, if it is music; None if it moved a control, and what the control asks for is done."""
        if isinstance(event, ProgramChange):
            self._program(event)
            return None
        if self.controls.wanted is not None and isinstance(event, ControlChange):
            self._teach(event)
            return event if event.control in _ALWAYS_HEARD else None
        if isinstance(event, ControlChange) and event.control in PARAMETERS:
            self.controls.choose_parameter(event)
        bound = self.controls.find(event, self._stage.settings.controls)
        if bound is None:
            return event
        try:
            self._move(bound, event)
        except LivegenError as error:
            self._stage.output.tell_error(error)
        # The pedal may have been down when it was bound: its release is always heard.
        pedal_up = isinstance(event, ControlChange) and event.control == SUSTAIN and event.value < 64
        return event if pedal_up else None

    def _move(self, bound: Binding, event: Heard) -> None:
        if isinstance(event, NoteOff):
            return
        settings = self._stage.settings
        if bound.scale is None:
            if bound.pressed(event):
                self._act(bound.press)
            return
        if bound.voice is None:
            now = getattr(settings, bound.scale.name, None)
        else:
            (now,) = self._voice_commands.value(bound.voice, bound.scale.name)
        if isinstance(event, NoteOn):
            value = not now if bound.toggles else bound.value(event.velocity)
        elif bound.turns:
            given = bound.turned(event.value, now)
            if given is None:
                return
            value = given
        else:
            moved = bound.moved(event.value, now, settings.dead_band, settings.pickup)
            if moved is None:
                return
            value = moved
        self._act(Message(bound.press.address, (value,)))

    def _program(self, event: ProgramChange) -> None:
        wanted = self._stage.settings.channel_in
        if (not wanted or event.channel == wanted) and self.show.has_program(event.program):
            self.preset(str(event.program))

    def learn(self, words: str | None) -> None:
        """Bind the next control that moves; None: wait for none any longer. Raises SettingsError."""
        self.controls.learn(words)

    def unlearn(self, words: str) -> None:
        """Forget what was learned for these words. Raises SettingsError when there was nothing."""
        if not self.controls.unlearn(words):
            raise SettingsError(f"No control was learned for {words!r:.40}; nothing is forgotten.")
        self._file.keep()

    def _teach(self, event: ControlChange) -> None:
        words = self.controls.wanted
        found = self.controls.teach(event)
        if found is not None:
            self._stage.output.tell("/livegen/out/learned", str(found), words)
            self._file.keep()
        if self.controls.refusal is not None:
            self._stage.output.tell_error(SettingsError(self.controls.refusal))
            self.controls.refusal = None

    # Presets and ramps

    def preset(self, wanted: str | None) -> None:
        """Take up a preset by its name or program; None: send the name of the last. Raises SettingsError."""
        if wanted is None:
            self._stage.output.tell("/livegen/preset", self._last_preset)
            return
        preset = self.show.preset(wanted)
        if self._take_up(preset.settings, self._setting_commands.set) or preset.name != self._last_preset:
            # Sent only when it changes something; otherwise two programs that echo each other would loop for ever.
            self._last_preset = preset.name
            self._stage.output.tell("/livegen/preset", preset.name)
            self._mark(PRESET, preset.name)

    def _take_up(self, values: Mapping[str, Any], change: Callable[[str, Any], None]) -> bool:
        """Set several settings as one change, those of the first voice by ``change``. Returns whether any changed."""
        before = {name: self._value(name) for name in values}
        with self._setting_commands.together():
            for name, value in values.items():
                if name.startswith("voice/"):
                    self._try(partial(self._act, Message(f"/livegen/{name}", (value,))))
                else:
                    self._try(partial(change, name, value))
        return any(before[name] != value for name, value in values.items())

    def _value(self, name: str) -> object:
        """The value of a setting now; one of a voice is called voice/NAME/SETTING."""
        if not name.startswith("voice/"):
            return getattr(self._stage.settings, name)
        _, voice, setting = name.split("/")
        try:
            return self._voice_commands.value(voice, setting)[0]
        except SettingsError:  # there is no such voice, as the error will say
            return None

    def ramp(self, name: str, first: float, last: float, beats: float) -> None:
        """Move a setting from one value to another in so many beats. Raises SettingsError."""
        self._ramps.start(ramp(name, first, last, beats), clock.now(), self._stage.session.transport.beat)
        self._step()

    # Cues

    def cue(self, wanted: str | None) -> None:
        """Go to a cue; None: send where the show is. Raises SettingsError."""
        if wanted is not None:
            self._go(self.show.cue(wanted))
        else:
            self._stage.output.tell("/livegen/out/cue", *self.show.told())

    def song(self, wanted: str | None) -> None:
        """Go to a song's first cue; None: send where the show is. Raises SettingsError."""
        if wanted is not None:
            self._go(self.show.song(wanted))
        else:
            self._stage.output.tell("/livegen/out/cue", *self.show.told())

    def _go(self, place: SongPosition) -> None:
        self.show.place = place
        song, cue, *_ = told = self.show.told()
        self._stage.output.tell("/livegen/out/cue", *told)
        self._mark(CUE, song, cue)
        when, transport, now = self.show.at(place).at, self._stage.session.transport, clock.now()
        self._waiting = None
        if when == "now":
            self._begin(self.show.at(place))
        else:
            every = 1.0 if when == "beat" else float(transport.beats_per_bar)
            self._waiting = transport.next_beat(now, every), place
        self._arm()

    def _mark(self, what: str, *args: str) -> None:
        """Write to the journal, and say, where the show is."""
        self._stage.journal.noted(clock.now(), what, *args)
        self._stage.say(f"{what}: {', '.join(args)}")

    def _begin(self, cue: Cue) -> None:
        now, settings = clock.now(), self._stage.settings
        with self._setting_commands.together():
            for message in cue.messages:
                self._try(partial(self._act, message))
            self._take_up(cue.settings, self._setting_commands.set)
        for name, (first, last, beats) in cue.ramps.items():
            start = getattr(settings, name) if first is None else first
            self._ramps.start(ramp(name, start, last, beats), now, self._stage.session.transport.beat)
        self._step()

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except LivegenError as error:
            self._stage.output.tell_error(error)

    # Time

    def _step(self) -> None:
        """Do what is due now, and set the timer for the next thing."""
        now = clock.now()
        due = self._ramps.next_due()
        if due is not None and due <= now:
            values = self._ramps.advance(now, self._stage.session.transport.beat)
            self._take_up(values, self._setting_commands.move)
        if self._waiting is not None and self._waiting[0] <= now:
            (_, place), self._waiting = self._waiting, None
            self._begin(self.show.at(place))
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        dues = [due for due in (self._ramps.next_due(), self._waiting and self._waiting[0]) if due is not None]
        if dues:
            self._timer = self._loop.call_at(max(min(dues), clock.now()), self._step)

    def close(self) -> None:
        """Stop every ramp, forget a cue that waits, and write what was learned."""
        if self._timer is not None:
            self._timer.cancel()
        self._ramps.clear()
        self._waiting = None
        self._file.close()
