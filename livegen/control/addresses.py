"""Every OSC address, in and out, declared once; UDP, WebSocket, OSCQuery, the page and docs/osc.md are made from this.

To add an address that acts on the session, add a row to ``VERBS`` in session/verbs.py; a setting brings its own. For
any other add a row to ``METHODS``: with ``_said`` one that livegen sends, with ``_heard`` (or ``_both``) one that it
obeys, whose verb has a row in ``dispatch.py`` too.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from livegen.session.verbs import VERBS
from livegen.settings import specs
from livegen.spec import LARGEST, PRESSED, SLOT, SLOTS, Parameter, Spec

Access = Literal["in", "out", "both"]
Value = int | float | str | bool

_TAGS: dict[type, str] = {int: "i", float: "f", bool: "i", str: "s"}
NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")
VOICE = "/livegen/voice/"
HEARS = "hears"
PRESETS = "presets"  # a list that the running program gives


@dataclass(frozen=True)
class Method:
    """One OSC address: its parameters, and the setting or verb that it means."""

    address: str
    parameters: tuple[Parameter, ...]
    help: str
    access: Access
    setting: str | None = None
    verb: str | None = None
    voice: str | None = None  # the voice that has the setting, if not the first
    group: str = ""  # of a setting: the heading under which it is found

    @property
    def types(self) -> str:
        """The OSC type tags of all its arguments."""
        return "".join(parameter.tag for parameter in self.parameters)


_PITCH = Parameter("pitch", "i", 0, 127)
_VELOCITY = Parameter("velocity", "i", 0, 127)
_CHANNEL = Parameter("channel", "i", 1, 16)
_ID = Parameter("id", "i", 0, LARGEST)
_OWN_ID = Parameter("id", "i", 1, LARGEST)  # 0 is none
_GAP = Parameter("gap", "f", unit="seconds")
_DURATION = Parameter("duration", "f", unit="seconds")
_BEAT = Parameter("beat", "i", 1, 16), Parameter("count", "i")
_TEMPO = Parameter("tempo", "f"), Parameter("sure", "f", 0, 1), Parameter("swing", "f", 0, 1), Parameter("source", "s")
_PORT = Parameter("port", "i", 1, 65535, optional=True)
_NUMBER = Parameter("n", "i", 0, LARGEST, optional=True)
_BITS = Parameter("surprise", "f", 0, 128, "bits"), Parameter("entropy", "f", 0, 13, "bits")
_PAIR = _PITCH, Parameter("probability", "f", 0, 1)
_FULL = Parameter("slot", "i", 1, SLOTS, optional=True)


_WHAT = Parameter("what", "s", unit="a setting's name, panic, cue next...", optional=True, free=True)
_SETTING = Parameter("setting", "s", unit="a setting's name")
_PLACE = (
    Parameter("song", "s"),
    Parameter("cue", "s"),
    Parameter("number", "i", 0, LARGEST),
    Parameter("count", "i", 0, LARGEST),
    Parameter("next", "s"),
)
_SPOT = (
    Parameter("bar", "i", 0, LARGEST),
    Parameter("bars", "i", 0, LARGEST),
    Parameter("section", "i", 0, LARGEST),
    Parameter("stays", "i", 0, LARGEST),
    Parameter("semitones", "i", -12, 12),
)
_FROM = Parameter("from", "f")
_TO = Parameter("to", "f")
_BEATS = Parameter("beats", "f", 0, 4096)
_PRESET = Parameter("preset", "s", unit="a name, or its program", optional=True, free=True, listed=PRESETS)
_CUE = Parameter("cue", "s", unit="next, back, a name or a number", optional=True, free=True)
_SONG = Parameter("song", "s", unit="next, back, a name or a number", optional=True, free=True)
_TAKE = Parameter("name", "s", unit="a name of a-z, 0-9, _ and -")


def _optional(parameter: Parameter) -> Parameter:
    return replace(parameter, optional=True)


def _setting(spec: Spec) -> Method:
    low, high = (0, 1) if spec.kind is bool else (spec.low, spec.high)
    unit = spec.takes or "a name of a-z, 0-9, _ and -" if spec.kind is str else spec.unit
    help = spec.help.split(", or package.module")[0]  # over the network a mode is a name, never code to import
    parameter = Parameter(
        "value", _TAGS[spec.kind], low, high, unit, optional=True, choices=spec.choices, listed=spec.listed
    )
    return Method(f"/livegen/{spec.name}", (parameter,), help, "both", setting=spec.name, group=spec.group)


def _heard(name: str, help: str, *parameters: Parameter) -> Method:
    return Method(f"/livegen/{name}", parameters, help, "in", verb=name)


def _both(name: str, help: str, *parameters: Parameter) -> Method:
    return Method(f"/livegen/{name}", parameters, help, "both", verb=name)


def _said(name: str, help: str, *parameters: Parameter) -> Method:
    return Method(f"/livegen/{name}", parameters, help, "out")


METHODS: tuple[Method, ...] = (
    _heard(
        "note",
        "play a note; velocity 0 releases it; velocities between 0 and 1 are taken as such",
        *(_PITCH, _VELOCITY, _optional(_CHANNEL), _optional(_OWN_ID)),
    ),
    _heard("panic", "release every note that sounds, whatever comes with it", PRESSED),
    _heard("reset", "forget what was played; a button's 0 does nothing", PRESSED),
    *(_heard(name, verb.help, *verb.takes) for name, verb in VERBS.items() if verb.help),
    _both(
        "take",
        "begin a take of this name, to be exported by itself",
        Parameter("name", "s", unit="a name of a-z, 0-9, _ and -"),
    ),
    _both(
        "chart",
        "play a chart from the next bar line on: a name that `livegen charts` lists, or off; it sets metre and tempo",
        Parameter("name", "s", unit="a chart's name, or off", free=True),
    ),
    _heard("tap", "a beat is now: two taps or more set the tempo; a button's 0 does nothing", PRESSED),
    _heard(
        "recall", "continue from a slot, at once or on the next multiple of this many beats", SLOT, _optional(_BEATS)
    ),
    _heard("listen", "send to this port of yours too (by default the one you send from), for 60 s", _PORT),
    _heard("ping", "answered with /livegen/pong to every listener; over a WebSocket, to that one alone", _NUMBER),
    *(_setting(spec) for spec in specs() if spec.live),
    _heard("learn", "bind the next control that moves to this; without an argument, stop waiting for one", _WHAT),
    _heard(
        "unlearn",
        "forget the control that was learned for this",
        Parameter("what", "s", unit="what it was bound to", free=True),
    ),
    _heard("ramp", "move a setting by itself over this many beats", _SETTING, _FROM, _TO, _BEATS),
    _both(
        "preset",
        "apply a preset's settings; without an argument, send the name of the last; a button's 0 does nothing",
        _PRESET,
    ),
    _heard("cue", "go to a cue of the show; without an argument, send where it is; a button's 0 does nothing", _CUE),
    _heard("song", "go to the first cue of a song; without an argument, send where the show is", _SONG),
    _said("out/next", "the note expected next, at once after each note heard", _ID, _PITCH, _GAP, _VELOCITY, _DURATION),
    _said("out/note", "a note of livegen's sounds", _ID, _PITCH, _VELOCITY, _DURATION, _CHANNEL),
    _said("out/off", "a note of livegen's is released", _ID, _PITCH, _CHANNEL),
    _said(
        "out/heard",
        "a note of yours, and the MIDI port that it came through; to the page and WebSockets alone",
        _ID,
        _PITCH,
        _VELOCITY,
        _CHANNEL,
        Parameter("port", "s"),
    ),
    _said("out/inputs", "the MIDI inputs that are open, separated by commas", Parameter("names", "s")),
    _said("out/outputs", "the MIDI outputs that are open, separated by commas", Parameter("names", "s")),
    _said(
        "out/turn",
        "who plays now: player (livegen) or performer (you); in the mode trade at each bar, and which of how many",
        Parameter("who", "s"),
        Parameter("bar", "i", 1, 32, optional=True),
        Parameter("bars", "i", 1, 32, optional=True),
    ),
    _said(
        "out/line",
        "the last answer in writing: sargam in a raga, otherwise the upper voice in ABC",
        Parameter("text", "s"),
    ),
    _said("out/beat", "a beat: its number in the bar (from 1), and how many beats came before it", *_BEAT),
    _said(
        "out/tempo",
        "at each beat: bpm, how sure it is (0 to 1), swing (0.5: none), and the source of the beat",
        *_TEMPO,
    ),
    _said(
        "out/chord",
        "the chord now and the next one, of the chart or as they are heard; how certain; beats until the next, or -1",
        Parameter("now", "s"),
        Parameter("next", "s"),
        Parameter("sure", "f", 0, 1),
        Parameter("wait", "f"),
    ),
    _said(
        "out/bar",
        "the place in the chart: the bar that plays and how many there are, the section by its number, the section in "
        "which it stays (0: none), and the semitones above what is written; all 0: no chart",
        *_SPOT,
    ),
    _said("out/surprise", "how surprising your note was, and how uncertain the model was before it", *_BITS),
    _said(
        "out/likely", "the likeliest next pitches, each with its probability: as many pairs as `likely` says", *_PAIR
    ),
    _said(
        "out/plan",
        "livegen has decided a note; it has no id yet (0). To the page and WebSockets alone",
        _ID,
        _PITCH,
        _VELOCITY,
        Parameter("wait", "f", unit="seconds"),
        _DURATION,
        _CHANNEL,
    ),
    _said("out/slots", "the numbers of the slots that are filled; also sent to each new listener", _FULL),
    _said(
        "out/health",
        "how things stand, at most once a second: how late livegen's notes were, counts, what waits",
        Parameter("p50", "f", unit="milliseconds"),
        Parameter("p99", "f", unit="milliseconds"),
        Parameter("latest", "f", unit="milliseconds"),
        Parameter("in_time", "f", 0.0, 1.0),
        Parameter("notes", "i"),
        Parameter("dropped", "i"),
        Parameter("passed_over", "i"),
        Parameter("waiting", "i"),
        Parameter("inputs", "i"),
        Parameter("outputs", "i"),
        Parameter("trouble", "i", 0, 1),
        Parameter("late_steps", "i"),
        Parameter("isr", "f", 0.0, 1.0),
        Parameter("isrw", "f", 0.0, 1.0),
        Parameter("staleness", "f", unit="sixteenths"),
    ),
    _said("out/lateness", "how late notes are sent", Parameter("late", "f", unit="milliseconds")),
    _said("out/cue", "the place in the show: song, cue, its number, how many there are, the next cue", *_PLACE),
    _said(
        "out/learned", "the control that was bound, and its words", Parameter("control", "s"), Parameter("what", "s")
    ),
    _said("pong", "the answer to /livegen/ping", _NUMBER),
    _said("error", "what is wrong, and what to do", Parameter("code", "s"), Parameter("text", "s")),
)
BY_ADDRESS = {method.address: method for method in METHODS}
WHOM = Parameter("whom", "s", unit="names, first the one it answers; nobody for none", optional=True)


@lru_cache(maxsize=4)
def of_voices(names: tuple[str, ...]) -> tuple[Method, ...]:
    """The methods that a band's voices add: each setting of each voice, and whom it hears."""
    return tuple(
        method
        for name in names
        for method in (
            *(
                replace(_setting(spec), address=f"{VOICE}{name}/{spec.name}", voice=name)
                for spec in specs()
                if spec.live and not spec.shared
            ),
            Method(f"{VOICE}{name}/{HEARS}", (WHOM,), "whom this voice hears", "both", verb=HEARS, voice=name),
            _told(f"voice/{name}/next", "out/next"),
            _told(f"voice/{name}/turn", "out/turn"),
        )
    )


