"""The declaration of a setting, with its range or choices, unit and group; and of an argument of a verb."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import Field
from pydantic.fields import FieldInfo

from livegen.errors import SettingsError

# The groups, in the words of the page's headings and in its order. Settings of the first have large buttons there.
CHOICE, FEEL, MEMORY, NOTES = "Choice", "Feel", "Memory", "Notes"
HARMONY, TIME, DRUMS, WIRES, START = "Harmony", "Time", "Drums", "Wires", "Start"
GROUPS = (CHOICE, FEEL, MEMORY, NOTES, HARMONY, TIME, DRUMS, WIRES, START)
MODES, MODELS = "modes", "models"  # lists that only the running program can give, see ``Spec.listed``

SLOTS = 8  # places in the music that can be kept
LARGEST = 2**31 - 1

_EXTRA: dict[str, Any] = {
    **{"unit": "", "live": True, "takes": "", "curve": "linear", "control": None, "shared": False},
    **{"choices": (), "listed": "", "formerly": None},
}


@dataclass(frozen=True)
class Parameter:
    """One argument of a message. ``tag`` is its OSC type; a number has a range (None: no limit)."""

    name: str
    tag: str
    low: float | None = None
    high: float | None = None
    unit: str = ""
    optional: bool = False
    free: bool = False  # any short text, or a number in its place
    choices: tuple[str, ...] = ()  # the words that it may be, or the usual ones
    listed: str = ""  # the list of them that the running program gives

    def takes(self, number: float) -> bool:
        """Whether a number is in the range."""
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)

    @property
    def range(self) -> str:
        """The range in words."""
        if self.low is None or self.high is None:
            return self.unit or ("text" if self.tag == "s" else "any")
        if self.high == LARGEST:
            return f"{self.low:g} or more"
        return f"{self.low:g} to {self.high:g}{' ' + self.unit if self.unit else ''}"


PRESSED = Parameter("pressed", "f", optional=True)  # of a button, which does nothing when it is let go and sends 0
# A button may say when, too; the number that one sends says whether it was pressed.
WHEN = Parameter("when", "s", unit="now, beat or bar; as `begin` without", optional=True, free=True)
SLOT = Parameter("slot", "i", 1, SLOTS)


def setting(group: str, default: Any, help: str, **how: Any) -> Any:  # noqa: ANN401 (pydantic's own Field is typed so)
    """A pydantic field that also carries the rest of its ``Spec``."""
    extra = {"group": group} | {key: how.pop(key, default) for key, default in _EXTRA.items()}
    return Field(default, description=help, json_schema_extra=extra, **how)


def number(group: str, default: float, low: float, high: float, help: str, **how: Any) -> Any:  # noqa: ANN401
    """A setting that is a number from ``low`` to ``high``."""
    return setting(group, default, help, ge=low, le=high, **how)


class Spec(NamedTuple):
    """One setting and its range, for flags, OSC, OSCQuery, controls and documents.

    ``low`` and ``high`` are None for words; ``control`` is its MIDI control in the chart, None if it has none there.
    Of a word, ``choices`` are those it may be, or the usual ones where others can be written (``takes`` says so); where
    they depend on the running program, ``listed`` names the list that it gives.
    """

    name: str
    kind: type
    default: Any
    low: float | None
    high: float | None
    unit: str
    live: bool
    help: str
    group: str = ""  # the heading under which it is found
    takes: str = ""  # the words that it takes, for a sentence, if not all
    choices: tuple[str, ...] = ()
    listed: str = ""
    curve: str = "linear"  # or "log": how the value grows along a fader
    control: int | None = None
    shared: bool = False  # by all voices of a band
    formerly: Any = None  # the value that gives what livegen did before the setting existed; None: its default

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
        """The position on a fader, 0 to 1, of a value."""
        low, high = self._ends()
        value = min(high, max(low, float(value)))
        if self.curve == "log":
            return math.log(value / low) / math.log(high / low)
        return (value - low) / (high - low)

    def _ends(self) -> tuple[float, float]:
        if self.kind is bool:
            return 0.0, 1.0
        if self.low is None or self.high is None:
            raise SettingsError(f"{self.name} is not a number, so no fader moves it.")
        return float(self.low), float(self.high)

    @property
    def range(self) -> str:
        """The range in words, for a sentence or a table."""
        if self.kind is bool:
            return "on or off"
        if self.low is None or self.high is None:
            return self.takes or "text"
        if self.high >= LARGEST:
            return f"{self.low:g} or more"
        return f"{self.low:g} to {self.high:g}{' ' + self.unit if self.unit else ''}"


def read(name: str, field: FieldInfo) -> Spec:
    """The declaration in a pydantic field that ``setting`` made."""
    low = next((rule.ge for rule in field.metadata if hasattr(rule, "ge")), None)
    high = next((rule.le for rule in field.metadata if hasattr(rule, "le")), None)
    kind, extra = field.annotation, field.json_schema_extra
    assert isinstance(kind, type) and isinstance(extra, dict)
    how: dict[str, Any] = {**extra}
    how["takes"] = how["takes"] or ", ".join(how["choices"])
    return Spec(name, kind, field.default, low, high, help=field.description or "", **how)


def as_kind(kind: object, value: object) -> object:
    """A value as the kind that is wanted: OSC clients send 60.0 for 60, and 1 for true. Raises ValueError."""
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
