"""The OSC addresses, declared once: what is heard, what is said, who acts on it. The README's table is made here."""

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, Protocol, TypeGuard

from livegen import modes
from livegen.errors import LivegenError, PacketError
from livegen.osc import Argument, Message
from livegen.osc_pattern import compile_pattern, is_pattern
from livegen.osc_peers import Source
from livegen.settings import SLOTS, Settings, Spec, spec, specs

Access = Literal["in", "out", "both"]
Value = int | float | str | bool

_TAGS: dict[type, str] = {int: "i", float: "f", bool: "i", str: "s"}
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")
_WORDS = _NAME | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ #+,/")  # of settings that know all that they take
_LONGEST_NAME = 64
_LARGEST = 2**31 - 1


class Voices(Protocol):
    """The voices of a band; each method may raise SettingsError."""

    @property
    def names(self) -> Sequence[str]:
        """What they are called; empty where one plays alone."""

    def set(self, name: str, what: str, values: Sequence[Value]) -> None:
        """Change a setting of one voice, or whom it hears."""

    def get(self, name: str, what: str) -> None:
        """Tell it, on its own address."""

    def value(self, name: str, what: str) -> Sequence[Argument]:
        """What it is now."""


class Performance(Protocol):
    """What the addresses act on; the server is one. Each may raise SettingsError or PacketError."""

    def note(self, pitch: int, velocity: int, channel: int, id: int) -> None:
        """The performer plays a note; velocity 0 releases it. ``id`` 0: the performer gave none."""

    def set(self, name: str, value: Value) -> None:
        """Change a setting."""

    def get(self, name: str) -> None:
        """Tell the value of a setting, on its own address."""

    def panic(self) -> None:
        """Release all that sounds."""

    def reset(self) -> None:
        """Forget what was played."""

    def forget(self) -> None:
        """Empty the session's memory, and play on."""

    @property
    def conductor(self) -> "Voices":
        """Who tells a voice what is asked of it alone."""

    def tap(self) -> None:
        """A beat is now."""

    def recall(self, slot: int, beats: float) -> None:
        """Go on from a slot, now or on the next multiple of so many beats."""

    def do(self, verb: str, *args: Value) -> None:
        """Have the session do it: save or clear a slot, or rewind."""

    def listen(self, host: str, port: int) -> None:
        """Send to this target too, until its lease ends."""

    def tell(self, address: str, *args: Argument) -> None:
        """Send to every target."""

    def take(self, name: str) -> None:
        """Begin a take."""

    @property
    def hands(self) -> "Hands":
        """What moves settings in other ways than one at a time."""


class Hands(Protocol):
    """Controls, presets, ramps and cues. Each may raise SettingsError."""

    def learn(self, words: str | None) -> None:
        """Bind the next control that moves; None: wait no longer."""

    def unlearn(self, words: str) -> None:
        """Forget what was learned for these words."""

    def ramp(self, name: str, first: float, last: float, beats: float) -> None:
        """Move a setting from one value to another in so many beats."""

    def preset(self, wanted: str | None) -> None:
        """Take up a preset by its name or program; None: tell the last."""

    def cue(self, wanted: str | None) -> None:
        """Go to a cue; None: tell where the show is."""

    def song(self, wanted: str | None) -> None:
        """Go to a song's first cue; None: tell where the show is."""


@dataclass(frozen=True)
class Parameter:
    """One argument of a method. ``tag`` is its OSC type; a number has a range (None: no limit)."""

    name: str
    tag: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    optional: bool = False
    free: bool = False  # any short text, or a number in its place

    def takes(self, number: float) -> bool:
        """Whether a number lies in the range."""
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)

    @property
    def range(self) -> str:
        """The range in words."""
        if self.low is None or self.high is None:
            return self.unit or ("text" if self.tag == "s" else "any")
        if self.high == _LARGEST:
            return f"{self.low:g} or more"
        return f"{self.low:g} to {self.high:g}{' ' + self.unit if self.unit else ''}"


@dataclass(frozen=True)
class Method:
    """One OSC address: its parameters, and the setting or verb that it stands for."""

    address: str
    parameters: tuple[Parameter, ...]
    help: str
    access: Access
    setting: str | None = None
    verb: str | None = None
    voice: str | None = None  # whose setting it is, if not the first's

    @property
    def types(self) -> str:
        """The OSC type tags of all its arguments."""
        return "".join(parameter.tag for parameter in self.parameters)


