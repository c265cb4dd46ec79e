"""Every setting, declared once. Flags, TOML keys, OSC addresses and the README's table are read from this class."""

import difflib
import math
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, Self

import pydantic
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

from livegen.beat import delays as late_outputs
from livegen.beat import transport
from livegen.errors import SettingsError
from livegen.music import chords, harmony, raga, sargam, scales

_Scale = Annotated[str, AfterValidator(scales.named)]
_Key = Annotated[str, AfterValidator(scales.keyed)]
_Harmony = Annotated[str, AfterValidator(harmony.named)]
_Chord = Annotated[str, AfterValidator(chords.named)]
_Raga = Annotated[str, AfterValidator(raga.named)]
_Tonic = Annotated[str, AfterValidator(raga.sa)]
_Begin = Annotated[str, AfterValidator(transport.begun)]
_End = Annotated[str, AfterValidator(transport.ended)]
_Delays = Annotated[str, AfterValidator(late_outputs.named)]
_Sync = Annotated[str, AfterValidator(transport.synced)]
_Tala = Annotated[str, AfterValidator(sargam.tala_named)]
SLOTS = 8  # places in the music that can be kept


_EXTRA: dict[str, Any] = {"unit": "", "live": True, "takes": "", "curve": "linear", "control": None, "shared": False}


def _setting(default: Any, help: str, **how: Any) -> Any:  # noqa: ANN401 (pydantic's own Field is typed so)
    """A pydantic field that also says its unit, whether it may change while playing, and how a fader moves it."""
    extra = {key: how.pop(key, default) for key, default in _EXTRA.items()}
    return Field(default, description=help, json_schema_extra=extra, **how)


