"""Knobs, faders, pads and foot switches: the OSC message that a MIDI control or note stands for. Pure.

A control bound to "temperature" moves that setting over its whole range, one bound to "temperature 0.7 1.2" between
these two values; "mode duet" or "cue next" is carried out at each press.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from livegen.control.addresses import Method, known
from livegen.control.arguments import check
from livegen.control.learning import OFFSET, PARAMETERS, TURNS, Learner, turned
from livegen.errors import LivegenError, SettingsError
from livegen.events import ControlChange, Event, NoteOff, NoteOn
from livegen.osc.packets import Argument, Message
from livegen.settings import spec, specs
from livegen.spec import Spec

Kind = Literal["cc", "note"]
MOST = 256  # bindings
_PRESSED = 64  # and above, as MIDI 1.0 has it for switches
_HIGHEST = {"cc": 119, "note": 127}  # controls 120 and above are channel mode messages
_NEAR = 2  # steps: a fader this close to its setting has picked it up
_THROWN = 64  # steps: a knob that is this far from where it was has not passed what lies between
_TRIGGER = re.compile(r"(cc|note)(\d{1,3})(?:-ch(\d{1,2}))?")
_TURNS = re.compile(rf"(cc\d.*)-({TURNS}|{OFFSET})")
_WORD = re.compile(r"[^\s\"']+|\"[^\"]*\"|'[^']*'")


class Trigger(NamedTuple):
    """The control that is moved: a control change or a note, of one channel (1-16) or of any (0)."""

    kind: Kind
    number: int
    channel: int = 0

    def __str__(self) -> str:
        return f"{self.kind}{self.number}" + (f"-ch{self.channel}" if self.channel else "")


def trigger(text: str) -> Trigger:
    """The trigger written as cc20, cc20-ch1 or note36. Raises SettingsError."""
    found = _TRIGGER.fullmatch(text)
    if found is not None:
        kind: Kind = "cc" if found[1] == "cc" else "note"
        number, channel = int(found[2]), int(found[3] or 0)
        if number <= _HIGHEST[kind] and channel <= 16 and (found[3] is None or channel):
            return Trigger(kind, number, channel)
    raise SettingsError(
        f"{text!r:.40} is not a control; write cc0 to cc119 or note0 to note127, with -ch1 to -ch16 for one channel."
    )


def message(words: str) -> Message:
    """The OSC message that words such as "mode duet" stand for. Raises SettingsError when no address takes them."""
    found = _WORD.findall(words)
    if not found:
        raise SettingsError("A control is bound to nothing; write what it does, such as temperature or cue next.")
    asked = Message(f"/livegen/{found[0]}", tuple(map(_argument, found[1:])))
    try:
        check(asked)
    except LivegenError as error:
        raise SettingsError(f"{words!r:.60} cannot be done: {error}") from None
    return asked


def _argument(word: str) -> Argument:
    if word[0] in "\"'":
        return word[1:-1]
    try:
        return float(word) if any(mark in word for mark in ".e") else int(word)
    except ValueError:
        return word


@dataclass
class Binding:
    """The effect of one trigger: with a ``scale`` a fader from ``low`` to ``high``, otherwise a switch."""

    words: str
    press: Message
    scale: Spec | None = None
    voice: str | None = None  # the voice that has the setting, if not the first
    low: float = 0.0
    high: float = 1.0
    toggles: bool = False  # each press of a pad turns a setting on or off
    turns: str = ""  # how an endless knob counts, TURNS or OFFSET; "" is a knob with ends
    _step: int | None = None  # the last that was not jitter
    _way: int = 0  # up 1, down -1
    _given: float | None = None  # the value that this control last gave the setting
    _at: float = 0.0  # where between its ends an endless knob left it

    def position(self, step: int) -> float:
        """A step of 0-127 as a position of 0 to 1, with 64 in the very middle (as MIDI 2.0 scales up, M2-115-U)."""
        return step / 128 if step <= 64 else 0.5 + (step - 64) / 126

    def value(self, step: int) -> float | int | bool:
        """The value that the fader's step stands for."""
        assert self.scale is not None
        return self.scale.at(self.low + (self.high - self.low) * self.position(step))

    def moved(self, step: int, now: float | None, dead_band: int, pickup: bool) -> float | int | bool | None:
        """The value that a fader moved to ``step`` gives a setting that is ``now`` (None: not known); None: no change.

        A turn back of fewer steps than ``dead_band`` is jitter. With ``pickup`` a fader that is away from its
        setting moves nothing until it passes it.
        """
        last, way = self._step, self._way
        if last is None:
            way = 0
        elif step == last:
            return None
        else:
            way = 1 if step > last else -1
            if way == -self._way and abs(step - last) < dead_band and step not in (0, 127):
                return None
        self._step, self._way = step, way
        assert self.scale is not None
        if (
            pickup
            and self.scale.kind is not bool
            and now is not None
            and now != self._given
            and not self._passes(last, step, now)
        ):
            return None
        value = self.value(step)
        self._given = float(value)
        return None if now is not None and value == now else value

    def turned(self, value: int, now: float | None) -> float | int | bool | None:
        """The value that an endless knob, which sent ``value``, gives a setting that is ``now``; None: no change."""
        assert self.scale is not None
        steps = turned(value, self.turns)
        if now is None or not steps or self.low == self.high:
            return None
        if now != self._given:  # something else moved it
            self._at = (self.scale.position(now) - self.low) / (self.high - self.low)
        self._at = min(max(1.0, self._at), max(min(0.0, self._at), self._at + steps / 127))
        wanted = self.scale.at(self.low + (self.high - self.low) * self._at)
        self._given = float(wanted)
        return None if wanted == now else wanted

    def pressed(self, event: ControlChange | NoteOn) -> bool:
        """Whether a switch was pressed. A button that sends nothing on release sends 127 at every press."""
        if isinstance(event, NoteOn):
            return True
        last, self._step = self._step, event.value
        return event.value >= _PRESSED and (last is None or last < _PRESSED or last == event.value)

    def _passes(self, last: int | None, step: int, now: float) -> bool:
        assert self.scale is not None
        width = self.high - self.low
        if not width:
            return True
        at = (self.scale.position(now) - self.low) / width
        middle = at * 128 if at <= 0.5 else 64 + (at - 0.5) * 126
        beyond = not -_NEAR <= middle <= 127 + _NEAR  # the setting is outside this fader's range
        if beyond or abs(step - middle) <= _NEAR:
            return True
        return last is not None and abs(step - last) < _THROWN and (last - middle) * (step - middle) < 0


