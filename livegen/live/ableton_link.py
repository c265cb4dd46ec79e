"""Ableton Link: a beat shared over the network. It needs the package aalink: ``pip install 'livegen[link]'``."""

import asyncio
from collections.abc import Callable
from typing import Any

from livegen.beat.transport import LINK, Grid
from livegen.errors import SettingsError


class AbletonLink:
    """Our place in the Link session of this network."""

    def __init__(self, link: Any) -> None:  # noqa: ANN401 (aalink has no types)
        self._link = link

    @property
    def peers(self) -> int:
        """The number of other programs in the Link session."""
        return int(self._link.num_peers)

    @property
    def tempo(self) -> float:
        """Beats a minute, the same for everybody; it may be set."""
        return float(self._link.tempo)

    @tempo.setter
    def tempo(self, bpm: float) -> None:
        self._link.tempo = bpm

    @property
    def quantum(self) -> float:
        """Beats in a bar, for where bars begin; it may be set."""
        return float(self._link.quantum)

    @quantum.setter
    def quantum(self, beats: float) -> None:
        if self._link.quantum != beats:
            self._link.quantum = float(beats)

    def grid(self, now: Callable[[], float]) -> Grid:
        """The beats as they are now. ``now`` gives the time, which is read before and after Link is asked."""
        before = now()
        beat = float(self._link.beat)
        after = now()
        return Grid(after, beat + (after - before) / 2 * self.tempo / 60.0, 60.0 / self.tempo, LINK)

    def close(self) -> None:
        """Leave the session."""
        self._link.enabled = False


def open_link(tempo: float, quantum: float, loop: asyncio.AbstractEventLoop) -> AbletonLink:
    """Join. Raises SettingsError where the package is missing."""
    try:
        import aalink
    except ImportError:
        raise SettingsError(
            "Ableton Link needs the package aalink; install it with pip install 'livegen[link]', or set link to off."
        ) from None
    link = aalink.Link(tempo, loop)
    link.quantum = float(quantum)
    link.enabled = True
    return AbletonLink(link)
