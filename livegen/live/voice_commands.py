"""Tells one voice of a band what is asked of it alone: its settings, its mode, its model, whom it hears."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from livegen.control.addresses import VOICE, Value
from livegen.errors import SettingsError
from livegen.events import Event
from livegen.live.model_loader import ModelLoader
from livegen.live.output import Output
from livegen.osc.packets import Argument
from livegen.player import modes
from livegen.predictors.models import Predictor, Untrained
from livegen.session import voices
from livegen.session.any_session import AnySession

NOBODY = "nobody"


class Stage(Protocol):
    """What a conductor needs of the director."""

    session: AnySession
    out: Output

    def set(self, name: str, value: Value) -> None:
        """Change a setting of the first voice."""

    def carry_out(self, change: Callable[[float], list[Event]], verb: str, *args: Value) -> None:
        """Have a change made, which the verb and its arguments tell in the journal."""


class VoiceCommands:
    """Stands before the voices of a stage; where there is one alone, every name is wrong."""

    def __init__(self, stage: Stage, models: Path | None = None) -> None:
        self._stage = stage
        self._model_loader = ModelLoader(stage.session, models, stage.out, self._change_model)

    @property
    def names(self) -> Sequence[str]:
        """The voices, of which the first is the one that plain addresses mean."""
        return self._stage.session.names

    def set(self, name: str, what: str, values: Sequence[Value]) -> None:
        """Change what one voice does. What is already so is not told. Raises SettingsError."""
        voice = voices.find(self._stage.session, name)
        if what == "hears":
            hears = [] if list(values) == [NOBODY] else [str(value) for value in values]
            if hears != self._hears(name):
                self._change(name, what, *hears)
                self.get(name, what)
            return
        voices.check_own(name, what)
        before = getattr(voice.settings, what)
        if voice is self._stage.session.voices[0]:
            self._stage.set(what, values[0])
        elif what == "model":
            self._model_loader.want(name, str(values[0]))
            return
        elif what == "mode" and values[0] not in modes.MODES:
            raise SettingsError(f"There is no mode {values[0]!r:.40}; choose one of {', '.join(modes.MODES)}.")
        elif self._differs(voice, what, values[0]):
            self._change(name, what, getattr(voice.settings, what))
        if getattr(voice.settings, what) != before:
            self.get(name, what)

    def get(self, name: str, what: str) -> None:
        """Tell what one voice does now. Raises SettingsError."""
        self._stage.out.tell(f"{VOICE}{name}/{what}", *self.value(name, what))

    def value(self, name: str, what: str) -> Sequence[Argument]:
        """What one voice does now. Raises SettingsError."""
        voice = voices.find(self._stage.session, name)
        if what == "hears":
            return self._hears(name) or [NOBODY]
        voices.check_own(name, what)
        return [getattr(voice.settings, what)]

    # Trouble

    def rouse(self) -> None:
        """After a silence every voice but the first, which the prompter rouses, is asked again whether to play."""
        for name in self.names[1:]:
            self._change(name, "mode", voices.find(self._stage.session, name).settings.mode)

    def mend(self, name: str, of_model: bool) -> str:
        """Take from a voice what failed: its model, else its mode. What to tell the musician."""
        if of_model:
            self._model_loader.forget(name)
            self._change_model(name, Untrained.name, Untrained())
            return f"The voice {name} plays plain scales until you choose another model."
        settings = voices.find(self._stage.session, name).settings
        settings.mode = modes.call_and_response.__name__  # which is taken up when all are roused
        self.get(name, "mode")
        return f"The voice {name} listens on in call and response."

    def _hears(self, name: str) -> list[str]:
        return list(self._stage.session.hears(name))

    def _change(self, name: str, what: str, *values: Value) -> None:
        change = partial(voices.change, self._stage.session, name, what, values)
        self._stage.carry_out(change, voices.VERB, name, what, *values)

    def _differs(self, voice: AnySession, what: str, value: Value) -> bool:
        """Set it; whether it was otherwise, or is to be said again after a panic."""
        before = getattr(voice.settings, what)
        voice.settings.set(what, value)
        return getattr(voice.settings, what) != before or (what == "mode" and voice.hushed)

    def _change_model(self, name: str, wanted: str, model: Predictor) -> None:
        """Have a voice play with a model that is loaded, which is called so."""
        voices.find(self._stage.session, name).settings.model = wanted
        change = partial(voices.change_model, self._stage.session, name, model)
        self._stage.carry_out(change, voices.VERB, name, "model", wanted, model.digest)
        self.get(name, "model")
