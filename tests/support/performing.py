"""Stand-ins for what the OSC addresses act on, made from the protocols themselves: they write down what they are asked.

A method that a protocol does not have, or arguments that it does not take, fail as they would with the real objects.
"""

from collections.abc import Callable, Sequence
from functools import partial
from inspect import isfunction
from typing import Any
from unittest.mock import create_autospec

from livegen.control.dispatch import Commands, Steering, VoiceCommands
from livegen.control.velocities import Velocities
from livegen.settings import Settings


class Performing:
    """``commands`` takes what is asked and does nothing but set ``settings``; ``done`` is what it was asked, in order:
    the name of the method, or the verb to be done, and the arguments."""

    def __init__(self, *voices: str) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.settings = Settings()
        self.commands: Any = _stand_in(Commands, self._note)
        self.commands.velocities = Velocities()
        self.commands.note.side_effect = lambda *args: self._note("note", *args[:4])
        self.commands.set.side_effect = self._set
        self.commands.do.side_effect = lambda verb, *args: self._note(verb, *args)
        self.commands.steering = _stand_in(Steering, self._note)
        self.commands.voice_commands = _stand_in(VoiceCommands, self._note)
        self.commands.voice_commands.names = voices
        self.commands.voice_commands.set.side_effect = self._set_voice
        self.commands.voice_commands.value.side_effect = lambda name, what: [getattr(Settings(), what)]

    def _note(self, name: str, *args: Any) -> None:
        self.done.append((name, *args))

    def _set(self, name: str, value: Any) -> None:
        self.settings.set(name, value)
        self._note("set", name, value)

    def _set_voice(self, name: str, what: str, values: Sequence[Any]) -> None:
        self._note("set", name, what, *values)


def _stand_in(protocol: type, note: Callable[..., None]) -> Any:
    """An object with the methods of a protocol, each of which notes its name and its arguments."""
    made = create_autospec(protocol, instance=True)
    for name, method in vars(protocol).items():
        if isfunction(method) and not name.startswith("_"):
            getattr(made, name).side_effect = partial(note, name)
    return made
