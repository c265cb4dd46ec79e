"""The part of the server that the page, OSCQuery and WebSocket clients may see and ask of."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from livegen.beat import transport
from livegen.control.addresses import METHODS, Method, of_voices
from livegen.music import harmony, raga, sargam, scales
from livegen.osc.packets import Argument
from livegen.osc.peers import Source
from livegen.player import modes
from livegen.predictors import models as predictor
from livegen.settings import Settings
from livegen.web.listeners import Listeners

_KEYS = "C Db D Eb E F F# G Ab A Bb B".split()


@dataclass
class ServerInfo:
    """``hear_packet`` takes an OSC packet as if it had come over UDP; ``models`` is one more folder of models."""

    settings: Settings
    listeners: Listeners
    hear_packet: Callable[[bytes, Source], None]
    osc_port: int
    journal: Path
    of_voice: Callable[[str, str], Sequence[Argument]]  # the value of a voice's setting, by the names of both
    models: Path | None = None
    presets: Callable[[], Sequence[str]] = tuple
    voices: Sequence[str] = ()

    @property
    def methods(self) -> tuple[Method, ...]:
        """All addresses, those of the voices too."""
        return (*METHODS, *of_voices(tuple(self.voices)))

    def choices(self) -> Mapping[str, Sequence[str]]:
        """The names that a setting or verb of words may take now. A scale or a raga may be written otherwise, too."""
        return {
            "mode": list(modes.MODES),
            "model": predictor.names(self.models),
            "preset": self.presets(),
            "scale": [scales.OFF, *scales.SCALES],
            "key": [scales.AUTO, *_KEYS],
            "raga": [scales.OFF, *raga.NAMES, *raga.JANYA],
            "tala": [scales.OFF, *sargam.TALAS],
            "harmony": [harmony.THIRD, harmony.SIXTH, harmony.OCTAVE, harmony.TRIAD, harmony.MODEL],
            "begin": [transport.AUTO, transport.FREELY, transport.BEAT, transport.BAR],
            "end": [transport.FREELY, transport.BEAT, transport.BAR],
            "sync": [transport.AUTO, transport.PULSE, transport.CLOCK, transport.LINK, transport.OWN],
        }

    def value(self, method: Method) -> Sequence[Argument] | None:
        """A setting's value, or what was said last at an address."""
        if method.voice and method.access == "both":
            return self.of_voice(method.voice, method.address.rpartition("/")[2])
        if method.setting is not None:
            return (getattr(self.settings, method.setting),)
        return self.listeners.said.get(method.address)