_PITCH = Parameter("pitch", "i", 0, 127)
_VELOCITY = Parameter("velocity", "i", 0, 127)
_CHANNEL = Parameter("channel", "i", 1, 16)
_ID = Parameter("id", "i", 0, _LARGEST)
_GAP = Parameter("gap", "f", unit="seconds")
_DURATION = Parameter("duration", "f", unit="seconds")
_PRESSED = Parameter("pressed", "f", optional=True)
_BEAT = Parameter("beat", "i", 1, 16), Parameter("count", "i")
_TEMPO = Parameter("tempo", "f"), Parameter("sure", "f", 0, 1), Parameter("swing", "f", 0, 1), Parameter("source", "s")
_PORT = Parameter("port", "i", 1, 65535, optional=True)
_NUMBER = Parameter("n", "i", 0, _LARGEST, optional=True)
_SLOT = Parameter("slot", "i", 1, SLOTS)
_COUNT = Parameter("count", "f", 0, 1024)
_UNIT = Parameter("unit", "s", unit="notes or beats", optional=True)
_FULL = Parameter("slot", "i", 1, SLOTS, optional=True)


_WHAT = Parameter("what", "s", unit="a setting's name, panic, cue next...", optional=True, free=True)
_SETTING = Parameter("setting", "s", unit="a setting's name")
_PLACE = (
    Parameter("song", "s"),
    Parameter("cue", "s"),
    Parameter("number", "i", 0, _LARGEST),
    Parameter("count", "i", 0, _LARGEST),
    Parameter("next", "s"),
)
_FROM = Parameter("from", "f")
_TO = Parameter("to", "f")
_BEATS = Parameter("beats", "f", 0, 4096)
_PRESET = Parameter("preset", "s", unit="a name, or its program", optional=True, free=True)
_CUE = Parameter("cue", "s", unit="next, back, a name or a number", optional=True, free=True)
_SONG = Parameter("song", "s", unit="next, back, a name or a number", optional=True, free=True)
_TAKE = Parameter("name", "s", unit="a name of a-z, 0-9, _ and -")


def _optional(parameter: Parameter) -> Parameter:
    return Parameter(parameter.name, parameter.tag, parameter.low, parameter.high, parameter.unit, True)


def _setting(spec: Spec) -> Method:
    low, high = (0, 1) if spec.kind is bool else (spec.low, spec.high)
    unit = spec.takes or "a name of a-z, 0-9, _ and -" if spec.kind is str else spec.unit
    help = spec.help.split(", or package.module")[0]  # over the network a mode is a name, never code to import
    parameter = Parameter("value", _TAGS[spec.kind], low, high, unit, optional=True)
    return Method(f"/livegen/{spec.name}", (parameter,), help, "both", setting=spec.name)


def _heard(name: str, help: str, *parameters: Parameter) -> Method:
    return Method(f"/livegen/{name}", parameters, help, "in", verb=name)


def _both(name: str, help: str, *parameters: Parameter) -> Method:
    return Method(f"/livegen/{name}", parameters, help, "both", verb=name)


def _said(name: str, help: str, *parameters: Parameter) -> Method:
    return Method(f"/livegen/{name}", parameters, help, "out")


