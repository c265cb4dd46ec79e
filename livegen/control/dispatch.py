"""Carries out OSC messages: each address calls the method of ``Commands`` that it stands for.

An address whose verb is one of the session's needs nothing here (see ``session/verbs.py``).
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeGuard, cast

from livegen.control.addresses import BY_ADDRESS, HEARS, METHODS, VOICE, WHOM, Method, Value, of_voices
from livegen.control.arguments import checked, hint, value
from livegen.control.velocities import Velocities
from livegen.errors import LivegenError, PacketError
from livegen.osc.packets import Argument, Message
from livegen.osc.patterns import compile_pattern, is_pattern
from livegen.osc.peers import Source
from livegen.spec import LARGEST, PRESSED, WHEN

_OUT_VOICE = "/livegen/out/voice/"
_PLAIN = int, int, int, int
_RELEASED: list[Value] = ["0"]  # a button let go, where a number stands for a name


class VoiceCommands(Protocol):
    """The voices of a band. Each method may raise SettingsError."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the voices; none where one plays alone."""

    def set(self, name: str, what: str, values: Sequence[Value]) -> None:
        """Change a setting of one voice, or whom it hears."""

    def get(self, name: str, what: str) -> None:
        """Send it on its own address."""

    def value(self, name: str, what: str) -> Sequence[Argument]:
        """The value of a setting of one voice, or whom it hears."""


class Commands(Protocol):
    """The object whose methods the addresses call. Each method may raise SettingsError or PacketError."""

    def note(self, pitch: int, velocity: int, channel: int, id: int, source: Source) -> None:
        """The performer plays a note; velocity 0 releases it. ``id`` 0: the performer gave none."""

    @property
    def velocities(self) -> Velocities:
        """The way in which each client counts velocities."""

    def set(self, name: str, value: Value) -> None:
        """Change a setting."""

    def get(self, name: str) -> None:
        """Send the value of a setting on its own address."""

    def panic(self) -> None:
        """Release all that sounds."""

    def reset(self) -> None:
        """Forget what was played."""

    @property
    def voice_commands(self) -> VoiceCommands:
        """Commands for one voice alone."""

    def tap(self) -> None:
        """A beat is now."""

    def recall(self, slot: int, beats: float) -> None:
        """Continue from a slot, now or on the next multiple of so many beats."""

    def do(self, verb: str, *args: Value) -> None:
        """Have the session do one of its verbs."""

    def listen(self, host: str, port: int) -> None:
        """Send to this target too, until its lease ends."""

    def tell(self, address: str, *args: Argument) -> None:
        """Send to every target."""

    def chart(self, name: str) -> None:
        """Play the chart of that name; "off" plays none."""

    def take(self, name: str) -> None:
        """Begin a take."""

    @property
    def steering(self) -> "Steering":
        """Other ways to move settings than one message at a time."""


class Steering(Protocol):
    """Controls, presets, ramps and cues. Each may raise SettingsError."""

    def learn(self, words: str | None) -> None:
        """Bind the next control that moves; None: wait for none any longer."""

    def unlearn(self, words: str) -> None:
        """Forget what was learned for these words."""

    def ramp(self, name: str, first: float, last: float, beats: float) -> None:
        """Move a setting from one value to another in so many beats."""

    def preset(self, wanted: str | None) -> None:
        """Take up a preset by its name or program; None: send the name of the last."""

    def cue(self, wanted: str | None) -> None:
        """Go to a cue; None: send where the show is."""

    def song(self, wanted: str | None) -> None:
        """Go to a song's first cue; None: send where the show is."""


def dispatch(message: Message, source: Source, commands: Commands) -> None:
    """Let ``commands`` do what a message asks. A pattern asks it of every method that it matches; without arguments,
    if settings are among them, it asks for values alone.

    Messages that livegen itself sends (access "out") are ignored, so that two servers never answer each other for ever.
    Raises PacketError or SettingsError; after a pattern the first error, when every method has had its turn.
    """
    method = BY_ADDRESS.get(message.address) or _of_voice(message.address, commands)
    if method is not None:
        if method.verb == "note":
            args = commands.velocities.in_midi(source, message.args)
            if _is_plain_note(args):
                return commands.note(*args, source)
        return _act(method, message.args, source, commands)
    if not is_pattern(message.address):
        raise PacketError(f"There is no address {message.address[:60]}{hint(message.address)}.")
    matches = compile_pattern(message.address)
    there = (*METHODS, *of_voices(tuple(commands.voice_commands.names)))
    matched = [method for method in there if method.access != "out" and matches(method.address)]
    if not matched:
        raise PacketError(f"No address matches {message.address[:60]}.")
    if not message.args and any(method.setting is not None for method in matched):
        # A client that asks for every value, with /livegen/*, wants no panic and no reset.
        matched = [
            method for method in matched if method.access == "both" and all(p.optional for p in method.parameters)
        ]
    errors: list[LivegenError] = []
    for method in matched:
        try:
            _act(method, message.args, source, commands)
        except LivegenError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _of_voice(address: str, commands: Commands) -> Method | None:
    """The method of a voice that an address names, if it does."""
    if not address.startswith((VOICE, _OUT_VOICE)) or is_pattern(address):
        return None
    name = address.removeprefix(VOICE).partition("/")[0]
    if address.startswith(VOICE) and name not in commands.voice_commands.names:
        there = ", ".join(commands.voice_commands.names) or "only one, without a name"
        raise PacketError(f"There is no voice {name[:40]}; there are {there}.")
    every = of_voices(tuple(commands.voice_commands.names))
    return next((method for method in every if method.address == address), None)


