"""Modes decide who plays when. A mode is one pure function: the situation and the settings in, a turn out."""

import importlib
import re
from collections.abc import Callable
from typing import NamedTuple

from livegen.errors import SettingsError
from livegen.settings import Settings

_LEAST = 1.0  # seconds that an answer lasts at least
_ENCORE = 4.0  # seconds that a duet continues after the performer's last note


class Situation(NamedTuple):
    """The facts that a mode may look at. Times are seconds on the session's clock; None means it has not happened."""

    now: float
    last_heard: float | None  # the performer's last onset
    phrase_over: float | None  # when the performer's phrase counts as ended, unless they play on
    phrase_length: float  # seconds
    phrase_notes: int
    playing_since: float | None  # when the player's turn began
    played: int  # notes the player has played in this turn
    stopped: float | None  # when the player's last turn ended
    due_back: float | None = None  # when the performer comes in again, if phrases are exchanged evenly


class Turn(NamedTuple):
    """The answer of a mode."""

    listen: bool  # do the performer's notes move the state?
    play: bool  # do predictions sound?
    feed: bool  # do our own notes move the state?
    until: float | None = None  # ask again at this time even if nothing happens; later than now
    under: bool = False  # do notes sound under each of the performer's, and end with it?
    ends: float | None = None  # the player's part is over then, unless the performer plays: the last note leads there


Mode = Callable[[Situation, Settings], Turn]

_LISTEN = Turn(True, False, True)
_PLAY = Turn(True, True, True)


def _in_phrase(situation: Situation) -> Turn | None:
    """Listening, until the performer's phrase is over; None when one is."""
    over = situation.phrase_over
    if over is None:
        return _LISTEN
    return Turn(True, False, True, until=over) if situation.now < over else None


def call_and_response(situation: Situation, settings: Settings) -> Turn:
    """Answer each phrase, for about as long as it was or until the performer is due back; give way as soon as they
    play."""
    if listening := _in_phrase(situation):
        return listening
    if situation.stopped is not None and situation.stopped >= (situation.phrase_over or 0.0):
        return _LISTEN
    begun = situation.now if situation.playing_since is None else situation.playing_since
    end = begun + max(_LEAST, situation.phrase_length * settings.answer)
    if situation.due_back is not None:
        end = begun + max(_LEAST, situation.phrase_length * settings.answer / 2, situation.due_back - begun)
    return _LISTEN if situation.now >= end else Turn(True, True, True, until=end, ends=end)


def continuation(situation: Situation, settings: Settings) -> Turn:
    """Take over when the performer stops, and continue until they play again."""
    return _in_phrase(situation) or _PLAY


def duet(situation: Situation, settings: Settings) -> Turn:
    """Play along while the performer plays, and a little longer."""
    if situation.last_heard is None or situation.phrase_over is None:
        return _LISTEN
    end = max(situation.phrase_over, situation.last_heard + _ENCORE)
    return _LISTEN if situation.now >= end else Turn(True, True, True, until=end, ends=end)


def autonomous(situation: Situation, settings: Settings) -> Turn:
    """Play always, and take up what the performer plays."""
    return _PLAY


def harmonise(situation: Situation, settings: Settings) -> Turn:
    """Play with the performer, note for note, under what they play."""
    return Turn(listen=True, play=False, feed=True, under=True)


MODES: dict[str, Mode] = {
    mode.__name__: mode for mode in (call_and_response, continuation, duet, autonomous, harmonise)
}


def find(name: str) -> Mode:
    """The mode of that name, or the function of one's own given as package.module:function. Raises SettingsError."""
    if name in MODES:
        return MODES[name]
    if not re.fullmatch(r"[\w.]+:\w+", name):
        raise SettingsError(f"There is no mode {name!r}; choose one of {', '.join(MODES)}, or package.module:function.")
    module, _, function = name.partition(":")
    try:
        mode = getattr(importlib.import_module(module), function)
    except Exception as error:  # a module of the user's own may fail in any way when it is imported
        raise SettingsError(f"The mode {name} cannot be loaded: {error}.") from None
    if not callable(mode):
        raise SettingsError(f"The mode {name} is not a function.")
    # By its own name it can be chosen again while playing, where code is never named.
    return MODES.setdefault(function, mode)
