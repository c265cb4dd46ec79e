"""The verbs of a session: the same table for OSC, for controls and cues, for the journal, and for a replay.

To add a verb that acts on the session, add a row to ``VERBS``: its name, its function, and with a help text and its
arguments an OSC address, which also controls and cues can use.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from livegen.beat.transport import TAP, Grid
from livegen.charts.text import read_chart
from livegen.errors import FileError, ModelError, SettingsError
from livegen.events import Event, Remark
from livegen.player import slots
from livegen.player.asked import AGAIN, FILL, REPLY, STOP
from livegen.player.slots import Slot
from livegen.predictors.models import MarkovState, NetworkState
from livegen.session.any_session import AnySession
from livegen.spec import PRESSED, SLOT, SLOTS, WHEN, Parameter

NOTES, BEATS = "notes", "beats"
_SHORTEST_BEAT, _LONGEST_BEAT = 0.001, 3600.0  # seconds; what a damaged journal says beyond them never ends
_SOON = 0.05  # seconds until the first click, where no beat is followed
CHART_VERBS = frozenset(("section", "vamp", "transpose"))  # after which another bar may play


class Verb(NamedTuple):
    """One verb. ``act`` is given the session, the time (seconds) and the arguments, and returns the events to send.

    A verb with a ``help`` has an OSC address, whose arguments it ``takes``; a verb without is only in journals.
    """

    act: Callable[..., list[Event]]
    help: str = ""
    takes: tuple[Parameter, ...] = ()


def do(session: AnySession, verb: str, at: float, args: Sequence[Any] = ()) -> list[Event]:
    """Have the session do it; the events to be sent. Raises SettingsError, which says why, if it cannot be done."""
    wanted = VERBS.get(verb)
    if wanted is None:
        raise SettingsError(f"A session knows no {verb!r:.40}; it knows {', '.join(VERBS)}.")
    return wanted.act(session, at, *args)


def kept(session: AnySession) -> Slot:
    """A slot with the session's place; without the forecast, which would keep its model loaded."""
    here = session.place
    drummer = session.player.drum_place
    return Slot(here.line._replace(forecast=None), here.composer, session.predictor.digest, drummer)


def _panic(session: AnySession, at: float) -> list[Event]:
    return session.panic(at)


def _reset(session: AnySession, at: float) -> list[Event]:
    return session.reset(at)


def _forget(session: AnySession, at: float) -> list[Event]:
    session.forget()
    return []


def _reply(session: AnySession, at: float, when: str = "") -> list[Event]:
    return session.say(REPLY, at, when)


def _stop(session: AnySession, at: float) -> list[Event]:
    return session.say(STOP, at)


def _again(session: AnySession, at: float, when: str = "") -> list[Event]:
    return session.say(AGAIN, at, when)


def _fill(session: AnySession, at: float) -> list[Event]:
    return session.say(FILL, at)


def _take(session: AnySession, at: float, name: str = "") -> list[Event]:
    return []  # it only marks a place in the journal


def _follow(session: AnySession, at: float, *grid: Any) -> list[Event]:  # noqa: ANN401 (of a journal)
    followed = Grid(at, *grid)
    if not _SHORTEST_BEAT <= followed.length <= _LONGEST_BEAT:
        raise SettingsError(f"A beat of {followed.length:g} s cannot be followed.")
    session.follow(followed)
    return []


def _save(session: AnySession, at: float, number: int) -> list[Event]:
    """Keep the place of the session, and of each voice of a band, in a slot."""
    _check(number)
    kept_by = [
        voice for voice in session.voices if voice.place.line.state is not None or voice.player.drum_place is not None
    ]
    if not kept_by:
        raise SettingsError(f"The model {session.predictor.name} keeps no state; choose another model to save it.")
    for voice in kept_by:
        voice.slots[number] = kept(voice)
    return []


def _recall(session: AnySession, at: float, number: int) -> list[Event]:
    """Continue from a slot; of another model's, only the memory is taken."""
    _check_filled(session, number)
    return session.change_each(lambda voice: _recall_one(voice, at, number), at)


def _recall_one(session: AnySession, at: float, number: int) -> list[Event]:
    slot = session.slots.get(number)
    if slot is None:
        return []
    if slot.is_of(session.predictor):
        return session.go_on_from(slot, at)
    if not isinstance(slot.line.state, NetworkState | MarkovState):
        raise SettingsError(f"Slot {number} was saved with another model, and has no memory that this one could take.")
    said = f"Slot {number} was saved with another model: only its memory is taken."
    return [*session.go_on_from(slot.seen_by(session.predictor, session.place.line), at), Remark(session.now, said)]


def _clear(session: AnySession, at: float, number: int) -> list[Event]:
    """Empty a slot."""
    _check_filled(session, number)
    for voice in session.voices:
        voice.slots.pop(number, None)
    return []


