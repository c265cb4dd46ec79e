"""Who plays in a band, and who hears whom."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from livegen.errors import SettingsError
from livegen.predictors.models import Predictor
from livegen.session.session import Session
from livegen.settings import Settings

PERFORMER = "performer"  # the name under which voices hear the human


class Part(NamedTuple):
    """What a voice is made of. It answers the one it hears first; the others only move what it expects."""

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
    """A member of the band, and what the band knows of it. The others hear it on ``channel``."""

    def __init__(self, name: str, session: Session, hears: tuple[str, ...], channel: int) -> None:
        self.name = name
        self.session = session
        self.hears = hears
        self.channel = channel
        self.due = math.inf

    def look_ahead(self) -> None:
        """Set ``due``: when this voice alone has something to do, seconds; infinity while it waits."""
        due = Session.next_due(self.session)
        self.due = math.inf if due is None else due


class Parts:
    """The voices in their order. ``listeners`` are those that hear the performer, or the voice, of a name."""

    def __init__(self, voices: Sequence[Voice]) -> None:
        self.voices = list(voices)
        self.listeners: dict[str, list[Voice]] = {}
        self._lend_ears()

    @property
    def names(self) -> list[str]:
        """What the voices are called."""
        return [voice.name for voice in self.voices]

    def find(self, name: str) -> Voice:
        """The voice of that name. Raises SettingsError."""
        for voice in self.voices:
            if voice.name == name:
                return voice
        raise SettingsError(f"There is no voice {name!r:.40}; there are {', '.join(self.names)}.")

    def check(self, name: str, hears: Sequence[str]) -> None:
        """Raises SettingsError if there is no such voice, or if it cannot hear these."""
        self.find(name)
        check_hears(name, hears, self.names)

    def let_hear(self, name: str, hears: Sequence[str]) -> None:
        """Let a voice hear these from now on, and answer the first of them."""
        voice = self.find(name)
        if voice.hears[:1] != tuple(hears[:1]):
            voice.session.performer.held.clear()  # its release will not be heard
        voice.hears = tuple(hears)
        self._lend_ears()

    def _lend_ears(self) -> None:
        """The first voice that answers the performer teaches all the beat."""
        self.listeners = {
            name: [voice for voice in self.voices if name in voice.hears] for name in (PERFORMER, *self.names)
        }
        taught = False
        for voice in self.voices:
            voice.session.performer.teaches = not taught and voice.hears[:1] == (PERFORMER,)
            taught = taught or voice.session.performer.teaches
