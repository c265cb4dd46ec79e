"""The voices of a band as they are declared, in a settings file's ``[[voice]]`` tables or in a journal, and the session
that is made of them."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from livegen.errors import SettingsError, unknown
from livegen.events import Event
from livegen.music import ensemble
from livegen.music.drums import CHANNEL
from livegen.player import modes
from livegen.predictors import models
from livegen.predictors.models import Predictor
from livegen.session.any_session import AnySession
from livegen.session.band import Band
from livegen.session.parts import PERFORMER, Part, check_hears
from livegen.session.session import Session
from livegen.settings import Settings, spec

TABLE = "voice"  # the name of the tables
VERB = "voice"  # in a journal; the voice's name, the setting and the value follow
MOST = 64
LEAD = "lead"  # the name of a single voice that gets others behind it
DRUMMER, UNTRAINED = "drums", "untrained"  # models of the voices behind it


class Declared(NamedTuple):
    """A voice as it was declared. It answers the first of those it ``hears``."""

    name: str
    hears: tuple[str, ...]
    settings: Settings


def with_parts(voices: Sequence[Declared], settings: Settings, parts: Sequence[str]) -> list[Declared]:
    """The voices, and behind them a band of these parts, each named as it is: they accompany the performer, and hear
    the first voice.

    Raises SettingsError if there is no such part, or a voice is called so already.
    """
    band = list(voices) or [Declared(LEAD, (PERFORMER,), settings)]
    first = band[0]
    for part in dict.fromkeys(parts):
        if part not in ensemble.ROLES:
            raise SettingsError(unknown("part", part, ensemble.PARTS))
        role, own = ensemble.ROLES[part], settings.model_copy()
        own.mode, own.part, own.channel_out = modes.accompany.__name__, part, role.channel
        own.model = DRUMMER if part == ensemble.DRUMS else UNTRAINED
        if part != ensemble.DRUMS:
            own.lowest, own.highest, own.program_out = role.lowest, role.highest, role.program
        band.append(Declared(_name(part, [voice.name for voice in band]), (PERFORMER, first.name), own))
    return band


def split(table: Mapping[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A settings file's own settings, and its voices' tables. Raises SettingsError if they are not tables."""
    tables = table.get(TABLE, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise SettingsError("Voices are written as [[voice]] tables, in double brackets.")
    return {name: value for name, value in table.items() if name != TABLE}, tables


def declared(tables: Sequence[Mapping[str, Any]], settings: Settings, given: Collection[str] = ()) -> list[Declared]:
    """The voices that tables declare. The first plays with ``settings``, the others start from a copy.

    The first one's table does not change the settings that were ``given`` on the command line. Raises SettingsError.
    """
    if len(tables) > MOST:
        raise SettingsError(f"There are {len(tables)} voices; at most {MOST} may play.")
    common = settings.model_copy()
    voices: list[Declared] = []
    for number, table in enumerate(tables):
        own = common.model_copy() if number else settings
        name = _name(table.get("name"), [voice.name for voice in voices])
        for key, value in table.items():
            if key not in ("name", "hears") and not (number == 0 and key in given):
                check_own(name, key)
                own.set(key, value)
        voices.append(Declared(name, _hears(name, table.get("hears", [PERFORMER])), own))
    for voice in voices:
        check_hears(voice.name, voice.hears, [each.name for each in voices])
    _spread(voices, tables)
    return voices


def check_own(name: str, setting: str) -> None:
    """Raises SettingsError unless a voice may have this setting of its own."""
    if setting not in Settings.model_fields:
        Settings().set(setting, None)  # raises, with the nearest name
    if not spec(setting).live or spec(setting).shared:
        raise SettingsError(f"{setting} is the same for all voices; set it outside the voice {name}.")


def _name(given: object, taken: Collection[str]) -> str:
    if not isinstance(given, str) or not re.fullmatch(r"[a-z0-9_-]{1,32}", given):
        raise SettingsError(f"A voice needs a name of a-z, 0-9, _ and -; it has {given!r:.40}.")
    if given in taken or given == PERFORMER:
        raise SettingsError(f"There are two called {given}; give each voice a name of its own.")
    return given


def _hears(name: str, given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise SettingsError(f'The voice {name} hears a list of names, such as ["{PERFORMER}"]; it has {given!r:.40}.')
    return tuple(dict.fromkeys(given))


def _spread(voices: Sequence[Declared], tables: Sequence[Mapping[str, Any]]) -> None:
    """Give each voice that names no channel the next free one, but never the drums' channel."""
    named = {voice.settings.channel_out for voice, table in zip(voices, tables, strict=True) if "channel_out" in table}
    free = [channel for channel in range(1, 17) if channel not in named and channel != CHANNEL]
    for voice, table in zip(voices[1:], tables[1:], strict=True):
        if "channel_out" not in table and free:
            taken = voices[0].settings.channel_out
            channel = next((channel for channel in free if channel != taken), taken)
            free.remove(channel)
            voice.settings.channel_out = channel


def assembled(
    voices: Sequence[Declared], settings: Settings, load: Callable[[str], Predictor], seed: int, now: float = 0.0
) -> AnySession:
    """The session made of the voices; a plain one if none is declared. Each model is loaded once."""
    loaded: dict[str, Predictor] = {}

    def model(name: str) -> Predictor:
        if name not in loaded:
            loaded[name] = load(name)
        return loaded[name]

    if not voices:
        return Session(model(settings.model), settings, seed, now)
    parts = [Part(voice.name, model(voice.settings.model), voice.settings, voice.hears) for voice in voices]
    return Band(parts, seed, now)


def described(session: AnySession) -> list[dict[str, Any]]:
    """The voices of a session, for a journal; none of a plain one."""
    return [
        {
            "name": name,
            "hears": list(session.hears(name)),
            "model": models.card(voice.predictor),
            "settings": voice.settings.model_dump(),
        }
        for name, voice in ((name, session.voice(name)) for name in session.names)
    ]


def introduced(session: AnySession) -> list[str]:
    """A sentence for each voice of a band."""
    return [
        f"The voice {one['name']}: {_player(one)}, mode {one['settings']['mode']}, "
        f"channel {one['settings']['channel_out']}, hears {', '.join(one['hears']) or 'nobody'}."
        for one in described(session)
    ]


def _player(one: Mapping[str, Any]) -> str:
    """The model of a voice, or the part that it accompanies with, which needs none."""
    settings = one["settings"]
    if settings["mode"] == modes.accompany.__name__ and settings["part"] != ensemble.DRUMS:
        return f"part {settings['part']}"
    return f"model {one['model']['name']}"


def change(session: AnySession, name: str, what: str, values: Sequence[Any], at: float) -> list[Event]:
    """Change a setting of one voice, its ``mode``, or the voices that it ``hears``. Raises SettingsError."""
    voice = session.voice(name)
    if what == "hears":
        return session.set_hears(name, values, at)
    check_own(name, what)
    voice.settings.set(what, values[0])
    if what == "mode":
        mode = modes.find(str(values[0]))
        return session.change(name, lambda one: one.set_mode(mode, at), at)
    return session.change(name, lambda one: one.settings_changed(at), at)


def change_model(session: AnySession, name: str, model: Predictor, at: float) -> list[Event]:
    """Have one voice play with another model. Raises SettingsError."""
    session.voice(name)
    return session.change(name, lambda one: one.set_predictor(model, at), at)