def binding(words: str) -> Binding:
    """The binding for these words. Raises SettingsError."""
    found = _WORD.findall(words)
    method = known(f"/livegen/{found[0]}") if found else None
    scale = None if method is None or method.access == "out" else _scale(method)
    if method is None or scale is None or len(found) not in (1, 3):
        return Binding(words, message(words))
    press = Message(f"/livegen/{found[0]}")
    if len(found) == 1:
        return Binding(words, press, scale, method.voice, toggles=scale.kind is bool)
    ends = [_argument(word) for word in found[1:]]
    for end in ends:
        if not isinstance(end, int | float) or not (scale.low or 0) <= end <= (scale.high or 0):
            raise SettingsError(f"{words!r:.60} cannot be done: {scale.name} takes {scale.range}.")
    low, high = (scale.position(float(end)) for end in ends)  # type: ignore[arg-type]
    return Binding(words, press, scale, method.voice, low, high)


def _scale(method: Method) -> Spec | None:
    """The scale of a fader for an address: the range of its one number."""
    if method.setting is not None:
        found = spec(method.setting)
        return found if found.kind is bool or (found.low is not None and found.high is not None) else None
    if len(method.parameters) != 1:
        return None
    (only,) = method.parameters
    if only.low is None or only.high is None or only.tag != "f":
        return None
    return Spec(method.address.removeprefix("/livegen/"), float, only.low, only.low, only.high, only.unit, True, "")


def chart() -> dict[Trigger, str]:
    """The default controls, as the settings declare them."""
    return {Trigger("cc", one.control): one.name for one in specs() if one.live and one.control is not None}


