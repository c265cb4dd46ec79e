"""Changes the settings of the session, its mode and its model. Settings set together are taken up as one change."""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial

from livegen.control.addresses import Value
from livegen.control.ramps import Ramps
from livegen.errors import SettingsError, meant, unknown
from livegen.journal.record import DRUMMER
from livegen.live.model_loader import ModelLoader
from livegen.live.recovery import Recovery
from livegen.live.stage import Stage
from livegen.live.sync import Sync
from livegen.music.drums import OFF
from livegen.player import modes
from livegen.predictors import models
from livegen.predictors.models import Predictor
from livegen.session import changes
from livegen.session.changes import FIRST, MODE, MODEL, Change
from livegen.system import clock

DRUMS = "drums"


def check_mode(name: object) -> None:
    """Raises SettingsError if there is no such mode. A name over OSC loads none: it may come from anybody."""
    if name not in modes.MODES:
        raise SettingsError(unknown("mode", str(name), modes.MODES))


def check_drums(name: object) -> None:
    """Raises SettingsError if there is no model of that name. Over OSC no path is taken: it may come from anybody."""
    if name != OFF and name not in models.names():
        raise SettingsError(
            f"There is no drummer {name!r:.40}; choose drums, off, or a drum model by its name."
            f"{meant(name, (OFF, *models.names()))}"
        )


class SettingCommands:
    """Changes settings, and carries out every other change of the session.

    ``changed`` are the settings that were changed and are still to be taken up, together. ``ramps`` are under way: a
    ramp ends when its setting is set by anybody else.
    """

    def __init__(self, stage: Stage, recovery: Recovery, model_loader: ModelLoader, sync: Sync) -> None:
        self.changed: list[str] = []
        self.ramps = Ramps()
        self._stage = stage
        self._recovery = recovery
        self._model_loader = model_loader
        self._sync = sync
        self._gathering = 0

    def set(self, name: str, value: Value) -> None:
        """Change a setting, which ends a ramp of it. Raises SettingsError."""
        self.ramps.end(name)
        self.move(name, value)

    def move(self, name: str, value: Value) -> None:
        """Change a setting, whatever moves it. Raises SettingsError.

        Setting a value it already has is ignored and not echoed; otherwise two programs that echo each other would
        loop for ever.
        """
        if name == MODEL:
            self._model_loader.want(FIRST, str(value), self.change_model)
        elif name == MODE:
            self.take_up()
            self._set_mode(str(value))
        else:
            self._set(name, value)

    def get(self, name: str) -> None:
        """Send the value of a setting on its own address."""
        self._stage.tell_setting(name)

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
        """Have the session take up the settings that were changed."""
        names, self.changed = self.changed, []
        if names:
            self._change(names)
            self._sync.settings_changed()

    def carry_out(self, change: Change, model: Predictor | None = None) -> None:
        """Have a change made, after the settings that were changed before it. Raises SettingsError.

        ``model`` is the loaded model, where the change is one of a model.
        """
        self.take_up()
        now = clock.now()
        try:
            if model is None:
                self._stage.carry_out(change, now)
            else:
                self._stage.carry_out(change, now, lambda name, digest: model)
        except SettingsError:
            raise
        except Exception as error:
            self._recovery.recover(error)
        self._stage.wake()

    def change_model(self, voice: str, name: str, model: Predictor) -> None:
        """Have a voice play with a model that is loaded; ``name`` is what it was asked for by."""
        self.carry_out(changes.of_model(voice, name, model), model)
        self._stage.tell_setting(MODEL, voice)

    def _set(self, name: str, value: Value) -> None:
        settings = self._stage.settings
        before = getattr(settings, name)
        if name == DRUMS and not self.is_drummer_ready(FIRST, value, partial(self._set, name, value)):
            return
        settings.set(name, value)
        if getattr(settings, name) == before:
            return
        self._stage.output.rig.echo.window = settings.echo
        if name not in self.changed:
            self.changed.append(name)
        if not self._gathering:
            self.take_up()

    def is_drummer_ready(self, voice: str, name: Value, again: Callable[[], None]) -> bool:
        """Whether a voice can have the drummer of that name, or none, at once; if not, ``again`` is called when it was
        read, beside the loop. Raises SettingsError if there is none."""
        check_drums(name)
        if name == OFF or models.is_drummer_read(str(name)):
            self._model_loader.forget_drummer(voice)
            if name != OFF:
                self._stage.journal.noted(clock.now(), DRUMMER, name, models.drummer(str(name)).digest)
            return True
        self._model_loader.want_drummer(voice, str(name), again)
        return False

    def _set_mode(self, name: str) -> None:
        check_mode(name)
        if name != self._stage.settings.mode or self._stage.session.hushed:
            self._stage.settings.mode = name
            self._change([MODE])

    def _change(self, names: list[str]) -> None:
        """Have the session take up settings that have their new values already, and report these."""
        values = {name: getattr(self._stage.settings, name) for name in names}
        with self._recovery.guarded():
            self._stage.carry_out(changes.of_settings(values), clock.now())
            self._stage.wake()
        for name in names:
            self.get(name)
