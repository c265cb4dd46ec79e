"""What the page may see of the server and ask of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from livegen import modes, predictor
from livegen.address import Method
from livegen.audience import Audience
from livegen.osc import Argument
from livegen.osc_peers import Source
from livegen.settings import Settings

_KEYS = "C Db D Eb E F F# G Ab A Bb B".split()


@dataclass
class Backstage:
    """``hear`` takes an OSC packet as if it had come over UDP; ``models`` is one more folder of models."""

    settings: Settings
    audience: Audience
    hear: Callable[[bytes, Source], None]
    osc_port: int
    journal: Path
    models: Path | None = None
    presets: Callable[[], Sequence[str]] = tuple

    def choices(self) -> Mapping[str, Sequence[str]]:
        """The names that a setting of words may take now."""
        return {"mode": list(modes.MODES), "model": predictor.names(self.models)}

    def value(self, method: Method) -> tuple[Argument, ...] | None:
        """A setting's value, or what was said last at an address."""
        if method.setting is not None:
            return (getattr(self.settings, method.setting),)
        return self.audience.said.get(method.address)