def _slot(session: AnySession, at: float, number: int, content: str) -> list[Event]:
    """Fill a slot with a file's bytes, in base64: so a journal holds a slot that was saved before it began."""
    _check(number)
    try:
        session.slots[number] = slots.unpack(base64.b64decode(content, validate=True))
    except (ModelError, binascii.Error) as error:
        raise SettingsError(f"Slot {number} cannot be read: {error}") from None
    return []


def _rewind(session: AnySession, at: float, count: float, unit: str = NOTES) -> list[Event]:
    """Take back the latest notes, or those of the latest beats."""
    if unit not in (NOTES, BEATS):
        raise SettingsError(f"What is rewound is counted in {NOTES} or {BEATS}, not in {unit!r:.40}.")
    since = session.reach(round(count)) if unit == NOTES else at - count * session.transport.beat

    def rewind(voice: AnySession) -> list[Event]:
        exactly = voice is session.voices[0] and unit == NOTES  # the other voices: what they played meanwhile
        return voice.rewind(round(count) if exactly else voice.notes_since(since), at)

    return session.change_each(rewind, at)


def _chart(session: AnySession, at: float, text: str) -> list[Event]:
    """Play a chart, given as plain text; "" plays none."""
    try:
        chart = read_chart(text) if text else None
    except FileError as error:
        raise SettingsError(f"The chart cannot be read: {error}") from None
    return session.change_chart(lambda changes: changes.play(chart, at), at)


def _count_in(session: AnySession, at: float) -> list[Event]:
    """Count a bar in, by the beat that is followed, or otherwise in the tempo that is set."""
    if not session.transport.running:
        session.follow(Grid(at + _SOON, 0.0, 60.0 / session.settings.tempo, TAP))
    first = session.voices[0]

    def each(voice: AnySession) -> list[Event]:
        out = voice.settings_changed(at)  # time passes
        voice.player.count_in(voice.now, clicks=voice is first)
        return out + voice.player.take()

    return session.change_each(each, at)


def _section(session: AnySession, at: float, name: str) -> list[Event]:
    """Go to a section of the chart at the next bar line."""
    return session.change_chart(lambda changes: changes.jump(str(name), at), at)


def _vamp(session: AnySession, at: float, name: str = "") -> list[Event]:
    """Stay in a section of the chart; without a name, go on."""
    return session.change_chart(lambda changes: changes.vamp(str(name), at), at)


def _transpose(session: AnySession, at: float, semitones: float) -> list[Event]:
    """Play the chart higher than it is written."""
    return session.change_chart(lambda changes: changes.transpose(round(semitones)), at)


def _check(number: int) -> None:
    if not 1 <= number <= SLOTS:
        raise SettingsError(f"There are slots 1 to {SLOTS}, and no slot {number}.")


def _check_filled(session: AnySession, number: int) -> None:
    _check(number)
    if not any(number in voice.slots for voice in session.voices):
        raise SettingsError(f"Slot {number} is empty; /livegen/save {number} fills it.")


_COUNT = Parameter("count", "f", 0, 1024)
_UNIT = Parameter("unit", "s", unit=f"{NOTES} or {BEATS}", optional=True)
_NAME = Parameter("section", "s", unit="a section's name, its number from 1, here or next", free=True)
_SEMITONES = Parameter("semitones", "i", -12, 12)
VERBS: dict[str, Verb] = {
    "panic": Verb(_panic),
    "reset": Verb(_reset),
    "forget": Verb(_forget, "empty the memory of what was played, and play on; a button's 0 does nothing", (PRESSED,)),
    "reply": Verb(
        _reply, "your turn: livegen answers your phrase, or begins; now, or on the next beat or bar", (WHEN,)
    ),
    "stop": Verb(_stop, "finish: livegen leads to an end, and waits for your next phrase", (PRESSED,)),
    "again": Verb(_again, "another answer to the same phrase; now, or on the next beat or bar", (WHEN,)),
    "fill": Verb(_fill, "the drummer fills up to the next bar line, or the one after if that is near", (PRESSED,)),
    "take": Verb(_take),
    "follow": Verb(_follow),
    "save": Verb(_save, "keep the place in the music in a slot, for later and for another day", (SLOT,)),
    "recall": Verb(_recall),
    "clear": Verb(_clear, "empty a slot", (SLOT,)),
    "slot": Verb(_slot),
    "chart_text": Verb(_chart),
    "count_in": Verb(
        _count_in, "count a bar in: then the band begins, the chart, and a trade; a button's 0 does nothing", (PRESSED,)
    ),
    "section": Verb(_section, "go to this section of the chart at the next bar line", (_NAME,)),
    "vamp": Verb(_vamp, "stay in this section of the chart; without a name, go on", (replace(_NAME, optional=True),)),
    "transpose": Verb(_transpose, "play the chart so many semitones above what is written", (_SEMITONES,)),
    "rewind": Verb(_rewind, "take back the latest notes, or those of the latest beats", (_COUNT, _UNIT)),
}