METHODS: tuple[Method, ...] = (
    _heard("note", "play a note; velocity 0 releases it", _PITCH, _VELOCITY, _optional(_CHANNEL), _optional(_ID)),
    _heard("panic", "release every note that sounds, whatever comes with it", _PRESSED),
    _heard("reset", "forget what was played; a button's 0 does nothing", _PRESSED),
    _heard("forget", "empty the memory of what was played, and play on; a button's 0 does nothing", _PRESSED),
    _both(
        "take",
        "begin a take of this name, to be exported by itself",
        Parameter("name", "s", unit="a name of a-z, 0-9, _ and -"),
    ),
    _heard("tap", "a beat is now: twice and more tell the tempo; a button's 0 does nothing", _PRESSED),
    _heard("save", "keep the place in the music in a slot, also for another day", _SLOT),
    _heard("recall", "go on from a slot, at once or on the next multiple of so many beats", _SLOT, _optional(_BEATS)),
    _heard("clear", "empty a slot", _SLOT),
    _heard("rewind", "forget the latest notes, or those of the latest beats", _COUNT, _UNIT),
    _heard("listen", "send to this port of yours too (else to the port you send from), for 60 s", _PORT),
    _heard("ping", "answered with /livegen/pong to whoever listens", _NUMBER),
    *(_setting(spec) for spec in specs() if spec.live),
    _heard("learn", "bind the next control that moves to this; without an argument, no longer wait for one", _WHAT),
    _heard(
        "unlearn",
        "forget the control that was learned for this",
        Parameter("what", "s", unit="what it was bound to", free=True),
    ),
    _heard("ramp", "move a setting by itself in so many beats", _SETTING, _FROM, _TO, _BEATS),
    _both("preset", "take up a preset's settings; without an argument, tell the last", _PRESET),
    _heard("cue", "go to a cue of the show; without an argument, tell where it is", _CUE),
    _heard("song", "go to the first cue of a song; without an argument, tell where the show is", _SONG),
    _said("out/next", "the note expected next, at once after each note heard", _ID, _PITCH, _GAP, _VELOCITY, _DURATION),
    _said("out/note", "a note of the player sounds", _ID, _PITCH, _VELOCITY, _DURATION, _CHANNEL),
    _said("out/off", "a note of the player is released", _ID, _PITCH, _CHANNEL),
    _said(
        "out/heard",
        "a note of the performer, and the MIDI port that it came through; to the page and WebSockets alone",
        _ID,
        _PITCH,
        _VELOCITY,
        _CHANNEL,
        Parameter("port", "s"),
    ),
    _said("out/inputs", "the MIDI inputs that are open, comma between", Parameter("names", "s")),
    _said("out/outputs", "the MIDI outputs that are open, comma between", Parameter("names", "s")),
    _said("out/turn", "who plays now: player or performer", Parameter("who", "s")),
    _said(
        "out/line",
        "what was answered, in writing: sargam in a raga, else the upper voice in ABC",
        Parameter("text", "s"),
    ),
    _said("out/beat", "a beat: which of the bar (from 1), and how many went before it", *_BEAT),
    _said("out/tempo", "at each beat: bpm, how sure it is (0 to 1), swing (0.5: none), whose beat it is", *_TEMPO),
    _said("out/slots", "the numbers of the slots that are filled; also told to who begins to listen", _FULL),
    _said("out/lateness", "how late notes are sent", Parameter("late", "f", unit="milliseconds")),
    _said("out/cue", "where the show is: the song, the cue, its number, how many there are, the next", *_PLACE),
    _said("out/learned", "what was bound, and to what", Parameter("control", "s"), Parameter("what", "s")),
    _said("pong", "the answer to /livegen/ping", _NUMBER),
    _said("error", "what was wrong, and what to do", Parameter("code", "s"), Parameter("text", "s")),
)
BY_ADDRESS = {method.address: method for method in METHODS}
VOICE = "/livegen/voice/"
_OUT_VOICE = "/livegen/out/voice/"
_HEARS = "hears"
_WHOM = Parameter("whom", "s", unit="names, the one it answers first; nobody for none", optional=True)


@lru_cache(maxsize=4)
def of_voices(names: tuple[str, ...]) -> tuple[Method, ...]:
    """The methods that a band's voices add: each setting of each, and whom it hears."""
    return tuple(
        method
        for name in names
        for method in (
            *(
                replace(_setting(spec), address=f"{VOICE}{name}/{spec.name}", voice=name)
                for spec in specs()
                if spec.live and not spec.shared
            ),
            Method(f"{VOICE}{name}/{_HEARS}", (_WHOM,), "whom this voice hears", "both", verb=_HEARS, voice=name),
            _told(f"voice/{name}/next", "out/next"),
            _told(f"voice/{name}/turn", "out/turn"),
        )
    )


def _told(name: str, as_in: str) -> Method:
    return replace(BY_ADDRESS[f"/livegen/{as_in}"], address=f"/livegen/out/{name}")


def dispatch(message: Message, source: Source, performance: Performance) -> None:
    """Let ``performance`` do what a message asks. A pattern asks it of every method that it matches.

    What livegen itself says (access "out") is ignored, so that two servers never answer each other for ever.
    Raises PacketError or SettingsError; after a pattern the first one, when every method has had its turn.
    """
    method = BY_ADDRESS.get(message.address) or _of_voice(message.address, performance)
    if method is not None:
        if method.verb == "note" and _is_plain_note(message.args):
            return performance.note(*message.args)
        return _act(method, message.args, source, performance)
    if not is_pattern(message.address):
        raise PacketError(f"There is no address {message.address[:60]}{_hint(message.address)}.")
    matches = compile_pattern(message.address)
    there = (*METHODS, *of_voices(tuple(performance.conductor.names)))
    matched = [method for method in there if method.access != "out" and matches(method.address)]
    if not matched:
        raise PacketError(f"No address matches {message.address[:60]}.")
    errors: list[LivegenError] = []
    for method in matched:
        try:
            _act(method, message.args, source, performance)
        except LivegenError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _of_voice(address: str, performance: Performance) -> Method | None:
    """The method of a voice that an address names, if it does."""
    if not address.startswith((VOICE, _OUT_VOICE)) or is_pattern(address):
        return None
    name = address.removeprefix(VOICE).partition("/")[0]
    if address.startswith(VOICE) and name not in performance.conductor.names:
        there = ", ".join(performance.conductor.names) or "only one, without a name"
        raise PacketError(f"There is no voice {name[:40]}; there are {there}.")
    every = of_voices(tuple(performance.conductor.names))
    return next((method for method in every if method.address == address), None)


