"""``python -m benchmarks.parts.watched_jam jam ...``: livegen, which notes how late each hit of the drummer was sent.

The file that LIVEGEN_LATENESS names gets a line for each hit: milliseconds from when it was due until it was handed to
the output, and until it was sent.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from unittest import mock

from livegen.__main__ import run
from livegen.events import Event, NoteOn
from livegen.live.output import Output
from livegen.music.drums import CHANNEL
from livegen.system import clock

WISH = "LIVEGEN_LATENESS"  # in the environment: the file


class Watched(Output):
    """An output that writes down how late each hit is."""

    def send(self, events: Iterable[Event]) -> None:
        """Send, and write down."""
        events = list(events)
        due = [event.at for event in events if isinstance(event, NoteOn) and event.channel == CHANNEL]
        handed = clock.now()
        super().send(events)
        if due:
            sent = clock.now()
            with Path(os.environ[WISH]).open("a", encoding="ascii") as file:
                file.writelines(f"{1000.0 * (handed - at):.4f} {1000.0 * (sent - at):.4f}\n" for at in due)


if __name__ == "__main__":
    with mock.patch("livegen.live.server.Output", Watched):
        run()
