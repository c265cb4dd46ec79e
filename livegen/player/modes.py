"""Modes decide who plays when. A mode is one pure function: the situation and the settings in, a turn out."""

import importlib
import re
from collections.abc import Callable
from typing import NamedTuple

from livegen.beat.transport import PEDAL
from livegen.errors import SettingsError, unknown
from livegen.music.ensemble import DRUMS
from livegen.settings import Settings

_LEAST = 1.0  # seconds that an answer lasts at least
_HALF, _FULL = 0.5, 0.75  # of the phrase: an answer lasts at least that, also if the performer is due back sooner
_FEWEST = 3  # notes of a phrase after a silence, before an accompaniment comes in again
_WITHIN = 0.98  # bars of silence after which it has stopped
_HOLD, _HOLD_ATTENTIVE = 4.0, 2.1  # bars that it plays on under a key that is held
_LONGEST_BAR = 2.4  # seconds: of a slower beat, which may be half of the performer's, less than a bar is waited
_ENCORE = 4.0  # seconds that a duet continues after the performer's last note
_COMES_IN = 0.08  # seconds before the bar line at which an accompaniment begins to decide
_AHEAD = 0.06  # seconds before the bar line at which turns are traded, so that the first note is decided
_PICKUP = 0.3  # of a bar before their turn in which the performer may begin
_SOONEST = 0.01  # seconds until a mode may be asked again
_WEIGHED = 0.031  # seconds after an onset at which it is known what it means for the beat


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
    asked: float | None = None  # when they said that it is the player's turn; None if they did not, or play on
    beat_known: bool = False  # whether the beat, the performer's or a clock's, is worth following
    led: bool = False  # whether a clock gives it
    bar: float = 2.0  # seconds
    silent_since: float | None = None  # when the performer let go; None while they hold a key, or have not played
    others: float | None = None  # the last onset of another voice that the player hears, if they are one band
    over_chart: bool = False
    counted_in: float | None = None  # when the music begins that was counted in
    traded: float | None = None  # bars since phrases began to be traded; None while the beat is not known


class Turn(NamedTuple):
    """The answer of a mode."""

    listen: bool  # do the performer's notes move the state?
    play: bool  # do predictions sound?
    feed: bool  # do our own notes move the state?
    until: float | None = None  # ask again at this time even if nothing happens; later than now
    under: bool = False  # do notes sound under each of the performer's, and end with it?
    ends: float | None = None  # the player's part is over then, unless the performer plays: the last note leads there
    counted: tuple[int, int] | None = None  # the bar of the turn, from 1, and how many it has; None: nobody counts


Mode = Callable[[Situation, Settings], Turn]

_LISTEN = Turn(True, False, True)
_PLAY = Turn(True, True, True)


def _in_phrase(situation: Situation, settings: Settings) -> Turn | None:
    """Listening, until the performer's phrase is over, or they say so; None when one is."""
    over = situation.phrase_over
    if over is None or (settings.turn == PEDAL and situation.asked is None):
        return _LISTEN
    return Turn(True, False, True, until=over) if situation.now < over else None


def call_and_response(situation: Situation, settings: Settings) -> Turn:
    """Answer each phrase, for about as long as it was or until the performer is due back; give way as soon as they
    play."""
    return _in_phrase(situation, settings) or _answer(situation, settings)


def _answer(situation: Situation, settings: Settings) -> Turn:
    """One answer to the phrase that is over."""
    if situation.stopped is not None and situation.stopped >= (situation.phrase_over or 0.0):
        return _LISTEN
    begun = situation.now if situation.playing_since is None else situation.playing_since
    end = begun + max(_LEAST, situation.phrase_length * settings.answer)
    if situation.due_back is not None:
        share = _FULL if settings.full_answers else _HALF
        end = begun + max(_LEAST, situation.phrase_length * settings.answer * share, situation.due_back - begun)
    return _LISTEN if situation.now >= end else Turn(True, True, True, until=end, ends=end)


def continuation(situation: Situation, settings: Settings) -> Turn:
    """Take over when the performer stops, and continue until they play again."""
    return _in_phrase(situation, settings) or _PLAY


def duet(situation: Situation, settings: Settings) -> Turn:
    """Play along while the performer plays, and a little longer."""
    if situation.asked is not None:
        return _answer(situation, settings)
    if situation.last_heard is None or situation.phrase_over is None:
        return _LISTEN
    end = max(situation.phrase_over, situation.last_heard + _ENCORE)
    return _LISTEN if situation.now >= end else Turn(True, True, True, until=end, ends=end)