def _is_plain_note(given: tuple[Argument, ...]) -> TypeGuard[tuple[int, int, int, int]]:
    """Whether a note has all its arguments, each an int in its range: most have, and need no further reading."""
    if len(given) != 4:
        return False
    pitch, velocity, channel, id = given
    return (
        type(pitch) is type(velocity) is type(channel) is type(id) is int
        and 0 <= pitch <= 127
        and 0 <= velocity <= 127
        and 1 <= channel <= 16
        and 0 <= id <= _LARGEST
    )


def _hint(address: str) -> str:
    near = difflib.get_close_matches(address, BY_ADDRESS, 1) if len(address) < 40 else []
    return f"; you may mean {near[0]}" if near else ""


def _act(method: Method, given: tuple[Argument, ...], source: Source, performance: Performance) -> None:
    if method.access == "out":
        return
    if method.voice is not None:
        return _act_on_voice(method, method.voice, given, performance.conductor)
    args = [] if method.verb == "panic" else _checked(method, given)  # panic refuses nothing
    if method.verb is not None:
        _VERBS[method.verb](args, source, performance)
    elif method.setting is not None and args:
        performance.set(method.setting, args[0])
    elif method.setting is not None:
        performance.get(method.setting)


def _act_on_voice(method: Method, voice: str, given: tuple[Argument, ...], voices: Voices) -> None:
    what = method.setting or _HEARS
    args = [_value(method, _WHOM, each) for each in given] if what == _HEARS else _checked(method, given)
    if args:
        voices.set(voice, what, args)
    else:
        voices.get(voice, what)


def _checked(method: Method, given: tuple[Argument, ...]) -> list[Value]:
    """The arguments as the method wants them. Raises PacketError that says what it takes."""
    needed = sum(not parameter.optional for parameter in method.parameters)
    if not needed <= len(given) <= len(method.parameters):
        raise PacketError(f"{method.address} takes the arguments {_signature(method)}; it got {len(given)} of them.")
    return [_value(method, *pair) for pair in zip(method.parameters, given, strict=False)]


def _value(method: Method, parameter: Parameter, given: Argument) -> Value:
    if parameter.free:
        return _words(method, given)
    if parameter.tag == "s":
        if method.setting == "mode" and isinstance(given, int | float) and given in range(1, len(modes.MODES) + 1):
            return list(modes.MODES)[int(given) - 1]  # for who can send nothing but numbers
        if not isinstance(given, str):
            raise PacketError(f"{method.address} takes a name; it got {given!r:.40}.")
        signs = _WORDS if method.setting is not None and spec(method.setting).takes else _NAME
        if not given or len(given) > _LONGEST_NAME or not signs.issuperset(given):
            raise PacketError(f"{method.address} takes {parameter.unit}; it got {given!r:.40}.")
        return given
    if not isinstance(given, int | float) or not math.isfinite(given):
        raise PacketError(f"{method.address} takes numbers; it got {given!r:.40}.")
    # Pure Data and TouchDesigner send every number as a float, and a fader's need not be whole.
    number = float(given) if parameter.tag == "f" else round(given)
    if method.setting is None and not parameter.takes(number):  # a setting's range is its own to check
        raise PacketError(f"{method.address} takes a {parameter.name} of {parameter.range}; it got {given:g}.")
    return number


def _words(method: Method, given: Argument) -> str:
    """A name that the user gave something, or a number as text: Pure Data and TouchDesigner may send nothing else."""
    if isinstance(given, int | float) and math.isfinite(given):
        return f"{given:g}"
    if not isinstance(given, str) or not given or len(given) > _LONGEST_NAME or not given.isprintable():
        raise PacketError(f"{method.address} takes a name or a number; it got {given!r:.40}.")
    return given


def known(address: str) -> Method | None:
    """The method at an address, or what it would be in a band that has the voice it names."""
    name = address.removeprefix(VOICE).partition("/")[0] if address.startswith(VOICE) else ""
    if not name or not _NAME.issuperset(name):
        return BY_ADDRESS.get(address)
    return next((method for method in of_voices((name,)) if method.address == address), None)


