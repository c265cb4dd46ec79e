"""Changes one voice of a band alone: its settings, its mode, its model, and the voices it hears."""

from collections.abc import Sequence
from functools import partial

from livegen.control.addresses import HEARS, VOICE, Value
from livegen.live.model_loader import ModelLoader
from livegen.live.setting_commands import DRUMS, SettingCommands, check_mode
from livegen.live.stage import Stage
from livegen.osc.packets import Argument
from livegen.session import changes, voices
from livegen.session.any_session import AnySession
from livegen.session.changes import MODE, MODEL

NOBODY = "nobody"


class VoiceCommands:
    """Commands for one voice. A player that plays alone has no name, so every name is refused."""

    def __init__(self, stage: Stage, setting_commands: SettingCommands, model_loader: ModelLoader) -> None:
        self._stage = stage
        self._setting_commands = setting_commands
        self._model_loader = model_loader

    @property
    def names(self) -> Sequence[str]:
        """The names of the voices. The first is the voice that plain addresses mean."""
        return self._stage.session.names

    def set(self, name: str, what: str, values: Sequence[Value]) -> None:
        """Change what one voice does. A value it already has is not echoed. Raises SettingsError."""
        voice = self._stage.session.voice(name)
        if what == HEARS:
            hears = [] if list(values) == [NOBODY] else [str(value) for value in values]
            if hears != self._hears(name):
                self._change(name, what, *hears)
                self.get(name, what)
            return
        voices.check_own(name, what)
        before = getattr(voice.settings, what)
        if name == self.names[0]:
            self._setting_commands.set(what, values[0])
        elif what == MODEL:
            self._model_loader.want(name, str(values[0]), self._setting_commands.change_model)
            return
        else:
            again = partial(self.set, name, what, values)
            if what == DRUMS and not self._setting_commands.is_drummer_ready(name, values[0], again):
                return
            self._set(voice, name, what, values[0])
        if getattr(voice.settings, what) != before:
            self.get(name, what)

    def change_drummer(self, voice: str, name: str) -> None:
        """Have a voice play with another drummer, as if that had been asked for. Raises SettingsError."""
        if voice == changes.FIRST:
            self._setting_commands.set(DRUMS, name)
        else:
            self.set(voice, DRUMS, [name])

    def get(self, name: str, what: str) -> None:
        """Send a setting of one voice, or whom it hears, on its own address. Raises SettingsError."""
        self._stage.output.tell(f"{VOICE}{name}/{what}", *self.value(name, what))

    def value(self, name: str, what: str) -> Sequence[Argument]:
        """The value of a setting of one voice, or the names of those it hears. Raises SettingsError."""
        voice = self._stage.session.voice(name)
        if what == HEARS:
            return self._hears(name) or [NOBODY]
        voices.check_own(name, what)
        return [getattr(voice.settings, what)]

    def _hears(self, name: str) -> list[str]:
        return list(self._stage.session.hears(name))

    def _set(self, voice: AnySession, name: str, what: str, value: Value) -> None:
        if what == MODE:
            check_mode(value)
        before = getattr(voice.settings, what)
        voice.settings.set(what, value)
        now = getattr(voice.settings, what)
        if now != before or (what == MODE and voice.hushed):  # after a panic its mode is set again
            self._change(name, what, now)

    def _change(self, name: str, what: str, *values: Value) -> None:
        self._setting_commands.carry_out(changes.of_voice(name, what, *values))
