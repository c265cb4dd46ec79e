"""What a voice of a band is made of, and whom it may hear."""

from collections.abc import Sequence
from typing import NamedTuple

from livegen.errors import SettingsError
from livegen.predictors.models import Predictor
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
