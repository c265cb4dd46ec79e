"""The voices of a band, and which of them hear the performer or each other."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from livegen.errors import SettingsError, unknown
from livegen.predictors.models import Predictor
from livegen.session.session import Session
from livegen.settings import Settings

PERFORMER = "performer"  # the name under which voices hear the human performer


class Part(NamedTuple):
    """The parts that a voice is made of. It answers the first of those it hears; the others only move its state."""

    name: str
    predictor: Predictor
    settings: Settings
    hears: tuple[str, ...] = (PERFORMER,)


def check_hears(name: str, hears: Sequence[str], names: Sequence[str]) -> None:
    """Raises SettingsError if a voice cannot hear these."""
    for other in hears:
        if other == name:
            raise SettingsError(f"The voice {name} always knows what it plays itself; leave it out of its hears.")
        if other != PERFORMER and other not in names:
            raise SettingsError(
                f"The voice {name} cannot hear {other!r:.40}; there are {', '.join((PERFORMER, *names))}."
            )


class Voice:
    """One voice as the band knows it: the others hear it on ``channel``, and ``due`` is when it has something to do."""

    def __init__(self, name: str, session: Session, hears: tuple[str, ...], channel: int) -> None:
        self.name = name
        self.session = session
        self.player = session.player
        self.hears = hears
        self.channel = channel
        self.due = math.inf

    def look_ahead(self) -> None:
        """Set ``due``: when this voice alone has something to do (seconds); infinity while it waits."""
        due = self.player.next_due()
        self.due = math.inf if due is None else due


class Parts:
    """The voices in their order. ``listeners`` are, by name, the voices that hear the performer or that voice."""

    def __init__(self, voices: Sequence[Voice]) -> None:
        self.voices = list(voices)
        self.listeners: dict[str, list[Voice]] = {}
        self._assign_listeners()

    @property
    def names(self) -> list[str]:
        """The names of the voices, in order."""
        return [voice.name for voice in self.voices]

    def find(self, name: str) -> Voice:
        """The voice of that name. Raises SettingsError."""
        for voice in self.voices:
            if voice.name == name:
                return voice
        raise SettingsError(unknown("voice", name, self.names))

    def check(self, name: str, hears: Sequence[str]) -> None:
        """Raises SettingsError if there is no such voice, or if it cannot hear these."""
        self.find(name)
        check_hears(name, hears, self.names)

    def let_hear(self, name: str, hears: Sequence[str]) -> None:
        """Let a voice hear these from now on, and answer the first of them."""
        voice = self.find(name)
        if voice.hears[:1] != tuple(hears[:1]):
            voice.player.performer.held.clear()  # its release will not be heard
        if PERFORMER not in hears:
            voice.player.ear.forget()
        voice.hears = tuple(hears)
        self._assign_listeners()

    def _assign_listeners(self) -> None:
        """Note who listens to whom. The first voice that answers the performer teaches the beat to all."""
        self.listeners = {
            name: [voice for voice in self.voices if name in voice.hears] for name in (PERFORMER, *self.names)
        }
        taught = False
        for voice in self.voices:
            voice.player.performer.teaches = not taught and voice.hears[:1] == (PERFORMER,)
            taught = taught or voice.player.performer.teaches
