"""Checks the arguments of OSC messages and converts them to the types that the address takes, or raises PacketError."""

import difflib
import functools
import math

from livegen.control.addresses import BY_ADDRESS, HEARS, NAME, Method, Value, known, signature
from livegen.errors import PacketError
from livegen.osc.packets import Argument, Message
from livegen.player import modes
from livegen.settings import Settings, spec
from livegen.spec import Parameter

_WORDS = NAME | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ #+,/")  # characters of settings that check their own words
_LONGEST_NAME = 64
_HEARD = [address for address, method in BY_ADDRESS.items() if method.access != "out"]


def checked(method: Method, given: tuple[Argument, ...]) -> list[Value]:
    """The arguments, converted to what the method takes. Raises PacketError, which says what that is."""
    needed = sum(not parameter.optional for parameter in method.parameters)
    if not needed <= len(given) <= len(method.parameters):
        raise PacketError(f"{method.address} takes the arguments {signature(method)}; it got {len(given)} of them.")
    return [value(method, *pair) for pair in zip(method.parameters, given, strict=False)]


def value(method: Method, parameter: Parameter, given: Argument) -> Value:
    """One argument, converted to what the parameter takes. Raises PacketError."""
    if parameter.free:
        return _words(method, given)
    if parameter.tag == "s":
        if method.setting == "mode" and isinstance(given, int | float) and given in range(1, len(modes.MODES) + 1):
            return list(modes.MODES)[int(given) - 1]  # for programs that can send only numbers
        worded = method.setting is not None and bool(spec(method.setting).takes)
        if worded and isinstance(given, int | float) and math.isfinite(given):
            return f"{given:g}"  # a melakarta's number, a tonic's pitch
        if not isinstance(given, str):
            raise PacketError(f"{method.address} takes a name; it got {given!r:.40}.")
        signs = _WORDS if worded else NAME
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
    """A name that the user chose, or a number as text, because Pure Data and TouchDesigner may send only numbers."""
    if isinstance(given, int | float) and math.isfinite(given):
        return f"{given:g}"
    if not isinstance(given, str) or not given or len(given) > _LONGEST_NAME or not given.isprintable():
        raise PacketError(f"{method.address} takes a name or a number; it got {given!r:.40}.")
    return given


def check(message: Message) -> None:
    """Check that a message can be carried out. Raises PacketError or SettingsError, which says why not."""
    method = known(message.address)
    if method is None or method.access == "out":
        raise PacketError(f"There is no address {message.address[:60]}{hint(message.address)}.")
    args = [] if method.verb == HEARS else checked(method, message.args)
    if method.setting is not None and args:
        Settings().set(method.setting, args[0])


@functools.lru_cache(256)  # a patch with a wrong address sends it over and over, and a search takes two milliseconds
def hint(address: str) -> str:
    """The end of a sentence that suggests the address that may have been meant; empty if none is near."""
    near = difflib.get_close_matches(address, _HEARD, 1) if len(address) < 40 else []
    return f"; you may mean {near[0]}" if near else ""