def autonomous(situation: Situation, settings: Settings) -> Turn:
    """Play always, and take up what the performer plays."""
    return _PLAY


def harmonise(situation: Situation, settings: Settings) -> Turn:
    """Play with the performer, note for note, under what they play."""
    if situation.asked is not None:
        return _answer(situation, settings)
    return Turn(listen=True, play=False, feed=True, under=True)


def _last(situation: Situation) -> float | None:
    """The time at which the performer played last, or is meant to begin, for it is counted in."""
    times = [time for time in (situation.last_heard, situation.counted_in) if time is not None]
    return max(times, default=None)


def accompany(situation: Situation, settings: Settings) -> Turn:
    """Play with the performer from when their beat is known until a bar after they stop; a drummer, if there is one."""
    last, stopped, others = _last(situation), situation.stopped, situation.others
    if last is None:
        return _LISTEN
    if situation.now < last - _COMES_IN:  # it is counted in
        return _LISTEN._replace(until=last - _COMES_IN)
    if situation.playing_since is None:
        is_new = stopped is None or (last > stopped and (situation.led or situation.phrase_notes >= _FEWEST))
        is_new = is_new or (stopped is not None and others is not None and others > stopped)
        if not situation.beat_known or not is_new:
            weighed = last + _WEIGHED
            return _LISTEN._replace(until=weighed) if settings.alert and situation.now < weighed else _LISTEN
    within = _WITHIN + (settings.stays - 1 if situation.over_chart else 0)
    guessed = settings.attentive and not situation.led and not situation.over_chart
    bar = min(situation.bar, _LONGEST_BAR) if guessed else situation.bar
    if situation.silent_since is None:  # a key is down
        end = last + max(_HOLD_ATTENTIVE if settings.attentive else _HOLD, within) * bar
    else:
        end = max(last, situation.silent_since) + within * bar
    if others is not None:
        end = max(end, others + within * situation.bar)
    listens = settings.part == DRUMS  # bass and chords go by no forecast of a melody
    return _LISTEN if situation.now >= end else Turn(listens, True, True, until=end, ends=end)


def trade(situation: Situation, settings: Settings) -> Turn:
    """Trade bars: the performer has so many, the player as many, by the beat and whatever anybody plays; until the
    performer leaves a whole turn of theirs empty."""
    if situation.asked is not None:
        return _answer(situation, settings)
    last, traded, bars = _last(situation), situation.traded, settings.trades
    if last is None or traded is None or not situation.beat_known:
        return _LISTEN
    ahead = _AHEAD / situation.bar
    if traded + ahead < 0.0:
        return _LISTEN._replace(until=situation.now + max(_SOONEST, -(traded + ahead) * situation.bar))
    turn, within = divmod(max(0.0, traded + ahead), bars)
    mine = turn % 2 == 1
    theirs = turn - 1 if mine else turn - 2  # the performer's latest turn that is over
    if theirs >= 0 and situation.now - last > (traded - theirs * bars + _PICKUP) * situation.bar:
        return _LISTEN
    left = 1.0 - within % 1.0
    until = situation.now + max(_SOONEST, left * situation.bar)
    ends = situation.now + (bars - within + ahead) * situation.bar
    return Turn(True, mine, True, until, ends=ends if mine else None, counted=(int(within) + 1, bars))


# These ask nothing of the beat, of bars or of what the performer holds.
BEATLESS: tuple[Mode, ...] = (call_and_response, continuation, duet, autonomous, harmonise)
MODES: dict[str, Mode] = {
    mode.__name__: mode for mode in (call_and_response, continuation, duet, autonomous, harmonise, accompany, trade)
}


def find(name: str) -> Mode:
    """The mode of that name, or the function of one's own given as package.module:function. Raises SettingsError."""
    if name in MODES:
        return MODES[name]
    if not re.fullmatch(r"[\w.]+:\w+", name):
        raise SettingsError(unknown("mode", name, MODES, ", or package.module:function"))
    module, _, function = name.partition(":")
    try:
        mode = getattr(importlib.import_module(module), function)
    except Exception as error:  # a module of the user's own may fail in any way when it is imported
        raise SettingsError(f"The mode {name} cannot be loaded: {error}.") from None
    if not callable(mode):
        raise SettingsError(f"The mode {name} is not a function.")
    # By its own name it can be chosen again while playing, where code is never named.
    return MODES.setdefault(function, mode)
