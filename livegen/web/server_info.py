"""The part of the server that the page, OSCQuery and WebSocket clients may read and call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from livegen.charts.chart import Chart
from livegen.control.addresses import METHODS, PRESETS, Method, of_voices
from livegen.events import Heard
from livegen.osc.packets import Argument
from livegen.osc.peers import Source
from livegen.player import modes
from livegen.predictors import models
from livegen.settings import Settings
from livegen.spec import MODELS, MODES
from livegen.web.listeners import Listeners


@dataclass
class ServerInfo:
    """``hear_packet`` receives an OSC packet as if it had come over UDP; ``models`` is one more folder of models;
    ``play_file`` plays events, whose times begin at 0, as the performer's; ``play_chart`` a chart; ``charts`` are those
    that there are, and the bars of the one that is played; ``end`` ends livegen, where the page may do that."""

    settings: Settings
    listeners: Listeners
    hear_packet: Callable[[bytes, Source], None]
    osc_port: int
    journal: Path
    of_voice: Callable[[str, str], Sequence[Argument]]  # the value of a voice's setting, by the names of both
    models: Path | None = None
    presets: Callable[[], Sequence[str]] = tuple
    voices: Sequence[str] = ()
    play_file: Callable[[Sequence[Heard]], None] = lambda events: None
    play_chart: Callable[[Chart], None] = lambda chart: None
    charts: Callable[[], Mapping[str, Any]] = dict
    end: Callable[[], None] | None = None

    @property
    def methods(self) -> tuple[Method, ...]:
        """All addresses, including those of the voices."""
        return (*METHODS, *of_voices(tuple(self.voices)))

    def lists(self) -> Mapping[str, Sequence[str]]:
        """The names that there are now, by the list that a setting or argument is ``listed`` in."""
        return {MODES: list(modes.MODES), MODELS: models.names(self.models), PRESETS: self.presets()}

    def value(self, method: Method) -> Sequence[Argument] | None:
        """A setting's value, or the last message at an address."""
        if method.voice and method.access == "both":
            return self.of_voice(method.voice, method.address.rpartition("/")[2])
        if method.setting is not None:
            return (getattr(self.settings, method.setting),)
        return self.listeners.said.get(method.address)
