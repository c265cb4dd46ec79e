"""What the page may see of the server and ask of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livegen import modes, predictor, raga, sargam, scales
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
    _models_found: Sequence[str] = field(default=())

    def look_for_models(self) -> None:
        """See which models there are. It reads their files, so not in the event loop."""
        good, _ = predictor.cards(self.models)
        self._models_found = [*(str(card["name"]) for card in good), predictor.Untrained.name]

    def choices(self) -> Mapping[str, Sequence[str]]:
        """The names that a setting or verb of words may take now. A scale or a raga may be written otherwise, too."""
        return {
            "mode": list(modes.MODES),
            "model": self._models_found,
            "preset": self.presets(),
            "scale": [scales.OFF, *scales.SCALES],
            "key": [scales.AUTO, *_KEYS],
            "raga": [scales.OFF, *raga.NAMES, *raga.JANYA],
            "tala": [scales.OFF, *sargam.TALAS],
        }

    def value(self, method: Method) -> tuple[Argument, ...] | None:
        """A setting's value, or what was said last at an address."""
        if method.setting is not None:
            return (getattr(self.settings, method.setting),)
        return self.audience.said.get(method.address)