def _told(name: str, as_in: str) -> Method:
    return replace(BY_ADDRESS[f"/livegen/{as_in}"], address=f"/livegen/out/{name}")


def known(address: str) -> Method | None:
    """The method at an address, or the one it would be in a band that has the voice it names."""
    name = address.removeprefix(VOICE).partition("/")[0] if address.startswith(VOICE) else ""
    if not name or not NAME.issuperset(name):
        return BY_ADDRESS.get(address)
    return next((method for method in of_voices((name,)) if method.address == address), None)


def is_setting(address: str) -> bool:
    """Whether this is the address of one setting."""
    method = BY_ADDRESS.get(address)
    return method is not None and method.setting is not None


def signature(method: Method) -> str:
    """The arguments as they are written after the address; those in brackets may be left out."""
    written = [f"[{one.name}]" if one.optional else one.name for one in method.parameters]
    return " ".join(written)


_VALUE = Parameter("value", "*", unit="as for /livegen/SETTING", optional=True)
_TEMPLATES = (
    Method(f"{VOICE}NAME/SETTING", (_VALUE,), "a setting of one voice alone, where several play", "both"),
    *(replace(method, address=method.address.replace("/x/", "/NAME/")) for method in of_voices(("x",))[-3:]),
)


def reference() -> str:
    """All addresses as a Markdown table, for docs/osc.md."""
    lines = ["| address | arguments | types | range | what it does |", "| --- | --- | --- | --- | --- |"]
    for method in (*METHODS, *_TEMPLATES):
        ranges = "; ".join(_range(method, parameter) for parameter in method.parameters)
        cells = (f"`{method.address}`", signature(method), method.types, ranges, _purpose(method))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _range(method: Method, parameter: Parameter) -> str:
    return parameter.range if len(method.parameters) == 1 else f"{parameter.name}: {parameter.range}"


def _purpose(method: Method) -> str:
    said = {"in": "", "out": "**sent by livegen:** ", "both": ""}[method.access]
    return f"{said}{method.help}"