def check(message: Message) -> None:
    """See that a message could be done. Raises PacketError or SettingsError that says why not."""
    method = known(message.address)
    if method is None or method.access == "out":
        raise PacketError(f"There is no address {message.address[:60]}{_hint(message.address)}.")
    args = [] if method.verb == _HEARS else _checked(method, message.args)
    if method.setting is not None and args:
        Settings().set(method.setting, args[0])


def is_setting(address: str) -> bool:
    """Whether this is the address of one setting."""
    method = BY_ADDRESS.get(address)
    return method is not None and method.setting is not None


def _signature(method: Method) -> str:
    """The arguments as they are written after the address: those in brackets may be left out."""
    written = [f"[{one.name}]" if one.optional else one.name for one in method.parameters]
    return " ".join(written)


def _note(args: list[Value], source: Source, performance: Performance) -> None:
    pitch, velocity, *rest = (int(value) for value in args)
    performance.note(pitch, velocity, rest[0] if rest else 1, rest[1] if len(rest) > 1 else 0)


def _panic(args: list[Value], source: Source, performance: Performance) -> None:
    performance.panic()


def _reset(args: list[Value], source: Source, performance: Performance) -> None:
    if not args or args[0]:
        performance.reset()


def _forget(args: list[Value], source: Source, performance: Performance) -> None:
    if not args or args[0]:
        performance.forget()


def _take(args: list[Value], source: Source, performance: Performance) -> None:
    performance.take(str(args[0]))


def _tap(args: list[Value], source: Source, performance: Performance) -> None:
    if not args or args[0]:
        performance.tap()


def _recall(args: list[Value], source: Source, performance: Performance) -> None:
    performance.recall(int(args[0]), float(args[1]) if len(args) > 1 else 0.0)


def _does(verb: str) -> Callable[[list[Value], Source, Performance], None]:
    return lambda args, source, performance: performance.do(verb, *args)


def _listen(args: list[Value], source: Source, performance: Performance) -> None:
    performance.listen(source[0], int(args[0]) if args else source[1])


def _ping(args: list[Value], source: Source, performance: Performance) -> None:
    performance.tell("/livegen/pong", *args)


def _learn(args: list[Value], source: Source, performance: Performance) -> None:
    performance.hands.learn(str(args[0]) if args else None)


def _unlearn(args: list[Value], source: Source, performance: Performance) -> None:
    performance.hands.unlearn(str(args[0]))


def _ramp(args: list[Value], source: Source, performance: Performance) -> None:
    name, first, last, beats = args
    performance.hands.ramp(str(name), float(first), float(last), float(beats))


def _preset(args: list[Value], source: Source, performance: Performance) -> None:
    performance.hands.preset(str(args[0]) if args else None)


def _cue(args: list[Value], source: Source, performance: Performance) -> None:
    performance.hands.cue(str(args[0]) if args else None)


def _song(args: list[Value], source: Source, performance: Performance) -> None:
    performance.hands.song(str(args[0]) if args else None)


_VERBS: dict[str, Callable[[list[Value], Source, Performance], None]] = {
    "note": _note,
    "panic": _panic,
    "reset": _reset,
    "forget": _forget,
    "take": _take,
    "tap": _tap,
    "save": _does("save"),
    "recall": _recall,
    "clear": _does("clear"),
    "rewind": _does("rewind"),
    "listen": _listen,
    "ping": _ping,
    "learn": _learn,
    "unlearn": _unlearn,
    "ramp": _ramp,
    "preset": _preset,
    "cue": _cue,
    "song": _song,
}


_VALUE = Parameter("value", "*", unit="as of /livegen/SETTING", optional=True)
_TEMPLATES = (
    Method(f"{VOICE}NAME/SETTING", (_VALUE,), "a setting of one voice alone, where several play", "both"),
    *(replace(method, address=method.address.replace("/x/", "/NAME/")) for method in of_voices(("x",))[-3:]),
)


def reference() -> str:
    """All addresses as a Markdown table, for the README."""
    lines = ["| address | arguments | types | range | what it does |", "| --- | --- | --- | --- | --- |"]
    for method in (*METHODS, *_TEMPLATES):
        ranges = "; ".join(_range(method, parameter) for parameter in method.parameters)
        cells = (f"`{method.address}`", _signature(method), method.types, ranges, _purpose(method))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _range(method: Method, parameter: Parameter) -> str:
    return parameter.range if len(method.parameters) == 1 else f"{parameter.name}: {parameter.range}"


def _purpose(method: Method) -> str:
    said = {"in": "", "out": "**said by livegen:** ", "both": ""}[method.access]
    return f"{said}{method.help}"