def bindings(table: Mapping[str, Any], source: str = "the settings") -> dict[Trigger, Binding]:
    """The bindings of a [bind] table. Raises SettingsError naming the first that is wrong."""
    found: dict[Trigger, Binding] = {}
    if not isinstance(table, Mapping) or len(table) > MOST:
        raise SettingsError(f'In {source}: [bind] is a table of at most {MOST} lines such as cc20 = "temperature".')
    for key, words in table.items():
        try:
            if not isinstance(words, str):
                raise SettingsError(f'{key} is bound to {words!r:.40}; write what it does as text, such as "cue next".')
            endless = _TURNS.fullmatch(key)
            one = found[trigger(endless[1] if endless else key)] = binding(words)
            if endless:
                if one.scale is None or one.toggles:
                    raise SettingsError(f"{key} is an endless knob and presses nothing; bind it to a setting.")
                one.turns = endless[2]
        except SettingsError as error:
            raise SettingsError(f"In {source}, [bind]: {error}") from None
    return found


@dataclass
class Bindings:
    """All bindings: ``own`` from the user's file, ``learned`` while playing, and the chart for all other controls."""

    own: dict[Trigger, Binding] = field(default_factory=dict)
    learned: dict[Trigger, Binding] = field(default_factory=dict)
    wanted: str | None = None  # the words to bind to the next control that moves
    _chart: dict[Trigger, Binding] = field(
        default_factory=lambda: {key: binding(name) for key, name in chart().items()}
    )
    refusal: str | None = None  # a sentence about what cannot be learned, to be said and taken away
    _learner: Learner | None = None
    _parameters: dict[int, tuple[str, tuple[int, int]]] = field(default_factory=dict)  # by channel: kind, number

    def find(self, event: Event, with_chart: bool) -> Binding | None:
        """The binding of an event, if it has one."""
        if not self.own and not self.learned and isinstance(event, NoteOn):  # the usual case
            return None
        if isinstance(event, ControlChange):
            kind: Kind = "cc"
            number = event.control
        elif isinstance(event, NoteOn | NoteOff):
            kind, number = "note", event.pitch
        else:
            return None
        charted = with_chart and kind == "cc"
        for table in (self.learned, self.own, self._chart) if charted else (self.learned, self.own):
            if table:
                found = table.get(Trigger(kind, number, event.channel)) or table.get(Trigger(kind, number))
                if found is not None:
                    return found
        return None

    def learn(self, words: str | None) -> None:
        """Bind the next control that moves to these words; None stops waiting. Raises SettingsError."""
        self._learner = None
        if words is not None:
            scale = binding(words).scale
            self._learner = Learner(fades=scale is not None and scale.kind is not bool)
        self.wanted = words

    def choose_parameter(self, event: ControlChange) -> None:
        """Note which parameter, registered or not, the controls 98 to 101 choose on a channel: none is 127, 127."""
        kind = "NRPN" if event.control < 100 else "RPN"
        _, (coarse, fine) = self._parameters.get(event.channel, (kind, (-1, -1)))
        number = (event.value, fine) if event.control % 2 else (coarse, event.value)
        self._parameters[event.channel] = kind, number

    def teach(self, event: ControlChange) -> Trigger | None:
        """Bind the control that moved to the words that wait. None: it has not moved far enough to be meant."""
        if event.control in PARAMETERS:
            self.choose_parameter(event)
        if self.wanted is None or self._learner is None:
            return None
        kind, number = self._parameters.get(event.channel, ("", (127, 127)))
        lesson = self._learner.hear(event, kind if number != (127, 127) else None)
        self.refusal, self._learner.refusal = self._learner.refusal, None
        if lesson is None:
            return None
        found = Trigger("cc", lesson.control, lesson.channel)
        self.unlearn(self.wanted)
        self.learned[found] = binding(self.wanted)
        self.learned[found].turns = lesson.turns
        self.wanted = self._learner = None
        return found

    def unlearn(self, words: str) -> bool:
        """Forget the control that was learned for these words. Returns whether there was one."""
        gone = [key for key, one in self.learned.items() if one.words == words]
        for key in gone:
            del self.learned[key]
        return bool(gone)

    def rows(self) -> Iterator[tuple[str, str]]:
        """The learned bindings, as lines of a [bind] table."""
        for key, one in sorted(self.learned.items()):
            yield f"{key}-{one.turns}" if one.turns else str(key), one.words