def _is_plain_note(given: tuple[Argument, ...]) -> TypeGuard[tuple[int, int, int, int]]:
    """Whether a note has all its arguments, each an int in its range: most have, and need no further reading."""
    if tuple(map(type, given)) != _PLAIN:
        return False
    pitch, velocity, channel, id = cast(tuple[int, int, int, int], given)
    return 0 <= pitch <= 127 and 0 <= velocity <= 127 and 1 <= channel <= 16 and 0 <= id <= LARGEST


def _act(method: Method, given: tuple[Argument, ...], source: Source, commands: Commands) -> None:
    if method.access == "out":
        return
    if method.voice is not None:
        return _act_on_voice(method, method.voice, given, commands.voice_commands)
    if method.verb == "note":
        given = commands.velocities.in_midi(source, given)
        given = given[:-1] if given[3:] == (0,) else given  # an id of 0 is none
    args = [] if method.verb == "panic" else checked(method, given)  # panic refuses nothing
    if method.verb is not None:
        if method.verb in _VERBS:
            _VERBS[method.verb](args, source, commands)
        else:
            _do(method, method.verb, args, commands)
    elif method.setting is not None and args:
        commands.set(method.setting, args[0])
    elif method.setting is not None:
        commands.get(method.setting)


def _do(method: Method, verb: str, args: list[Value], commands: Commands) -> None:
    """Have the session do it; for a button, which sends a number, when it is pressed."""
    if method.parameters == (WHEN,):
        if args != _RELEASED:
            commands.do(verb, *(one for one in args if not str(one).replace(".", "").isdigit()))
    elif method.parameters != (PRESSED,):
        commands.do(verb, *args)
    elif not args or args[0]:
        commands.do(verb)


def _act_on_voice(method: Method, voice: str, given: tuple[Argument, ...], voices: VoiceCommands) -> None:
    what = method.setting or HEARS
    args = [value(method, WHOM, each) for each in given] if what == HEARS else checked(method, given)
    if args:
        voices.set(voice, what, args)
    else:
        voices.get(voice, what)


def _note(args: list[Value], source: Source, commands: Commands) -> None:
    pitch, velocity, *rest = (int(value) for value in args)
    commands.note(pitch, velocity, rest[0] if rest else 1, rest[1] if len(rest) > 1 else 0, source)


def _panic(args: list[Value], source: Source, commands: Commands) -> None:
    commands.panic()


def _reset(args: list[Value], source: Source, commands: Commands) -> None:
    if not args or args[0]:
        commands.reset()


def _take(args: list[Value], source: Source, commands: Commands) -> None:
    commands.take(str(args[0]))


def _tap(args: list[Value], source: Source, commands: Commands) -> None:
    if not args or args[0]:
        commands.tap()


def _recall(args: list[Value], source: Source, commands: Commands) -> None:
    commands.recall(int(args[0]), float(args[1]) if len(args) > 1 else 0.0)


def _listen(args: list[Value], source: Source, commands: Commands) -> None:
    commands.listen(source[0], int(args[0]) if args else source[1])


def _ping(args: list[Value], source: Source, commands: Commands) -> None:
    commands.tell("/livegen/pong", *args)


def _chart(args: list[Value], source: Source, commands: Commands) -> None:
    commands.chart(str(args[0]))


def _learn(args: list[Value], source: Source, commands: Commands) -> None:
    commands.steering.learn(str(args[0]) if args else None)


def _unlearn(args: list[Value], source: Source, commands: Commands) -> None:
    commands.steering.unlearn(str(args[0]))


def _ramp(args: list[Value], source: Source, commands: Commands) -> None:
    name, first, last, beats = args
    commands.steering.ramp(str(name), float(first), float(last), float(beats))


def _preset(args: list[Value], source: Source, commands: Commands) -> None:
    if args != _RELEASED:
        commands.steering.preset(str(args[0]) if args else None)


def _cue(args: list[Value], source: Source, commands: Commands) -> None:
    if args != _RELEASED:
        commands.steering.cue(str(args[0]) if args else None)


def _song(args: list[Value], source: Source, commands: Commands) -> None:
    if args != _RELEASED:
        commands.steering.song(str(args[0]) if args else None)


# The verbs that are more than one of the session's; all others go to ``do`` as they come.
_VERBS: dict[str, Callable[[list[Value], Source, Commands], None]] = {
    "note": _note,
    "panic": _panic,
    "reset": _reset,
    "take": _take,
    "chart": _chart,
    "tap": _tap,
    "recall": _recall,
    "listen": _listen,
    "ping": _ping,
    "learn": _learn,
    "unlearn": _unlearn,
    "ramp": _ramp,
    "preset": _preset,
    "cue": _cue,
    "song": _song,
}
