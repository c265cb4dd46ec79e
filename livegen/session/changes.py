"""The changes that a session can be asked for, each under the name that it has in a journal.

A change is a verb and its arguments: ``("set", "tempo", 90.0)``, ``("voice", "bass", "mode", "duet")``, ``("panic",)``.
The live shell writes it to the journal and carries it out; a replay reads it from the journal and carries it out. Both
call ``carry_out``, so a session that is replayed is asked for exactly what it was asked for live.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from livegen.events import Event
from livegen.player import modes
from livegen.predictors.models import Predictor
from livegen.session import verbs, voices
from livegen.session.any_session import AnySession
from livegen.session.change_names import BEGIN, END, RUN, SET, TOGETHER, VOICE
from livegen.settings import Settings

MODE, MODEL = "mode", "model"
FIRST = ""  # the voice that plain addresses mean, or the only one

Load = Callable[[str, str | None], Predictor]  # a model by its name and its hash, if that is known


class Change(NamedTuple):
    """A verb and its arguments, as a journal holds them."""

    verb: str
    args: tuple[Any, ...] = ()


def of_settings(values: Mapping[str, Any]) -> Change:
    """Settings of the first voice, taken up as one change."""
    if len(values) == 1:
        return Change(SET, next(iter(values.items())))
    return Change(TOGETHER, tuple(one for pair in values.items() for one in pair))


def of_voice(voice: str, what: str, *values: Any) -> Change:  # noqa: ANN401 (what a setting takes)
    """A setting, the mode or the model of a voice; also whom it hears."""
    return Change(VOICE, (voice, what, *values)) if voice != FIRST else Change(SET, (what, *values))


def of_model(voice: str, name: str, model: Predictor) -> Change:
    """Another model for a voice: the name under which it was asked for, and its hash."""
    return of_voice(voice, MODEL, name, model.digest)


def settings_of(session: AnySession, voice: str) -> Settings:
    """The settings of a voice. Raises SettingsError if there is no such voice."""
    return session.settings if voice == FIRST else session.voice(voice).settings


def carry_out(session: AnySession, change: Change, at: float, load: Load) -> list[Event]:
    """Have a session do what a change says, at a time in seconds. Returns the events to be sent.

    Raises SettingsError if the change is not possible, and what ``load`` raises for a model.
    """
    verb, args = change
    act = _ACTS.get(verb)
    return act(session, at, load, args) if act is not None else verbs.do(session, verb, at, args)


def _set(session: AnySession, at: float, load: Load, args: tuple[Any, ...]) -> list[Event]:
    name, value, *digest = args
    if name == MODEL:
        model = load(str(value), *(digest or [None]))
        session.settings.model = str(value)
        return session.set_predictor(model, at)
    session.settings.set(name, value)
    return session.set_mode(modes.find(str(value)), at) if name == MODE else session.settings_changed(at)


def _set_together(session: AnySession, at: float, load: Load, args: tuple[Any, ...]) -> list[Event]:
    for name, value in zip(args[::2], args[1::2], strict=True):
        session.settings.set(name, value)
    return session.settings_changed(at)


def _change_voice(session: AnySession, at: float, load: Load, args: tuple[Any, ...]) -> list[Event]:
    name, what, *values = args
    if what != MODEL:
        return voices.change(session, name, what, values, at)
    wanted, *digest = values
    model = load(str(wanted), *(digest or [None]))
    session.voice(name).settings.model = str(wanted)
    return voices.change_model(session, name, model, at)


_ACTS: dict[str, Callable[[AnySession, float, Load, tuple[Any, ...]], list[Event]]] = {
    SET: _set,
    TOGETHER: _set_together,
    VOICE: _change_voice,
    BEGIN: lambda session, at, load, args: session.reset(at),
    RUN: lambda session, at, load, args: session.advance(at, promptly=True),
    END: lambda session, at, load, args: session.panic(at),
}
