"""``python -m benchmarks.parts.watched_jam jam ...``: livegen, which notes how late each hit of the drummer was sent.

The file that LIVEGEN_LATENESS names gets a line for each hit, when livegen ends: ``ahead`` if it was handed to the
process that sends it before it was due, otherwise ``usual``, and the milliseconds from when it was due until it was
sent. Writing a file while livegen plays would delay the next hit.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from unittest import mock

from livegen.__main__ import run
from livegen.events import Event, NoteOn
from livegen.live.output import Output
from livegen.midi.rig import Rig
from livegen.music.drums import CHANNEL
from livegen.system import clock

WISH = "LIVEGEN_LATENESS"  # in the environment: the file
AHEAD, USUAL = "ahead", "usual"
_rows: list[tuple[str, float]] = []  # seconds


class Watched(Output):
    """An output that remembers how late each hit is that is sent as usual."""

    def send(self, events: Iterable[Event]) -> None:
        """Send, and remember."""
        events = list(events)
        hits = [event.at for event in events if isinstance(event, NoteOn) and event.channel == CHANNEL]
        usual = [at for at in hits if not self.ahead.has(at)]
        super().send(events)
        sent = clock.now()
        _rows.extend((USUAL, sent - at) for at in usual)


class WatchedRig(Rig):
    """A rig that remembers how late the hits were that were handed over."""

    def take_lates(self) -> list[tuple[float, float]]:
        """What the process tells."""
        lates = super().take_lates()
        _rows.extend((AHEAD, late) for _, late in lates)
        return lates


if __name__ == "__main__":
    try:
        with mock.patch("livegen.live.server.Output", Watched), mock.patch("livegen.midi.rig.Rig", WatchedRig):
            run()
    finally:
        rows = "".join(f"{how} {1000.0 * late:.4f}\n" for how, late in _rows)
        Path(os.environ[WISH]).write_text(rows, encoding="ascii")