class Settings(BaseModel):
    """What a performer may set. Assigning checks the value; ``set`` also takes text and raises SettingsError."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    mode: str = _setting("call_and_response", "who plays when: a mode's name, or package.module:function")
    model: str = _setting("folk", "the model that answers: a name that `livegen models` lists, or a model file")
    temperature: float = _setting(1.0, "how adventurous the choice of notes is", ge=0.1, le=2.0, control=20)
    top_p: float = _setting(1.0, "keep only the likeliest notes that make up this share", ge=0.05, le=1.0, control=27)
    memory: float = _setting(
        1.0, "how far what was played before leads the player; 0 is off", ge=0.0, le=1.0, control=21
    )
    listen_to: float = _setting(
        0.5,
        "whose notes in the memory lead: 1 only yours, 0 only the player's own, 0.5 both alike",
        ge=0.0,
        le=1.0,
        control=111,
    )
    morph_from: int = _setting(1, "slot that the morph fader stands for at 0", ge=1, le=SLOTS)
    morph_to: int = _setting(2, "slot that the morph fader stands for at 1", ge=1, le=SLOTS)
    morph: float = _setting(0.0, "go on from between two saved slots", ge=0.0, le=1.0, control=112)
    likely: int = _setting(
        5, "tell the likeliest next pitches, so many, after each note of yours; 0 tells none", ge=0, le=16
    )
    guard: bool = _setting(True, "never quote 16 notes or more of the music that the model was trained on", control=109)
    lowest: int = _setting(36, "lowest pitch the player uses", ge=0, le=127, control=28)
    highest: int = _setting(96, "highest pitch the player uses", ge=0, le=127, control=29)
    polyphony: int = _setting(6, "most notes the player starts at once", ge=1, le=16, control=30)
    quietest: int = _setting(1, "no note of the player is softer than this velocity", ge=1, le=127, control=107)
    loudest: int = _setting(127, "no note of the player is louder than this velocity", ge=1, le=127, control=108)
    density: float = _setting(
        1.0,
        "how many notes the player plays: at 0.5 about half as many, at 2 twice",
        ge=0.25,
        le=4.0,
        curve="log",
        control=31,
    )
    loops: int = _setting(
        4,
        "play a note, or a figure of up to 8 notes, so many times in a row at the most; 0 is no limit",
        ge=0,
        le=16,
        control=106,
    )
    scale: _Scale = _setting("off", "the scale that the player keeps to", takes=scales.TAKES)
    key: _Key = _setting("C", "the key of the scale", takes=scales.KEY_TAKES)
    strictness: float = _setting(
        100.0,
        "how strictly scale or raga are kept: at 80, by four notes in five",
        ge=0.0,
        le=100.0,
        unit="%",
        control=104,
    )
    chord: _Chord = _setting("off", "the chord whose notes the player keeps to", takes=chords.TAKES)
    chord_strictness: float = _setting(100.0, "how strictly the chord is kept", ge=0.0, le=100.0, unit="%", control=105)
    harmony: _Harmony = _setting(
        "third", "in the mode harmonise, what sounds under each of your notes", takes=harmony.TAKES
    )
    zone: int = _setting(
        54,
        "with chord left-hand: keys below this pitch set the chord, and are not heard as melody",
        ge=0,
        le=127,
        control=110,
    )
    raga: _Raga = _setting(
        "off", "the raga that the player keeps to", takes="off, or a raga of `livegen generate carnatic --ragas`"
    )
    tonic: _Tonic = _setting("C4", "the raga's middle Sa", takes="a note such as D3 (C4 is middle C), or its pitch")
    tala: _Tala = _setting(
        "adi", "in a raga, answers end on the first beat of this tala", takes=f"off, {', '.join(sargam.TALAS)}"
    )
    in_register: float = _setting(0.5, "how closely the player keeps to your register", ge=0.0, le=1.0, control=26)
    follow: float = _setting(0.5, "how closely the player follows your onset density", ge=0.0, le=1.0, control=23)
    touch: float = _setting(
        1.0, "how closely the player follows your swing, dynamics, articulation and chords", ge=0.0, le=1.0, control=22
    )
    patience: float = _setting(
        2.0,
        "how long a silence ends your phrase, in multiples of your usual gap",
        ge=1.0,
        le=8.0,
        curve="log",
        control=25,
    )
    answer: float = _setting(
        1.0, "length of an answer, in multiples of your phrase's length", ge=0.25, le=4.0, curve="log", control=24
    )
    tempo: float = _setting(
        120.0, "tempo until yours is heard", ge=50.0, le=240.0, unit="bpm", curve="log", control=102, shared=True
    )
    metre: int = _setting(4, "beats in a bar", ge=1, le=16, unit="beats", shared=True)
    begin: _Begin = _setting(
        "auto", "where answers begin; auto is on a beat where a clock leads", takes="auto, freely, beat or bar"
    )
    end: _End = _setting("freely", "where answers end", takes="freely, beat or bar")
    quantise: float = _setting(
        0.0, "how far the player's notes are drawn to the grid of the beat", ge=0.0, le=100.0, unit="%", control=113
    )
    sync: _Sync = _setting("auto", "whose beat is kept", takes=transport.SYNC_TAKES, shared=True)
    send_clock: bool = _setting(False, "send MIDI clock to every output", shared=True)
    link: bool = _setting(
        False, "join the Ableton Link session of the network; needs the package aalink", live=False, shared=True
    )
    offset: float = _setting(0.0, "keep the beat of a clock so much later", ge=-200.0, le=200.0, unit="ms", shared=True)
    longest: float = _setting(
        8.0, "no note of the player lasts longer than this", ge=0.1, le=10.0, unit="s", curve="log", control=103
    )
    controls: bool = _setting(False, "let the control changes of the chart in docs/hands.md move settings", shared=True)
    pickup: bool = _setting(True, "a knob moves nothing until it passes where its setting is", shared=True)
    dead_band: int = _setting(2, "a knob turned back by fewer steps than this is jitter", ge=1, le=16, shared=True)
    channel_in: int = _setting(0, "hear this MIDI channel alone; 0 hears all but the drums' channel 10", ge=0, le=16)
    channel_out: int = _setting(1, "MIDI channel the player sends on", ge=1, le=16)
    thru: bool = _setting(False, "send what you play to the MIDI outputs, at once", shared=True)
    echo: float = _setting(
        0.02, "ignore a note that comes back this soon after it was sent", ge=0.0, le=0.5, unit="s", shared=True
    )
    late: float = _setting(0.1, "drop a note that is later than this", ge=0.01, le=2.0, unit="s", shared=True)
    seed: int = _setting(0, "same seed and same input, same answer; 0 draws a new one", ge=0, le=2**31 - 1, live=False)
    osc_port: int = _setting(7331, "UDP port that hears OSC; 0 takes a free one", ge=0, le=65535, live=False)
    osc_target: str = _setting("127.0.0.1:7332", "where OSC is sent to: host:port, or none", live=False)
    page: bool = _setting(True, "serve the page, OSCQuery and WebSocket", live=False)
    http_port: int = _setting(7330, "TCP port of the page; 0 takes a free one", ge=0, le=65535, live=False)
    lan: bool = _setting(
        False, "let other machines on the network send OSC, listen and, with the token, see the page", live=False
    )
    token: str = _setting("", "the word that opens the page to other machines; empty draws one", live=False)
    announce: bool = _setting(False, "announce OSCQuery and OSC by zeroconf, for programs that look for it", live=False)
    inputs: str = _setting(
        "auto", "MIDI inputs beside our own: auto (every keyboard found), none, or names, comma between", live=False
    )
    outputs: str = _setting(
        "auto", "MIDI outputs beside our own: auto (a software synth found), none, or names, comma between", live=False
    )
    delays: _Delays = _setting(
        "", "send to these outputs so much later, to be in time with slower ones", takes=late_outputs.TAKES, live=False
    )
    realtime: bool = _setting(True, "have the system run livegen before other programs, if it may", live=False)
    journal: str = _setting("", "folder for the journals; empty is the user's data folder", live=False)

    def set(self, name: str, value: object) -> None:
        """Change one setting, from text or a number. Raises SettingsError that names the allowed range."""
        if name not in Settings.model_fields:
            near = difflib.get_close_matches(name, Settings.model_fields, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingsError(f"There is no setting {name}{hint or '.'}")
        try:
            if spec(name).takes and type(value) in (int, float):  # a melakarta's number, a tonic's pitch
                value = f"{value:g}"
            setattr(self, name, _numeral(Settings.model_fields[name].annotation, value))
        except (pydantic.ValidationError, ValueError, OverflowError):
            shown = str(value)[:40]
            raise SettingsError(f"{name} cannot be {shown!r}; it takes {spec(name).range}.") from None

    @classmethod
    def from_table(cls, table: dict[str, Any], source: str = "the settings") -> Self:
        """Settings from a TOML table. Raises SettingsError naming the first key that is wrong."""
        settings = cls()
        for name, value in table.items():
            try:
                settings.set(name, value)
            except SettingsError as error:
                raise SettingsError(f"In {source}: {error}") from None
        return settings


class Spec(NamedTuple):
    """How one setting may vary: for flags, OSC, OSCQuery, controls and documents.

    ``low`` and ``high`` are None for words; ``control`` is its MIDI control in the chart, None if it has none there.
    """

    name: str
    kind: type
    default: Any
    low: float | None
    high: float | None
    unit: str
    live: bool
    help: str
    takes: str = ""  # which words, if not any
    curve: str = "linear"  # or "log": how the value grows along a fader
    control: int | None = None
    shared: bool = False  # by all voices of a band

    def at(self, position: float) -> float | int | bool:
        """The value that a fader has at a position of 0 to 1."""
        low, high = self._ends()
        position = min(1.0, max(0.0, position))
        number = low * (high / low) ** position if self.curve == "log" else low + (high - low) * position
        if self.kind is bool:
            return position >= 0.5
        # Four digits are finer than any fader, and what is shown stays short.
        return round(number) if self.kind is int else min(high, max(low, float(f"{number:.4g}")))

    def position(self, value: float) -> float:
        """Where on a fader, 0 to 1, a value lies."""
        low, high = self._ends()
        value = min(high, max(low, float(value)))
        if self.curve == "log":
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    def _ends(self) -> tuple[float, float]:
        if self.kind is bool:
            return 0.0, 1.0
        if self.low is None or self.high is None:
            raise SettingsError(f"{self.name} is no number, so no fader moves it.")
        return float(self.low), float(self.high)

    @property
    def range(self) -> str:
        """The range in words, for a sentence or a table."""
        if self.kind is bool:
            return "on or off"
        if self.low is None or self.high is None:
            return self.takes or "text"
        if self.high >= 2**31 - 1:
            return f"{self.low:g} or more"
        return f"{self.low:g} to {self.high:g}{' ' + self.unit if self.unit else ''}"


def spec(name: str) -> Spec:
    """The declaration of one setting."""
    return _spec(name, Settings.model_fields[name])


def specs() -> Iterator[Spec]:
    """The declarations of all settings, in order."""
    for name in Settings.model_fields:
        yield spec(name)


def _spec(name: str, field: FieldInfo) -> Spec:
    low = next((rule.ge for rule in field.metadata if hasattr(rule, "ge")), None)
    high = next((rule.le for rule in field.metadata if hasattr(rule, "le")), None)
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    kind = field.annotation
    assert isinstance(kind, type)
    help = field.description or ""
    named = {key: str(extra[key]) for key in ("unit", "takes", "curve")}
    control = extra["control"] if isinstance(extra["control"], int) else None
    live, shared = bool(extra["live"]), bool(extra["shared"])
    return Spec(name, kind, field.default, low, high, live=live, help=help, control=control, shared=shared, **named)


def _numeral(kind: object, value: object) -> object:
    """OSC clients send 60.0 for 60 and 1 for true: a whole number is taken as the kind that is wanted."""
    if kind is int and isinstance(value, float):
        return round(value)
    if kind is bool and isinstance(value, int | float):
        return bool(value)
    if kind is str and isinstance(value, list):  # TOML has lists, and several ports are named in one setting
        return ", ".join(str(item) for item in value)
    if kind is str and not isinstance(value, str):
        raise ValueError("a word is wanted")
    if kind is float and value != value:
        raise ValueError("not a number")
    return value
