"""A stand-in for the commands of a live server: it records the calls that it gets."""

from collections.abc import Sequence
from typing import Any

from livegen.control.addresses import Value
from livegen.osc.packets import Argument
from livegen.settings import Settings


class Conducting:
    """Stands in for the voices of a band."""

    def __init__(self, done: list[tuple[Any, ...]], names: Sequence[str]) -> None:
        self.done = done
        self.names = names

    def set(self, name: str, what: str, values: Sequence[Value]) -> None:
        self.done.append(("set", name, what, *values))

    def get(self, name: str, what: str) -> None:
        self.done.append(("get", name, what))

    def value(self, name: str, what: str) -> Sequence[Argument]:
        return [getattr(Settings(), what)]


class Performing:
    """Stands in for the director behind the OSC addresses."""

    def __init__(self, *voices: str) -> None:
        self.done: list[tuple[Any, ...]] = []
        self.settings = Settings()
        self.voice_commands = Conducting(self.done, voices)

    def note(self, pitch: int, velocity: int, channel: int, id: int) -> None:
        self.done.append(("note", pitch, velocity, channel, id))

    def set(self, name: str, value: Value) -> None:
        self.settings.set(name, value)
        self.done.append(("set", name, value))

    def get(self, name: str) -> None:
        self.done.append(("get", name))

    def panic(self) -> None:
        self.done.append(("panic",))

    def reset(self) -> None:
        self.done.append(("reset",))

    def take(self, name: str) -> None:
        self.done.append(("take", name))

    def tap(self) -> None:
        self.done.append(("tap",))

    def recall(self, slot: int, beats: float) -> None:
        self.done.append(("recall", slot, beats))

    def do(self, verb: str, *args: Value) -> None:
        self.done.append((verb, *args))

    def listen(self, host: str, port: int) -> None:
        self.done.append(("listen", host, port))

    @property
    def steering(self) -> "PerformingHands":
        return PerformingHands(self.done)

    def tell(self, address: str, *args: Argument) -> None:
        self.done.append(("tell", address, *args))


class PerformingHands:
    """Stands in for the hands of a performance."""

    def __init__(self, done: list[tuple[Any, ...]]) -> None:
        self.done = done

    def learn(self, words: str | None) -> None:
        self.done.append(("learn", words))

    def unlearn(self, words: str) -> None:
        self.done.append(("unlearn", words))

    def ramp(self, name: str, first: float, last: float, beats: float) -> None:
        self.done.append(("ramp", name, first, last, beats))

    def preset(self, wanted: str | None) -> None:
        self.done.append(("preset", wanted))

    def cue(self, wanted: str | None) -> None:
        self.done.append(("cue", wanted))

    def song(self, wanted: str | None) -> None:
        self.done.append(("song", wanted))
